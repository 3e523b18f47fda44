"""JSON values as the API server tells them apart: integers, floats and booleans are three things."""

from __future__ import annotations

from typing import Any, Final

from kubecrd.errors import DecodeError

__all__ = ["copied", "equal", "json_type"]

_TYPES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def json_type(value: Any) -> str:
    """Name the JSON type; a float is a ``number`` even where it is integral."""
    return _TYPES[type(value)]


def equal(one: Any, other: Any, *, exact: bool = True) -> bool:
    """Compare two JSON values deeply, and never take True for 1.

    Args:
        one: Any JSON value.
        other: Any JSON value.
        exact: Whether 1 and 1.0 differ, as they do for Go's `reflect.DeepEqual`.
    """
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(equal(value, other[key], exact=exact) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(equal(left, right, exact=exact) for left, right in zip(one, other, strict=True))
        )
    if type(one) is not type(other) and (exact or isinstance(one, bool) or isinstance(other, bool)):
        return False
    return bool(one == other)


_MOST_INT64: Final = 2**63


def copied(value: Any) -> Any:
    """Copy a JSON value deeply, as the API server reads it.

    Integers that do not fit 64 bits become floats, and half a surrogate pair becomes U+FFFD.

    Raises:
        DecodeError: an integer is beyond what a float holds; in Go's words.
    """
    if isinstance(value, dict):
        return {_text(key): copied(member) for key, member in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, str):
        return _text(value)
    if type(value) is int and not -_MOST_INT64 <= value < _MOST_INT64:
        try:
            return float(value)
        except OverflowError:
            raise DecodeError(f"json: cannot unmarshal number {value} into Go value of type float64") from None
    return value


def _text(text: str) -> str:
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
