"""Who owns the number of replicas: managedFields of an object as its Scale shows them, and back (`ScaleHandler`)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kubecrd.schema.structural import Structural

from .fieldmanager import FieldManager
from .fieldset import FIELD, FieldSet
from .managedfields import UPDATE, Holding, Managed, ManagedFieldsError, Owner
from .typeschema import TypeSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCALE", "SCALE_VERSION", "from_scale", "scale_manager", "to_scale"]

SCALE: Final = "scale"
SCALE_VERSION: Final = "autoscaling/v1"
_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"replicas": {"type": "integer"}}},
        "status": {
            "type": "object",
            "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}},
        },
    },
}


@cache
def scale_manager() -> FieldManager:
    """Give the field manager of Scale objects."""
    return FieldManager(TypeSchema.of_structural(Structural.of(_SCHEMA)), kind="Scale")


def _path(dotted: str) -> FieldSet:
    return FieldSet.of(tuple((FIELD, part) for part in dotted.split(".")))


_IN_SCALE: Final = _path("spec.replicas")


def _managed(entries: Any) -> Managed:
    try:
        return Managed.of_entries(entries)
    except ManagedFieldsError:
        return Managed()


def to_scale(entries: Any, paths: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the entries of a Scale: of those in the object's own that own the number of replicas.

    Args:
        entries: The object's managedFields.
        paths: Where the number stands, without the leading dot, by apiVersion; empty where a version has no scale.
    """
    scale = Managed()
    for owner, holding in _managed(entries).items():
        path = paths.get(holding.api_version)
        if path and holding.paths & _path(path):
            named = Owner(owner.manager, owner.operation, _version(owner), owner.subresource)
            scale[named] = Holding(_IN_SCALE, SCALE_VERSION, holding.time)
    return scale.to_entries()


def from_scale(entries: Any, scale_entries: Any, paths: Mapping[str, str], api_version: str) -> list[dict[str, Any]]:
    """Give an object's managedFields after those of its Scale have changed to *scale_entries*.

    Who owned the number and does not any more loses it. Owners in *scale_entries* get entries of their own; these
    have no time unless the owner had an entry of that name, which for updates is never so, since their names
    contain the version.
    """
    owned, scale = _managed(entries), _managed(scale_entries)
    merged = Managed()
    for owner, holding in owned.items():
        if holding.api_version not in paths:
            continue
        path = paths[holding.api_version]
        if not path or not holding.paths & _path(path):
            merged[owner] = holding
        elif owner in scale:
            merged[owner] = holding
            del scale[owner]
        else:
            merged[owner] = Holding(holding.paths - _path(path), holding.api_version, holding.time)
    listed = merged.to_entries()
    for owner, holding in scale.items():
        if holding.paths:
            time = owned[owner].time if owner in owned else None
            single = Managed({owner: Holding(_path(paths[api_version]), api_version, time)})
            listed += single.to_entries()
    return _in_order(listed)


def _version(owner: Owner) -> str:
    return SCALE_VERSION if owner.operation == UPDATE else ""


def _in_order(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort entries as the server does; here two of them may have the same owner."""
    return sorted(
        entries,
        key=lambda entry: (
            entry["operation"],
            entry.get("time") or "",
            entry["manager"],
            entry["apiVersion"],
            entry.get("subresource", ""),
        ),
    )
