"""Following a kind for good: list, watch, go on where the watch ended, list anew when the past is lost.

The protocol is a state machine without I/O (`step`); `Watcher` runs it against an `Api`. This is all of it:

| state | does | on success | on failure |
|---|---|---|---|
| Empty | gives Init | lists: Listing; streams: Starting | |
| Listing | lists a page, gives InitApply for each object | last page: InitDone, then Listed | Empty, after a pause |
| Starting | watches from 0 with initial events | their end: InitDone, then Watching | Empty, after a pause; refused, or ended without saying where they end: lists from now on |
| Listed | watches from the version of the list | Watching | Listed, after a pause; version lost: Empty |
| Watching | gives Apply and Delete | stream ends: Listed at the last version | version lost: Empty |

A watch that ends without having said anything counts as a failure, or a server that closes at once would be asked
without a pause. A version is lost when the server says 410, in the stream or as its answer; the first time a list is begun
anew at once, but when nothing was heard in between, after a pause. A list whose second page is lost is read in one piece.

An object that does not fit its class is reported and passed over: the others must not wait for it.

Source: client-go `tools/cache/reflector.go`; kube-rs R9, with its P2 to P5 done.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio
from attrs import evolve, field, frozen

from kubecrd.errors import (
    BadRequestError,
    DecodeError,
    ExpiredError,
    ForbiddenError,
    InvalidError,
    KubeError,
    StatusError,
    TransportError,
)
from kubecrd.resource.events import Added, Bookmark, Deleted, Failed, Modified, WatchEvent
from kubecrd.resource.fields import FieldSelector
from kubecrd.resource.labels import Selector
from kubecrd.resource.objects import KubeObject, ObjectList, Undecodable
from kubecrd.resource.params import ListParams, WatchParams

from .backoff import Backoff, Delays

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from kubecrd.client.api import Api

__all__ = [
    "Apply",
    "Delete",
    "Event",
    "Init",
    "InitApply",
    "InitDone",
    "State",
    "Step",
    "Watcher",
    "WatcherConfig",
    "begin",
    "step",
]

_logger = logging.getLogger(__name__)

K = TypeVar("K", bound=KubeObject)


@frozen
class Init:
    """A list begins: what follows until `InitDone` is everything there is."""


@frozen
class InitApply(Generic[K]):
    """One object of the list."""

    object: K


@frozen
class InitDone:
    """The list is whole: what was not in it is gone."""


@frozen
class Apply(Generic[K]):
    """An object is new, or has changed."""

    object: K


@frozen
class Delete(Generic[K]):
    """An object is gone."""

    object: K


Event = Init | InitApply[K] | InitDone | Apply[K] | Delete[K]


@frozen(kw_only=True)
class WatcherConfig:
    """What to follow, and how.

    Attributes:
        labels: Which objects.
        fields: Which objects.
        page_size: Objects a page of the list; 500 as in client-go, None for all at once.
        timeout: Seconds after which the server ends a watch; 290 by default.
        any_version: Whether the list may be what the server has cached, which is cheaper and may be behind. No page size
            is sent then: a server would read from its storage for that.
        streaming: Whether the list comes through the watch (KEP-3157); where the server refuses, it is listed.
    """

    labels: Selector = field(factory=Selector)
    fields: FieldSelector = field(factory=FieldSelector)
    page_size: int | None = 500
    timeout: int = 290
    any_version: bool = False
    streaming: bool = False

    def list_params(self, token: str | None, *, whole: bool = False) -> ListParams:
        """Say which page to list; *whole* asks for everything at once."""
        if token is not None:
            return ListParams(labels=self.labels, fields=self.fields, limit=self.page_size, continue_token=token)
        if self.any_version:
            return ListParams(
                labels=self.labels, fields=self.fields, resource_version="0", version_match="NotOlderThan"
            )
        return ListParams(labels=self.labels, fields=self.fields, limit=None if whole else self.page_size)

    def watch_params(self, *, initial_events: bool) -> WatchParams:
        """Say what to watch."""
        return WatchParams(labels=self.labels, fields=self.fields, timeout=self.timeout, initial_events=initial_events)


@frozen(kw_only=True)
class State:
    """Where the watcher is.

    Attributes:
        name: As in the table above.
        version: The resource version from which to go on.
        token: The next page of the list.
        heard: Whether the present watch has said anything.
        streaming: Whether the server is thought to stream lists.
        lost: Whether the version has been lost since anything was heard.
        whole: Whether to list in one piece.
    """

    name: str = "Empty"
    version: str = "0"
    token: str | None = None
    heard: bool = False
    streaming: bool = False
    lost: bool = False
    whole: bool = False


@frozen(kw_only=True)
class Step:
    """What comes of an input.

    Attributes:
        state: Where the watcher is now.
        events: What its reader is told.
        failed: Whether to pause before going on.
        at_least: Seconds that the server asked to wait.
        close: Whether the present watch is of no use any more.
        passed_over: Objects that do not fit their class.
    """

    state: State
    events: tuple[Event[Any], ...] = ()
    failed: bool = False
    at_least: float = 0.0
    close: bool = False
    passed_over: tuple[Undecodable, ...] = ()


def begin(state: State) -> Step:
    """Leave the state Empty: tell that a list begins, and choose how to list."""
    name = "Starting" if state.streaming else "Listing"
    return Step(state=evolve(state, name=name, version="0", token=None, heard=False), events=(Init(),))


def step(state: State, given: ObjectList[Any] | WatchEvent[Any] | KubeError | None) -> Step:
    """Take what the server gave in *state*.

    Args:
        state: Where the watcher is.
        given: A page, an event, an error, or None for the end of a watch.
    """
    match given:
        case ObjectList():
            return _listed(state, given)
        case None:
            return _ended(state)
        case KubeError():
            return _failed(state, given)
        case Failed(status):
            return _failed(state, StatusError.of(status))
        case _:
            return _heard(evolve(state, heard=True), given)


def _listed(state: State, page: ObjectList[Any]) -> Step:
    events = tuple(InitApply(item) for item in page.items if not isinstance(item, Undecodable))
    bad = tuple(item for item in page.items if isinstance(item, Undecodable))
    if page.metadata.continue_:
        return Step(state=evolve(state, token=page.metadata.continue_), events=events, passed_over=bad)
    if not page.metadata.resource_version:
        return Step(state=_emptied(state), failed=True)
    listed = evolve(state, name="Listed", version=page.metadata.resource_version, token=None, heard=False)
    return Step(state=evolve(listed, whole=False), events=(*events, InitDone()), passed_over=bad)


def _ended(state: State) -> Step:
    if state.name == "Starting":
        # A server that does not know of streamed lists ignores the wish, and never says where they end.
        return Step(state=evolve(_emptied(state), streaming=False), failed=not state.heard)
    return Step(state=evolve(state, name="Listed", heard=False), failed=not state.heard)


def _failed(state: State, error: KubeError) -> Step:
    wait = 0.0
    if isinstance(error, StatusError) and error.status.details:
        wait = float(error.status.details.retry_after_seconds or 0)
    refused = isinstance(error, BadRequestError | ForbiddenError | InvalidError)
    if state.name == "Starting" and refused:
        return Step(state=evolve(_emptied(state), streaming=False), close=True)
    if isinstance(error, ExpiredError):
        whole = state.whole or state.token is not None
        empty = evolve(_emptied(state), lost=True, whole=whole)
        return Step(state=empty, failed=state.lost, at_least=wait, close=True)
    if state.name in {"Listing", "Starting"}:
        return Step(state=_emptied(state), failed=True, at_least=wait, close=True)
    return Step(state=evolve(state, name="Listed", heard=False), failed=True, at_least=wait, close=True)


def _heard(state: State, event: Any) -> Step:
    state = evolve(state, lost=False)
    if isinstance(event, Bookmark):
        if state.name == "Starting" and event.initial_events_end:
            return Step(state=evolve(state, name="Watching", version=event.resource_version), events=(InitDone(),))
        return Step(state=evolve(state, version=event.resource_version))
    item = event.object
    version = item.metadata.resource_version
    if not version:
        return Step(state=_emptied(state), failed=True, close=True)
    if isinstance(item, Undecodable):
        return Step(state=evolve(state, version=version), passed_over=(item,))
    if state.name == "Starting":
        # Nothing can be deleted from a list that has just begun; client-go ignores it too.
        events: tuple[Event[Any], ...] = () if isinstance(event, Deleted) else (InitApply(item),)
        return Step(state=evolve(state, version=version), events=events)
    told: Event[Any] = Delete(item) if isinstance(event, Deleted) else Apply(item)
    assert isinstance(event, Added | Modified | Deleted)
    return Step(state=evolve(state, name="Watching", version=version), events=(told,))


def _emptied(state: State) -> State:
    return State(streaming=state.streaming, lost=state.lost, whole=state.whole)


class Watcher(Generic[K]):
    """Follows a kind: an async iterator that never ends, whatever the server does.

    Args:
        api: The kind, and where to look.
        config: What to follow, and how.
        backoff: How long to pause after failures.
        on_error: Told of each failure; they are logged in any case.
    """

    def __init__(
        self,
        api: Api[K],
        config: WatcherConfig | None = None,
        *,
        backoff: Backoff | None = None,
        on_error: Callable[[KubeError | None], None] = lambda _: None,
    ) -> None:
        self._api = api
        self._config = config or WatcherConfig()
        self._delays = Delays(backoff or Backoff())
        self._on_error = on_error
        self._state = State(streaming=self._config.streaming)

    async def events(self) -> AsyncGenerator[Event[K], None]:
        """Give what happens, from the list on; use it in ``aclosing`` where the reader may leave."""
        while True:
            if self._state.name == "Empty":
                started = begin(self._state)
                self._state = started.state
                for event in started.events:
                    yield event
            steps = self._list_steps() if self._state.name == "Listing" else self._watch_steps()
            pause: float | None = None
            # Closed here and now: a reader that leaves must not leave a connection to the garbage collector.
            async with aclosing(steps):
                async for taken in steps:
                    self._state = taken.state
                    for bad in taken.passed_over:
                        self._report(f"passed over {bad.metadata.namespace or ''}/{bad.metadata.name} of", bad.error)
                    for event in taken.events:
                        yield event
                    if taken.failed:
                        pause = self._delays.next(anyio.current_time(), at_least=taken.at_least)
            if pause is not None:
                await anyio.sleep(pause)

    async def _list_steps(self) -> AsyncGenerator[Step, None]:
        try:
            page = await self._api.list(self._config.list_params(self._state.token, whole=self._state.whole))
        except KubeError as error:
            self._report("list", error)
            yield step(self._state, error)
        else:
            yield step(self._state, page)

    async def _watch_steps(self) -> AsyncGenerator[Step, None]:
        state = self._state
        params = self._config.watch_params(initial_events=state.name == "Starting")
        try:
            async with self._api.watch(state.version, params) as events:
                async for event in events:
                    if isinstance(event, Failed):
                        self._report("watch", StatusError.of(event.status))
                    taken = step(state, event)
                    state = taken.state
                    yield taken
                    if taken.close:
                        return
        except (StatusError, TransportError, DecodeError) as error:
            self._report("watch", error)
            yield step(state, error)
        else:
            yield step(state, None)

    def _report(self, doing: str, error: KubeError) -> None:
        self._on_error(error)
        # A missing right never heals by itself; a broken connection does.
        level = logging.WARNING if isinstance(error, ForbiddenError | DecodeError) else logging.DEBUG
        _logger.log(level, "%s %s: %s", doing, self._api.resource.resource, error)
