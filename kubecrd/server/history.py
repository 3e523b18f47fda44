"""What happened to a resource, for as long as it is remembered, and the watches that follow it.

A watch is a place in the history, not a buffer of its own: a slow reader costs nothing and delays nobody, and when the
history has moved on without it, it is told so (the API server's answer is then 410, and the client lists anew).
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import anyio
from attrs import frozen

if TYPE_CHECKING:
    from .storage import Key  # noqa: TC004

__all__ = ["ADDED", "DELETED", "MODIFIED", "CompactedError", "Event", "History", "Watch"]

ADDED: Final = "ADDED"
MODIFIED: Final = "MODIFIED"
DELETED: Final = "DELETED"


class CompactedError(LookupError):
    """A revision is asked for that is older than what is remembered.

    Attributes:
        revision: What was asked for.
        oldest: What can be had.
    """

    def __init__(self, revision: int, oldest: int) -> None:
        super().__init__(f"revision {revision} has been compacted; the oldest that can be had is {oldest}")
        self.revision = revision
        self.oldest = oldest


@frozen
class Event:
    """One write.

    Attributes:
        type: `ADDED`, `MODIFIED` or `DELETED`.
        key: Of which object.
        object: What it is now, or was last; with the resourceVersion of this write.
        previous: What it was before; None when it is new.
        revision: Of this write.
    """

    type: str
    key: Key
    object: dict[str, Any]
    previous: dict[str, Any] | None
    revision: int


class History:
    """The last events of one resource, in order.

    Args:
        size: How many are remembered.
        oldest: The revision before which nothing is known.
    """

    def __init__(self, size: int, oldest: int) -> None:
        self._events: deque[Event] = deque()
        self._size = size
        self._oldest = oldest
        self._dropped = 0
        self._waiting: set[anyio.Event] = set()

    @property
    def end(self) -> int:
        """How many events there have been."""
        return self._dropped + len(self._events)

    def append(self, event: Event) -> None:
        """Remember *event*, and wake whoever waits for one."""
        self._events.append(event)
        if len(self._events) > self._size:
            self._oldest = self._events.popleft().revision
            self._dropped += 1
        self._wake()

    def compact(self, revision: int) -> None:
        """Forget everything up to *revision*."""
        while self._events and self._events[0].revision <= revision:
            self._events.popleft()
            self._dropped += 1
        self._oldest = max(self._oldest, revision)
        self._wake()

    def since(self, revision: int) -> list[Event]:
        """Give the events after *revision*.

        Raises:
            CompactedError: it is older than what is remembered.
        """
        return list(islice(self._events, self.place_of(revision) - self._dropped, None))

    def place_of(self, revision: int) -> int:
        """Give the number of the first event after *revision*.

        Raises:
            CompactedError: it is older than what is remembered.
        """
        if revision < self._oldest:
            raise CompactedError(revision, self._oldest)
        older = 0
        for event in reversed(self._events):
            if event.revision <= revision:
                break
            older += 1
        return self.end - older

    def at(self, place: int, *, after: int) -> Event | None:
        """Give the event of the number *place*, None when it has not happened yet.

        Args:
            place: Which event.
            after: The last revision that its reader has seen, which is named when the event is forgotten.

        Raises:
            CompactedError: it is no longer remembered.
        """
        if place < self._dropped:
            raise CompactedError(after, self._oldest)
        return self._events[place - self._dropped] if place < self.end else None

    async def wait(self, place: int) -> None:
        """Return when the event of the number *place* has happened, or has been forgotten."""
        while place == self.end:
            changed = anyio.Event()
            self._waiting.add(changed)
            try:
                await changed.wait()
            finally:
                self._waiting.discard(changed)

    def _wake(self) -> None:
        for waiting in self._waiting:
            waiting.set()


class Watch:
    """The events of a resource in order, as an async iterator that never ends by itself.

    Args:
        history: What happened to the resource.
        namespace: None for all namespaces.
        since: The revision after which events are wanted; one that is still to come leaves out what happens before.

    Raises:
        CompactedError: *since* is older than the history; from the iteration: the history went on without this reader.
    """

    def __init__(self, history: History, namespace: str | None, since: int) -> None:
        self._history = history
        self._namespace = namespace
        self._seen = since
        self._place = history.place_of(since)

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Event:
        while True:
            event = self.poll()
            if event is not None:
                return event
            await self._history.wait(self._place)

    def poll(self) -> Event | None:
        """Give the next event, None when there is none yet.

        Raises:
            CompactedError: the history went on without this reader.
        """
        while (event := self._history.at(self._place, after=self._seen)) is not None:
            self._place += 1
            if event.revision <= self._seen:
                continue
            self._seen = event.revision
            if self._namespace is None or event.key.namespace == self._namespace:
                return event
        return None
