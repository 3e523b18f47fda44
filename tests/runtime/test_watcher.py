"""The watcher's table, input by input, without a server or a clock."""

import pytest

from kubecrd.errors import DecodeError, ExpiredError, ForbiddenError, InternalServerError, StatusError, TransportError
from kubecrd.resource.events import Added, Bookmark, Deleted, Failed, Modified
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.metadata import ListMeta, ObjectMeta
from kubecrd.resource.objects import ObjectList, PartialObject, Undecodable
from kubecrd.resource.status import Status, StatusDetails
from kubecrd.runtime.store import Store
from kubecrd.runtime.watcher import (
    Apply,
    Delete,
    Init,
    InitApply,
    InitDone,
    State,
    WatcherConfig,
    begin,
    step,
)

POD = ApiResource.of("v1", "Pod")


def pod(name, version="5"):
    return PartialObject(resource=POD, metadata=ObjectMeta(name=name, namespace="ns", resource_version=version))


def page(*names, version="7", token=None):
    return ObjectList([pod(name) for name in names], ListMeta(resource_version=version, continue_=token))


GONE = ExpiredError(Status(code=410, reason="Expired", message="too old"))
BUSY = StatusError.of(Status(code=429, reason="TooManyRequests", details=StatusDetails(retry_after_seconds=9)))
BROKEN = TransportError("reset")
LISTING = State(name="Listing")
LISTED = State(name="Listed", version="7")
WATCHING = State(name="Watching", version="7", heard=True)
STARTING = State(name="Starting", streaming=True)


@pytest.mark.parametrize(("streaming", "name"), [(False, "Listing"), (True, "Starting")])
def test_a_beginning_is_always_told(streaming, name):
    begun = begin(State(streaming=streaming))

    assert begun.events == (Init(),)
    assert begun.state.name == name


def test_a_page_is_told_and_the_next_one_asked_for():
    taken = step(LISTING, page("a", "b", token="more"))

    assert taken.events == (InitApply(pod("a")), InitApply(pod("b")))
    assert (taken.state.name, taken.state.token) == ("Listing", "more")


def test_the_last_page_ends_the_list():
    taken = step(LISTING, page("a"))

    assert taken.events == (InitApply(pod("a")), InitDone())
    assert (taken.state.name, taken.state.version) == ("Listed", "7")


def test_a_list_without_a_version_cannot_be_gone_on_from():
    taken = step(LISTING, page("a", version=None))

    assert taken.state.name == "Empty"
    assert taken.failed


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Added(pod("a", "8")), Apply(pod("a", "8"))),
        (Modified(pod("a", "8")), Apply(pod("a", "8"))),
        (Deleted(pod("a", "8")), Delete(pod("a", "8"))),
    ],
)
def test_changes_are_told_and_move_the_version(event, told):
    taken = step(LISTED, event)

    assert taken.events == (told,)
    assert (taken.state.name, taken.state.version) == ("Watching", "8")


def test_a_bookmark_only_moves_the_version():
    taken = step(WATCHING, Bookmark("99"))

    assert taken.events == ()
    assert taken.state.version == "99"


@pytest.mark.parametrize(
    ("state", "given", "after", "failed"),
    [
        (WATCHING, None, "Listed", False),
        (LISTED, None, "Listed", True),
        (WATCHING, BROKEN, "Listed", True),
        (WATCHING, Failed(GONE.status), "Empty", False),
        (WATCHING, GONE, "Empty", False),
        (LISTED, GONE, "Empty", False),
        (LISTED, BUSY, "Listed", True),
        (LISTING, BROKEN, "Empty", True),
        (LISTING, GONE, "Empty", False),
        (STARTING, None, "Empty", True),
        (STARTING, BROKEN, "Empty", True),
        (WATCHING, Failed(Status(code=500, reason="InternalError")), "Listed", True),
        (WATCHING, Added(pod("a", None)), "Empty", True),
    ],
    ids=repr,
)
def test_what_becomes_of_failures(state, given, after, failed):
    """The version survives a broken connection, and is given up only when the server has lost it."""
    taken = step(state, given)

    assert (taken.state.name, taken.failed) == (after, failed)
    if after == "Listed":
        assert taken.state.version == "7"


def test_a_version_that_is_lost_again_before_anything_was_heard_is_a_reason_to_pause():
    """Otherwise a server that always says 410 would be asked without end."""
    first = step(LISTING, GONE)
    second = step(begin(first.state).state, GONE)

    assert (first.failed, second.failed) == (False, True)


def test_a_version_that_is_lost_after_news_is_listed_anew_at_once():
    lost = step(WATCHING, GONE).state
    heard = step(step(begin(lost).state, page("a")).state, Added(pod("b", "8"))).state

    assert not step(heard, GONE).failed


def test_a_list_whose_second_page_is_lost_is_read_in_one_piece():
    lost = step(step(LISTING, page("a", token="more")).state, GONE).state

    assert WatcherConfig().list_params(None, whole=lost.whole).limit is None
    assert step(begin(lost).state, page("a")).state.whole is False


def test_a_server_that_never_says_where_its_stream_begins_is_asked_for_pages():
    taken = step(step(STARTING, Added(pod("a"))).state, None)

    assert (taken.state.name, taken.state.streaming) == ("Empty", False)


def test_an_object_that_does_not_fit_is_passed_over():
    bad = Undecodable(resource=POD, metadata=pod("b", "8").metadata, error=DecodeError("size: no", "size"))

    taken = step(LISTING, ObjectList([pod("a"), bad], ListMeta(resource_version="7")))
    assert (taken.events, taken.passed_over) == ((InitApply(pod("a")), InitDone()), (bad,))

    taken = step(WATCHING, Modified(bad))
    assert (taken.events, taken.passed_over, taken.state.version) == ((), (bad,), "8")


def test_the_server_may_say_how_long_to_wait():
    assert step(LISTED, BUSY).at_least == 9


@pytest.mark.parametrize(
    "error", [ForbiddenError(Status(code=403)), StatusError.of(Status(code=400, reason="BadRequest"))]
)
def test_a_server_that_does_not_stream_lists_is_asked_for_pages(error):
    taken = step(STARTING, error)

    assert taken.state.name == "Empty"
    assert not taken.state.streaming
    assert not taken.failed


def test_a_server_that_fails_is_asked_to_stream_again():
    taken = step(STARTING, InternalServerError(Status(code=500)))

    assert taken.state.streaming
    assert taken.failed


def test_a_streamed_list_ends_with_its_bookmark():
    first = step(STARTING, Added(pod("a")))
    done = step(first.state, Bookmark("9", initial_events_end=True))

    assert first.events == (InitApply(pod("a")),)
    assert done.events == (InitDone(),)
    assert (done.state.name, done.state.version) == ("Watching", "9")


def test_reading_from_the_cache_asks_for_no_pages():
    """A page size would make the server read from its storage instead."""
    params = WatcherConfig(any_version=True).list_params(None)

    assert params.query() == (("resourceVersion", "0"), ("resourceVersionMatch", "NotOlderThan"))


def test_old_objects_stay_until_a_new_list_is_whole():
    store = Store()
    for event in (Init(), InitApply(pod("a")), InitDone()):
        store.take(event)

    store.take(Init())
    store.take(InitApply(pod("b")))
    assert [each.metadata.name for each in store] == ["a"]

    news = store.take(InitDone())
    assert [each.metadata.name for each in store] == ["b"]
    assert {each.metadata.name for each in news} == {"a", "b"}


def test_a_list_that_is_begun_anew_forgets_what_came_of_the_last_one():
    store = Store()
    for event in (Init(), InitApply(pod("stale")), Init(), InitApply(pod("a")), InitDone()):
        store.take(event)

    assert [each.metadata.name for each in store] == ["a"]


def test_objects_are_found_by_name_and_namespace():
    store = Store()
    store.take(Apply(pod("a")))

    assert store.get("a", "ns") == pod("a")
    assert store.get(pod("a").ref) == pod("a")
    assert store.get("a", "other") is None


def test_a_deleted_object_is_gone():
    store = Store()
    store.take(Apply(pod("a")))

    store.take(Delete(pod("a")))

    assert len(store) == 0
