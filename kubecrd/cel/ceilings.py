"""The most that an evaluation can cost, where that can be told beforehand: then nothing need be counted.

It is never less than what an evaluation pays. The API server's estimate is for another purpose, and can be: it takes numbers
for free to compare, and named formats for cheap. Where nothing certain can be said there is no ceiling, and costs are
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from .costs import LIST_COST, MAP_COST, formula_of, size_of, tenths
from .interpreter import UNKNOWN
from .planner import constant_of, is_attribute
from .syntax import Call, CreateList, CreateMap, Expression, Ident, Macro, Select
from .typesystem import DYN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ceiling_of"]


def ceiling_of(tree: Expression, bounded: frozenset[str] = frozenset()) -> int | None:
    """Give the most that an evaluation can cost; None where that cannot be told.

    Args:
        tree: Checked.
        bounded: The variables whose values are known to be no longer than their types say.
    """
    try:
        return _Ceilings(bounded).of(tree).cost
    except (_NoCeilingError, RecursionError):
        return None


class _NoCeilingError(Exception):
    """Something may be of any size."""


@frozen
class _Most:
    """The most that something costs, and how long its value can be; None where it can be of any size."""

    cost: int
    size: int | None = None


_SCALARS: Final = frozenset(
    [
        *("bool", "int", "uint", "double", "null_type", "type"),
        *("google.protobuf.Timestamp", "google.protobuf.Duration"),
        *("kubernetes.Quantity", "kubernetes.Semver", "kubernetes.URL"),
    ]
)
_ADDRESSES: Final = frozenset({"net.IP", "net.CIDR"})
_LONGEST_ADDRESS: Final = 16


class _Ceilings:
    def __init__(self, bounded: frozenset[str]) -> None:
        self._bounded = set(bounded)

    def of(self, node: Expression) -> _Most:
        constant = constant_of(node)
        if constant is not UNKNOWN:
            return _Most(0, size_of(constant))
        match node:
            case Ident():
                return _Most(1, self._size(node))
            case Select():
                return _Most(self._stepped(node.operand) + 1, 1 if node.test else self._size(node))
            case Call():
                return self._call(node)
            case CreateList():
                return _Most(LIST_COST + self._sum(node), len(node.elements))
            case CreateMap():
                return _Most(MAP_COST + self._sum(node), len(node.entries))
            case Macro():
                return self._macro(node)
            case _:
                raise _NoCeilingError

    def _stepped(self, node: Expression) -> int:
        """Give the cost of what is stepped into: what is no attribute becomes one, which is paid for besides."""
        return self.of(node).cost + (not is_attribute(node))

    def _sum(self, node: Expression) -> int:
        return sum(self.of(child).cost for child in node.children())

    # --- sizes

    def _size(self, node: Expression) -> int | None:
        kind = node.type or DYN
        if kind.name in _SCALARS:
            return 1
        if kind.name in _ADDRESSES:
            return _LONGEST_ADDRESS
        # What is null, or could not be read, counts as one.
        return max(kind.longest, 1) if kind.longest is not None and self._is_bounded(node) else None

    def _is_bounded(self, node: Expression) -> bool:
        """Say whether *node* is a part of a variable whose values are no longer than their types say."""
        match node:
            case Ident():
                return node.name.removeprefix(".") in self._bounded
            case Select():
                return not node.optional and self._is_bounded(node.operand)
            case Call(function="_[_]"):
                return (node.arguments[0].type or DYN).name in {"list", "map"} and self._is_bounded(node.arguments[0])
            case Macro(name="filter"):
                return (node.range.type or DYN).name == "list" and self._is_bounded(node.range)
            case _:
                return False

    # --- calls

    def _call(self, node: Call) -> _Most:
        parts = [self.of(child) for child in node.children()]
        paid = sum(part.cost for part in parts)
        if node.function in _STEPS:
            return _Most(paid + self._stepped(node.arguments[0]) - parts[0].cost + 1, self._size(node))
        name = node.function.removeprefix(".")
        overload = node.overloads[0] if len(node.overloads) == 1 else ""
        if name in _FREE:
            return _Most(paid, self._chosen(node, parts))
        if formula_of(name, overload) is None:
            size = _joined(parts) if overload == "add_list" else self._size(node)
            return _Most(paid + 1, size)
        price = _PRICES.get(overload) or _PRICES.get(name)
        if price is None:
            raise _NoCeilingError
        size = _SIZES[overload or name](parts) if (overload or name) in _SIZES else self._size(node)
        return _Most(paid + price(parts), size)

    def _chosen(self, node: Call, parts: list[_Most]) -> int | None:
        if node.function != "_?_:_":
            return self._size(node)
        sizes = [part.size for part in parts[1:]]
        return None if None in sizes else max(size or 0 for size in sizes)

    # --- comprehensions

    def _macro(self, node: Macro) -> _Most:
        price = _LOOPS.get(node.name)
        ranged = self.of(node.range)
        if price is None or ranged.size is None:
            raise _NoCeilingError
        each, result = price
        hidden = set(self._bounded)
        self._bounded -= set(node.variables)
        if self._elements_are_bounded(node, hidden):
            self._bounded.add(node.variables[-1])
        each += sum(self.of(part).cost for part in (node.condition, node.result) if part is not None)
        self._bounded = hidden
        size = ranged.size if node.name in _GATHERING else 1
        return _Most(ranged.cost + ranged.size * each + result, size)

    def _elements_are_bounded(self, node: Macro, bounded: set[str]) -> bool:
        """Say whether the last variable is an element of a bounded list, or a value of a bounded map, whose keys are not."""
        is_key = (node.range.type or DYN).name == "map" and len(node.variables) == 1
        return not is_key and _Ceilings(frozenset(bounded))._is_bounded(node.range)  # noqa: SLF001 - of the same class


_STEPS: Final = frozenset({"_[_]", "_[?_]", "_?._"})
_FREE: Final = frozenset({"_&&_", "_||_", "_?_:_", "or", "orValue"})

_GATHERING: Final = frozenset({"filter", "map", "transformList"})
_LOOPS: Final = {
    "all": (3, 1),
    "exists": (4, 1),
    "exists_one": (2, 2),
    "existsOne": (2, 2),
    "filter": (LIST_COST + 3, 1),
    "map": (LIST_COST + 2, 1),
    "transformList": (LIST_COST + 2, 1),
}
"""What a loop costs for each element besides its parts, and what its result costs, as `planner.py` has it."""


def _known(part: _Most) -> int:
    if part.size is None:
        raise _NoCeilingError
    return part.size


def _joined(parts: list[_Most]) -> int | None:
    sizes = [part.size for part in parts]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _smaller(parts: list[_Most]) -> int:
    known = [part.size for part in parts if part.size is not None]
    if not known:
        raise _NoCeilingError
    return max(tenths(min(known)), 1)


def _passed(parts: list[_Most]) -> int:
    return tenths(_known(parts[0]))


def _first(parts: list[_Most]) -> int | None:
    return parts[0].size


_PRICES: Final[dict[str, Callable[[list[_Most]], int]]] = {
    **dict.fromkeys(["equals", "not_equals"], _smaller),
    **dict.fromkeys(
        [f"{order}_string" for order in ("less", "less_equals", "greater", "greater_equals")],
        _smaller,
    ),
    **dict.fromkeys(["starts_with_string", "ends_with_string", "string_to_bytes", "bytes_to_string"], _passed),
    **dict.fromkeys(["lowerAscii", "upperAscii", "substring", "trim"], _passed),
    **dict.fromkeys(["url", "ip", "isIP", "cidr", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"], _passed),
    "add_string": lambda parts: tenths(_known(parts[0]) + _known(parts[1])),
    "contains_string": lambda parts: tenths(_known(parts[0])) * tenths(_known(parts[1])),
    "in_list": lambda parts: _known(parts[1]),
    "matches_string": lambda parts: tenths(_known(parts[0]) + 1) * -(-_known(parts[1]) // 4),
}
"""Prices by overload or name, as `costs.py` has them."""

_SIZES: Final[dict[str, Callable[[list[_Most]], int | None]]] = {
    "add_string": _joined,
    **dict.fromkeys(["lowerAscii", "upperAscii", "substring", "trim"], _first),
}
