"""Who owns which field: where the field manager meets the kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import ServedKind

__all__ = ["record_update", "without_times"]


def record_update(
    kind: ServedKind, live: dict[str, Any] | None, new: dict[str, Any], *, manager: str, subresource: str, now: str
) -> dict[str, Any]:
    """Give *new* with the managedFields that a create, update or patch by *manager* leads to."""
    field_manager = kind.field_manager
    if field_manager is None:
        return new
    recorded: dict[str, Any] = field_manager.update(
        live, new, manager=manager, api_version=kind.api_version, subresource=subresource, now=now
    )
    return recorded


def without_times(obj: dict[str, Any]) -> dict[str, Any]:
    """Give *obj* without the times of its managedFields entries, which alone are no change."""
    entries = obj["metadata"].get("managedFields")
    if not entries:
        return obj
    timeless = [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": timeless}}
