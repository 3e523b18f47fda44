"""Admission webhooks: called over HTTPS, and obeyed."""

from __future__ import annotations

import pytest

from tests.server.helpers import DEFINITIONS, GROUP, Things, until_gone
from tests.server.webhooking import SERVICE_HOST, Hooks, allow, configure, deny, patching, slow, webhook

pytestmark = pytest.mark.anyio

LABEL = {"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}


async def message_of(things: Things, name: str = "a", **query: str) -> str:
    """What a refused create says."""
    answer = await things.client.post(things.path, json=things.document(name, {"size": 1}), params=query)
    assert answer.status_code >= 400, answer.text
    return answer.json()["message"]


async def test_a_mutating_webhook_changes_what_is_stored(things: Things, hooks: Hooks):
    hooks.answers["/m"] = patching(LABEL, {"op": "replace", "path": "/spec/size", "value": 5})
    await configure(things.client, webhook(hooks, "/m"), mutating=True)

    await things.create("a", {"size": 1})

    stored = (await things.get("a")).json()
    assert stored["metadata"]["labels"] == {"seen": "yes"}
    assert stored["spec"] == {"crust": "thin", "size": 5}
    owned = stored["metadata"]["managedFields"][0]["fieldsV1"]
    assert "f:labels" not in owned.get("f:metadata", {}), "what a webhook sets belongs to no manager"


async def test_a_review_says_what_is_done_by_whom(things: Things, hooks: Hooks):
    hooks.answers["/v"] = allow
    await configure(things.client, webhook(hooks, "/v"))

    headers = {"Impersonate-User": "ann", "Impersonate-Group": "system:masters"}
    document = things.document("a", {"size": 1})
    await things.client.post(things.path, json=document, params={"dryRun": "All"}, headers=headers)

    (request,) = hooks.requests("/v")
    assert request["operation"] == "CREATE"
    assert (request["name"], request["namespace"], request["dryRun"]) == ("a", "default", True)
    assert request["kind"] == {"group": GROUP, "version": "v1", "kind": "Thing"}
    assert request["userInfo"] == {"username": "ann", "groups": ["system:masters", "system:authenticated"]}
    assert request["options"] == {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "dryRun": ["All"]}
    assert request["object"]["spec"] == {"size": 1, "crust": "thin"}
    assert request["oldObject"] is None


async def test_a_denial_is_told_with_the_webhooks_words_and_code(things: Things, hooks: Hooks):
    hooks.answers["/v"] = deny("too big", code=409, reason="Conflict")
    await configure(things.client, webhook(hooks, "/v"))

    answer = await things.client.post(things.path, json=things.document("a"))

    assert answer.status_code == 409
    assert answer.json()["reason"] == "Conflict"
    assert answer.json()["message"] == 'admission webhook "v.example.com" denied the request: too big'
    assert (await things.get("a")).status_code == 404


async def test_who_cannot_be_called_ends_the_request_unless_that_is_to_be_ignored(things: Things, hooks: Hooks):
    nobody = {"url": "https://127.0.0.1:1/none"}
    await configure(things.client, webhook(hooks, "/v", clientConfig=nobody))

    assert await message_of(things) == (
        'Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: '
        'Post "https://127.0.0.1:1/none?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused'
    )

    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validating.example.com"
    patch = [{"op": "add", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]
    headers = {"Content-Type": "application/json-patch+json"}
    assert (await things.client.patch(path, json=patch, headers=headers)).status_code == 200
    await things.create("a", {"size": 1})


async def test_a_stranger_is_not_trusted(things: Things, hooks: Hooks):
    await configure(things.client, webhook(hooks, "/v", clientConfig={"url": f"{hooks.url}/v"}))

    assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in await message_of(
        things
    )


async def test_a_call_takes_no_longer_than_the_request_may(things: Things, hooks: Hooks):
    hooks.answers["/v"] = slow(0.4)
    await configure(things.client, webhook(hooks, "/v"))

    assert (await message_of(things, timeout="100ms")).endswith(
        f'Post "{hooks.url}/v?timeout=1s": context deadline exceeded'
    )


async def test_a_service_leads_to_where_its_external_name_points(things: Things, hooks: Hooks):
    hooks.answers["/v"] = deny("found")
    service = {"name": "hook", "namespace": "default", "path": "/v", "port": int(hooks.url.rpartition(":")[2])}
    await configure(things.client, webhook(hooks, "/v", clientConfig={"service": service, "caBundle": hooks.ca}))

    assert f'Post "https://{SERVICE_HOST}:{service["port"]}/v?timeout=10s": service "hook" not found' in (
        await message_of(things)
    )

    named = {"metadata": {"name": "hook"}, "spec": {"type": "ExternalName", "externalName": "127.0.0.1"}}
    assert (await things.client.post("/api/v1/namespaces/default/services", json=named)).status_code == 201
    assert (await message_of(things)).endswith("denied the request: found")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ((500, b"boom"), 'an error on the server ("unknown") has prevented the request from succeeding'),
        ((403, b"no"), "unknown"),
        ((200, b""), "0-length response with status code: 200 and content type: application/json"),
        (
            (200, b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2"}'),
            (
                'no kind "AdmissionReview" is registered for version "admission.k8s.io/v2" in scheme '
                '"k8s.io/apiserver/pkg/util/webhook/client.go:71"'
            ),
        ),
        (
            (200, b'{"response":{"allowed":"yes"}}'),
            "json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool",
        ),
    ],
    ids=["500", "403", "empty", "unknown version", "wrong type"],
)
async def test_an_answer_that_is_none_is_a_failure_to_call(things: Things, hooks: Hooks, reply, why):
    hooks.answers["/v"] = lambda _request: reply
    await configure(things.client, webhook(hooks, "/v"))

    prefix = 'Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: '
    assert await message_of(things) == prefix + why


async def test_a_webhook_is_called_again_when_a_later_one_changes_the_object(things: Things, hooks: Hooks):
    hooks.answers |= {"/one": allow, "/two": patching(LABEL)}
    await configure(
        things.client,
        webhook(hooks, "/one", reinvocationPolicy="IfNeeded"),
        webhook(hooks, "/two"),
        mutating=True,
    )

    await things.create("a")

    assert [path for path, _ in hooks.seen] == ["/one", "/two", "/one"]
    assert hooks.requests("/one")[1]["object"]["metadata"]["labels"] == {"seen": "yes"}


async def test_conditions_say_what_a_webhook_is_not_asked(things: Things, hooks: Hooks):
    hooks.answers["/v"] = deny("no")
    conditions = [
        {"name": "big", "expression": "object.spec.size > 3"},
        {
            "name": "others",
            "expression": "request.userInfo.username == 'admin' && authorizer.requestResource.check('create').allowed()",
        },
    ]
    await configure(things.client, webhook(hooks, "/v", matchConditions=conditions))

    await things.create("small", {"size": 3})

    answer = await things.client.post(things.path, json=things.document("big", {"size": 4}))
    assert answer.status_code == 400


async def test_a_condition_that_cannot_be_told_forbids(things: Things, hooks: Hooks):
    conditions = [{"name": "c", "expression": "object.spec.none == 1"}]
    await configure(things.client, webhook(hooks, "/v", matchConditions=conditions))

    assert await message_of(things) == (
        f"things.{GROUP} \"a\" is forbidden: expression 'object.spec.none == 1' resulted in error: no such key: none"
    )


async def test_a_patch_that_does_not_apply_is_told(things: Things, hooks: Hooks):
    hooks.answers["/m"] = patching({"op": "remove", "path": "/spec/none"})
    await configure(things.client, webhook(hooks, "/m", failurePolicy="Ignore"), mutating=True)

    assert await message_of(things) == (
        "Internal error occurred: error in remove for path: '/spec/none': "
        "Unable to remove nonexistent key: none: missing value"
    )


async def test_what_a_patch_makes_is_validated(things: Things, hooks: Hooks):
    hooks.answers["/m"] = patching({"op": "add", "path": "/spec/size", "value": 0})
    await configure(things.client, webhook(hooks, "/m"), mutating=True)

    assert "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1" in (
        await message_of(things)
    )


async def test_warnings_reach_the_client_with_a_denial_too(things: Things, hooks: Hooks):
    hooks.answers["/v"] = lambda _request: {"allowed": False, "warnings": ["careful", 'say "no"', "tab\tstop"]}
    await configure(things.client, webhook(hooks, "/v"))

    answer = await things.client.post(things.path, json=things.document("a"))

    assert answer.headers.get_list("warning") == ['299 - "careful"', '299 - "say \\"no\\""']


async def test_deletions_are_shown_with_what_goes(things: Things, hooks: Hooks):
    hooks.answers["/v"] = allow
    await things.create("a", {"size": 2})
    await things.create("b", {"size": 3})
    await configure(things.client, webhook(hooks, "/v"))

    await things.client.delete(f"{things.path}/a", params={"propagationPolicy": "Background"})
    await things.client.delete(things.path)

    one, all_ = hooks.requests("/v")
    assert (one["operation"], one["name"], one["object"]) == ("DELETE", "a", None)
    assert one["oldObject"]["spec"]["size"] == 2
    assert one["options"]["propagationPolicy"] == "Background"
    assert "name" not in all_
    assert all_["oldObject"]["metadata"]["name"] == "b"


async def test_a_definition_goes_with_its_objects_whatever_webhooks_say(things: Things, hooks: Hooks):
    hooks.answers["/v"] = deny("never")
    await things.create("a")
    await configure(things.client, webhook(hooks, "/v"))
    assert (await things.client.delete(f"{things.path}/a")).status_code == 400

    await things.client.delete(f"{DEFINITIONS}/things.{GROUP}")

    await until_gone(things.client, DEFINITIONS, f"things.{GROUP}")


async def test_configurations_are_out_of_reach_of_webhooks(things: Things, hooks: Hooks):
    everything = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}
    await configure(
        things.client, webhook(hooks, "/v", rules=[everything], clientConfig={"url": "https://127.0.0.1:1/"})
    )

    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validating.example.com"
    assert (await things.client.delete(path)).status_code == 200
