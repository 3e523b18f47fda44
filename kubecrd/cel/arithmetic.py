"""Arithmetic and order of values whose types are not known beforehand: integers that overflow, doubles after IEEE, times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from .conversions import FIRST_MOMENT, LAST_MOMENT
from .values import INT_MAX, INT_MIN, UINT_MAX, CelError, Duration, Timestamp, UInt, checked_int

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add", "compare", "divide", "modulo", "multiply", "negate", "subtract"]

_NO_OVERLOAD: Final = "no such overload"


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
            return _arithmetic(left, right, lambda: left + right)


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
            checked_int(-right.nanoseconds)  # Go adds the opposite, which the least one has not
            return _moment(left.nanoseconds - right.nanoseconds, left.offset)
        case _:
            return _arithmetic(left, right, lambda: left - right)


def multiply(left: Any, right: Any) -> Any:
    """Multiply values whose types are not known beforehand."""
    return _arithmetic(left, right, lambda: left * right)


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
    return _arithmetic(left, right, lambda: _truncated(left, right))


def modulo(left: Any, right: Any) -> Any:
    """Give the rest of a division, with the sign of the dividend."""
    if isinstance(left, float) or isinstance(right, float):
        raise CelError(_NO_OVERLOAD)
    if right == 0 and _number(left) and _number(right):
        raise CelError("modulus by zero")
    if left == INT_MIN and right == -1:
        raise CelError("integer overflow")
    return _arithmetic(left, right, lambda: left - right * _truncated(left, right))


def _truncated(left: Any, right: Any) -> Any:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def negate(value: Any) -> Any:
    """Change the sign."""
    if isinstance(value, float):
        return -value
    if _number(value) and not isinstance(value, UInt):
        return checked_int(-value)
    raise CelError(f"{_NO_OVERLOAD}: -_")


def _arithmetic(left: Any, right: Any, compute: Callable[[], Any]) -> Any:
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


def compare(left: Any, right: Any, function: str) -> int:
    """Order two values; negative, zero or positive."""
    if _number(left) and _number(right):
        if math.isnan(left) or math.isnan(right):
            raise CelError("NaN values cannot be ordered")
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)  # as cel-go does, though large integers lose digits
    elif not isinstance(left, _ORDERED):
        raise CelError(f"{_NO_OVERLOAD}: {function}")
    elif type(left) is not type(right):
        raise CelError(_NO_OVERLOAD)
    return int(left > right) - int(left < right)


_ORDERED: Final = (bool, int, float, str, bytes, Timestamp, Duration)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
