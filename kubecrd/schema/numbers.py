"""Bounds and ranges of numbers as kube-openapi judges them, where integers and floats are two things."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from .wording import in_body, limit_text, not_positive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .structural import Structural
    from .wording import Finding

__all__ = ["bounds_of", "comparable", "in_range", "is_json_integer", "truncated"]


def bounds_of(schema: Structural) -> Iterator[tuple[str, float, Callable[[float, float], Finding | None]]]:
    """Give what a schema demands of numbers, in the server's order: its name in messages, the limit, the judge."""
    if schema.multiple_of is not None:
        yield "MultipleOf", float(schema.multiple_of), _multiple_of
    if schema.minimum is not None:
        yield "Minimum boundary", float(schema.minimum), _more_than if schema.exclusive_minimum else _at_least
    if schema.maximum is not None:
        yield "Maximum boundary", float(schema.maximum), _less_than if schema.exclusive_maximum else _at_most


_MOST_FLOAT32: Final = 3.4028235677973366e38


def in_range(value: float, schema_type: str, known_format: str | None) -> bool:
    """Whether *value* can be held by a field of this type and format."""
    if schema_type == "integer":
        bits = 31 if known_format == "int32" else 63
        if isinstance(value, int):
            return bool(-(2**bits) <= value < 2**bits)
        # The server reads back the shortest digits, which may name another integer than the float holds.
        return value.is_integer() and -(2**bits) <= int(Decimal(repr(value))) < 2**bits
    if known_format == "float":
        return abs(value) < _MOST_FLOAT32
    return True


def comparable(value: float, limit: float) -> float:
    """Give the limit that *value* is compared with: for an integer the limit's integer part, whatever the field's type."""
    return truncated(limit) if isinstance(value, int) else limit


def truncated(value: float) -> int:
    """Give the integer part; what does not fit 64 bits becomes the smallest integer, as Go on amd64 has it."""
    whole = math.trunc(value)
    return whole if -(2**63) <= whole < 2**63 else -(2**63)


_MOST_EXACT: Final = 2**53 - 1
_TOLERANCE: Final = 1e-9


def is_json_integer(value: float) -> bool:
    """Whether *value* counts as an integer for swag's `IsFloat64AJSONInteger`, which has some tolerance above it."""
    if isinstance(value, int):
        return True
    if not math.isfinite(value) or abs(value) > _MOST_EXACT:
        return False
    if value.is_integer():
        return True
    whole = math.floor(value)
    return value > 0 and whole > 0 and (value - whole) / (value + whole) < _TOLERANCE


def _multiple_of(value: float, factor: float) -> Finding | None:
    if factor <= 0:
        return not_positive(factor)
    if isinstance(value, int) and isinstance(factor, int):
        whole = value % factor == 0
    else:
        whole = is_json_integer(1 / factor * value if factor < 1 else value / factor)
    return None if whole else in_body(f"should be a multiple of {limit_text(factor)}", value)


def _at_least(value: float, limit: float) -> Finding | None:
    return None if value >= limit else in_body(f"should be greater than or equal to {limit_text(limit)}", value)


def _more_than(value: float, limit: float) -> Finding | None:
    return None if value > limit else in_body(f"should be greater than {limit_text(limit)}", value)


def _at_most(value: float, limit: float) -> Finding | None:
    return None if value <= limit else in_body(f"should be less than or equal to {limit_text(limit)}", value)


def _less_than(value: float, limit: float) -> Finding | None:
    return None if value < limit else in_body(f"should be less than {limit_text(limit)}", value)
