"""What generated code calls: operators where types are not known beforehand, access that checks, absorption of errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from .conversions import FIRST_MOMENT, LAST_MOMENT, to_bytes, to_double, to_duration, to_timestamp
from .values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    CelError,
    Duration,
    Optional,
    Timestamp,
    UInt,
    checked_int,
    equal,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["HELPERS"]

_NO_OVERLOAD: Final = "no such overload"


# --- access


def field(obj: Any, name: str) -> Any:
    """Read a declared field; null counts as absent."""
    value = obj.get(name)
    if value is None:
        raise CelError(f"no such key: {name}")
    return value


def key(obj: Any, name: str) -> Any:
    """Read a key of a map, or of a value of unknown type."""
    if isinstance(obj, Optional):
        return optional_field(obj, name, None)
    if not isinstance(obj, dict) or name not in obj:
        raise CelError(f"no such key: {name}")
    return obj[name]


def has_key(obj: Any, name: str) -> bool:
    """Say whether a value of unknown type has a key."""
    if isinstance(obj, Optional):
        return bool(obj.values) and has_key(obj.values[0], name)
    if not isinstance(obj, dict):
        raise CelError(f"no such key: {name}")
    return obj.get(name) is not None


def index(container: Any, place: Any) -> Any:
    """Read an element of a list or an entry of a map."""
    if isinstance(container, Optional):
        return optional_index(container, place)
    if isinstance(container, list):
        return _element(container, place)
    if isinstance(container, dict):
        return _entry(container, place)
    raise CelError(_NO_OVERLOAD)


def _element(items: list[Any], place: Any) -> Any:
    if isinstance(place, bool) or not isinstance(place, int | float):
        raise CelError(f"unsupported index type '{type_name(place)}' in list")
    if place != int(place):
        raise CelError(f"unsupported index value {place} in list")
    if not 0 <= place < len(items):
        raise CelError(f"index out of bounds: {int(place)}")
    return items[int(place)]


def _entry(entries: dict[Any, Any], place: Any) -> Any:
    # Python takes true for 1 as a key; CEL does not.
    if isinstance(place, bool) or (isinstance(place, int | float) and any(isinstance(key, bool) for key in entries)):
        found = next((value for key, value in entries.items() if equal(key, place)), _MISSING)
    else:
        found = entries.get(place, _MISSING)
    if found is _MISSING:
        raise CelError(f"no such key: {str(place).lower() if isinstance(place, bool) else place}")
    return found


_MISSING: Final = object()


def optional_field(obj: Any, name: str, convert: Callable[[Any], Any] | None) -> Optional:
    """Read a field that may not be there."""
    if isinstance(obj, Optional):
        return optional_field(obj.values[0], name, convert) if obj.values else obj
    if not isinstance(obj, dict):
        raise CelError(f"no such key: {name}")
    value = obj.get(name)
    if value is None:
        return Optional()
    return Optional((value if convert is None else convert(value),))


def optional_index(container: Any, place: Any) -> Optional:
    """Read an element that may not be there."""
    if isinstance(container, Optional):
        return optional_index(container.values[0], place) if container.values else container
    try:
        return Optional((index(container, place),))
    except CelError:
        return Optional()


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
        return any(equal(value, each) for each in container)
    if isinstance(container, dict):
        return any(equal(value, each) for each in container)
    raise CelError(_NO_OVERLOAD)


def items_of(value: Any) -> Iterable[Any]:
    """Give what a comprehension over a value of unknown type goes through."""
    if isinstance(value, list | dict):
        return value
    raise CelError(f"got '{_go_type(value)}', expected iterable type")


def pairs_of(value: Any) -> Iterable[tuple[Any, Any]]:
    """As `items_of`, for two variables."""
    return enumerate(value) if isinstance(value, list) else items_of(value).items()  # type: ignore[attr-defined]


def _go_type(value: Any) -> str:
    return f"types.{type_name(value).rsplit('.', 1)[-1].title()}"


# --- logic


def to_bool(value: Any) -> bool:
    """Take a value of unknown type for a boolean."""
    if not isinstance(value, bool):
        raise CelError(_NO_OVERLOAD)
    return value


def logical_and(left: Callable[[], Any], right: Callable[[], Any]) -> bool:
    """False if either side is false, whatever the other does."""
    try:
        if not left():
            return False
    except CelError:
        if not right():
            return False
        raise
    return bool(right())


def logical_or(left: Callable[[], Any], right: Callable[[], Any]) -> bool:
    """True if either side is true, whatever the other does."""
    try:
        if left():
            return True
    except CelError:
        if right():
            return True
        raise
    return bool(right())


def all_of(items: Iterable[Any], predicate: Callable[[Any], Any]) -> bool:
    """False if any element fails, whatever the others do."""
    return all_of_pairs(((item,) for item in items), predicate)


def all_of_pairs(items: Iterable[tuple[Any, ...]], predicate: Callable[..., Any]) -> bool:
    """As `all_of`, for predicates of several variables."""
    error = None
    for item in items:
        try:
            if not predicate(*item):
                return False
        except CelError as found:
            error = found
    if error is not None:
        raise error
    return True


def exists_of(items: Iterable[Any], predicate: Callable[[Any], Any]) -> bool:
    """True if any element meets the predicate, whatever the others do."""
    return exists_of_pairs(((item,) for item in items), predicate)


def exists_of_pairs(items: Iterable[tuple[Any, ...]], predicate: Callable[..., Any]) -> bool:
    """As `exists_of`, for predicates of several variables."""
    return not all_of_pairs(items, lambda *item: not predicate(*item))


# --- comparison


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def compare(left: Any, right: Any, function: str) -> int:
    """Order two values; negative, zero or positive."""
    if _number(left) and _number(right):
        if math.isnan(left) or math.isnan(right):
            raise CelError("NaN values cannot be ordered")
    elif type(left) is not type(right) or not isinstance(left, bool | str | bytes | Timestamp | Duration):
        raise CelError(f"{_NO_OVERLOAD}: {function}")
    return int(left > right) - int(left < right)


def equal_set(left: list[Any], right: Any, _: tuple[str, ...]) -> bool:
    """Compare with a list of the type set on the left: order does not matter."""
    return isinstance(right, list) and len(left) == len(right) and all(contains_value(each, left) for each in right)


def equal_map(left: list[Any], right: Any, keys: tuple[str, ...]) -> bool:
    """Compare with a list of the type map on the left: items are told apart by their keys."""
    if not isinstance(right, list) or len(left) != len(right):
        return False
    known = {_key_of(each, keys): each for each in left}
    return all(_key_of(each, keys) in known and equal(known[_key_of(each, keys)], each) for each in right)


def union_set(left: list[Any], right: list[Any], _: tuple[str, ...]) -> list[Any]:
    """Add to a list of the type set what it does not have."""
    union = list(left)
    for each in right:
        if not contains_value(each, union):
            union.append(each)
    return union


def union_map(left: list[Any], right: list[Any], keys: tuple[str, ...]) -> list[Any]:
    """Add to a list of the type map: items of the same keys are replaced in place."""
    union = {_key_of(each, keys): each for each in left}
    return list((union | {_key_of(each, keys): each for each in right}).values())


def _key_of(item: Any, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(item.get(name) for name in keys)


# --- arithmetic


def add(left: Any, right: Any) -> Any:
    """Add values whose types are not known beforehand."""
    match left, right:
        case (Duration(), Duration()):
            return Duration(checked_int(left.nanoseconds + right.nanoseconds))
        case (Timestamp(), Duration()):
            return _moment(left.nanoseconds + right.nanoseconds, left.offset)
        case (Duration(), Timestamp()):
            return _moment(left.nanoseconds + right.nanoseconds, right.offset)
        case (str(), str()) | (bytes(), bytes()) | (list(), list()):
            joined: Any = left
            return joined + right
        case _:
            return _arithmetic(left, right, "_+_", lambda: left + right)


def _moment(nanoseconds: int, offset: int) -> Timestamp:
    if not FIRST_MOMENT <= nanoseconds <= LAST_MOMENT:
        raise CelError("timestamp overflow")
    return Timestamp(nanoseconds, offset)


def subtract(left: Any, right: Any) -> Any:
    """Subtract values whose types are not known beforehand."""
    match left, right:
        case (Duration(), Duration()) | (Timestamp(), Timestamp()):
            return Duration(checked_int(left.nanoseconds - right.nanoseconds))
        case (Timestamp(), Duration()):
            return _moment(left.nanoseconds - right.nanoseconds, left.offset)
        case _:
            return _arithmetic(left, right, "_-_", lambda: left - right)


def multiply(left: Any, right: Any) -> Any:
    """Multiply values whose types are not known beforehand."""
    return _arithmetic(left, right, "_*_", lambda: left * right)


def divide(left: Any, right: Any) -> Any:
    """Divide: integers truncate toward zero, doubles follow IEEE."""
    if isinstance(left, float) and isinstance(right, float):
        if right:
            return left / right
        if not left or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    if right == 0 and _number(left) and _number(right):
        raise CelError("division by zero")
    return _arithmetic(left, right, "_/_", lambda: _truncated(left, right))


def modulo(left: Any, right: Any) -> Any:
    """Give the rest of a division, with the sign of the dividend."""
    if isinstance(left, float) or isinstance(right, float):
        raise CelError(_NO_OVERLOAD)
    if right == 0 and _number(left) and _number(right):
        raise CelError("modulus by zero")
    if left == INT_MIN and right == -1:
        raise CelError("integer overflow")
    return _arithmetic(left, right, "_%_", lambda: left - right * _truncated(left, right))


def _truncated(left: Any, right: Any) -> Any:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def negate(value: Any) -> Any:
    """Change the sign."""
    if isinstance(value, float):
        return -value
    if _number(value) and not isinstance(value, UInt):
        return checked_int(-value)
    raise CelError(_NO_OVERLOAD)


def _arithmetic(left: Any, right: Any, _function: str, compute: Callable[[], Any]) -> Any:
    if not (_number(left) and _number(right)) or _kind(left) is not _kind(right):
        raise CelError(_NO_OVERLOAD)
    if isinstance(left, float):
        return compute()
    result = compute()
    if isinstance(left, UInt):
        if not 0 <= result <= UINT_MAX:
            raise CelError("unsigned integer overflow")
        return UInt(result)
    if not INT_MIN <= result <= INT_MAX:
        raise CelError("integer overflow")
    return int(result)


def _kind(value: Any) -> type:
    return float if isinstance(value, float) else UInt if isinstance(value, UInt) else int


# --- macros of several parts


def merged_entries(maps: list[Any]) -> dict[Any, Any]:
    """Put maps of one entry each into one; a key may come once."""
    merged: dict[Any, Any] = {}
    for each in maps:
        for name, value in each.items():
            if name in merged:
                raise CelError(f"insert failed: key {name} already exists")
            merged[name] = value
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


HELPERS: Final[dict[str, Any]] = {
    function.__name__: function
    for function in (
        add,
        all_of,
        all_of_pairs,
        checked_int,
        compare,
        contains_value,
        divide,
        equal,
        equal_map,
        equal_set,
        exists_of,
        exists_of_pairs,
        field,
        has_key,
        index,
        items_of,
        key,
        logical_and,
        logical_or,
        merged_entries,
        modulo,
        multiply,
        negate,
        opt_flat_map,
        opt_map,
        optional_entry,
        optional_field,
        optional_index,
        optional_values,
        pairs_of,
        sort_by,
        subtract,
        to_bool,
        to_bytes,
        to_double,
        to_duration,
        to_timestamp,
        union_map,
        union_set,
    )
}
