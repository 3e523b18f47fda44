"""What a store keeps, in which order, under which revision, and what it shows of the past."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.server.history import CompactedError
from kubecrd.server.storage import Key, KeyExistsError, KeyMissingError, RevisionMismatchError, Store


def key(name: str, namespace: str = "default", resource: str = "pizzas") -> Key:
    return Key("shop.example.com", resource, namespace, name)


def thing(key: Key, **spec) -> dict:
    return {"metadata": {"name": key.name, "namespace": key.namespace}, "spec": spec}


def put(store: Store, key: Key, **spec) -> int:
    made = store.create(key, thing(key, **spec)) if store.get(key) is None else store.update(key, thing(key, **spec))
    return int(made["metadata"]["resourceVersion"])


def names(store: Store, namespace: str | None = None, *, at: int | None = None) -> list[str]:
    return [obj["metadata"]["name"] for obj in store.list("shop.example.com", "pizzas", namespace, at=at)[0]]


@pytest.fixture
def store():
    return Store()


def test_no_object_ever_has_the_resource_version_that_means_any(store):
    assert store.revision > 0
    assert put(store, key("a")) > 1


def test_every_write_has_a_revision_of_its_own_across_all_resources(store):
    first = put(store, key("a"))
    second = put(store, key("a", resource="ovens"))
    third = put(store, key("a"), size=1)
    gone = store.delete(key("a"))

    assert [second, third, int(gone["metadata"]["resourceVersion"])] == [first + 1, first + 2, first + 3]
    assert store.revision == first + 3


def test_what_is_given_in_is_not_changed(store):
    given = thing(key("a"))

    made = store.create(key("a"), given)

    assert "resourceVersion" not in given["metadata"]
    assert made["metadata"]["resourceVersion"] == str(store.revision)
    assert store.get(key("a")) is made


def test_what_was_given_out_stays_as_it_was_when_the_object_changes(store):
    put(store, key("a"), size=1)
    before = store.get(key("a"))

    put(store, key("a"), size=2)

    assert before["spec"] == {"size": 1}
    assert store.get(key("a"))["spec"] == {"size": 2}


def test_an_object_that_is_not_there_is_none(store):
    assert store.get(key("a")) is None
    assert store.list("no.such.group", "things") == ([], store.revision)


def test_a_second_object_of_the_same_key_is_refused(store):
    put(store, key("a"))

    with pytest.raises(KeyExistsError):
        store.create(key("a"), thing(key("a")))


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_is_not_there_cannot_be_changed(store, change):
    with pytest.raises(KeyMissingError):
        store.update(key("a"), thing(key("a"))) if change == "update" else store.delete(key("a"))


@pytest.mark.parametrize(
    "change",
    [
        lambda store, old: store.update(key("a"), thing(key("a"), size=3), expected=old),
        lambda store, old: store.delete(key("a"), expected=old),
    ],
    ids=["update", "delete"],
)
def test_a_change_that_expects_another_revision_is_refused_and_changes_nothing(store, change):
    old = put(store, key("a"), size=1)
    now = put(store, key("a"), size=2)

    with pytest.raises(RevisionMismatchError):
        change(store, old)

    assert store.get(key("a"))["spec"] == {"size": 2}
    assert store.revision == now


def test_a_change_that_expects_the_present_revision_is_made(store):
    revision = put(store, key("a"))

    revision = int(store.update(key("a"), thing(key("a"), size=1), expected=revision)["metadata"]["resourceVersion"])
    store.delete(key("a"), expected=revision)

    assert store.get(key("a")) is None


def test_a_deletion_gives_the_last_state_with_the_revision_of_the_deletion(store):
    revision = put(store, key("a"), size=1)

    gone = store.delete(key("a"))

    assert gone["spec"] == {"size": 1}
    assert gone["metadata"]["resourceVersion"] == str(revision + 1)


def test_a_deletion_can_say_what_the_last_state_was(store):
    put(store, key("a"), size=1)

    gone = store.delete(key("a"), last=thing(key("a"), size=9))

    assert gone["spec"] == {"size": 9}


def test_a_list_has_the_order_of_whole_keys(store):
    """The slash after a namespace sorts after a dash and a dot: etcd compares the whole path."""
    for namespace, name in [("a", "z"), ("a-b", "b"), ("a.c", "a"), ("b", "a-b"), ("b", "a"), ("b", "a.b")]:
        put(store, key(name, namespace))

    objects, _ = store.list("shop.example.com", "pizzas")

    assert [(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in objects] == [
        ("a-b", "b"),
        ("a.c", "a"),
        ("a", "z"),
        ("b", "a"),
        ("b", "a-b"),
        ("b", "a.b"),
    ]


def test_a_list_of_one_namespace_leaves_out_those_that_only_begin_alike(store):
    for namespace in ["a", "a-b", "aa", "b"]:
        put(store, key("x", namespace))

    objects, _ = store.list("shop.example.com", "pizzas", "a")

    assert [obj["metadata"]["namespace"] for obj in objects] == ["a"]


def test_a_list_says_which_revision_it_shows_even_when_it_is_empty(store):
    put(store, key("a", resource="ovens"))

    assert store.list("shop.example.com", "pizzas") == ([], store.revision)


def test_a_list_of_the_past_shows_what_was_there(store):
    put(store, key("a"), size=1)
    put(store, key("b"), size=1)
    then = store.revision
    put(store, key("b"), size=2)
    store.delete(key("a"))
    put(store, key("c"))
    put(store, key("a"), size=3)

    objects, revision = store.list("shop.example.com", "pizzas", at=then)

    assert revision == then
    assert [(obj["metadata"]["name"], obj["spec"]) for obj in objects] == [("a", {"size": 1}), ("b", {"size": 1})]
    assert names(store) == ["a", "b", "c"]


def test_a_list_of_the_past_keeps_to_its_namespace(store):
    put(store, key("a", "one"))
    put(store, key("b", "two"))
    then = store.revision
    store.delete(key("a", "one"))

    assert names(store, "one", at=then) == ["a"]
    assert names(store, "two", at=then) == ["b"]


def test_a_past_that_is_forgotten_cannot_be_listed():
    store = Store(history=2)
    oldest = put(store, key("a"))
    for size in range(3):
        put(store, key("a"), size=size)

    with pytest.raises(CompactedError) as error:
        store.list("shop.example.com", "pizzas", at=oldest)

    assert (error.value.revision, error.value.oldest) == (oldest, oldest + 1)
    assert str(error.value) == f"revision {oldest} has been compacted; the oldest that can be had is {oldest + 1}"
    assert names(store, at=oldest + 1) == ["a"]


def test_the_history_of_one_resource_is_not_shortened_by_writes_to_another():
    store = Store(history=2)
    then = put(store, key("a"))
    store.delete(key("a"))
    for size in range(9):
        put(store, key("a", resource="ovens"), size=size)

    assert names(store, at=then) == ["a"]


@given(
    writes=st.lists(st.tuples(st.sampled_from(["n", "n-m"]), st.sampled_from("abcd"), st.booleans()), max_size=40),
    size=st.integers(1, 50),
)
def test_every_remembered_past_lists_as_it_was(writes, size):
    store = Store(history=size)
    pasts = {store.revision: []}
    for namespace, name, remove in writes:
        target = key(name, namespace)
        if not remove:
            put(store, target)
        elif store.get(target) is not None:
            store.delete(target)
        pasts[store.revision] = store.list("shop.example.com", "pizzas")[0]

    for revision, objects in pasts.items():
        try:
            shown, _ = store.list("shop.example.com", "pizzas", at=revision)
        except CompactedError:
            assert store.revision - revision > size
        else:
            assert shown == objects
