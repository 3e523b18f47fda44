"""Where objects are kept: one revision for every write, lists in etcd's order, and a history that watches read.

A server is one process with one event loop, and nothing here awaits: whatever a handler reads and writes without
awaiting in between is one transaction. What is given out is shared, not copied: **nobody changes an object that came
from a store**; who wants another one makes a copy.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import define, field, frozen

from .history import ADDED, DELETED, MODIFIED, Event, History, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Journal", "Key", "KeyExistsError", "KeyMissingError", "RevisionMismatchError", "Store"]

_FIRST_REVISION: Final = 1
"""etcd begins at 1, so that no object ever has the resourceVersion 0, which means "any"."""


@frozen
class Key:
    """Which object is meant, whatever its version.

    Attributes:
        group: API group; empty for the core group.
        resource: The plural.
        namespace: Empty for a cluster-scoped object.
        name: The object's name.
    """

    group: str
    resource: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """What it is sorted by among the objects of its resource: etcd compares the whole path, the slash included."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class KeyExistsError(KeyError):
    """An object is to be created that is there already."""


class KeyMissingError(KeyError):
    """An object is to be changed that is not there."""


class RevisionMismatchError(ValueError):
    """An object is to be changed that somebody else has changed meanwhile."""


class Journal(Protocol):
    """What makes a store outlive its process."""

    def load(self) -> tuple[int, Iterable[tuple[Key, dict[str, Any]]]]:
        """Give the last revision that was written, and every object that is there."""
        ...

    def write(self, event: Event) -> None:
        """Keep *event*; when this returns, it is kept whatever becomes of the process."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


@define(eq=False)
class _Shelf:
    """The objects of one resource, by path, and their paths in order."""

    objects: dict[str, dict[str, Any]] = field(factory=dict)
    paths: list[str] = field(factory=list)

    def put(self, path: str, obj: dict[str, Any]) -> None:
        if path not in self.objects:
            insort(self.paths, path)
        self.objects[path] = obj

    def take(self, path: str) -> None:
        del self.objects[path]
        del self.paths[bisect_left(self.paths, path)]

    def within(self, namespace: str | None) -> list[dict[str, Any]]:
        if namespace is None:
            return [self.objects[path] for path in self.paths]
        prefix = f"{namespace}/"
        start = bisect_left(self.paths, prefix)
        # No character of a name sorts after the last code point.
        end = bisect_left(self.paths, prefix + "\U0010ffff", lo=start)
        return [self.objects[path] for path in self.paths[start:end]]


class Store:
    """All objects of a server, in memory.

    Args:
        journal: What makes it outlive the process; None keeps nothing.
        history: How many events of each resource a watch can go back; 10,000 by default, some minutes of a busy cluster.
    """

    def __init__(self, journal: Journal | None = None, *, history: int = 10_000) -> None:
        self._journal = journal
        self._history_size = history
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._histories: dict[tuple[str, str], History] = {}
        self._revision = _FIRST_REVISION
        if journal is not None:
            self._revision, objects = journal.load()
            for key, obj in objects:
                self._shelf(key.group, key.resource).put(key.path, obj)
        self._oldest = self._revision

    @property
    def revision(self) -> int:
        """The revision of the last write."""
        return self._revision

    def get(self, key: Key) -> dict[str, Any] | None:
        """Give the object, None when there is none."""
        shelf = self._shelves.get((key.group, key.resource))
        return None if shelf is None else shelf.objects.get(key.path)

    def list(
        self, group: str, resource: str, namespace: str | None = None, *, at: int | None = None
    ) -> tuple[list[dict[str, Any]], int]:
        """Give the objects of a resource in etcd's order, and the revision that this is the state of.

        Args:
            group: API group.
            resource: The plural.
            namespace: None for all namespaces.
            at: An older revision to show; None for the present.

        Raises:
            CompactedError: *at* is older than the history.
        """
        shelf = self._shelves.get((group, resource))
        if at is None or at >= self._revision:
            return ([] if shelf is None else shelf.within(namespace)), self._revision
        return self._shelf_at(group, resource, at).within(namespace), at

    def _shelf_at(self, group: str, resource: str, revision: int) -> _Shelf:
        """Undo what happened after *revision*."""
        shelf = self._shelf(group, resource)
        # Newest first, so that what stays is the state before the oldest event of each path.
        undone = {event.key.path: event.previous for event in reversed(self._history(group, resource).since(revision))}
        if not undone:
            return shelf
        past = _Shelf(dict(shelf.objects), list(shelf.paths))
        for path, obj in undone.items():
            if obj is not None:
                past.put(path, obj)
            elif path in past.objects:
                past.take(path)
        return past

    def create(self, key: Key, obj: dict[str, Any]) -> dict[str, Any]:
        """Keep a new object; the answer has its resourceVersion.

        Raises:
            KeyExistsError: there is one already.
        """
        if self.get(key) is not None:
            raise KeyExistsError(key)
        return self._write(ADDED, key, obj, None)

    def update(self, key: Key, obj: dict[str, Any], *, expected: int | None = None) -> dict[str, Any]:
        """Keep an object in the place of the one that is there; the answer has its resourceVersion.

        Args:
            key: Which object.
            obj: What it is now.
            expected: The revision it must have had; None for any.

        Raises:
            KeyMissingError: there is none.
            RevisionMismatchError: it has another revision.
        """
        return self._write(MODIFIED, key, obj, self._current(key, expected))

    def delete(self, key: Key, *, expected: int | None = None, last: dict[str, Any] | None = None) -> dict[str, Any]:
        """Let go of an object; the answer is its last state, with the resourceVersion of the deletion.

        Args:
            key: Which object.
            expected: The revision it must have had; None for any.
            last: What watches see as its last state; by default the one that is there.

        Raises:
            KeyMissingError: there is none.
            RevisionMismatchError: it has another revision.
        """
        current = self._current(key, expected)
        return self._write(DELETED, key, current if last is None else last, current)

    def _current(self, key: Key, expected: int | None) -> dict[str, Any]:
        current = self.get(key)
        if current is None:
            raise KeyMissingError(key)
        if expected is not None and current["metadata"]["resourceVersion"] != str(expected):
            raise RevisionMismatchError(key)
        return current

    def _write(self, kind: str, key: Key, obj: dict[str, Any], previous: dict[str, Any] | None) -> dict[str, Any]:
        revision = self._revision + 1
        kept = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(revision)}}
        event = Event(kind, key, kept, previous, revision)
        if self._journal is not None:
            self._journal.write(event)  # before anybody can see it
        self._revision = revision
        shelf = self._shelf(key.group, key.resource)
        if kind == DELETED:
            shelf.take(key.path)
        else:
            shelf.put(key.path, kept)
        self._history(key.group, key.resource).append(event)
        return kept

    def watch(self, group: str, resource: str, namespace: str | None = None, *, since: int | None = None) -> Watch:
        """Follow what happens to a resource.

        Args:
            group: API group.
            resource: The plural.
            namespace: None for all namespaces.
            since: The revision after which events are wanted; None for those from now on.

        Raises:
            CompactedError: *since* is older than the history.
        """
        history = self._history(group, resource)
        return Watch(history, namespace, self._revision if since is None else since)

    def compact(self) -> None:
        """Forget the past: watches that have not read it yet, and those that ask for it, are told so."""
        self._oldest = self._revision
        for history in self._histories.values():
            history.compact(self._revision)

    def close(self) -> None:
        """Let go of the journal's files."""
        if self._journal is not None:
            self._journal.close()

    def _shelf(self, group: str, resource: str) -> _Shelf:
        return self._shelves.setdefault((group, resource), _Shelf())

    def _history(self, group: str, resource: str) -> History:
        known = self._histories.get((group, resource))
        if known is None:
            known = self._histories[group, resource] = History(self._history_size, self._oldest)
        return known
