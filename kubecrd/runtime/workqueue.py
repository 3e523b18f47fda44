"""Which object is to be reconciled next: once for many reasons, never twice at a time, nobody forgotten.

A pure structure: it is told the time, and neither sleeps nor starts anything. Its rules are those of kube-rs' scheduler
(R90 to R97) and client-go's workqueue, with a fair order and a bound on waiting:

- A key waits once. Of several times the earliest wins.
- A key that is running is put aside when it is asked for again, and runs again at once when it has ended.
- Keys that are due run in the order in which they became due.
- A debounce puts a key off each time it is asked for, but never longer than `max_debounce` in all.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["WorkQueue"]

Key = TypeVar("Key", bound="Hashable")

_FAR = 180 * 24 * 3600.0
"""About half a year: nothing is put off longer, so that no clock overflows."""


@define
class _Waiting:
    """When a key is due, why, and when it was first asked for."""

    due: float
    reason: str
    asked: float


class WorkQueue(Generic[Key]):
    """Keys that wait, are due, or run.

    Args:
        concurrency: How many may run at a time; None for any number.
        debounce: Seconds that a key is put off each time it is asked for.
        max_debounce: Seconds that a key is put off in all; ten times *debounce* by default.
    """

    def __init__(
        self, *, concurrency: int | None = None, debounce: float = 0.0, max_debounce: float | None = None
    ) -> None:
        self._concurrency = concurrency
        self._debounce = debounce
        self._max_debounce = 10 * debounce if max_debounce is None else max_debounce
        self._waiting: dict[Key, _Waiting] = {}
        self._times: list[tuple[float, int, Key]] = []
        self._ready: deque[Key] = deque()
        self._reasons: dict[Key, str] = {}
        self._running: set[Key] = set()
        self._again: dict[Key, str] = {}
        self._serial = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._ready) + len(self._again)

    @property
    def running(self) -> int:
        """How many run now."""
        return len(self._running)

    def add(self, key: Key, now: float, *, after: float = 0.0, reason: str = "") -> None:
        """Ask for *key* to run.

        Args:
            key: What.
            now: The time.
            after: Seconds until it is due.
            reason: Why; told to whoever runs it.
        """
        if key in self._reasons:
            return  # it is due already
        due = now + min(after, _FAR) + self._debounce
        known = self._waiting.get(key)
        if known is None:
            self._waiting[key] = _Waiting(due, reason, now)
        elif self._debounce and due > known.due and after == 0.0:
            known.due = min(due, known.asked + self._max_debounce)
        elif due <= known.due:
            # What waited for a late time begins to wait for quiet only now.
            known.due, known.reason, known.asked = due, reason, now
        else:
            return
        heapq.heappush(self._times, (self._waiting[key].due, next(self._serial), key))

    def pop(self, now: float) -> tuple[Key, str] | None:
        """Give a key that is due and may run, with the reason; None when there is none. Call `done` when it has run."""
        self._ripen(now)
        if self._concurrency is not None and len(self._running) >= self._concurrency:
            return None
        if not self._ready:
            return None
        key = self._ready.popleft()
        self._running.add(key)
        return key, self._reasons.pop(key)

    def _ripen(self, now: float) -> None:
        while self._times and self._times[0][0] <= now:
            due, _, key = heapq.heappop(self._times)
            waiting = self._waiting.get(key)
            if waiting is None or waiting.due != due:
                continue  # it was moved, or is gone
            del self._waiting[key]
            if key in self._running:
                self._again.setdefault(key, waiting.reason)
            else:
                self._enqueue(key, waiting.reason)

    def _enqueue(self, key: Key, reason: str) -> None:
        if key not in self._reasons:
            self._reasons[key] = reason
            self._ready.append(key)

    def done(self, key: Key, now: float, *, again_after: float | None = None, reason: str = "") -> None:
        """Note that *key* has run.

        Args:
            key: What.
            now: The time; delays count from here.
            again_after: Seconds until it is to run again; None for not by itself.
            reason: Why it is to run again.
        """
        self._running.discard(key)
        asked = self._again.pop(key, None)
        if asked is not None:
            self._enqueue(key, asked)
        elif again_after is not None:
            self.add(key, now, after=again_after, reason=reason)

    def forget(self, key: Key) -> None:
        """Let *key* wait no longer; what runs, runs on."""
        self._waiting.pop(key, None)
        self._again.pop(key, None)

    def next_time(self) -> float | None:
        """Give the time at which something is due that is not due yet; None when nothing waits."""
        while self._times:
            due, _, key = self._times[0]
            waiting = self._waiting.get(key)
            if waiting is not None and waiting.due == due:
                return due
            heapq.heappop(self._times)
        return None
