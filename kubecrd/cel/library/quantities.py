"""Kubernetes quantities such as ``100m`` and ``1.5Gi``, exactly."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.values import INT_MAX, INT_MIN, CelError

from .semvers import SemverValue, compare_semvers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "QuantityValue"]

_FORM: Final = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)|[eE]([-+]?[0-9]+))?"
)
_SUFFIXES: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}


@frozen
class QuantityValue:
    """An amount."""

    amount: Decimal
    cel_type = "kubernetes.Quantity"


def quantity(text: str) -> QuantityValue:
    """Read a quantity."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    amount = Decimal(match[1])
    if match[2]:
        amount *= _SUFFIXES[match[2]]
    elif match[3]:
        amount = amount.scaleb(int(match[3]))
    return QuantityValue(amount)


def is_quantity(text: Any) -> bool:
    """Say whether *text* is a quantity."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def _amount(value: Any) -> Decimal:
    if isinstance(value, QuantityValue):
        return value.amount
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise CelError("no such overload")


def _is_integer(value: QuantityValue) -> bool:
    return value.amount == value.amount.to_integral_value() and INT_MIN <= value.amount <= INT_MAX


def as_integer(value: QuantityValue) -> int:
    """Give the amount as an int."""
    if not _is_integer(value):
        raise CelError("cannot convert value to integer")
    return int(value.amount)


def _compare(left: Any, right: Any) -> int:
    # Versions have methods of the same names.
    if isinstance(left, SemverValue):
        return compare_semvers(left, right)
    return int(_amount(left) > _amount(right)) - int(_amount(left) < _amount(right))


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda left, right: QuantityValue(_amount(left) + _amount(right)),
    "asApproximateFloat": lambda value: float(value.amount),
    "asInteger": as_integer,
    "compareTo": _compare,
    "isGreaterThan": lambda left, right: _compare(left, right) > 0,
    "isInteger": _is_integer,
    "isLessThan": lambda left, right: _compare(left, right) < 0,
    "isQuantity": is_quantity,
    "quantity": quantity,
    "sign": lambda value: _compare(value, 0),
    "sub": lambda left, right: QuantityValue(_amount(left) - _amount(right)),
}
