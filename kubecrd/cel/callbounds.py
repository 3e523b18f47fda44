"""What a call can cost, and how large its result can be, by the sizes that its arguments can have.

Source: cel-go `checker/cost.go`, `ext/lists.go`, `ext/sets.go`; Kubernetes `apiserver/pkg/cel/library/cost.go`. The estimate is
the server's own, oddities included: where it multiplies past 64 bits without looking, so does this.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, Final

from attrs import field, frozen

from .bounds import NOTHING, ONE, UNBOUNDED, UNKNOWN, Bounds, fixed
from .costs import AUTHORIZATION_COST, LIST_COST, MESSAGE_COST
from .syntax import Expression, Literal
from .typesystem import DYN, Type
from .values import UInt

__all__ = ["CallBounds", "Operand", "bounds_of_call"]

_CHARACTER: Final = 0.1
"""Price of going past one character."""

_PATTERN_CHARACTER: Final = 0.25
_LONGEST_PATTERN: Final = 128
"""Of those behind the named formats."""

_LONGEST_FORMAT: Final = 64
_ADDRESS: Final = Bounds(4, 16)
"""Bytes of an IP address."""


@frozen
class Operand:
    """The target of a call, or an argument.

    Attributes:
        node: What stands there.
        known: Its size, where anything is known of that.
        element: The size of its elements, for a list; a function, since few calls ask.
    """

    node: Expression
    known: Bounds | None
    element: Callable[[], Bounds] = field(repr=False)

    @property
    def size(self) -> Bounds:
        """Its size; anything where nothing is known."""
        return UNKNOWN if self.known is None else self.known

    @property
    def type(self) -> Type:
        """Its type."""
        return self.node.type or DYN


@frozen
class CallBounds:
    """What a call costs, without its arguments.

    Attributes:
        cost: Of the call.
        size: Of the result; None where nothing is known of it.
    """

    cost: Bounds
    size: Bounds | None = None


_UNIT: Final = CallBounds(ONE)


def bounds_of_call(function: str, overload: str, target: Operand | None, arguments: list[Operand]) -> CallBounds:
    """Give what a call can cost.

    Args:
        function: Its name.
        overload: The id of the overload.
        target: Of a method; None for a function.
        arguments: Without the target.
    """
    operands = arguments if target is None else [target, *arguments]
    formula = _BY_EXTENSION.get(overload) or _BY_FUNCTION.get(function) or _BY_OVERLOAD.get(overload)
    found = None if formula is None else formula(overload, operands)
    return found or _UNIT


# --- formulas; each takes the overload and the operands, the target first, and gives None where it does not apply


def _passed(_overload: str, operands: list[Operand]) -> CallBounds:
    """Go through the first operand once."""
    return CallBounds(operands[0].size.scaled(_CHARACTER))


def _kept(_overload: str, operands: list[Operand]) -> CallBounds:
    """As `_passed`; the result is as long."""
    size = operands[0].size
    return CallBounds(size.scaled(_CHARACTER), size)


def _passed_twice(_overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(operands[0].size.scaled(2 * _CHARACTER))


def _compared(_overload: str, operands: list[Operand]) -> CallBounds:
    smaller = min(operand.size.most for operand in operands)
    return CallBounds(Bounds(1 if smaller else 0, smaller).scaled(_CHARACTER))


_SCALAR_LIKE: Final = frozenset(
    [
        *("net.IP", "net.CIDR", "kubernetes.Quantity", "kubernetes.Semver"),
        *(f"kubernetes.authorization.{name}" for name in ("Authorizer", "PathCheck", "GroupCheck", "ResourceCheck")),
        "kubernetes.authorization.Decision",
    ]
)


def _equal(overload: str, operands: list[Operand]) -> CallBounds:
    left, right = operands
    if left.type == right.type:
        name = left.type.name
        if name in _SCALAR_LIKE:
            return _UNIT
        if name == "kubernetes.NamedFormat":
            return CallBounds(Bounds(1, _LONGEST_FORMAT).scaled(_CHARACTER))
        if name == "kubernetes.URL":
            # The server looks at the right side only.
            longest = 1 if right.known is None else right.known.most
            return CallBounds(Bounds(1, longest).scaled(_CHARACTER))
    return _compared(overload, operands)


def _concatenated(overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[0].size.plus(operands[1].size)
    return CallBounds(ONE if overload == "add_list" else size.scaled(_CHARACTER), size)


def _either(_overload: str, operands: list[Operand]) -> CallBounds:
    """Give the size of a conditional; it costs what its parts cost."""
    return CallBounds(NOTHING, operands[1].size.union(operands[2].size))


def _free(_overload: str, _operands: list[Operand]) -> CallBounds:
    return CallBounds(NOTHING)


def _to_bytes(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[0].size
    return CallBounds(size.scaled(_CHARACTER), Bounds(size.least, _wrapped(size.most * 4)))


def _to_text(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[0].size
    return CallBounds(size.scaled(_CHARACTER), Bounds(size.least // 4, size.most))


def _quoted(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[0].size
    return CallBounds(size.scaled(_CHARACTER), Bounds(_wrapped(size.least + 2), _wrapped(size.most * 2 + 2)))


def _wrapped(number: int) -> int:
    return number & UNBOUNDED


def _affix(_overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(operands[1].size.scaled(_CHARACTER))


def _contained(_overload: str, operands: list[Operand]) -> CallBounds:
    text, part = operands
    return CallBounds(text.size.scaled(_CHARACTER).times(part.size.scaled(_CHARACTER)))


def _in_list(_overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(operands[1].size.scaled(1))


def _matching(operands: list[Operand]) -> Bounds:
    text = operands[0].size.plus(ONE).scaled(_CHARACTER)
    return text.times(operands[1].size.scaled(_PATTERN_CHARACTER))


def _matched(_overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(_matching(operands))


def _found(_overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(_matching(operands), Bounds(0, operands[0].size.most))


def _traversed(_overload: str, operands: list[Operand]) -> CallBounds:
    """Go through a list once; also through a text, which is what ``indexOf`` may stand behind."""
    target = operands[0]
    if not target.type.parameters:
        return CallBounds(target.size.scaled(_CHARACTER))
    each = ONE
    if target.type.parameters[0].name in {"string", "bytes"}:
        each = each.plus(target.element().scaled(_CHARACTER))
    return CallBounds(target.size.times(each))


def _joined(_overload: str, operands: list[Operand]) -> CallBounds:
    target = operands[0]
    size = target.size.times(target.element()) if target.type.parameters else NOTHING
    if len(operands) > 1:
        gaps = Bounds(max(target.size.least - 1, 0), max(target.size.most - 1, 0))
        size = size.plus(operands[1].size.times(gaps))
    return CallBounds(size.scaled(_CHARACTER), size)


def _split(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[0].size
    most = size.most
    if len(operands) > 2:
        limit = _literal(operands[2])
        most = most if limit is None else _wrapped(limit)
    return CallBounds(size.scaled(2 * _CHARACTER), Bounds(0, most))


def _replaced(_overload: str, operands: list[Operand]) -> CallBounds:
    text, old, new = (operand.size for operand in operands[:3])
    count_least, kept_least = _replacements(text.least, old.most, changes=new.least < old.most)
    count_most, kept_most = _replacements(text.most, old.least, changes=old.least < new.most)
    size = Bounds(count_least, count_most).times(new).plus(Bounds(kept_least, kept_most))
    return CallBounds(text.scaled(2 * _CHARACTER), size)


def _replacements(text: int, old: int, *, changes: bool) -> tuple[int, int]:
    """Give how often a part of the length *old* is replaced in *text*, and how much of the text stays."""
    if old == 0:
        return min(text + 1, UNBOUNDED), text
    if not changes:
        return 0, text
    return _converted(ceil(float(text) / float(old))), 0


def _converted(number: int) -> int:
    """Convert as amd64 processors do, where what is too large becomes 2^63."""
    return number if number <= UNBOUNDED else 1 << 63


def _contains_ip(overload: str, operands: list[Operand]) -> CallBounds:
    cost = _ADDRESS.plus(_ADDRESS).scaled(_CHARACTER)
    if overload.endswith("_string"):
        cost = cost.plus(operands[1].size.scaled(_CHARACTER))
    return CallBounds(cost)


def _contains_cidr(overload: str, operands: list[Operand]) -> CallBounds:
    return CallBounds(_contains_ip(overload, operands).cost.plus(_ADDRESS.scaled(_CHARACTER)).plus(ONE))


def _ip(overload: str, operands: list[Operand]) -> CallBounds | None:
    return None if overload == "cidr_ip" else _passed(overload, operands)


def _validated(_overload: str, operands: list[Operand]) -> CallBounds:
    text = operands[1].size.scaled(_CHARACTER)
    return CallBounds(text.scaled(_LONGEST_PATTERN * _PATTERN_CHARACTER))


def _authorized(_overload: str, _operands: list[Operand]) -> CallBounds:
    return CallBounds(fixed(AUTHORIZATION_COST))


def _selector(_overload: str, operands: list[Operand]) -> CallBounds:
    """Parse a selector; each two characters can be a requirement, which is a message with a list in it."""
    size = operands[1].size
    requirements = size.scaled(0.5).scaled(LIST_COST + MESSAGE_COST)
    return CallBounds(fixed(LIST_COST).plus(size.scaled(_CHARACTER)).plus(requirements))


# --- lists and sets, of cel-go's extensions


def _allocated(size: Bounds, factor: float = 1) -> CallBounds:
    return CallBounds(size.scaled(factor).plus(fixed(1 + LIST_COST)), size)


def _sliced(_overload: str, operands: list[Operand]) -> CallBounds:
    target, start, end = operands
    return _allocated(fixed(_wrapped(_number(end, target.size.most) - _number(start, 0))))


def _ranged(_overload: str, operands: list[Operand]) -> CallBounds:
    return _allocated(fixed(_number(operands[0], UNBOUNDED)))


def _reversed(_overload: str, operands: list[Operand]) -> CallBounds:
    return _allocated(operands[0].size)


def _flattened(_overload: str, operands: list[Operand]) -> CallBounds:
    depth = _number(operands[1], UNBOUNDED) if len(operands) > 1 else 1
    return _allocated(operands[0].size, float(depth))


def _squared(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[-1].size
    return _allocated(size.times(size), 2.0)


def _squared_texts(_overload: str, operands: list[Operand]) -> CallBounds:
    size = operands[-1].size
    return _allocated(size.times(size), 2.0 + _CHARACTER)


def _literal(operand: Operand) -> int | None:
    """Give the int that stands there, if one does."""
    value: Any = operand.node.value if isinstance(operand.node, Literal) else None
    return value if isinstance(value, int) and not isinstance(value, bool | UInt) else None


def _number(operand: Operand, default: int) -> int:
    value = _literal(operand)
    return default if value is None else max(value, 0)


def _sets(factor: int) -> Callable[[str, list[Operand]], CallBounds]:
    def compared(_overload: str, operands: list[Operand]) -> CallBounds:
        return CallBounds(operands[0].size.times(operands[1].size).scaled(factor).plus(ONE))

    return compared


_SORTABLE: Final = {
    "bool": _squared,
    "bytes": _squared_texts,
    "double": _squared,
    "google.protobuf.Duration": _squared,
    "google.protobuf.Timestamp": _squared,
    "int": _squared,
    "string": _squared_texts,
    "uint": _squared,
}

_BY_EXTENSION: Final[dict[str, Callable[[str, list[Operand]], CallBounds | None]]] = {
    "list_slice": _sliced,
    "lists_range": _ranged,
    "list_reverse": _reversed,
    "list_flatten": _flattened,
    "list_flatten_int": _flattened,
    "list_distinct": _squared,
    **{f"list_{kind}_sort": formula for kind, formula in _SORTABLE.items()},
    **{f"list_{kind}_sortByAssociatedKeys": formula for kind, formula in _SORTABLE.items()},
    "list_sets_contains_list": _sets(1),
    "list_sets_intersects_list": _sets(1),
    "list_sets_equivalent_list": _sets(2),
}

_BY_FUNCTION: Final[dict[str, Callable[[str, list[Operand]], CallBounds | None]]] = {
    **dict.fromkeys(["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"], _traversed),
    **dict.fromkeys(["lowerAscii", "upperAscii", "substring", "trim", "url"], _kept),
    **dict.fromkeys(["cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"], _passed),
    "ip": _ip,
    "ip.isCanonical": _passed_twice,
    "replace": _replaced,
    "split": _split,
    "join": _joined,
    "find": _found,
    "findAll": _found,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "validate": _validated,
    "_==_": _equal,
    "check": _authorized,
    "fieldSelector": _selector,
    "labelSelector": _selector,
}

_BY_OVERLOAD: Final[dict[str, Callable[[str, list[Operand]], CallBounds | None]]] = {
    "string_format": _passed,
    "string_to_bytes": _to_bytes,
    "bytes_to_string": _to_text,
    "strings_quote": _quoted,
    "starts_with_string": _affix,
    "ends_with_string": _affix,
    "in_list": _in_list,
    "matches_string": _matched,
    "contains_string": _contained,
    "conditional": _either,
    "logical_and": _free,
    "logical_or": _free,
    **dict.fromkeys(["add_string", "add_bytes", "add_list"], _concatenated),
    **dict.fromkeys(
        [
            f"{order}_{kind}"
            for order in ("less", "less_equals", "greater", "greater_equals")
            for kind in ("string", "bytes")
        ],
        _compared,
    ),
    "not_equals": _compared,
}
