import json

import pytest

from kubecrd.errors import RequestError
from kubecrd.resource import request
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.params import (
    DeleteParams,
    GetParams,
    ListParams,
    PatchParams,
    Preconditions,
    WatchParams,
    WriteParams,
)
from kubecrd.resource.patches import ApplyPatch, JsonPatch, MergePatch, StrategicMergePatch, merge_difference

DEPLOYMENT = ApiResource.of("apps/v1", "Deployment")
POD = ApiResource.of("v1", "Pod")
NODE = ApiResource.of("v1", "Node", namespaced=False)
SIGNING = ApiResource.of("certificates.k8s.io/v1", "CertificateSigningRequest", namespaced=False)
CHANGE = MergePatch({"spec": {}})
DEPLOYMENTS = "/apis/apps/v1/namespaces/ns/deployments"


@pytest.mark.kube_rs("K30", "K32", "K33", "K34", "K35", "K36", "K52")
@pytest.mark.parametrize(
    ("built", "target"),
    [
        (request.list_(DEPLOYMENT, namespace="ns"), DEPLOYMENTS),
        (request.list_(DEPLOYMENT), "/apis/apps/v1/deployments"),
        (
            request.list_(
                DEPLOYMENT, namespace="ns", params=ListParams(resource_version="5", version_match="NotOlderThan")
            ),
            f"{DEPLOYMENTS}?resourceVersion=5&resourceVersionMatch=NotOlderThan",
        ),
        (
            request.list_(DEPLOYMENT, namespace="ns", params=ListParams(resource_version="500", version_match="Exact")),
            f"{DEPLOYMENTS}?resourceVersion=500&resourceVersionMatch=Exact",
        ),
        (request.list_(DEPLOYMENT, namespace="ns", params=ListParams(limit=50)), f"{DEPLOYMENTS}?limit=50"),
        (
            request.list_(DEPLOYMENT, namespace="ns", params=ListParams(limit=50, resource_version="0")),
            f"{DEPLOYMENTS}?resourceVersion=0",
        ),
        (
            request.list_(
                DEPLOYMENT, namespace="ns", params=ListParams(limit=50, resource_version="9").next_page("1234")
            ),
            f"{DEPLOYMENTS}?limit=50&continue=1234",
        ),
        (request.list_(DEPLOYMENT, namespace="ns", params=ListParams(timeout=9)), f"{DEPLOYMENTS}?timeoutSeconds=9"),
        (
            request.list_(
                DEPLOYMENT, namespace="ns", params=ListParams(labels={"app": "web"}, fields="metadata.name=x")
            ),
            f"{DEPLOYMENTS}?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Dx",
        ),
        (
            request.get(DEPLOYMENT, "mydeploy", namespace="ns", params=GetParams(resource_version="0")),
            f"{DEPLOYMENTS}/mydeploy?resourceVersion=0",
        ),
        (
            request.watch(POD, namespace="ns"),
            "/api/v1/namespaces/ns/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=0",
        ),
        (
            request.watch(POD, params=WatchParams(initial_events=True)),
            (
                "/api/v1/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&sendInitialEvents=true"
                "&resourceVersionMatch=NotOlderThan&resourceVersion=0"
            ),
        ),
        (
            request.watch(POD, since="7", params=WatchParams(bookmarks=False, labels="app=web", timeout=9)),
            "/api/v1/pods?watch=true&timeoutSeconds=9&labelSelector=app%3Dweb&resourceVersion=7",
        ),
        (
            request.replace(DEPLOYMENT, "x", {}, namespace="ns", params=WriteParams(dry_run=True)),
            f"{DEPLOYMENTS}/x?dryRun=All",
        ),
        (request.get(NODE, "n", subresource="scale"), "/api/v1/nodes/n/scale"),
        (request.patch(NODE, "n", MergePatch({}), subresource="status"), "/api/v1/nodes/n/status"),
        (
            request.create(POD, {}, namespace="ns", name="sa", subresource="token"),
            "/api/v1/namespaces/ns/pods/sa/token",
        ),
        (
            request.delete_collection(DEPLOYMENT, namespace="ns", which=ListParams(labels="app=myapp")),
            f"{DEPLOYMENTS}?labelSelector=app%3Dmyapp",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.verb,
)
def test_requests_have_the_path_and_query_the_server_expects(built, target):
    assert built.target == target


@pytest.mark.kube_rs("K50")
@pytest.mark.parametrize(
    ("built", "verb", "method"),
    [
        (request.get(NODE, "n"), "get", "GET"),
        (request.list_(NODE), "list", "GET"),
        (request.watch(NODE), "watch", "GET"),
        (request.create(NODE, {}), "create", "POST"),
        (request.replace(NODE, "n", {}), "update", "PUT"),
        (request.patch(NODE, "n", MergePatch({})), "patch", "PATCH"),
        (request.delete(NODE, "n"), "delete", "DELETE"),
        (request.delete_collection(NODE), "deletecollection", "DELETE"),
    ],
)
def test_each_verb_has_its_method(built, verb, method):
    assert (built.verb, built.method) == (verb, method)


@pytest.mark.kube_rs("K38")
@pytest.mark.parametrize(
    ("change", "content_type"),
    [
        (ApplyPatch({"a": 1}), "application/apply-patch+yaml"),
        (MergePatch({"a": 1}), "application/merge-patch+json"),
        (StrategicMergePatch({"a": 1}), "application/strategic-merge-patch+json"),
        (JsonPatch([{"op": "remove", "path": "/a"}]), "application/json-patch+json"),
    ],
)
def test_the_kind_of_patch_is_told_by_its_content_type(change, content_type):
    built = request.patch(NODE, "n", change, params=PatchParams(field_manager="m"))

    assert built.headers["Content-Type"] == content_type
    assert json.loads(built.body) == change.body()


@pytest.mark.kube_rs("K51")
def test_metadata_only_requests_ask_for_the_partial_representation():
    partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

    assert request.get(NODE, "n", partial=True).headers["Accept"] == partial
    assert request.watch(NODE, partial=True).headers["Accept"] == partial
    assert request.list_(NODE, partial=True).headers["Accept"] == partial.replace("Metadata;", "MetadataList;")


@pytest.mark.kube_rs("K39")
def test_delete_options_travel_in_the_body():
    params = DeleteParams(
        propagation="Foreground",
        grace_period=0,
        preconditions=Preconditions(uid="u", resource_version="7"),
        dry_run=True,
    )

    assert json.loads(request.delete(NODE, "n", params=params).body) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "u", "resourceVersion": "7"},
        "dryRun": ["All"],
    }


def test_a_plain_delete_has_no_body():
    assert request.delete(NODE, "n").body is None


def test_a_body_is_not_shown_since_it_may_be_a_secret():
    assert "hunter2" not in repr(request.create(NODE, {"data": "hunter2"}))


@pytest.mark.kube_rs("K31", "K37", "K55")
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: request.get(NODE, ""), "Node: the name is empty; an object is found by its name"),
        (lambda: request.delete(NODE, ""), "Node: the name is empty; an object is found by its name"),
        (lambda: request.patch(NODE, "", MergePatch({})), "Node: the name is empty; an object is found by its name"),
        (
            lambda: request.get(NODE, "a/b"),
            "Node: 'a/b' is no name of an object: it may not contain '/' or be '.' or '..'",
        ),
        (lambda: request.get(POD, "p"), "Pod is namespaced; say which namespace to read or write one object in"),
        (lambda: request.create(POD, {}), "Pod is namespaced; say which namespace to create in"),
        (
            lambda: request.patch(NODE, "n", ApplyPatch({})),
            "Node 'n': an apply needs a field_manager: whose fields are these?",
        ),
        (
            lambda: request.patch(NODE, "n", MergePatch({}), params=PatchParams(force=True)),
            "Node 'n': force is for an apply; a MergePatch has no conflicts",
        ),
        (lambda: WatchParams(timeout=295), "timeout: 295 s is out of range; use 1 to 294"),
        (lambda: WatchParams(timeout=0), "timeout: 0 s is out of range; use 1 to 294"),
        (
            lambda: WatchParams(initial_events=True, bookmarks=False),
            "initial_events: needs bookmarks, since a bookmark marks their end",
        ),
        (
            lambda: ListParams(version_match="Exact", resource_version="0"),
            "version_match: 'Exact' needs a resource_version other than '0', which means any",
        ),
        (lambda: ListParams(version_match="Exact"), "version_match: 'Exact' needs a resource_version"),
        (lambda: WriteParams(field_manager=""), "field_manager: '' has 0 characters; use 1 to 128"),
        (
            lambda: PatchParams(field_manager="m" * 129),
            f"field_manager: {'m' * 129!r} has 129 characters; use 1 to 128",
        ),
        (lambda: JsonPatch([{"op": "add"}]), "[0]: a JSON patch operation needs 'path'"),
    ],
)
def test_what_cannot_work_is_refused_before_it_is_sent(build, message):
    with pytest.raises(RequestError) as caught:
        build()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {}, {"a": None}),
        ({}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {"a": {"c": None}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": 1}, {"a": True}, {"a": True}),
    ],
)
def test_a_difference_is_the_smallest_merge_patch(before, after, patch):
    assert merge_difference(before, after) == patch


def test_json_pointers_are_escaped():
    assert JsonPatch.operation("add", "metadata", "labels", "a/b~c", value="x") == {
        "op": "add",
        "path": "/metadata/labels/a~1b~0c",
        "value": "x",
    }


@pytest.mark.parametrize(
    ("built", "method", "target"),
    [
        pytest.param(
            request.patch(POD, "web", CHANGE, namespace="team", subresource="ephemeralcontainers"),
            "PATCH",
            "/api/v1/namespaces/team/pods/web/ephemeralcontainers",
            marks=pytest.mark.kube_rs("K66"),
        ),
        pytest.param(
            request.patch(POD, "web", CHANGE, namespace="team", subresource="resize"),
            "PATCH",
            "/api/v1/namespaces/team/pods/web/resize",
            marks=pytest.mark.kube_rs("K67"),
        ),
        pytest.param(
            request.create(POD, {}, namespace="team", name="web", subresource="binding"),
            "POST",
            "/api/v1/namespaces/team/pods/web/binding",
            marks=pytest.mark.kube_rs("K69"),
        ),
        pytest.param(
            request.patch(SIGNING, "ada", CHANGE, subresource="approval"),
            "PATCH",
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/ada/approval",
            marks=pytest.mark.kube_rs("K70"),
        ),
    ],
)
def test_any_subresource_is_written_by_the_verbs_of_objects(built, method, target):
    assert (built.method, built.target) == (method, target)
