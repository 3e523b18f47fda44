"""GET of a collection: selection, order, pages, and which state is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request, expired

from .answers import Document
from .continuation import INCONSISTENT, Continuation
from .history import CompactedError
from .options import check_list_options, list_options, parse_revision
from .selectors import Selection, selection_of

if TYPE_CHECKING:
    from .options import ListOptions
    from .registry import Registry, Snapshot
    from .request import Request
    from .routes import Route

__all__ = ["list_document", "list_objects", "list_page"]

_TOO_OLD: Final = "The resourceVersion for the provided list is too old."
_TOKEN_TOO_OLD: Final = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


async def list_objects(registry: Registry, request: Request, route: Route) -> Document:
    """Give the selected objects of a collection, or a page of them.

    Raises:
        StatusError: a parameter is malformed, or the state asked for is not there any more, or not yet.
    """
    options = list_options(request)
    selection = selection_of(route.kind, options, name=route.name)
    check_list_options(options, watch=False)
    selection.check()
    items, metadata = await list_page(registry, route, options, selection)
    return list_document(route, items, metadata)


def list_document(route: Route, items: list[dict[str, Any]], metadata: dict[str, Any]) -> Document:
    """Make the list of *items*; those of built-in kinds do not say what they are."""
    kind = route.kind
    if not kind.is_custom:
        items = [{key: value for key, value in item.items() if key not in {"apiVersion", "kind"}} for item in items]
    elif "continue" not in metadata:
        metadata = {"continue": "", **metadata}
    content = {"apiVersion": kind.api_version, "kind": kind.list_kind, "metadata": metadata, "items": items}
    return Document(content, kind=kind, is_list=True)


async def list_page(
    registry: Registry, route: Route, options: ListOptions, selection: Selection
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the objects of one page, and the metadata of the list.

    Raises:
        StatusError: as `list_objects`.
    """
    start, limit = "", options.limit
    if options.continue_:
        snapshot, start = await _continued(registry, route, options)
        if options.resource_version == "0":
            limit = 0
    else:
        snapshot = await _snapshot(registry, route, options)
        if options.resource_version == "0":
            # Such a list comes from the watch cache, which knows no pages.
            limit = 0
    return await _fill(registry, route, snapshot, start, limit, selection)


async def _fill(
    registry: Registry, route: Route, snapshot: Snapshot, start: str, limit: int, selection: Selection
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Take selected objects from *start* on until the page is full."""
    items: list[dict[str, Any]] = []
    metadata: dict[str, Any] = {"resourceVersion": str(snapshot.revision)}
    entries = [entry for entry in snapshot.entries if entry[0] >= start]
    if (name := selection.name) is not None and (route.namespace or not route.kind.namespaced):
        # Such a list is the reading of one key, so no page is ever cut.
        entries = [entry for entry in entries if entry[0] == name]
    await registry.prepare(route.kind, (stored for _, stored in entries))
    for index, (_, stored) in enumerate(entries):
        if limit and len(items) == limit:
            last = entries[index - 1][0]
            metadata["continue"] = Continuation(snapshot.revision, f"{last}\0").token()
            if selection.selects_all:
                metadata["remainingItemCount"] = len(entries) - index
            break
        obj = registry.served(route.kind, stored)
        if selection.matches(obj):
            items.append(obj)
    return items, metadata


async def _snapshot(registry: Registry, route: Route, options: ListOptions) -> Snapshot:
    """Choose the state that a first page shows, by resourceVersion, match and limit."""
    revision = parse_revision(options.resource_version, prefix="invalid resource version: ", code=400)
    await registry.reach(revision)
    exact = options.resource_version_match == "Exact" or (
        revision > 0 and options.limit > 0 and not options.resource_version_match
    )
    if not exact:
        return registry.snapshot(route.kind, route.namespace)
    try:
        return registry.snapshot(route.kind, route.namespace, at=revision)
    except CompactedError:
        raise StatusError.of(expired(_TOO_OLD)) from None


async def _continued(registry: Registry, route: Route, options: ListOptions) -> tuple[Snapshot, str]:
    """Find the state that a later page shows."""
    continuation = Continuation.of(options.continue_)
    if options.resource_version not in {"", "0"}:
        message = "specifying resource version is not allowed when using continue"
        raise StatusError.of(bad_request(message))
    if continuation.revision == INCONSISTENT:
        return registry.snapshot(route.kind, route.namespace), continuation.start
    await registry.reach(continuation.revision)
    try:
        snapshot = registry.snapshot(route.kind, route.namespace, at=continuation.revision)
    except CompactedError:
        fresh = Continuation(INCONSISTENT, continuation.start).token()
        raise StatusError.of(evolve(expired(_TOKEN_TOO_OLD), metadata={"continue": fresh})) from None
    return snapshot, continuation.start
