"""What generated code calls: operators where types are not known beforehand, access that checks, absorption of errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from .arithmetic import add, compare, divide, modulo, multiply, negate, subtract
from .concatenation import add_unreadable
from .conversions import format_double, to_bytes, to_double, to_duration, to_timestamp
from .mapkeys import is_apart, map_of_entries
from .values import (
    CelError,
    Duration,
    Optional,
    checked_int,
    equal,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


__all__ = [
    "BINARY",
    "HELPERS",
    "MISSING",
    "UNARY",
    "contains_value",
    "find",
    "insert_entries",
    "insert_entry",
    "missing",
    "range_fault",
    "show",
    "sort_by_keys",
]

_NO_OVERLOAD: Final = "no such overload"


# --- access


def field(obj: Any, name: str) -> Any:
    """Read a declared field; null counts as absent."""
    value = obj.get(name)
    if value is None:
        raise CelError(f"no such key: {name}")
    return value


def key(obj: Any, name: str) -> Any:
    """Read a key of a map, or of a value of unknown type; what an optional gives, only the reference knows."""
    if not isinstance(obj, dict) or name not in obj:
        raise CelError(f"no such key: {name}")
    return obj[name]


def has_key(obj: Any, name: str) -> bool:
    """Say whether a value of unknown type has a key; null is a value there."""
    if not isinstance(obj, dict):
        raise CelError(f"no such key: {name}")
    return name in obj


def index(container: Any, place: Any) -> Any:
    """Read an element of a list or an entry of a map."""
    found = find(container, place)
    if found is MISSING:
        raise CelError(missing(container, place))
    return found


def find(container: Any, place: Any) -> Any:
    """As `index`, but give `MISSING` where there is nothing; what is no container has nothing.

    Raises:
        CelError: *place* can be no index of a list.
    """
    if isinstance(container, list):
        return _element(container, place)
    return _entry(container, place) if isinstance(container, dict) else MISSING


def missing(container: Any, place: Any) -> str:
    """Say that there is nothing at *place*."""
    if isinstance(container, list):
        return f"index out of bounds: {int(place)}"
    return f"no such key: {show(place)}"


def show(value: Any) -> str:
    """Write a scalar as Go prints it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return format_double(value)
        case Duration():
            return f"{value.nanoseconds}"
        case _:
            return str(value)


def _element(items: list[Any], place: Any) -> Any:
    if isinstance(place, list | dict | bytes) or not isinstance(place, bool | int | float | str):
        raise CelError(f"invalid qualifier type: {go_type(place)}")
    if isinstance(place, bool | str):
        raise CelError(f"unsupported index type '{type_name(place)}' in list")
    if not math.isfinite(place) or place != int(place):
        raise CelError(f"unsupported index value {show(place)} in list")
    return items[int(place)] if 0 <= place < len(items) else MISSING


def _entry(entries: dict[Any, Any], place: Any) -> Any:
    # Python takes true for 1 as a key; CEL does not.
    if isinstance(place, bool) or (isinstance(place, int | float) and any(map(_is_unlike, entries))):
        return next((value for key, value in entries.items() if equal(key, place)), MISSING)
    if not isinstance(place, int | float | str):
        raise CelError(f"invalid qualifier type: {go_type(place)}")
    return entries.get(place, MISSING)


def _is_unlike(key: Any) -> bool:
    return isinstance(key, bool) or is_apart(key)


MISSING: Final = object()
"""What stands for nothing found, where null is a value."""


def optional_field(obj: Any, name: str, convert: Callable[[Any], Any] | None) -> Optional:
    """Read a declared field that may not be there, of an object or of an optional one; null counts as absent."""
    if isinstance(obj, Optional):
        return optional_field(obj.values[0], name, convert) if obj.values else obj
    value = _container(obj).get(name)
    if value is None:
        return Optional()
    return Optional((value if convert is None else convert(value),))


def optional_step(value: Optional, place: Any) -> Optional:
    """As `optional_index`, of a container that may not be there."""
    return optional_index(value.values[0], place) if value.values else value


def optional_index(container: Any, place: Any) -> Optional:
    """Read an element or an entry that may not be there; null is a value."""
    found = find(_container(container), place)
    if isinstance(found, Optional):
        raise CelError(_NO_OVERLOAD)  # what becomes of an optional in another, only the reference knows
    return Optional() if found is MISSING else Optional((found,))


def _container(value: Any) -> Any:
    """Give *value*, unless it is no list and no map: what then happens, only the reference knows."""
    if isinstance(value, list | dict):
        return value
    raise CelError(_NO_OVERLOAD)


def optional_values(value: Any) -> tuple[Any, ...]:
    """Give what is in an optional."""
    if not isinstance(value, Optional):
        raise CelError(_NO_OVERLOAD)
    return value.values


def optional_entry(name: Any, value: Any) -> dict[Any, Any]:
    """Give the entry of a map literal whose value may not be there."""
    values = optional_values(value)
    return {name: values[0]} if values else {}


def contains_value(value: Any, container: Any) -> bool:
    """Say whether a list has an element, or a map a key."""
    if isinstance(container, list):
        return any(equal(value, each) for each in container) or _has_unreadable(container)
    if isinstance(container, dict):
        return any(equal(value, each) for each in container)
    raise CelError(_NO_OVERLOAD)


def _has_unreadable(items: list[Any]) -> bool:
    """Say no, unless one of *items* cannot be read, so that nobody knows."""
    fault = next((each for each in items if isinstance(each, CelError)), None)
    if fault is not None:
        raise fault
    return False


def items_of(value: Any) -> Iterable[Any]:
    """Give what a comprehension over a value of unknown type goes through."""
    if isinstance(value, list | dict):
        return value
    raise CelError(range_fault(value, two=False))


def pairs_of(value: Any) -> Iterable[tuple[Any, Any]]:
    """As `items_of`, for two variables."""
    if isinstance(value, list):
        return enumerate(value)
    if isinstance(value, dict):
        return value.items()
    raise CelError(range_fault(value, two=True))


def range_fault(value: Any, *, two: bool) -> str:
    """Say that a value has no elements, with the name of the type in Go."""
    kind = go_type(value)
    if two:
        return f"unsupported comprehension range type: {kind}"
    return f"got '{kind}', expected iterable type"


def go_type(value: Any) -> str:
    """Give the name of the type of *value* in Go."""
    name = type_name(value)
    return _GO_TYPES.get(name) or f"types.{name.removesuffix('_type').rsplit('.', 1)[-1].title()}"


_GO_TYPES: Final = {
    "kubernetes.Quantity": "cel.Quantity",
    "kubernetes.Semver": "cel.Semver",
    "kubernetes.URL": "cel.URL",
    "list": "*types.baseList",
    "map": "*types.baseMap",
    "net.CIDR": "cel.CIDR",
    "net.IP": "cel.IP",
    "optional_type": "*types.Optional",
    "type": "*types.Type",
}


# --- logic


def to_bool(value: Any) -> bool:
    """Take a value of unknown type for a boolean."""
    if not isinstance(value, bool):
        raise CelError(_NO_OVERLOAD)
    return value


# --- macros of several parts


def merged_entries(maps: list[Any]) -> dict[Any, Any]:
    """Put maps of one entry each into one; a key may come once."""
    merged: dict[Any, Any] = {}
    for each in maps:
        insert_entries(merged, each)
    return merged


def sort_by(items: list[Any], key_of: Callable[[Any], Any]) -> list[Any]:
    """Sort by what *key_of* gives for each element; equal ones keep their order."""
    from functools import cmp_to_key

    keyed: list[tuple[Any, Any]] = [(key_of(item), item) for item in items]
    keyed.sort(key=cmp_to_key(_by_key))
    return [item for _, item in keyed]


def _by_key(left: tuple[Any, Any], right: tuple[Any, Any]) -> int:
    return compare(left[0], right[0], "_<_")


def opt_map(value: Any, change: Callable[[Any], Any]) -> Optional:
    """Change what is in an optional."""
    return Optional(tuple(change(each) for each in optional_values(value)))


def opt_flat_map(value: Any, change: Callable[[Any], Any]) -> Optional:
    """Change what is in an optional into another optional."""
    values = optional_values(value)
    changed: Optional = change(values[0]) if values else Optional()
    return changed


def insert_entry(entries: dict[Any, Any], name: Any, value: Any) -> dict[Any, Any]:
    """Add to the map that a loop itself has made; a key may come once."""
    if name in entries:
        raise CelError(f"insert failed: key {show(name)} already exists")
    entries[name] = value
    return entries


def insert_entries(entries: dict[Any, Any], more: Any) -> dict[Any, Any]:
    """As `insert_entry`, for a map of entries."""
    if not isinstance(more, dict):
        raise CelError(_NO_OVERLOAD)
    for name, value in more.items():
        insert_entry(entries, name, value)
    return entries


def sort_by_keys(items: list[Any], keys: list[Any]) -> list[Any]:
    """Sort *items* by the keys that stand at the same places."""
    pairs = iter(keys)
    return sort_by(items, lambda _: next(pairs))


# --- tables


def _negation(value: Any) -> bool:
    return not to_bool(value)


def _ordering(function: str, holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: holds(compare(left, right, function))


UNARY: Final[dict[str, Callable[..., Any]]] = {"!_": _negation, "-_": negate, "dyn": lambda value: value}

BINARY: Final[dict[str, Callable[..., Any]]] = {
    "@in": contains_value,
    "_in_": contains_value,
    "in": contains_value,
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
    "_<_": _ordering("_<_", lambda order: order < 0),
    "_<=_": _ordering("_<=_", lambda order: order <= 0),
    "_>_": _ordering("_>_", lambda order: order > 0),
    "_>=_": _ordering("_>=_", lambda order: order >= 0),
}


HELPERS: Final[dict[str, Any]] = {
    function.__name__: function
    for function in (
        add,
        add_unreadable,
        checked_int,
        compare,
        contains_value,
        divide,
        equal,
        field,
        has_key,
        index,
        items_of,
        key,
        map_of_entries,
        merged_entries,
        modulo,
        multiply,
        negate,
        opt_flat_map,
        opt_map,
        optional_entry,
        optional_field,
        optional_index,
        optional_step,
        optional_values,
        pairs_of,
        sort_by,
        subtract,
        to_bool,
        to_bytes,
        to_double,
        to_duration,
        to_timestamp,
    )
}
