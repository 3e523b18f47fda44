"""The parts of admission by webhooks that need no network: rules, patches, replies, warnings, configurations."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from kubecrd.resource.identity import ApiResource
from kubecrd.server.admission import Operation
from kubecrd.server.jsonpatch import JsonPatchError, apply_operations
from kubecrd.server.kinds import ServedKind
from kubecrd.server.strategies import BuiltinStrategy
from kubecrd.server.warningheaders import warning_headers
from kubecrd.server.webhookclient import Reply, WebhookError
from kubecrd.server.webhookconfigurations import check_webhooks, fill_webhook_defaults
from kubecrd.server.webhookmatching import Rule
from kubecrd.server.webhookreplies import InvalidReplyError, read_admission

if TYPE_CHECKING:
    from kubecrd.server.admission import Verb

THING = ServedKind(ApiResource("g", "v1", "Thing", "things", namespaced=True), BuiltinStrategy(), "ThingList")
NAMESPACE = ServedKind(ApiResource("", "v1", "Namespace", "namespaces", namespaced=False), BuiltinStrategy(), "L")


def rule(**parts: Any) -> Rule:
    whole = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}
    return Rule.of({**whole, **parts})


@pytest.mark.parametrize(
    ("resources", "subresource", "matches"),
    [
        (["things"], "", True),
        (["things"], "status", False),
        (["*"], "status", False),
        (["things/*"], "", True),
        (["things/*"], "status", True),
        (["*/status"], "status", True),
        (["*/*"], "scale", True),
        (["others", "things/scale"], "scale", True),
        ([], "", False),
    ],
    ids=lambda value: str(value) or "itself",
)
def test_a_rule_names_resources_and_subresources(resources, subresource, matches):
    operation = Operation("UPDATE", THING, "n", "a", subresource=subresource)

    assert rule(resources=resources).matches(operation, "v1") is matches


@pytest.mark.parametrize(
    ("parts", "verb", "matches"),
    [
        ({"operations": ["CREATE", "DELETE"]}, "DELETE", True),
        ({"operations": ["CREATE"]}, "UPDATE", False),
        ({"apiGroups": ["other"]}, "CREATE", False),
        ({"apiVersions": ["v2"]}, "CREATE", False),
        ({"scope": "Namespaced"}, "CREATE", True),
        ({"scope": "Cluster"}, "CREATE", False),
        ({"resourceNames": ["b"]}, "CREATE", False),
    ],
    ids=["verb", "other verb", "group", "version", "namespaced", "cluster", "name"],
)
def test_a_rule_names_verbs_groups_versions_scopes_and_names(parts, verb: Verb, matches):
    assert rule(**parts).matches(Operation(verb, THING, "n", "a"), "v1") is matches


def test_a_namespace_is_in_no_namespace():
    operation = Operation("CREATE", NAMESPACE, "", "n")

    assert rule(scope="Cluster").matches(operation, "v1")
    assert operation.review_namespace == "n"


DOCUMENT = {"metadata": {"name": "a"}, "spec": {"size": 1, "tags": ["x"]}}


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (
            {"op": "add", "path": "/metadata/labels/a", "value": "b"},
            'add operation does not apply: doc is missing path: "/metadata/labels/a": missing value',
        ),
        ({"op": "add", "value": 1}, "add operation failed to decode path: missing value"),
        (
            {"op": "add", "path": "/spec/tags/9", "value": 1},
            "error in add for path: '/spec/tags/9': Unable to access invalid index: 9: invalid index referenced",
        ),
        (
            {"op": "remove", "path": "/spec/nope"},
            "error in remove for path: '/spec/nope': Unable to remove nonexistent key: nope: missing value",
        ),
        (
            {"op": "remove", "path": "/spec/tags/x"},
            "error in remove for path: '/spec/tags/x': strconv.Atoi: parsing \"x\": invalid syntax",
        ),
        (
            {"op": "replace", "path": "/spec/tags/-", "value": 1},
            "replace operation does not apply: doc is missing key: /spec/tags/-: missing value",
        ),
        (
            {"op": "move", "from": "/spec/none", "path": "/spec/a"},
            "error in move for path: 'none': Unable to remove nonexistent key: none: missing value",
        ),
        (
            {"op": "copy", "from": "/no/where", "path": "/spec/a"},
            "copy operation does not apply: doc is missing from path: /no/where: missing value",
        ),
        ({"op": "test", "path": "/spec/size", "value": 2}, "testing value /spec/size failed: test failed"),
        ({"op": "frob", "path": "/spec"}, "Unexpected kind: frob"),
        ({"path": "/spec"}, "Unexpected kind: unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "step",
)
def test_a_step_that_fails_says_why(step, why):
    with pytest.raises(JsonPatchError) as caught:
        apply_operations(DOCUMENT, [step])

    assert str(caught.value) == why


def read(response: dict[str, Any] | None, *, mutating: bool = True, **review: Any):
    document = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response, **review}
    reply = Reply(json.dumps(document).encode(), 200, "application/json")
    return read_admission(reply, version="v1", uid="u", mutating=mutating)


PATCH = base64.b64encode(b"[]").decode()


@pytest.mark.parametrize(
    ("response", "mutating", "why"),
    [
        (None, True, "webhook response was absent"),
        ({"uid": "x"}, True, 'expected response.uid="u", got "x"'),
        ({"uid": "u", "patch": PATCH}, False, "validating webhook may not return response.patch"),
        ({"uid": "u", "patchType": "JSONPatch"}, False, "validating webhook may not return response.patchType"),
        ({"uid": "u", "patch": PATCH}, True, "webhook returned response.patch but not response.patchType"),
        ({"uid": "u", "patchType": "JSONPatch"}, True, "webhook returned response.patchType but not response.patch"),
        ({"uid": "u", "patch": PATCH, "patchType": ""}, True, 'webhook returned invalid response.patchType of ""'),
    ],
    ids=["absent", "uid", "patch", "type", "no type", "no patch", "empty type"],
)
def test_an_answer_that_breaks_the_rules_is_invalid(response, mutating, why):
    with pytest.raises(InvalidReplyError) as caught:
        read(response, mutating=mutating)

    assert str(caught.value) == why


def test_an_answer_of_another_kind_is_none():
    with pytest.raises(WebhookError) as caught:
        read({"uid": "u"}, kind="Status", apiVersion="v1")

    assert str(caught.value) == "converting (v1.Status) to (v1.AdmissionReview): unknown conversion"


def test_a_patch_that_is_not_base64_is_told_with_its_place():
    with pytest.raises(WebhookError) as caught:
        read({"uid": "u", "patch": "ab$", "patchType": "JSONPatch"})

    assert str(caught.value) == "illegal base64 data at input byte 2"


def test_warnings_are_sent_once_and_quoted():
    assert warning_headers(["a", 'b "c" \\', "", "a", "d\n"]) == ['299 - "a"', '299 - "b \\"c\\" \\\\"']


def test_a_long_warning_is_sent_whole_if_it_is_the_only_one():
    assert warning_headers(["x" * 4096]) == [f'299 - "{"x" * 4096}"']


def test_too_much_is_cut_piece_by_piece():
    texts = [f"{number:02}{'x' * 500}" for number in range(30)]

    headers = warning_headers(texts)

    assert {len(header) for header in headers} == {len('299 - ""') + 256}
    assert len(headers) == 16


def configuration(**webhook: Any) -> dict[str, Any]:
    whole = {
        "name": "w.example.com",
        "clientConfig": {"url": "https://example.com/"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **webhook,
    }
    document = {"webhooks": [whole]}
    fill_webhook_defaults(document, mutating=True)
    return document


def test_what_a_configuration_leaves_unsaid_is_filled_in():
    (webhook,) = configuration(rules=[{"operations": ["*"]}])["webhooks"]

    assert webhook["failurePolicy"] == "Fail"
    assert webhook["matchPolicy"] == "Equivalent"
    assert (webhook["namespaceSelector"], webhook["objectSelector"]) == ({}, {})
    assert (webhook["timeoutSeconds"], webhook["reinvocationPolicy"]) == (10, "Never")
    assert webhook["rules"][0]["scope"] == "*"


@pytest.mark.parametrize(
    ("webhook", "error"),
    [
        (
            {"name": "a.b"},
            'name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
        ),
        (
            {"timeoutSeconds": 31},
            "timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
        ),
        ({"sideEffects": "Some"}, 'sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'),
        ({"clientConfig": {}}, "clientConfig: Required value: exactly one of url or service is required"),
        (
            {"clientConfig": {"url": "http://example.com"}},
            (
                "clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; "
                "desired format: https://host[/path]"
            ),
        ),
        (
            {"admissionReviewVersions": ["v2"]},
            'admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
        ),
        (
            {"objectSelector": {"matchExpressions": [{"key": "k", "operator": "In"}]}},
            "objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        ),
        (
            {"matchConditions": [{"name": "n", "expression": "1"}]},
            'matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int',
        ),
        (
            {"matchConditions": [{"name": "n", "expression": "request.bogus == 1"}]},
            (
                'matchConditions[0].expression: Invalid value: "request.bogus == 1": compilation failed: ERROR: <input>:1:8: '
                "undefined field 'bogus'\n | request.bogus == 1\n | .......^"
            ),
        ),
    ],
    ids=["name", "timeout", "effects", "client", "url", "versions", "selector", "condition", "field"],
)
def test_a_configuration_that_makes_no_sense_is_refused(webhook, error):
    assert [str(each) for each in check_webhooks(configuration(**webhook), None)] == [f"webhooks[0].{error}"]


@pytest.mark.parametrize(
    ("resources", "error"),
    [
        (["a", "*"], None),
        (["*", "a"], ("resources: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other resources "
         "without subresources")),
        (["a/b", "a/*"], None),
        (["a/*", "a/b"], "resources[1]: Invalid value: \"a/b\": if 'a/*' is present, must not specify a/b"),
        (["*/*", "a"], "resources: Invalid value: [\"*/*\",\"a\"]: if '*/*' is present, must not specify other resources"),
    ],
    ids=["star last", "star first", "whole last", "whole first", "all"],
)  # fmt: skip
def test_resources_that_others_include_are_refused_in_some_orders(resources, error):
    rules = [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": resources}]

    found = [str(each) for each in check_webhooks(configuration(rules=rules), None)]

    assert found == ([] if error is None else [f"webhooks[0].rules[0].{error}"])
