"""Watches: what begins them, what they tell, and what ends them."""

from __future__ import annotations

import pytest

from tests.server.helpers import DEFINITIONS, GROUP, Things, definition, watching

pytestmark = pytest.mark.anyio


def told(event: dict) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"].get("name", "")


async def test_a_watch_begins_with_what_is_there(things: Things):
    await things.create("a")
    await things.create("b")

    async with watching(things.client, things.path) as events:
        assert told(await events.next()) == ("ADDED", "a")
        assert told(await events.next()) == ("ADDED", "b")


async def test_a_watch_from_a_revision_tells_only_what_came_after(things: Things):
    made = await things.create("a")
    await things.create("b")

    query = {"resourceVersion": made["metadata"]["resourceVersion"]}
    async with watching(things.client, things.path, query) as events:
        assert told(await events.next()) == ("ADDED", "b")


async def test_every_change_is_told_in_order(things: Things):
    async with watching(things.client, things.path) as events:
        made = await things.create("a", {"size": 1})
        changed = (await things.client.put(f"{things.path}/a", json=made | {"spec": {"size": 2}})).json()
        await things.client.delete(f"{things.path}/a")

        assert await events.next() == {"type": "ADDED", "object": made}
        assert await events.next() == {"type": "MODIFIED", "object": changed}
        gone = await events.next()
    assert gone["type"] == "DELETED"
    assert gone["object"]["spec"] == changed["spec"]
    assert int(gone["object"]["metadata"]["resourceVersion"]) > int(changed["metadata"]["resourceVersion"])


async def test_what_changes_nothing_is_not_told(things: Things):
    async with watching(things.client, things.path, {"timeoutSeconds": "1"}) as events:
        made = await things.create("a")
        await things.client.put(f"{things.path}/a", json=made)
        await things.client.post(things.path, json=things.document("b"), params={"dryRun": "All"})

        assert [told(event) for event in await events.rest()] == [("ADDED", "a")]


async def test_an_object_comes_into_a_selection_and_leaves_it(things: Things):
    """It leaves with the content it had inside, at the revision of the change."""
    made = await things.create("a", labels={"app": "y"})
    async with watching(things.client, things.path, {"labelSelector": "app=x"}) as events:
        made["metadata"]["labels"] = {"app": "x"}
        inside = (await things.client.put(f"{things.path}/a", json=made)).json()
        outside = {**inside, "metadata": {**inside["metadata"], "labels": {}}}
        left = (await things.client.put(f"{things.path}/a", json=outside)).json()

        assert await events.next() == {"type": "ADDED", "object": inside}
        gone = await events.next()
    assert gone["type"] == "DELETED"
    assert gone["object"]["metadata"]["labels"] == {"app": "x"}
    assert gone["object"]["metadata"]["resourceVersion"] == left["metadata"]["resourceVersion"]


async def test_the_last_finalizer_is_shown_once_more(things: Things):
    made = await things.create("a", finalizers=["shop.example.com/clean"])
    query = {"resourceVersion": made["metadata"]["resourceVersion"]}
    async with watching(things.client, things.path, query) as events:
        marked = (await things.client.delete(f"{things.path}/a")).json()
        free = {**marked, "metadata": {**marked["metadata"], "finalizers": []}}
        await things.client.put(f"{things.path}/a", json=free)

        assert (await events.next())["type"] == "MODIFIED"
        gone = await events.next()
    assert gone["type"] == "DELETED"
    assert gone["object"]["metadata"]["finalizers"] == ["shop.example.com/clean"]


async def test_initial_events_end_with_a_bookmark(things: Things):
    await things.create("a")
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}

    async with watching(things.client, things.path, query) as events:
        assert told(await events.next()) == ("ADDED", "a")
        bookmark = await events.next()

    assert bookmark["type"] == "BOOKMARK"
    metadata = bookmark["object"]["metadata"]
    assert bookmark["object"] == {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": metadata}
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_forgotten_revision_is_an_event(things: Things):
    """The stream begins as if nothing were wrong, and has one ERROR."""
    async with watching(things.client, things.path, {"resourceVersion": "1"}) as events:
        rest = await events.rest()

    assert [event["type"] for event in rest] == ["ERROR"]
    assert rest[0]["object"]["code"] == 410
    assert rest[0]["object"]["message"].startswith("too old resource version: 1 (")


async def test_a_watch_ends_in_time(things: Things):
    async with watching(things.client, things.path, {"timeoutSeconds": "1"}) as events:
        assert await events.rest() == []


@pytest.mark.parametrize("query", ["watch", "watch=", "watch=no", "watch=true", "watch=1"])
async def test_anything_but_false_watches(things: Things, query):
    await things.create("a")

    async with things.client.stream("GET", f"{things.path}?{query}&timeoutSeconds=1") as answer:
        lines = [line async for line in answer.aiter_lines()]

    assert '"type":"ADDED"' in lines[0]


@pytest.mark.parametrize("query", ["watch=0", "watch=False"])
async def test_false_does_not_watch(things: Things, query):
    answer = await things.client.get(f"{things.path}?{query}")

    assert answer.json()["kind"] == "ThingList"


async def test_one_object_is_never_watched(things: Things):
    made = await things.create("a")

    answer = await things.client.get(f"{things.path}/a", params={"watch": "1"})

    assert answer.json() == made


async def test_the_old_prefix_watches(things: Things):
    await things.create("a")

    async with watching(things.client, things.path.replace("/v1/", "/v1/watch/")) as events:
        assert told(await events.next()) == ("ADDED", "a")


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            {"resourceVersion": "x"},
            500,
            'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
        ),
        (
            {"sendInitialEvents": "true"},
            422,
            (
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires '
                "setting resourceVersionMatch to NotOlderThan"
            ),
        ),
        (
            {"resourceVersionMatch": "NotOlderThan"},
            422,
            (
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden '
                "for watch unless sendInitialEvents is provided"
            ),
        ),
    ],
)
async def test_parameters_are_checked_before_the_stream_begins(things: Things, query, code, message):
    answer = await things.client.get(things.path, params={"watch": "1", **query})

    assert answer.status_code == code
    assert answer.json()["message"] == message


async def test_a_watch_ends_with_its_definition(things: Things):
    await things.create("a")

    async with watching(things.client, things.path) as events:
        await things.client.delete(f"{DEFINITIONS}/things.{GROUP}")

        assert [event["type"] for event in await events.rest()] == ["ADDED", "DELETED"]


async def test_a_definition_is_established_in_two_steps(client):
    crd = definition("worlds")

    async with watching(client, DEFINITIONS, {"fieldSelector": f"metadata.name={crd['metadata']['name']}"}) as events:
        await client.post(DEFINITIONS, json=crd)
        steps = [
            {each["type"]: each["status"] for each in (await events.next())["object"]["status"]["conditions"] or ()}
            for _ in range(3)
        ]

    assert steps == [
        {},
        {"NamesAccepted": "True", "Established": "False"},
        {"NamesAccepted": "True", "Established": "True"},
    ]
