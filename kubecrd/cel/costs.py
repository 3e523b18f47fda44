"""What every call costs when it runs: the API server's prices, by the actual sizes of what is passed.

Source: cel-go `interpreter/runtimecost.go`, Kubernetes `apiserver/pkg/cel/library/cost.go`, both as measured in 1.36.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from .library.addresses import Cidr, Ip
from .library.formats import NamedFormat
from .library.quantities import QuantityValue
from .library.semvers import SemverValue
from .library.urls import Url
from .values import CelError, Optional, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AUTHORIZATION_COST",
    "CALL_LIMIT",
    "LIST_COST",
    "MAP_COST",
    "MESSAGE_COST",
    "OBJECT_LIMIT",
    "call_cost",
    "formula_of",
    "size_of",
    "tenths",
]

CALL_LIMIT: Final = 1_000_000
"""What one evaluation may cost. Source: apiserver `pkg/apis/cel/config.go`."""

OBJECT_LIMIT: Final = 10_000_000
"""What all rules of one object may cost together."""

LIST_COST: Final = 10
MAP_COST: Final = 30
MESSAGE_COST: Final = 40
AUTHORIZATION_COST: Final = 350_000
"""One question to an authorizer; two of them fit into a call."""


def tenths(number: int) -> int:
    """Give a tenth of *number*, rounded up: what it costs to go through so many characters."""
    return ceil(number * 0.1)  # in floating point as in Go, where 3 * 0.1 is more than 0.3


def size_of(value: Any) -> int:
    """Count code points, bytes, elements or entries; everything else is of size 1."""
    if isinstance(value, str | bytes | list | dict):
        return len(value)
    if isinstance(value, Ip):
        return value.address.max_prefixlen // 8
    if isinstance(value, Cidr):
        return -(-value.interface.network.prefixlen // 8)
    return 1


def _content_size(value: Any) -> int:
    """As `size_of`; what an optional holds counts. cel-go looks into them, Kubernetes does not."""
    while isinstance(value, Optional) and value.values:
        value = value.values[0]
    return size_of(value)


def _traversal(value: Any) -> int:
    """Price of going through a value and all that is in it."""
    if isinstance(value, str):
        return int(len(value.encode(errors="surrogatepass")) * 0.1)
    if isinstance(value, bytes):
        return int(len(value) * 0.1)
    if isinstance(value, list):
        return sum(map(_traversal, value))
    if isinstance(value, dict):
        return sum(_traversal(key) + _traversal(each) for key, each in value.items())
    return 1


def _matching(text: Any, pattern: Any) -> int:
    return tenths(size_of(text) + 1) * ceil(size_of(pattern) * 0.25)


def _smaller(values: Any, _result: Any) -> int:
    return tenths(min(map(_content_size, values)))


_UNITS: Final = (Ip, Cidr, QuantityValue, SemverValue, NamedFormat, Url)


def _first(values: Any, _result: Any) -> int:
    return tenths(size_of(values[0]))


def _depth(level: Any) -> int:
    return level if isinstance(level, int) else 1  # a negative one makes a call cheaper than nothing, though it fails


def _within(network: Any) -> int:
    return tenths(size_of(network) * 2)


def _nested(network: Any) -> int:
    return _within(network) + tenths(size_of(network)) + 1


def _square(values: Any, _result: Any) -> int:
    """Compare all elements of the last operand with each other, at a price for the kind that the first one is of."""
    items = values[-1]
    if not isinstance(items, list):
        # The server's own evaluator breaks down here, and with it the whole evaluation, whatever stands around.
        found = "*types.Err" if isinstance(items, CelError) else type_name(items)
        raise CelError(f"internal error: interface conversion: {found} is not traits.Lister: missing method Add")
    each = 2.1 if items and isinstance(items[0], str | bytes) else 2
    return 1 + LIST_COST + int(len(items) ** 2 * each)


def _copied(_values: Any, result: Any) -> int:
    return 1 + LIST_COST + size_of(result)


_BY_OVERLOAD: Final[dict[str, Callable[[Any, Any], int]]] = {
    **dict.fromkeys(
        [
            "starts_with_string",
            "ends_with_string",
            "string_to_bytes",
            "bytes_to_string",
            "strings_quote",
            "string_format",
        ],
        _first,
    ),
    "in_list": lambda values, _: _content_size(values[1]),
    **dict.fromkeys(
        [
            f"{order}_{kind}"
            for order in ("less", "less_equals", "greater", "greater_equals")
            for kind in ("string", "bytes")
        ],
        _smaller,
    ),
    "equals": lambda values, _: 1 if isinstance(values[0], _UNITS) else _smaller(values, _),
    "not_equals": _smaller,
    "add_string": lambda values, _: tenths(size_of(values[0]) + size_of(values[1])),
    "add_bytes": lambda values, _: tenths(size_of(values[0]) + size_of(values[1])),
    "matches_string": lambda values, _: _matching(*values),
    **dict.fromkeys(["list_slice", "list_reverse", "lists_range"], _copied),
    "list_flatten": lambda values, _: 1 + LIST_COST + size_of(values[0]),
    "list_flatten_int": lambda values, _: 1 + LIST_COST + size_of(values[0]) * _depth(values[1]),
    "list_distinct": _square,
    **{
        f"list_{kind}_{function}": _square
        for function in ("sort", "sortByAssociatedKeys")
        for kind in (
            *("bool", "bytes", "double", "int", "string", "uint"),
            *("google.protobuf.Duration", "google.protobuf.Timestamp"),
        )
    },
    "list_sets_contains_list": lambda values, _: 1 + size_of(values[0]) * size_of(values[1]),
    "list_sets_intersects_list": lambda values, _: 1 + size_of(values[0]) * size_of(values[1]),
    "list_sets_equivalent_list": lambda values, _: 1 + 2 * size_of(values[0]) * size_of(values[1]),
    "cidr_contains_ip_string": lambda values, _: _within(values[0]) + tenths(size_of(values[1])),
    "cidr_contains_cidr_string": lambda values, _: _nested(values[0]) + tenths(size_of(values[1])),
    "contains_string": lambda values, _: tenths(size_of(values[0])) * tenths(size_of(values[1])),
    "cidr_ip": lambda _values, _result: 1,
}


def _indexed(values: Any, _result: Any) -> int:
    return _traversal(values[0])


def _joined(_values: Any, result: Any) -> int:
    return tenths(size_of(result) * 2)


def _twice(values: Any, _result: Any) -> int:
    return tenths(size_of(values[0]) * 2)


def _selected(values: Any, _result: Any) -> int:
    """Parse a selector; each two characters can be a requirement, which is a message with a list in it."""
    size = size_of(values[1])
    return LIST_COST + tenths(size) + ceil(size * 0.5) * (LIST_COST + MESSAGE_COST)


def _validated(values: Any, _result: Any) -> int:
    named, text = values
    if not isinstance(named, NamedFormat):
        return 1
    return tenths(size_of(text) + 1) * ceil(named.longest_pattern * 0.25)


_BY_NAME: Final[dict[str, Callable[[Any, Any], int]]] = {
    **dict.fromkeys(["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"], _indexed),
    **dict.fromkeys(["url", "lowerAscii", "upperAscii", "substring", "trim"], _first),
    "ip": lambda values, _: 1 if isinstance(values[0], Cidr) else _first(values, _),
    **dict.fromkeys(["isIP", "cidr", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"], _first),
    **dict.fromkeys(["replace", "split", "ip.isCanonical"], _twice),
    "join": _joined,
    "find": lambda values, _: _matching(*values[:2]),
    "findAll": lambda values, _: _matching(*values[:2]),
    "containsIP": lambda values, _: _within(values[0]),
    "containsCIDR": lambda values, _: _nested(values[0]),
    "validate": _validated,
    "check": lambda _values, _result: AUTHORIZATION_COST,
    "fieldSelector": _selected,
    "labelSelector": _selected,
}


def formula_of(function: str, overload: str) -> Callable[[Any, Any], int] | None:
    """Give what computes the price of a call from its arguments and its result; None where it is always 1.

    Args:
        function: Its name.
        overload: The id of the one that the checker chose; empty when several fit.
    """
    return _BY_OVERLOAD.get(overload) or _BY_NAME.get(function)


def call_cost(function: str, overload: str, values: Any, result: Any) -> int:
    """Give what a call costs.

    Args:
        function: Its name.
        overload: The id of the one that the checker chose; empty when several fit.
        values: What was passed, the target first; a `CelError` counts as a scalar.
        result: What it gave, or the `CelError`.
    """
    formula = formula_of(function, overload)
    return 1 if formula is None else formula(values, result)
