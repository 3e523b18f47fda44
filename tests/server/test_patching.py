"""PATCH: JSON patch, merge patch, apply, and what they may touch."""

from __future__ import annotations

import json

import pytest

from tests.server.helpers import GROUP, Things

pytestmark = pytest.mark.anyio

JSON_PATCH = {"Content-Type": "application/json-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
PARSE = "couldn't get version/kind; json parse error: json: cannot unmarshal"


async def test_a_merge_patch_changes_what_it_names(things: Things):
    await things.create("a", {"size": 3, "crust": "thick"})

    answer = await things.merge("a", {"spec": {"size": 4, "crust": None}})

    assert answer.status_code == 200
    assert answer.json()["spec"] == {"size": 4, "crust": "thin"}
    assert answer.json()["metadata"]["generation"] == 2


async def test_a_json_patch_runs_its_operations(things: Things):
    await things.create("a", {"size": 3, "toppings": ["olive"]})
    operations = [
        {"op": "test", "path": "/spec/size", "value": 3},
        {"op": "add", "path": "/spec/toppings/-", "value": "onion"},
    ]

    answer = await things.client.patch(f"{things.path}/a", json=operations, headers=JSON_PATCH)

    assert answer.json()["spec"]["toppings"] == ["olive", "onion"]


async def test_an_operation_that_fails_is_not_explained(things: Things):
    await things.create("a")

    answer = await things.client.patch(
        f"{things.path}/a", json=[{"op": "remove", "path": "/spec/none"}], headers=JSON_PATCH
    )

    assert answer.status_code == 422
    assert answer.json()["message"] == "the server rejected our request due to an error in our request"
    assert answer.json()["details"] == {}


async def test_a_missing_object_is_said_before_the_patch_is_read(things: Things):
    answer = await things.client.patch(
        f"{things.path}/none", content=b"{", headers={"Content-Type": "application/merge-patch+json"}
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "media", ["application/json", "application/strategic-merge-patch+json", "application/merge-patch+json ;x"]
)
async def test_other_media_types_are_refused(things: Things, media):
    answer = await things.client.patch(f"{things.path}/a", content=b"{}", headers={"Content-Type": media})

    assert answer.status_code == 415
    assert answer.json()["message"] == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


async def test_a_patch_with_a_stale_revision_is_a_conflict(things: Things):
    made = await things.create("a", {"size": 1})
    await things.merge("a", {"spec": {"size": 2}})

    answer = await things.merge(
        "a", {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}, "spec": {"size": 3}}
    )

    assert answer.status_code == 409


async def test_an_unknown_field_in_a_patch_is_refused_under_strict(things: Things):
    await things.create("a")

    answer = await things.merge("a", {"spec": {"bogus": 1}}, fieldValidation="Strict")

    assert answer.status_code == 422
    status = answer.json()
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "{\\"apiVersion\\"')
    assert status["message"].endswith('strict decoding error: unknown field "spec.bogus"')
    assert [cause["field"] for cause in status["details"]["causes"]] == ["patch"]


async def test_force_belongs_to_apply(things: Things):
    await things.create("a")

    answer = await things.merge("a", {}, force="true")

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch'
    )


async def apply(things: Things, name: str, spec: dict, **query: str):
    body = json.dumps(things.document(name, spec))
    return await things.client.patch(f"{things.path}/{name}", content=body, headers=APPLY, params=query)


async def test_an_apply_creates_what_is_missing(things: Things):
    answer = await apply(things, "a", {"size": 3}, fieldManager="one")

    assert answer.status_code == 201
    assert answer.json()["spec"] == {"size": 3, "crust": "thin"}
    entries = answer.json()["metadata"]["managedFields"]
    assert [(entry["manager"], entry["operation"], entry["fieldsV1"]) for entry in entries] == [
        ("one", "Apply", {"f:spec": {"f:size": {}}})
    ]


async def test_an_apply_that_takes_a_field_of_another_is_a_conflict(things: Things):
    await apply(things, "a", {"size": 3}, fieldManager="one")

    answer = await apply(things, "a", {"size": 4}, fieldManager="two")
    forced = await apply(things, "a", {"size": 4}, fieldManager="two", force="true")

    assert answer.status_code == 409
    assert answer.json()["message"] == 'Apply failed with 1 conflict: conflict with "one": .spec.size'
    assert forced.json()["spec"]["size"] == 4


async def test_what_is_applied_no_more_is_removed(things: Things):
    await apply(things, "a", {"size": 3, "toppings": ["olive"]}, fieldManager="one")

    answer = await apply(things, "a", {"size": 3}, fieldManager="one")

    assert "toppings" not in answer.json()["spec"]


async def test_an_apply_needs_a_manager(things: Things):
    answer = await apply(things, "a", {})

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
    )


async def test_a_dry_run_of_a_patch_changes_nothing(things: Things):
    made = await things.create("a", {"size": 3})

    answer = await things.merge("a", {"spec": {"size": 4}}, dryRun="All")

    assert answer.json()["spec"]["size"] == 4
    assert (await things.get("a")).json() == made


async def test_who_writes_owns_what_was_written(things: Things):
    await things.create("a", {"size": 3})

    answer = await things.merge("a", {"metadata": {"labels": {"app": "x"}}}, fieldManager="labeller")

    owners = {entry["manager"]: entry["fieldsV1"] for entry in answer.json()["metadata"]["managedFields"]}
    assert owners["labeller"] == {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}
    assert owners["tests"] == {"f:spec": {".": {}, "f:crust": {}, "f:size": {}}}


async def test_a_patch_of_scale_belongs_to_scale(client):
    things = await Things.define(
        client,
        subresources={"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}},
    )
    await things.create("a", {"replicas": 2})

    answer = await client.patch(
        f"{things.path}/a/scale",
        content=b'{"spec":{"replicas":5}}',
        headers={"Content-Type": "application/merge-patch+json"},
        params={"fieldManager": "scaler"},
    )
    entries = (await things.get("a")).json()["metadata"]["managedFields"]

    assert answer.json()["spec"] == {"replicas": 5}
    scaler = next(entry for entry in entries if entry["manager"] == "scaler")
    assert scaler == {
        "manager": "scaler",
        "operation": "Update",
        "apiVersion": f"{GROUP}/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:replicas": {}}},
        "subresource": "scale",
    }


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"spec": 1}, "number into Go struct field Scale.spec of type v1.ScaleSpec"),
        ({"spec": {"replicas": 1.5}}, "number 1.5 into Go struct field ScaleSpec.spec.replicas of type int32"),
        ({"status": ["a"]}, "array into Go struct field Scale.status of type v1.ScaleStatus"),
        ({"status": {"selector": 1}}, "number into Go struct field ScaleStatus.status.selector of type string"),
    ],
    ids=["spec", "replicas", "status", "selector"],
)
async def test_what_is_no_scale_is_refused(client, patch, why):
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    things = await Things.define(client, subresources={"scale": scale})
    await things.create("a", {"replicas": 1})
    headers = {"Content-Type": "application/merge-patch+json"}
    patched = await client.patch(f"{things.path}/a/scale", content=json.dumps(patch), headers=headers)
    whole = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, **patch}
    put = await client.put(f"{things.path}/a/scale", json=whole)

    assert (patched.status_code, patched.json()["message"].endswith(f"json: cannot unmarshal {why}")) == (422, True)
    assert put.status_code == 400
    assert put.json()["message"].startswith("no kind is registered for the type v1.Scale")


async def test_deployments_scale_as_custom_kinds_do(client):
    labels = {"app": "x"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    body = {"metadata": {"name": "a"}, "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}}
    path = "/apis/apps/v1/namespaces/default/deployments"
    made = await client.post(path, json=body)
    assert made.status_code == 201, made.text

    answer = await client.patch(
        f"{path}/a/scale",
        content=b'{"spec":{"replicas":4}}',
        headers={"Content-Type": "application/merge-patch+json"},
    )
    read = (await client.get(f"{path}/a")).json()

    assert answer.json()["spec"] == {"replicas": 4}
    assert answer.json()["status"] == {"replicas": 0, "selector": "app=x"}
    assert read["spec"]["replicas"] == 4
    assert read["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        (
            "apiVersion",
            5,
            f"{PARSE} number into Go struct field .apiVersion of type string",
        ),
        (
            "kind",
            [],
            f"{PARSE} array into Go struct field .kind of type string",
        ),
        ("apiVersion", None, ".apiVersion accessor error: <nil> is of the type <nil>, expected string"),
        ("apiVersion", "a/b/c", "unexpected GroupVersion string: a/b/c"),
    ],
)
async def test_a_patched_object_that_does_not_say_what_it_is_cannot_be_decoded(things: Things, key, value, why):
    await things.create("a")
    operations = [{"op": "replace", "path": f"/{key}", "value": value}]

    answer = await things.client.patch(f"{things.path}/a", json=operations, headers=JSON_PATCH)

    assert answer.status_code == 422
    assert answer.json()["details"]["causes"][0]["field"] == "patch"
    assert answer.json()["message"].endswith(f": {why}")


@pytest.mark.parametrize(
    ("patch", "shown", "why"),
    [
        ({"data": []}, "map[data:[]]", "cannot restore map from slice"),
        ({"data": "x"}, "map[data:x]", "cannot restore map from string"),
        ({"data": {"n": 1}}, "map[data:map[n:1]]", "cannot convert int64 to string"),
        ({"data": {"n": True}}, "map[data:map[n:true]]", "unrecognized type: string"),
        ({"immutable": "x"}, "map[immutable:x]", "unrecognized type: bool"),
        (
            {"metadata": {"finalizers": "x"}},
            "map[metadata:map[finalizers:x]]",
            "cannot restore slice from string",
        ),
        ({"metadata": {"generation": "x"}}, "map[metadata:map[generation:x]]", "unrecognized type: int64"),
        ({"metadata": 5}, "map[metadata:5]", "cannot restore struct from: int64"),
        (
            {"binaryData": {"b": "!"}},
            "map[binaryData:map[b:!]]",
            "error decoding from json: illegal base64 data at input byte 0",
        ),
    ],
    ids=["list", "text", "number", "truth", "no-truth", "no-list", "no-number", "no-struct", "base64"],
)
async def test_a_strategic_patch_that_makes_no_object_is_shown_as_go_prints_it(client, patch, shown, why):
    path = "/api/v1/namespaces/default/configmaps"
    await client.post(path, json={"metadata": {"name": "a"}, "data": {"k": "v"}})

    answer = await client.patch(f"{path}/a", json=patch, headers=STRATEGIC)

    assert answer.status_code == 422
    assert answer.json()["message"] == f' "" is invalid: patch: Invalid value: "{shown}": {why}'


async def test_an_unknown_field_in_a_strategic_patch_is_refused_under_strict(client):
    path = "/api/v1/namespaces/default/configmaps"
    await client.post(path, json={"metadata": {"name": "a"}})
    query = {"fieldValidation": "Strict"}

    answer = await client.patch(f"{path}/a", json={"bogus": 1}, headers=STRATEGIC, params=query)

    why = 'strict decoding error: unknown field "bogus"'
    assert answer.json()["message"] == f' "" is invalid: patch: Invalid value: "map[bogus:1]": {why}'
