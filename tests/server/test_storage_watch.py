"""Following a resource: every event once, in order, and told when the history has gone on."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from kubecrd.server.history import CompactedError
from kubecrd.server.storage import Key, Store

GROUP = "shop.example.com"

pytestmark = pytest.mark.anyio


def key(name: str, namespace: str = "default", resource: str = "pizzas") -> Key:
    return Key(GROUP, resource, namespace, name)


def put(store: Store, key: Key, **spec) -> None:
    obj = {"metadata": {"name": key.name, "namespace": key.namespace}, "spec": spec}
    if store.get(key) is None:
        store.create(key, obj)
    else:
        store.update(key, obj)


def drained(watch) -> list[tuple[str, str]]:
    seen = []
    while (event := watch.poll()) is not None:
        seen.append((event.type, event.key.name))
    return seen


@pytest.fixture
def store():
    return Store()


def test_a_watch_without_a_revision_begins_now(store):
    put(store, key("a"))
    watch = store.watch(GROUP, "pizzas")
    put(store, key("b"))

    assert drained(watch) == [("ADDED", "b")]


def test_a_watch_goes_on_after_the_revision_it_is_given(store):
    put(store, key("a"))
    since = store.revision
    put(store, key("b"))
    put(store, key("a"), size=2)
    store.delete(key("b"))

    assert drained(store.watch(GROUP, "pizzas", since=since)) == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]


def test_an_event_has_the_object_what_it_was_before_and_its_revision(store):
    put(store, key("a"), size=1)
    watch = store.watch(GROUP, "pizzas")
    put(store, key("a"), size=2)

    event = watch.poll()

    assert event.object["spec"] == {"size": 2}
    assert event.previous["spec"] == {"size": 1}
    assert event.object["metadata"]["resourceVersion"] == str(event.revision) == str(store.revision)


def test_a_watch_sees_its_own_resource_and_namespace_only(store):
    watch = store.watch(GROUP, "pizzas", "one")
    put(store, key("a", "one"))
    put(store, key("b", "two"))
    put(store, key("c", "one", "ovens"))

    assert drained(watch) == [("ADDED", "a")]


def test_a_watch_from_a_revision_to_come_leaves_out_what_happens_before(store):
    watch = store.watch(GROUP, "pizzas", since=store.revision + 2)
    for name in "abc":
        put(store, key(name))

    assert drained(watch) == [("ADDED", "c")]


def test_a_watch_from_a_forgotten_revision_is_refused():
    store = Store(history=2)
    since = store.revision
    for name in "abc":
        put(store, key(name))

    with pytest.raises(CompactedError):
        store.watch(GROUP, "pizzas", since=since)


def test_a_reader_that_is_overtaken_is_told_so_and_delays_nobody():
    store = Store(history=2)
    slow, quick = store.watch(GROUP, "pizzas"), store.watch(GROUP, "pizzas")
    seen = []
    for name in "abcd":
        put(store, key(name))
        seen += drained(quick)

    assert [name for _, name in seen] == ["a", "b", "c", "d"]
    with pytest.raises(CompactedError) as error:
        slow.poll()
    assert (error.value.revision, error.value.oldest) == (1, 3)


def test_a_compaction_ends_the_watches_that_are_behind_and_no_others(store):
    behind, level = store.watch(GROUP, "pizzas"), store.watch(GROUP, "pizzas")
    put(store, key("a"))
    drained(level)

    store.compact()
    put(store, key("b"))

    assert drained(level) == [("ADDED", "b")]
    with pytest.raises(CompactedError):
        behind.poll()


def test_nothing_from_before_a_compaction_can_be_watched_even_of_a_resource_without_events(store):
    since = store.revision
    put(store, key("a", resource="ovens"))
    store.compact()

    with pytest.raises(CompactedError):
        store.watch(GROUP, "pizzas", since=since)


async def test_a_watch_waits_for_what_is_to_come(store):
    seen = []

    async def follow() -> None:
        async for event in store.watch(GROUP, "pizzas"):
            seen.append(event.key.name)
            if len(seen) == 3:
                return

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow)
            await anyio.lowlevel.checkpoint()
            for name in "abc":
                put(store, key(name))
                await anyio.lowlevel.checkpoint()

    assert seen == ["a", "b", "c"]


async def test_a_watch_that_is_cancelled_while_it_waits_leaves_nothing_behind(store):
    watch = store.watch(GROUP, "pizzas")

    with anyio.move_on_after(0):
        await anext(watch)

    assert store._histories[GROUP, "pizzas"]._waiting == set()
    put(store, key("a"))
    assert drained(watch) == [("ADDED", "a")]


async def test_a_thousand_watches_each_see_every_event_once(store):
    seen = [[] for _ in range(1000)]

    async def follow(into: list[str]) -> None:
        async for event in store.watch(GROUP, "pizzas"):
            into.append(event.key.name)
            if len(into) == 5:
                return

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for into in seen:
                tasks.start_soon(follow, into)
            await anyio.lowlevel.checkpoint()
            for name in "abcde":
                put(store, key(name))
                await anyio.lowlevel.checkpoint()

    assert all(into == list("abcde") for into in seen)
