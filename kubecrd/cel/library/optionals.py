"""Values that may not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.values import CelError, Optional

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]


def _optional(value: Any, function: str) -> Optional:
    if not isinstance(value, Optional):
        raise CelError(f"no such overload: {function}")
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
    return Optional((value,)) if value not in (None, False, 0, "", b"", [], {}) else Optional()


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
