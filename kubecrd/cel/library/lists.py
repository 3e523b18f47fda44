"""The functions of lists and sets."""

from __future__ import annotations

import itertools
from functools import cmp_to_key, reduce
from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.arithmetic import add, compare
from kubecrd.cel.operators import contains_value
from kubecrd.cel.values import CelError, Duration, UInt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "ZEROS", "total_of"]


def is_sorted(items: list[Any]) -> bool:
    """Say whether no element is less than the one before; what cannot be ordered is no reason."""
    return not any(_order(left, right) > 0 for left, right in itertools.pairwise(items))


def _order(left: Any, right: Any) -> int:
    try:
        return compare(left, right, "_<_")
    except CelError:
        return 0


def total(items: list[Any]) -> Any:
    """Add the elements; zero when there are none."""
    return reduce(add, items) if items else 0


def total_of(zero: Any) -> Callable[[list[Any]], Any]:
    """Give what adds elements of a type whose zero is known."""
    return lambda items: reduce(add, items) if items else zero


ZEROS: Final = {"double": 0.0, "uint": UInt(0), "google.protobuf.Duration": Duration(0)}
"""What nothing adds up to, by type; of all others it is the int."""


def _extreme(items: list[Any], name: str, sign: int) -> Any:
    if not items:
        raise CelError(f"{name} called on empty list")
    return reduce(lambda best, item: item if sign * _order(item, best) > 0 else best, items)


def cut(items: list[Any], start: int, end: int) -> list[Any]:
    """Give the elements from *start* to before *end*."""
    if start < 0 or end < 0:
        raise CelError(f"cannot slice({start}, {end}), negative indexes not supported")
    if start > end:
        raise CelError(f"cannot slice({start}, {end}), start index must be less than or equal to end index")
    if end > len(items):
        raise CelError(f"cannot slice({start}, {end}), list is length {len(items)}")
    return items[start:end]


def flatten(items: list[Any], depth: int = 1) -> list[Any]:
    """Put the elements of lists in lists in their place, *depth* levels deep."""
    if depth < 0:
        raise CelError("level must be non-negative")
    flat: list[Any] = []
    for item in items:
        flat += flatten(item, depth - 1) if isinstance(item, list) and depth > 0 else [item]
    return flat


def distinct(items: list[Any]) -> list[Any]:
    """Give each element once, where it stands first."""
    once: list[Any] = []
    for item in items:
        if not contains_value(item, once):
            once.append(item)
    return once


def sort(items: list[Any]) -> list[Any]:
    """Sort; all elements are of one type."""
    if len({type(item) for item in items}) > 1:
        raise CelError("list elements must have the same type")
    return sorted(items, key=cmp_to_key(lambda left, right: compare(left, right, "_<_")))


def sets_contains(items: list[Any], others: list[Any]) -> bool:
    """Say whether *items* has all of *others*."""
    return all(contains_value(other, items) for other in others)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "distinct": distinct,
    "flatten": flatten,
    "isSorted": is_sorted,
    "lists.range": lambda count: list(range(count)),
    "max": lambda items: _extreme(items, "max", 1),
    "min": lambda items: _extreme(items, "min", -1),
    "reverse": lambda items: items[::-1],
    "sets.contains": sets_contains,
    "sets.equivalent": lambda items, others: sets_contains(items, others) and sets_contains(others, items),
    "sets.intersects": lambda items, others: any(contains_value(other, items) for other in others),
    "slice": cut,
    "sort": sort,
    "sum": total,
}
