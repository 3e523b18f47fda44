"""The standard functions: sizes and conversions between types."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.conversions import (
    FIRST_MOMENT,
    LAST_MOMENT,
    format_double,
    format_duration,
    format_timestamp,
    parse_duration,
    parse_timestamp,
)
from kubecrd.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    CelError,
    Duration,
    Timestamp,
    TypeValue,
    UInt,
    checked_int,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_UNSIGNED: Final = re.compile(r"[0-9]+")
_DOUBLE: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)|nan", re.IGNORECASE | re.ASCII)
_HEX_DOUBLE: Final = re.compile(r"[+-]?0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[+-]?\d+", re.IGNORECASE | re.ASCII)
_SEPARATOR: Final = re.compile("(?<=[0-9])_(?=[0-9])")
"""Go takes them between digits."""

_BOOLEANS: Final = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "FALSE", "false", "False"), False
)


def _unconvertible(value: Any, wanted: str) -> CelError:
    return CelError(f"type conversion error from '{type_name(value)}' to '{wanted}'")


def size(value: Any) -> int:
    """Count code points, bytes, elements or entries."""
    if isinstance(value, str | bytes | list | dict):
        return len(value)
    raise CelError("no such overload: size")


def to_int(value: Any) -> int:
    """Convert to an int."""
    match value:
        case bool():
            raise CelError("no such overload: int")
        case Timestamp():
            return value.nanoseconds // 10**9
        case Duration():
            return value.nanoseconds
        case float():
            # The bounds themselves are refused: they are not exact as doubles.
            if not INT_MIN < value < INT_MAX:
                raise CelError("integer overflow")
            return int(value)
        case int():
            return checked_int(int(value))
        case str() if _INTEGER.fullmatch(value) and INT_MIN <= int(value) <= INT_MAX:
            return int(value)
        case _:
            raise _unconvertible(value, "int")


def to_uint(value: Any) -> UInt:
    """Convert to a uint."""
    match value:
        case bool():
            raise CelError("no such overload: uint")
        case float() | int():
            if not 0 <= value <= UINT_MAX:
                raise CelError("unsigned integer overflow")
            return UInt(value)
        case str() if _UNSIGNED.fullmatch(value) and int(value) <= UINT_MAX:
            return UInt(value)
        case _:
            raise _unconvertible(value, "uint")


def to_double(value: Any) -> float:
    """Convert to a double."""
    match value:
        case bool():
            raise CelError("no such overload: double")
        case float() | int():
            return float(value)
        case str():
            return _parsed_double(value)
        case _:
            raise _unconvertible(value, "double")


def _parsed_double(text: str) -> float:
    plain = _SEPARATOR.sub("", text)
    if _HEX_DOUBLE.fullmatch(plain):
        return _finite(plain, float.fromhex)
    if _DOUBLE.fullmatch(plain):
        return _finite(plain, float)
    raise _unconvertible(text, "double")


def _finite(text: str, read: Callable[[str], float]) -> float:
    """Read a double; digits that are too large for one are none."""
    try:
        number = read(text)
    except OverflowError:
        number = math.inf
    if math.isinf(number) and "n" not in text.lower():
        raise _unconvertible(text, "double")
    return number


def to_bool(value: Any) -> bool:
    """Convert to a bool."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise _unconvertible(value, "bool")


def to_string(value: Any) -> str:
    """Convert to a string."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return format_double(value)
        case int():
            return str(int(value))
        case Timestamp():
            return format_timestamp(value)
        case Duration():
            return format_duration(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError as error:
                raise CelError("invalid UTF-8 in bytes, cannot convert to string") from error
        case _ if hasattr(value, "cel_type"):
            return str(value)
        case _:
            raise _unconvertible(value, "string")


def to_bytes(value: Any) -> bytes:
    """Convert to bytes."""
    match value:
        case bytes():
            return value
        case str():
            return value.encode()
        case _:
            raise _unconvertible(value, "bytes")


def to_timestamp(value: Any) -> Timestamp:
    """Convert to a timestamp."""
    match value:
        case Timestamp():
            return value
        case str():
            return parse_timestamp(value)
        case int() if not isinstance(value, bool):
            if not FIRST_MOMENT <= value * 10**9 <= LAST_MOMENT:
                raise CelError("timestamp overflow")
            return Timestamp(value * 10**9)
        case _:
            raise _unconvertible(value, "google.protobuf.Timestamp")


def to_duration(value: Any) -> Duration:
    """Convert to a duration."""
    match value:
        case Duration():
            return value
        case str():
            return parse_duration(value)
        case _:
            raise _unconvertible(value, "google.protobuf.Duration")


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "bool": to_bool,
    "bytes": to_bytes,
    "double": to_double,
    "duration": to_duration,
    "int": to_int,
    "size": size,
    "string": to_string,
    "timestamp": to_timestamp,
    "type": lambda value: TypeValue(type_name(value)),
    "uint": to_uint,
}
