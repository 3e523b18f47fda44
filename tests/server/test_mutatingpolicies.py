"""MutatingAdmissionPolicies: what they change, and what they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.helpers import GROUP, Things
from tests.server.webhooking import CONFIGURATIONS

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

RULE = {"operations": ["CREATE", "UPDATE"], "apiGroups": [GROUP], "apiVersions": ["*"], "resources": ["*"]}


def patch(expression: str) -> dict[str, Any]:
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}


def apply(expression: str) -> dict[str, Any]:
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}


async def post_policy(client: httpx.AsyncClient, *mutations: dict[str, Any], **spec: Any) -> httpx.Response:
    document = {
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": [RULE]},
            "mutations": list(mutations),
            "reinvocationPolicy": "Never",
            **spec,
        },
    }
    return await client.post(f"{CONFIGURATIONS}/mutatingadmissionpolicies", json=document)


async def enforce(client: httpx.AsyncClient, *mutations: dict[str, Any], **spec: Any) -> None:
    """Create a policy, and put it in force."""
    answer = await post_policy(client, *mutations, **spec)
    assert answer.status_code == 201, answer.text
    binding = {"metadata": {"name": "b"}, "spec": {"policyName": "p"}}
    answer = await client.post(f"{CONFIGURATIONS}/mutatingadmissionpolicybindings", json=binding)
    assert answer.status_code == 201, answer.text


async def test_mutations_run_one_after_the_other(things: Things):
    await enforce(
        things.client,
        apply("Object{metadata: Object.metadata{labels: Object.metadata.labels{team: 'red'}}}"),
        patch("[JSONPatch{op: 'add', path: '/spec/size', value: object.metadata.labels.team.size()}]"),
    )

    made = await things.create("a", {"crust": "thick"})

    assert made["metadata"]["labels"] == {"team": "red"}
    assert made["spec"] == {"crust": "thick", "size": 3}


async def test_keys_are_escaped_and_values_may_be_anything(things: Things):
    key = "'/metadata/annotations/' + jsonpatch.escapeKey('a.b/c~d')"
    annotations = "JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}"
    await enforce(things.client, patch(f"[{annotations}, JSONPatch{{op: 'add', path: {key}, value: 'x'}}]"))

    answer = await things.client.post(things.path, json=things.document("a"))

    assert "name part must consist of" in answer.json()["message"]
    assert '"a.b/c~d"' in answer.json()["message"]


async def test_variables_and_conditions_decide_what_is_built(things: Things):
    await enforce(
        things.client,
        patch("variables.big ? [JSONPatch{op: 'replace', path: '/spec/size', value: 3}] : []"),
        variables=[{"name": "big", "expression": "object.spec.size > 3"}],
        matchConditions=[{"name": "sized", "expression": "has(object.spec.size)"}],
    )

    assert (await things.create("a", {"size": 9}))["spec"]["size"] == 3
    assert (await things.create("b", {"size": 2}))["spec"]["size"] == 2
    assert "size" not in (await things.create("c"))["spec"]


async def test_a_policy_that_wants_to_is_asked_again(things: Things):
    more = "[JSONPatch{op: 'replace', path: '/spec/size', value: object.spec.size + 1}]"
    await enforce(things.client, patch(more), reinvocationPolicy="IfNeeded")

    assert (await things.create("a", {"size": 1}))["spec"]["size"] == 3


@pytest.mark.parametrize(
    ("mutation", "why"),
    [
        (
            patch("[JSONPatch{op: 'remove', path: '/spec/none'}]"),
            "JSON Patch: error in remove for path: '/spec/none': Unable to remove nonexistent key: none: missing value",
        ),
        (
            patch("object.spec.none == 1 ? [JSONPatch{op: 'remove', path: '/spec'}] : []"),
            (
                "expression 'object.spec.none == 1 ? [JSONPatch{op: 'remove', path: '/spec'}] : []' resulted in error: "
                "no such key: none"
            ),
        ),
        (
            apply("Object{spec: Object.spec{size: 'x'}}"),
            (
                "error applying patch: failed to convert patch object to typed object: .spec.size: expected numeric "
                "(int or float), got string"
            ),
        ),
        (
            apply("Object{spec: Object.spec{none: 'x'}}"),
            (
                "error applying patch: failed to convert patch object to typed object: .spec.none: field not declared "
                "in schema"
            ),
        ),
        (
            apply("Object{spec: Object.spec{toppings: ['x']}}"),
            (
                "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
                ".spec.toppings"
            ),
        ),
        (
            apply("Object{spec: Object.specx{size: 1}}"),
            (
                'type mismatch: unexpected type name "Object.specx", expected "Object.spec", which matches field name '
                "path from root Object type"
            ),
        ),
        (
            patch("[JSONPatch{op: 'add', path: '/spec', value: Object.spec{toppings: [Object.spec.other{a: 1}]}}]"),
            (
                'type mismatch: unexpected type name "Object.spec.other", expected "Object.spec.toppings", which matches '
                "field name path from root Object type"
            ),
        ),
    ],
    ids=["patch", "expression", "type", "field", "atomic", "name", "name in a patch"],
)
async def test_a_mutation_that_cannot_be_made_is_refused_or_ignored(things: Things, mutation, why):
    await enforce(things.client, mutation)

    answer = await things.client.post(things.path, json=things.document("a", {"size": 1}))

    message = f"policy 'p' with binding 'b' denied request: {why}"
    assert (answer.status_code, answer.json()["reason"]) == (403, "Invalid")
    assert answer.json()["message"] == message
    assert answer.json()["details"]["causes"] == [{"message": message}]

    path = f"{CONFIGURATIONS}/mutatingadmissionpolicies/p"
    headers = {"Content-Type": "application/merge-patch+json"}
    await things.client.patch(path, json={"spec": {"failurePolicy": "Ignore"}}, headers=headers)
    await things.create("a", {"size": 1})


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({"mutations": []}, "spec.mutations", "Required value: mutations must contain at least one item"),
        ({"reinvocationPolicy": None}, "spec.reinvocationPolicy", "Required value"),
        (
            {"mutations": [{"patchType": "Merge"}]},
            "spec.mutations[0].patchType",
            'Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
        ),
        (
            {"mutations": [{"patchType": "JSONPatch"}]},
            "spec.mutations[0].jsonPatch",
            "Required value: must be specified when patchType is JSONPatch",
        ),
        (
            {"mutations": [patch("1")]},
            "spec.mutations[0].jsonPatch.expression",
            'Invalid value: "1": must evaluate to list(JSONPatch) but got int',
        ),
        (
            {"mutations": [patch("[]")]},
            "spec.mutations[0].jsonPatch.expression",
            'Invalid value: "[]": must evaluate to list(JSONPatch) but got list(dyn)',
        ),
        (
            {"mutations": [apply("'x'")]},
            "spec.mutations[0].applyConfiguration.expression",
            "Invalid value: \"'x'\": must evaluate to Object but got string",
        ),
        (
            {"matchConstraints": {"resourceRules": [{**RULE, "operations": ["DELETE"]}]}},
            "spec.matchConstraints.resourceRules.operations",
            'Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
        ),
    ],
    ids=["none", "policy", "type", "part", "int", "empty list", "string", "delete"],
)
async def test_a_policy_that_makes_no_sense_is_refused(things: Things, spec, field, message):
    answer = await post_policy(things.client, patch("[JSONPatch{op: 'remove', path: '/spec'}]"), **spec)

    assert [(each["field"], each["message"]) for each in answer.json()["details"]["causes"]] == [(field, message)]


async def test_steps_of_a_patch_may_be_filtered(things: Things):
    steps = "[1, 7].map(n, JSONPatch{op: 'add', path: '/spec/size', value: n})"
    await enforce(things.client, patch(f"{steps}.filter(step, step.value < 5)"))

    assert (await things.create("a"))["spec"]["size"] == 1


async def test_fields_that_a_patch_does_not_have_are_told(things: Things):
    answer = await post_policy(things.client, patch("[JSONPatch{bogus: 'x'}]"))

    assert "expected type of field 'bogus' is '' but provided type is 'string'" in answer.json()["message"]
