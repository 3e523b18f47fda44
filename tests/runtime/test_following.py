"""The watcher against a server that answers as it is told, with pauses of no length."""

import logging
from contextlib import aclosing

import pytest

from kubecrd import Api, ApiResource, Client
from kubecrd.client.retry import RetryPolicy
from kubecrd.runtime.backoff import Backoff, Delays
from kubecrd.runtime.watcher import Watcher, WatcherConfig
from tests.client.scripted import Script, lines, listed, status

THING = ApiResource.of("example.com/v1", "Thing")
ONCE = RetryPolicy(tries=1)


def thing(name, version):
    metadata = {"name": name, "namespace": "default", "resourceVersion": version}
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": metadata}


def event(kind, name, version):
    return {"type": kind, "object": thing(name, version)}


def bookmark(version, *, end=False):
    annotations = {"k8s.io/initial-events-end": "true"} if end else {}
    metadata = {"resourceVersion": version, "annotations": annotations}
    return {"type": "BOOKMARK", "object": {"kind": "Thing", "metadata": metadata}}


GONE = {"type": "ERROR", "object": {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"}}


async def follow(script, count, *, backoff=None, **config):
    """Give the first *count* events, as a word and a name each."""
    told = []
    async with Client(transport=script.transport, retry=ONCE) as client:
        watcher = Watcher(Api(client, THING), WatcherConfig(**config), backoff=backoff or Backoff(first=0))
        async with aclosing(watcher.events()) as events:
            async for each in events:
                told.append((type(each).__name__, getattr(getattr(each, "object", None), "metadata", None)))
                if len(told) == count:
                    break
    return [(word, metadata.name) if metadata else word for word, metadata in told]


def versions(script):
    return [request.url.params.get("resourceVersion") for request in script.asked]


LISTED = ["Init", ("InitApply", "a"), "InitDone"]


@pytest.mark.anyio
async def test_a_watch_goes_on_where_the_last_one_ended():
    script = Script(
        [
            listed(thing("a", "1"), version="7"),
            lines(event("MODIFIED", "a", "8")),
            lines(bookmark("20")),
            lines(event("DELETED", "a", "21")),
        ]
    )

    assert await follow(script, 5) == [*LISTED, ("Apply", "a"), ("Delete", "a")]
    assert versions(script) == [None, "7", "8", "20"]


@pytest.mark.anyio
@pytest.mark.parametrize("lost", [lines(GONE), status(410, "Expired")], ids=["in the stream", "as the answer"])
async def test_a_lost_version_is_listed_anew(lost):
    script = Script([listed(thing("a", "1")), lost, listed(thing("b", "9"))])

    assert await follow(script, 6) == [*LISTED, "Init", ("InitApply", "b"), "InitDone"]


@pytest.mark.anyio
async def test_a_broken_watch_lists_nothing_anew():
    script = Script(
        [listed(thing("a", "1"), version="7"), status(500, "InternalError"), lines(event("ADDED", "b", "8"))]
    )

    assert await follow(script, 4) == [*LISTED, ("Apply", "b")]
    assert versions(script) == [None, "7", "7"]


@pytest.mark.anyio
async def test_a_list_may_come_through_the_watch():
    script = Script([lines(event("ADDED", "a", "3"), bookmark("7", end=True), event("ADDED", "b", "8"))])

    assert await follow(script, 4, streaming=True) == [*LISTED, ("Apply", "b")]


@pytest.mark.anyio
async def test_a_server_that_refuses_to_stream_a_list_is_asked_for_pages():
    script = Script([status(422, "Invalid"), listed(thing("a", "1"))])

    assert await follow(script, 4, streaming=True) == ["Init", *LISTED]
    assert [request.url.params.get("watch") for request in script.asked] == ["true", None]


@pytest.mark.anyio
async def test_a_missing_right_is_told_loudly(caplog):
    with caplog.at_level(logging.WARNING):
        await follow(Script([status(403, "Forbidden", message="you may not"), listed(thing("a", "1"))]), 4)

    assert "list things.example.com: you may not" in caplog.text


def test_pauses_grow_and_begin_anew_after_good_times():
    delays = Delays(Backoff(jitter=lambda: 0.0))

    assert [delays.next(now) for now in (0, 1, 2, 3, 4, 5, 6)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]
    assert delays.next(200) == 0.8


def test_a_pause_is_at_least_what_the_server_asked_for():
    assert Delays(Backoff(jitter=lambda: 0.0)).next(0, at_least=9) == 9
