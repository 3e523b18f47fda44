"""Conversion webhooks: versions of one object made of each other by whoever the definition names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.helpers import DEFINITIONS, GROUP, Things, definition, establish, watching

if TYPE_CHECKING:
    from tests.server.webhooking import Hooks

pytestmark = pytest.mark.anyio

COLLECTION = f"/apis/{GROUP}/{{}}/namespaces/default/things"


def version(name: str, *fields: str) -> dict[str, Any]:
    properties = {field: {"type": "string"} for field in fields}
    spec = {"type": "object", "properties": properties}
    return {
        "name": name,
        "served": True,
        "storage": name == "v1",
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }


def moving(request: dict[str, Any]) -> dict[str, Any]:
    """Call the host an address in v2, and note there where it comes from."""
    converted = []
    for obj in request["objects"]:
        spec = dict(obj.get("spec") or {})
        old, new = ("host", "address") if request["desiredAPIVersion"].endswith("/v2") else ("address", "host")
        if old in spec:
            spec[new] = spec.pop(old)
        metadata = {**obj["metadata"], "labels": {"from": obj["apiVersion"].rpartition("/")[2]}, "generation": 99}
        converted.append({**obj, "apiVersion": request["desiredAPIVersion"], "spec": spec, "metadata": metadata})
    return {"result": {"status": "Success"}, "convertedObjects": converted}


@pytest.fixture
async def client_of_two(client, hooks: Hooks):
    """A client of a server where things have two versions, and a webhook between them."""
    hooks.answers["/c"] = moving
    crd = definition()
    crd["spec"]["versions"] = [version("v1", "host"), version("v2", "address")]
    webhook = {"clientConfig": hooks.client_config("/c"), "conversionReviewVersions": ["v1"]}
    crd["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    await establish(client, crd)
    return client


def things(client, name: str) -> Things:
    return Things(client, COLLECTION.format(name), f"{GROUP}/{name}")


async def test_what_is_written_in_one_version_is_read_in_the_other(client_of_two):
    one, two = things(client_of_two, "v1"), things(client_of_two, "v2")
    await one.create("a", {"host": "h"})
    made = await two.create("b", {"address": "x"})

    assert made["spec"] == {"address": "x"}
    assert (await two.get("a")).json()["spec"] == {"address": "h"}
    assert (await one.get("b")).json()["spec"] == {"host": "x"}


async def test_labels_are_the_webhooks_and_other_metadata_are_not(client_of_two):
    await things(client_of_two, "v1").create("a", {"host": "h"})

    metadata = (await things(client_of_two, "v2").get("a")).json()["metadata"]

    assert metadata["labels"] == {"from": "v1"}
    assert metadata["generation"] == 1


async def test_a_list_asks_once_for_all_and_not_again_for_what_has_not_changed(client_of_two, hooks: Hooks):
    for name in ("a", "b", "c"):
        await things(client_of_two, "v1").create(name, {"host": name})
    hooks.seen.clear()

    for _ in range(2):
        listed = (await client_of_two.get(COLLECTION.format("v2"))).json()
        assert [item["spec"]["address"] for item in listed["items"]] == ["a", "b", "c"]

    assert [len(request["objects"]) for request in hooks.requests("/c")] == [3]


async def test_changes_are_watched_in_the_version_asked_for(client_of_two):
    one = things(client_of_two, "v1")
    await one.create("a", {"host": "h"})

    async with watching(client_of_two, COLLECTION.format("v2")) as events:
        assert (await events.next())["object"]["spec"] == {"address": "h"}
        await one.merge("a", {"spec": {"host": "g"}})
        changed = await events.next()

    assert changed["type"] == "MODIFIED"
    assert changed["object"]["spec"] == {"address": "g"}


async def test_an_apply_in_one_version_conflicts_with_an_owner_in_the_other(client_of_two):
    headers = {"Content-Type": "application/apply-patch+yaml"}

    async def apply(name: str, manager: str, spec: dict[str, str]):
        document = things(client_of_two, name).document("a", spec)
        path = f"{COLLECTION.format(name)}/a"
        return await client_of_two.patch(path, json=document, headers=headers, params={"fieldManager": manager})

    assert (await apply("v1", "one", {"host": "h"})).status_code == 201
    refused = await apply("v2", "two", {"address": "x"})

    assert refused.status_code == 409
    assert refused.json()["message"] == 'Apply failed with 1 conflict: conflict with "one": .spec.host'


async def test_deleting_in_the_other_version_works(client_of_two):
    await things(client_of_two, "v1").create("a", {"host": "h"})

    assert (await client_of_two.delete(f"{COLLECTION.format('v2')}/a")).status_code == 200
    assert (await things(client_of_two, "v1").get("a")).status_code == 404


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ({"result": {"status": "Failed", "message": "cannot"}}, "failed: cannot"),
        ({"result": {"status": "Failed"}}, "failed: response.result.status was 'Failed', not 'Success'"),
        ({"result": {"status": "Success"}, "uid": "x"}, "failed: expected response.uid="),
        ({"result": {"status": "Success"}}, "returned 0 objects, expected 1"),
        (
            {"result": {"status": "Success"}, "convertedObjects": [{"kind": "Thing", "apiVersion": "v1"}]},
            f"returned invalid object at index 0: invalid groupVersion (expected {GROUP}/v2, received v1)",
        ),
        (
            {"result": {"status": "Success"}, "convertedObjects": [{"kind": "Thing", "apiVersion": f"{GROUP}/v2"}]},
            "returned invalid object: must have the same name: a != ",
        ),
    ],
    ids=["message", "no message", "uid", "none", "version", "name"],
)
async def test_a_webhook_that_fails_keeps_the_other_version_from_being_read(client_of_two, hooks: Hooks, response, why):
    await things(client_of_two, "v1").create("a", {"host": "h"})
    hooks.answers["/c"] = lambda _request: response

    answer = await things(client_of_two, "v2").get("a")

    assert answer.status_code == 500
    assert answer.json()["message"].startswith(f"conversion webhook for {GROUP}/v1, Kind=Thing {why}")
    assert (await things(client_of_two, "v1").get("a")).status_code == 200


async def test_an_object_without_kind_is_shown_as_it_was_sent(client_of_two, hooks: Hooks):
    await things(client_of_two, "v1").create("a", {"host": "h"})
    hooks.answers["/c"] = lambda _request: {"result": {"status": "Success"}, "convertedObjects": [{"b": 1, "a": "ä"}]}

    answer = await things(client_of_two, "v2").get("a")

    assert answer.json()["message"] == 'Object \'Kind\' is missing in \'{"b": 1, "a": "\\u00e4"}\''


async def test_an_object_in_a_version_that_is_no_more_cannot_be_read(client_of_two):
    await things(client_of_two, "v1").create("a", {"host": "h"})
    path = f"{DEFINITIONS}/things.{GROUP}"
    patch = {"status": {"storedVersions": ["v2"]}}
    only = {"spec": {"versions": [{**version("v2", "address"), "storage": True}]}}
    headers = {"Content-Type": "application/merge-patch+json"}
    assert (await client_of_two.patch(f"{path}/status", json=patch, headers=headers)).status_code == 200
    assert (await client_of_two.patch(path, json=only, headers=headers)).status_code == 200

    async with watching(client_of_two, DEFINITIONS):
        answer = await things(client_of_two, "v2").get("a")

    assert answer.status_code == 500
    assert answer.json()["message"] == f"request to convert CR from an invalid group/version: {GROUP}/v1"
