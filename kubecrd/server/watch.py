"""GET of a collection with ``watch``: the present state if asked for, then every change of what is selected."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import anyio

from kubecrd.resource.status import expired

from .answers import Stream
from .history import ADDED, DELETED, MODIFIED, CompactedError, Event, Watch
from .options import check_list_options, list_options, parse_revision
from .selectors import selection_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .kinds import ServedKind
    from .options import ListOptions
    from .registry import Registry
    from .request import Request
    from .routes import Route
    from .selectors import Selection

__all__ = ["watch"]

_SHORTEST_SECONDS: Final = 1800
"""A watch without timeoutSeconds lasts this long, and up to twice as long (`--min-request-timeout`)."""
_BOOKMARK_SECONDS: Final = 60.0
_LOOK_UP_SECONDS: Final = 1.0
"""How often a watch looks whether its kind is still served, when nothing happens."""
_INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"


async def watch(registry: Registry, request: Request, route: Route) -> Stream:
    """Follow what is selected of a collection.

    Raises:
        StatusError: a parameter is malformed. That the past is forgotten is not one: the stream says so.
    """
    options = list_options(request)
    selection = selection_of(route.kind, options, name=route.name)
    check_list_options(options, watch=True)
    selection.check()
    revision = parse_revision(options.resource_version)
    if options.send_initial_events:
        await registry.reach(revision)
    follower = _Follower(registry, route, selection, options, revision)
    seconds = options.timeout_seconds or _SHORTEST_SECONDS * (1 + random.random())  # noqa: S311
    return Stream(follower.events(), route.kind, seconds)


class _Follower:
    """One watch on its way through the history."""

    def __init__(
        self, registry: Registry, route: Route, selection: Selection, options: ListOptions, revision: int
    ) -> None:
        self._registry = registry
        self._kind = route.kind
        self._namespace = route.namespace
        self._selection = selection
        self._options = options
        self._revision = revision

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Give the events until the kind is no longer served, or the history has gone on without us."""
        store, kind = self._registry.store, self._kind
        initial = self._options.send_initial_events
        wants_state = initial if initial is not None else self._revision == 0
        # Between the snapshot and the watch nothing awaits, so no change is lost or told twice.
        snapshot = self._registry.snapshot(kind, self._namespace) if wants_state else None
        since = snapshot.revision if snapshot is not None else self._revision or store.revision
        try:
            following = store.watch(kind.stored_group, kind.plural, self._namespace or None, since=since)
        except CompactedError as error:
            yield _too_old(self._revision, error.oldest)
            return
        entries = snapshot.entries if snapshot is not None else []
        await self._registry.prepare(kind, (stored for _, stored in entries))
        for _, stored in entries:
            obj = self._registry.served(kind, stored)
            if self._selection.matches(obj):
                yield {"type": ADDED, "object": obj}
        if initial and self._options.bookmarks:
            yield self._bookmark(since, annotations={_INITIAL_EVENTS_END: "true"})
        try:
            async for event in self._changes(following):
                yield event
        except CompactedError as error:
            yield _too_old(error.revision, error.oldest)

    async def _changes(self, following: Watch) -> AsyncIterator[dict[str, Any]]:
        quiet = 0.0
        while True:
            event = following.poll()
            if event is None:
                if not _is_served(self._registry, self._kind):
                    return
                with anyio.move_on_after(_LOOK_UP_SECONDS):
                    event = await anext(following)
            if event is not None:
                if event.revision > self._revision and (document := await self._document(event)) is not None:
                    yield document
                continue
            quiet += _LOOK_UP_SECONDS
            if self._options.bookmarks and quiet >= _BOOKMARK_SECONDS:
                quiet = 0.0
                yield self._bookmark(self._registry.store.revision)

    async def _document(self, event: Event) -> dict[str, Any] | None:
        """Say what a write means to this selection: an object may come into it, or leave it; None for neither."""
        if event.previous is not None:
            await self._registry.prepare(self._kind, [event.previous])
        before = None if event.previous is None else self._registry.served(self._kind, event.previous)
        await self._registry.prepare(self._kind, [event.object])
        obj = self._registry.served(self._kind, event.object)
        was = before is not None and self._selection.matches(before)
        if event.type == DELETED:
            return {"type": DELETED, "object": obj} if was else None
        is_now = self._selection.matches(obj)
        if is_now:
            return {"type": MODIFIED if was else ADDED, "object": obj}
        if not was:
            return None
        assert before is not None
        # It has left the selection: the client sees what it knew, at the revision of the change.
        metadata = {**before["metadata"], "resourceVersion": str(event.revision)}
        return {"type": DELETED, "object": {**before, "metadata": metadata}}

    def _bookmark(self, revision: int, annotations: dict[str, str] | None = None) -> dict[str, Any]:
        metadata: dict[str, Any] = {"resourceVersion": str(revision)}
        if annotations:
            metadata["annotations"] = annotations
        obj = {"apiVersion": self._kind.api_version, "kind": self._kind.kind, "metadata": metadata}
        return {"type": "BOOKMARK", "object": obj}


def _is_served(registry: Registry, kind: ServedKind) -> bool:
    return not kind.is_custom or registry.kinds.find(kind.group, kind.version, kind.plural) is not None


def _too_old(revision: int, oldest: int) -> dict[str, Any]:
    status = expired(f"too old resource version: {revision} ({oldest})")
    return {"type": "ERROR", "object": status.to_dict()}
