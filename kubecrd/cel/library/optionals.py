"""Values that may not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.conversions import FIRST_MOMENT
from kubecrd.cel.values import CelError, Duration, Optional, Timestamp, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]

_ZERO_TIME: Final = Timestamp(FIRST_MOMENT)
_ZERO_DURATION: Final = Duration(0)


def _optional(value: Any, function: str) -> Optional:
    if not isinstance(value, Optional):
        raise CelError(f"no such overload: {function}({type_name(value)})")
    return value


def value_of(value: Any) -> Any:
    """Give what is there."""
    values = _optional(value, "value").values
    if not values:
        raise CelError("optional.none() dereference")
    return values[0]


def or_value(value: Any, other: Any) -> Any:
    """Give what is there, or *other*."""
    values = _optional(value, "orValue").values
    return values[0] if values else other


def of_non_zero(value: Any) -> Optional:
    """Wrap a value unless it is zero, empty, false or null."""
    match value:
        case Timestamp() | Duration():
            is_zero = value in (_ZERO_TIME, _ZERO_DURATION)
        case bool() | int() | float() | str() | bytes() | list() | dict() | None:
            is_zero = not value
        case _:
            is_zero = False
    return Optional() if is_zero else Optional((value,))


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "hasValue": lambda value: bool(_optional(value, "hasValue").values),
    "optional.none": Optional,
    "optional.of": lambda value: Optional((value,)),
    "optional.ofNonZeroValue": of_non_zero,
    "optional.unwrap": lambda values: [each.values[0] for each in values if each.values],
    "or": lambda value, other: value if _optional(value, "or").values else other,
    "orValue": or_value,
    "unwrapOpt": lambda values: [each.values[0] for each in values if each.values],
    "value": value_of,
    "first": lambda items: Optional(tuple(items[:1])),
    "last": lambda items: Optional(tuple(items[-1:])),
}
