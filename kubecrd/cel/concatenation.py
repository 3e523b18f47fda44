"""What ``+`` makes of lists, where the left one is of a schema: a set, a list of keys, or items that its schema reads again.

The server keeps the JSON of such a list, and puts Go's own values behind it when it adds. Among a set these are told apart by
their type in Go too; and an item is only read, by the schema of the left list, when something looks at it. What Go has for a
list literal or for a time is no JSON, and cannot be read.

Source: kube-apiserver `apiserver/pkg/cel/common/values.go`, with the quirks of 1.36.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .conversions import NumberSet
from .equality import RawList, go_key, go_keys
from .values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .typesystem import Type

__all__ = ["add_unreadable", "concatenation_of", "is_reread"]

_NO_JSON: Final = {
    "bytes": "invalid data, expected string, got []uint8",
    "google.protobuf.Duration": "invalid data, expected string, got time.Duration",
    "google.protobuf.Timestamp": "invalid data, expected string, got time.Time",
}
_NO_SCHEMA: Final = {
    "list": "invalid data, expected an array for the provided schema with type=array",
    "map": "invalid data, expected a map for the provided schema with type=object",
}
"""What is said of items of these types: always, or where the expression has made them itself."""


def concatenation_of(left: Type, right: Type) -> Callable[[Any, Any], list[Any]] | None:
    """Give what adds a list to one of a schema; None where the two are simply put together.

    Args:
        left: The type of the list that is added to.
        right: The type of the list that is added.
    """
    if left.name != "list" or right.name != "list":
        return None
    fault = _fault_of(left, right)
    if left.list_type not in {"set", "map"} and fault is None:
        return None

    def concatenated(mine: list[Any], theirs: list[Any]) -> list[Any]:
        if isinstance(mine, RawList):
            return mine + theirs
        if left.list_type == "set":
            return _union_of_sets(mine, theirs, fault)
        if left.list_type == "map":
            return _union_of_maps(mine, theirs, left.list_map_keys)
        return [*mine, *([CelError(fault)] * len(theirs))]

    return concatenated


def is_reread(left: Type, right: Type) -> bool:
    """Say whether items that are added to a list of a schema cannot be read there: only the reference knows such items."""
    return left.name == right.name == "list" and _fault_of(left, right) is not None


def add_unreadable(left: list[Any], right: list[Any]) -> list[Any]:
    """Add items that cannot be read in the list they are added to: what then happens, only the reference knows."""
    if right:
        raise CelError("no such overload")
    return left


def _fault_of(left: Type, right: Type) -> str | None:
    if not left.is_declared:
        return None
    kind, added = left.parameters[0], right.parameters[0]
    is_known = added.is_declared or added.is_dyn or added.name != kind.name
    return _NO_JSON.get(kind.name) or (None if is_known else _NO_SCHEMA.get(kind.name))


def _union_of_sets(left: list[Any], right: list[Any], fault: str | None) -> list[Any]:
    # Times are among texts here, and equal to none of them.
    known = set() if fault else go_keys(left)
    added: list[Any] = []
    for each, key in zip(right, map(go_key, right), strict=True):
        if key not in known:
            known.add(key)
            added.append(each if fault is None else CelError(fault))
    return NumberSet([*left, *added], known) if isinstance(left, NumberSet) else [*left, *added]


def _union_of_maps(left: list[Any], right: list[Any], keys: tuple[str, ...]) -> list[Any]:
    """Add to a list of the type map: items of the same keys are replaced in place."""
    union = list(left)
    places = {_key_of(each, keys): place for place, each in enumerate(left)}
    for each in right:
        place = places.get(_key_of(each, keys))
        if place is None:
            union.append(each)
        else:
            union[place] = each
    return union


def _key_of(item: Any, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(item.get(name) for name in keys)
