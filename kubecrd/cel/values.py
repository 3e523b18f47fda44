"""The values of CEL in Python: mostly Python's own, with what Python does not tell apart or do alike."""

from __future__ import annotations

from functools import total_ordering
from typing import Any, Final, NoReturn

from attrs import frozen

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "UINT_MAX",
    "CelError",
    "CostLimitError",
    "Duration",
    "Optional",
    "Timestamp",
    "TypeValue",
    "UInt",
    "checked_int",
    "equal",
    "fail",
    "type_name",
]

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1


class CelError(Exception):
    """The evaluation failed; ``&&``, ``||`` and some macros absorb it."""


class CostLimitError(Exception):
    """The evaluation cost more than it may; nothing absorbs this.

    Attributes:
        cost: What had been paid when it was stopped.
    """

    def __init__(self, cost: int) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")
        self.cost = cost


def fail(message: str) -> NoReturn:
    """Raise the evaluation error *message*, where only an expression may stand."""
    raise CelError(message)


class UInt(int):
    """An unsigned integer; ``int`` itself stands for CEL's int."""

    __slots__ = ()


@total_ordering
@frozen
class Duration:
    """A span of time, as Go has it.

    Attributes:
        nanoseconds: Signed, 64 bits.
    """

    nanoseconds: int

    def __lt__(self, other: Duration) -> bool:
        return self.nanoseconds < other.nanoseconds


@total_ordering
@frozen
class Timestamp:
    """A point in time, years 1 to 9999, with nanoseconds.

    Attributes:
        nanoseconds: Since 1970, signed.
        offset: Seconds east of UTC that it was written with; no part of what it equals.
    """

    nanoseconds: int
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanoseconds == other.nanoseconds

    def __hash__(self) -> int:
        return hash(self.nanoseconds)

    def __lt__(self, other: Timestamp) -> bool:
        return self.nanoseconds < other.nanoseconds


@frozen
class Optional:
    """A value that may not be there.

    Attributes:
        values: Of length one or none.
    """

    values: tuple[Any, ...] = ()


@frozen
class TypeValue:
    """A type as a value, as ``type(x)`` gives it.

    Attributes:
        name: Such as ``int``.
    """

    name: str


def checked_int(number: int) -> int:
    """Give *number* if it has 64 bits.

    Raises:
        CelError: it has not.
    """
    if INT_MIN <= number <= INT_MAX:
        return number
    raise CelError("integer overflow")


def type_name(value: Any) -> str:
    """Give the name of the CEL type of *value*."""
    match value:
        case None:
            return "null_type"
        case bool():
            return "bool"
        case UInt():
            return "uint"
        case int():
            return "int"
        case float():
            return "double"
        case str():
            return "string"
        case bytes():
            return "bytes"
        case list():
            return "list"
        case dict():
            return "map"
        case Timestamp():
            return "google.protobuf.Timestamp"
        case Duration():
            return "google.protobuf.Duration"
        case Optional():
            return "optional_type"
        case TypeValue():
            return "type"
        case _:
            return str(getattr(value, "cel_type", type(value).__name__))


def equal(left: Any, right: Any) -> bool:
    """Say whether two values are equal as CEL has it: numbers across types, booleans only with booleans, NaN never."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list):
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(equal(mine, theirs) for mine, theirs in zip(left, right, strict=True))
        )
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and len(left) == len(right)
            and all(key in right and equal(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, Optional):
        return isinstance(right, Optional) and equal(list(left.values), list(right.values))
    if isinstance(left, CelError):
        raise left  # an element that cannot be read
    return bool(left == right)
