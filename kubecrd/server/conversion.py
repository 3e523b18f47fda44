"""Between the version an object is stored in and the version it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.schema.jsonvalues import copied
from kubecrd.schema.pruning import prune
from kubecrd.schema.strategy import CustomResourceStrategy

if TYPE_CHECKING:
    from .kinds import ServedKind

__all__ = ["converted", "storable"]


def converted(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    """Give a custom object in the version of *kind*.

    With the strategy None only the apiVersion changes; then what the version's schema has no place for is left out.
    Defaults of that version are not filled in: that happens to what clients send, and to what is read from storage
    in the storage version.
    """
    if obj.get("apiVersion") == kind.api_version:
        return obj
    renamed: dict[str, Any] = copied(obj)
    renamed["apiVersion"] = kind.api_version
    if isinstance(kind.strategy, CustomResourceStrategy):
        prune(renamed, kind.strategy.structural, is_root=True)
    return renamed


def storable(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    """Give an object as it is kept: in the storage version."""
    return {key: _whole_numbers(value) for key, value in converted(obj, kind.storage or kind).items()}


def _whole_numbers(value: Any) -> Any:
    """Copy a value, with floats without a fraction as integers, as JSON from Go has them."""
    match value:
        case dict():
            return {key: _whole_numbers(member) for key, member in value.items()}
        case list():
            return [_whole_numbers(item) for item in value]
        case float() if value.is_integer() and -(2**63) <= value < 2**63:
            return int(value)
        case _:
            return value
