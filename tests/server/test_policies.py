"""ValidatingAdmissionPolicies: what they see, and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.helpers import GROUP, Things
from tests.server.webhooking import CONFIGURATIONS

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

RULE = {"operations": ["*"], "apiGroups": [GROUP], "apiVersions": ["*"], "resources": ["*"]}
PARAMS = {"apiVersion": "v1", "kind": "ConfigMap"}


async def policy(client: httpx.AsyncClient, *validations: dict[str, Any], **spec: Any) -> None:
    """Create a policy for all writes of the tests' kinds."""
    document = {
        "metadata": {"name": "p"},
        "spec": {"matchConstraints": {"resourceRules": [RULE]}, "validations": list(validations), **spec},
    }
    answer = await client.post(f"{CONFIGURATIONS}/validatingadmissionpolicies", json=document)
    assert answer.status_code == 201, answer.text


async def bind(client: httpx.AsyncClient, *actions: str, name: str = "b", **spec: Any) -> None:
    """Put the policy in force."""
    document = {
        "metadata": {"name": name},
        "spec": {"policyName": "p", "validationActions": list(actions) or ["Deny"], **spec},
    }
    answer = await client.post(f"{CONFIGURATIONS}/validatingadmissionpolicybindings", json=document)
    assert answer.status_code == 201, answer.text


async def refusal(things: Things, spec: dict[str, Any] | None = None, name: str = "a") -> dict[str, Any]:
    """The failure that a create ends in."""
    answer = await things.client.post(things.path, json=things.document(name, spec))
    assert answer.status_code >= 400, answer.text
    return answer.json()


def told(message: str) -> str:
    return (
        f"things.{GROUP} \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: {message}"
    )


async def test_a_policy_without_a_binding_does_nothing(things: Things):
    await policy(things.client, {"expression": "false"})

    await things.create("a")


async def test_a_denial_says_which_expression_fails(things: Things):
    await policy(things.client, {"expression": "object.spec.size < 3"})
    await bind(things.client)

    status = await refusal(things, {"size": 3})

    assert (status["code"], status["reason"]) == (422, "Invalid")
    assert status["message"] == told("failed expression: object.spec.size < 3")
    assert (await things.create("b", {"size": 2}))["spec"]["size"] == 2


@pytest.mark.parametrize(
    ("said", "message", "code"),
    [
        ({"message": "small only"}, "small only", 422),
        ({"messageExpression": "'at most ' + string(object.spec.size - 1)", "message": "m"}, "at most 2", 422),
        ({"messageExpression": "string(object.spec.none)", "message": "m"}, "m", 422),
        ({"messageExpression": "'two\\nlines'", "message": "m"}, "m", 422),
        ({"message": "m", "reason": "Forbidden"}, "m", 403),
        ({"message": "m", "reason": "RequestEntityTooLarge"}, "m", 413),
    ],
    ids=["message", "expression", "expression fails", "expression of two lines", "forbidden", "too large"],
)
async def test_a_denial_says_what_the_policy_says(things: Things, said, message, code):
    await policy(things.client, {"expression": "object.spec.size < 3", **said})
    await bind(things.client)

    status = await refusal(things, {"size": 3})

    assert status["message"] == told(message)
    assert status["code"] == code


async def test_variables_are_evaluated_when_they_are_used(things: Things):
    variables = [
        {"name": "size", "expression": "object.spec.size"},
        {"name": "double", "expression": "variables.size * 2"},
        {"name": "broken", "expression": "object.spec.none"},
        {"name": "moment", "expression": "timestamp('2026-01-01T00:00:00Z')"},
    ]
    validations = [
        {"expression": "variables.moment.getFullYear() == 2026"},
        {"expression": "variables.double < 6 || variables.broken == 1"},
    ]
    await policy(things.client, *validations, variables=variables)
    await bind(things.client)

    await things.create("b", {"size": 2})

    message = "expression 'variables.double < 6 || variables.broken == 1' resulted in error: "
    message += 'composited variable "broken" fails to evaluate: no such key: none'
    assert (await refusal(things, {"size": 3}))["message"] == told(message)


async def test_an_error_is_passed_over_where_the_policy_says_so(things: Things):
    await policy(things.client, {"expression": "object.spec.none == 1"}, failurePolicy="Ignore")
    await bind(things.client)

    await things.create("a")


async def test_parameters_are_found_by_name_in_the_objects_namespace(things: Things):
    await policy(things.client, {"expression": "object.spec.size <= int(params.data.most)"}, paramKind=PARAMS)
    await bind(things.client, paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})

    missing = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    assert (await refusal(things, {"size": 1}))["message"] == told(missing)

    limits = {"metadata": {"name": "limits"}, "data": {"most": "2"}}
    await things.client.post("/api/v1/namespaces/default/configmaps", json=limits)
    await things.create("b", {"size": 2})
    assert (await refusal(things, {"size": 3}))["code"] == 422


async def test_every_selected_parameter_has_to_be_met(things: Things):
    await policy(things.client, {"expression": "object.spec.size <= int(params.data.most)"}, paramKind=PARAMS)
    selector = {"matchLabels": {"limits": "yes"}}
    await bind(things.client, paramRef={"selector": selector, "parameterNotFoundAction": "Allow"})
    await things.create("any", {"size": 9})
    for name, most in (("one", "5"), ("two", "2")):
        limits = {"metadata": {"name": name, "labels": {"limits": "yes"}}, "data": {"most": most}}
        await things.client.post("/api/v1/namespaces/default/configmaps", json=limits)

    await things.create("b", {"size": 2})
    assert (await refusal(things, {"size": 3}))["code"] == 422


async def test_a_kind_of_parameters_that_is_not_served_is_told(things: Things):
    await policy(things.client, {"expression": "true"}, paramKind={"apiVersion": "a.example.com/v1", "kind": "None"})
    await bind(things.client)

    assert (await refusal(things))["message"] == (
        f"things.{GROUP} \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: "
        "failed to find resource referenced by paramKind: 'a.example.com/v1, Kind=None'"
    )


async def test_a_binding_may_only_warn(things: Things):
    await policy(things.client, {"expression": "object.spec.size < 3", "message": "big"})
    await bind(things.client, "Warn", "Audit")

    answer = await things.client.post(things.path, json=things.document("a", {"size": 3}))

    assert answer.status_code == 201
    text = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': big"
    assert answer.headers.get_list("warning") == [f'299 - "{text}"']


async def test_a_binding_narrows_what_a_policy_means(things: Things):
    await policy(things.client, {"expression": "false"})
    await bind(things.client, matchResources={"objectSelector": {"matchLabels": {"strict": "yes"}}})

    await things.create("a")

    answer = await things.client.post(things.path, json=things.document("b", labels={"strict": "yes"}))
    assert answer.status_code == 422


async def test_names_and_exclusions_are_rules_too(things: Things):
    constraints = {
        "resourceRules": [{**RULE, "resourceNames": ["a", "b"]}],
        "excludeResourceRules": [{**RULE, "resourceNames": ["b"]}],
    }
    await policy(things.client, {"expression": "false"}, matchConstraints=constraints)
    await bind(things.client)

    await things.create("b")
    await things.create("c")
    assert (await refusal(things))["code"] == 422


async def test_a_policy_sees_the_namespace_and_asks_who_may_do_what(things: Things):
    validations = [
        {"expression": "namespaceObject.metadata.name == 'default' && namespaceObject.status.phase == 'Active'"},
        {"expression": "authorizer.group('').resource('secrets').check('get').allowed()", "message": "no secrets"},
    ]
    await policy(things.client, *validations)
    await bind(things.client)
    await things.create("b")

    role = {"metadata": {"name": "r"}, "rules": [{"apiGroups": [GROUP], "resources": ["*"], "verbs": ["*"]}]}
    binding = {
        "metadata": {"name": "r"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": "jane"}],
    }
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    await things.client.post(f"{rbac}/roles", json=role)
    await things.client.post(f"{rbac}/rolebindings", json=binding)

    headers = {"Impersonate-User": "jane"}
    answer = await things.client.post(things.path, json=things.document("a"), headers=headers)

    assert answer.json()["message"] == told("no secrets")


async def test_a_policy_that_does_not_compile_is_refused(things: Things):
    document = {"metadata": {"name": "p"}, "spec": {"matchConstraints": {}, "validations": [{"expression": "self.x"}]}}
    answer = await things.client.post(f"{CONFIGURATIONS}/validatingadmissionpolicies", json=document)

    assert [(cause["field"], cause["message"]) for cause in answer.json()["details"]["causes"]] == [
        ("spec.matchConstraints.resourceRules", "Required value"),
        (
            "spec.validations[0].expression",
            (
                "Invalid value: \"self.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'self' "
                "(in container '')\n | self.x\n | ^"
            ),
        ),
    ]
