"""How large a value of a schema can be, and how small in JSON: what the estimated cost of rules is computed from.

Where a schema sets no limit, the largest request does: so much fits in, and no more.

Source: kube-apiserver `pkg/cel/common/schemas.go` and `pkg/cel/limits.go`, as measured in Kubernetes 1.36.
"""

from __future__ import annotations

from typing import Final

from kubecrd.resource.fielderrors import ABSENT

from .structural import Structural
from .typemeta import with_type_meta

__all__ = ["LARGEST_REQUEST", "largest_list", "largest_map", "largest_text", "least_size"]

LARGEST_REQUEST: Final = 3 * 1024 * 1024
"""Bytes; the API server's limit for writes."""

_BRACKETS: Final = 2
_COMMA: Final = 1
_KEY: Final = 6
"""The shortest entry of a map, without its value: a comma, an empty key in quotes, a colon, and what the server adds."""

_LEAST: Final = {"array": _BRACKETS, "boolean": 4, "integer": 1, "number": 1}
_LEAST_TEXT: Final = {"duration": 3, "date": 12, "date-time": 21}
_LONGEST_TEXT: Final = {"duration": 32, "date": 12, "date-time": 32}
_QUOTES: Final = 2
_PROPERTY: Final = 4
"""Quotes, colon and comma of a property."""

_BYTES_A_CHARACTER: Final = 4


def largest_text(schema: Structural) -> int:
    """Give how many bytes a string can have at most; of int-or-string, too."""
    kind = "" if schema.int_or_string else schema.format or ""
    if kind in _LONGEST_TEXT:
        return _LONGEST_TEXT[kind]
    if schema.max_length is not None:
        return max(schema.max_length, 0) * (1 if kind == "byte" else _BYTES_A_CHARACTER)
    if schema.enum and kind != "byte" and not schema.int_or_string:
        return max((len(value.encode()) for value in schema.enum if isinstance(value, str)), default=0)
    return LARGEST_REQUEST - _QUOTES


def largest_list(schema: Structural) -> int:
    """Give how many items an array can have at most."""
    if schema.max_items is not None:
        return max(schema.max_items, 0)
    assert schema.items is not None
    return (LARGEST_REQUEST - _BRACKETS) // ((least_size(schema.items) or 0) + _COMMA)


def largest_map(schema: Structural) -> int:
    """Give how many entries an object with additionalProperties can have at most."""
    if schema.max_properties is not None:
        return max(schema.max_properties, 0)
    assert isinstance(schema.additional_properties, Structural)
    return (LARGEST_REQUEST - _BRACKETS) // ((least_size(schema.additional_properties) or 0) + _KEY)


def least_size(schema: Structural, *, is_object: bool = False) -> int | None:
    """Give how many bytes of JSON a value has at least; None where rules cannot see it.

    Members that have a default need not be there, since the server adds them.

    Args:
        schema: Of the value.
        is_object: Whether it is a whole Kubernetes object.
    """
    if schema.int_or_string:
        return 1
    match schema.type:
        case "object":
            return _least_object(with_type_meta(schema) if is_object or schema.embedded_resource else schema)
        case "array":
            return None if schema.items is None or least_size(schema.items) is None else _BRACKETS
        case "string":
            return _LEAST_TEXT.get(schema.format or "", _QUOTES)
        case kind:
            return _LEAST.get(kind or "")


def _least_object(schema: Structural) -> int | None:
    if isinstance(schema.additional_properties, Structural) and not schema.properties:
        return None if least_size(schema.additional_properties) is None else _BRACKETS
    size = _BRACKETS
    for name, child in schema.properties.items():
        least = least_size(child) if name in schema.required and child.default is ABSENT else None
        size += 0 if least is None else len(name.encode()) + least + _PROPERTY
    return size
