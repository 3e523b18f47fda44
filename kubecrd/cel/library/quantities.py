"""Kubernetes quantities such as ``100m`` and ``1.5Gi``, exactly, with what the server's own representation makes of them.

Go keeps an amount as a 64-bit integer and a power of ten where it can, and as a decimal of any length elsewhere. That can be
seen: only the first kind can be an integer, and one that is written canonically is printed as it was written.

Source: apimachinery `pkg/api/resource`, apiserver `pkg/cel/library/quantity.go`.
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from kubecrd.cel.values import INT_MAX, INT_MIN, CelError
from kubecrd.resource.quantity import Format, canonical_text

from .semvers import SemverValue, compare_semvers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "QuantityValue"]

_FORM: Final = re.compile(
    r"(?P<sign>[+-]?)0*(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<suffix>[eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII
)
_FORMAT_FAULT: Final = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_EXPONENT: Final = re.compile(r"[eE]([-+]?[0-9]+)", re.ASCII)
_EXACT: Final = Context(prec=200, Emin=-(2**40), Emax=2**40)
_SMALL_DIGITS: Final = 18
_BINARY_DIGITS: Final = 15
_FINEST: Final = -9


@frozen(eq=False)
class QuantityValue:
    """An amount; two are equal when they are the same amount.

    Attributes:
        amount: Exactly.
        form: What kind of suffix it is printed with.
        small: An integer and a power of ten, where Go keeps it so.
        text: As it was written, where Go keeps that; else empty.
        is_computed: Whether it is a sum, which the server cannot compare another quantity with: it looks for a value,
            and sums are pointers.
    """

    amount: Decimal
    form: Format = "DecimalSI"
    small: tuple[int, int] | None = None
    text: str = field(default="", repr=False)
    is_computed: bool = field(default=False, repr=False)
    cel_type = "kubernetes.Quantity"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, QuantityValue) and other.is_computed:
            raise CelError("no such overload")
        return isinstance(other, QuantityValue) and self.amount == other.amount

    def __hash__(self) -> int:
        return hash(self.amount)

    def __str__(self) -> str:
        return self.text or canonical_text(self.amount, self.form)


def _fits(number: int) -> bool:
    return INT_MIN <= number <= INT_MAX


def _of_small(value: int, scale: int, form: Format, text: str = "") -> QuantityValue:
    return QuantityValue(Decimal(value).scaleb(scale, _EXACT), form, (value, scale), text)


def quantity(text: Any) -> QuantityValue:
    """Read a quantity."""
    if not isinstance(text, str):
        raise CelError("no such overload")
    match = _FORM.fullmatch(text)
    if match is None or not text:
        raise CelError(_FORMAT_FAULT)
    whole, part = match["whole"] or "0", match["part"] or ""
    power, form = _interpreted(match["suffix"])
    negative = match["sign"] == "-"
    shifted = whole + part
    if form == "BinarySI":
        small = not part and _BINARY_DIGITS - len(whole) - power * 3 // 10 - 1 >= 0
        value, scale = int(shifted) << power, 0
        is_canonical = power % 10 == 0 and int(shifted) & 7 != 0
    else:
        value, scale = int(shifted), power - len(part)
        small = len(shifted) <= _SMALL_DIGITS and scale >= _FINEST
        is_canonical = scale % 3 == 0 and not shifted.endswith("000") and shifted[0] != "0"
    if small and _fits(value):
        return _of_small(-value if negative else value, scale, form, text if is_canonical else "")
    return _large(f"{whole}.{part}", power, form, negative=negative)


def _interpreted(suffix: str) -> tuple[int, Format]:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "DecimalSI"
    if suffix in _BINARY:
        return _BINARY[suffix], "BinarySI"
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None or not _fits(int(exponent[1])):
        raise CelError("unable to parse quantity's suffix")
    return (int(exponent[1]) + 2**31) % 2**32 - 2**31, "DecimalExponent"


def _large(number: str, power: int, form: Format, *, negative: bool) -> QuantityValue:
    amount = Decimal(number)
    amount = _EXACT.multiply(amount, Decimal(2**power)) if form == "BinarySI" else amount.scaleb(power, _EXACT)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _FINEST:
        amount = amount.quantize(Decimal(1).scaleb(_FINEST), rounding=ROUND_UP, context=_EXACT)
    if form == "BinarySI":
        amount = min(amount, Decimal(INT_MAX))
        form = "DecimalSI" if 0 < amount < 1 else form
    return QuantityValue(-amount if negative else amount, form)


def is_quantity(text: Any) -> bool:
    """Say whether *text* is a quantity."""
    try:
        quantity(text)
    except CelError:
        return False
    return True


def _operand(value: Any) -> QuantityValue:
    if isinstance(value, QuantityValue):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _of_small(int(value), 0, "DecimalSI")
    raise CelError("no such overload")


def _added(left: Any, right: Any, sign: int) -> QuantityValue:
    one, other = _operand(left), _operand(right)
    form = one.form if one.amount else other.form
    if one.small is not None and other.small is not None:
        small = _small_sum(one.small, (sign * other.small[0], other.small[1]))
        if small is not None:
            return _of_small(*small, form)
    return QuantityValue(_EXACT.add(one.amount, sign * other.amount), form)


def _small_sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    if not one[0] or not other[0]:
        return one if one[0] else other
    scale = min(one[1], other[1])
    if max(one[1], other[1]) - scale > _SMALL_DIGITS:
        return None
    parts = [number * 10 ** (power - scale) for number, power in (one, other)]
    return (sum(parts), scale) if all(map(_fits, [*parts, sum(parts)])) else None


def _integer(value: Any) -> int | None:
    """Give the amount as an int, if that is what Go has it as, or can make of it."""
    small = _operand(value).small
    if small is None or small[1] < 0 or small[1] > _SMALL_DIGITS:
        return None
    number = small[0] * 10 ** small[1]
    return number if _fits(number) else None


def as_integer(value: Any) -> int:
    """Give the amount as an int."""
    number = _integer(value)
    if number is None:
        raise CelError("cannot convert value to integer")
    return number


def as_approximate_float(value: QuantityValue) -> float:
    """Give the amount as a double, which is not always the nearest one."""
    if value.small is not None:
        number, scale = value.small
    else:
        sign, digits, exponent = value.amount.as_tuple()
        number, scale = int("".join(map(str, digits))) * (-1 if sign else 1), int(exponent)
    return float(number) * float(f"1e{scale}") if scale else float(number)


def _compare(left: Any, right: Any) -> int:
    # Versions have methods of the same names.
    if isinstance(left, SemverValue):
        return compare_semvers(left, right)
    one, other = _operand(left).amount, _operand(right).amount
    return int(one > other) - int(one < other)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda left, right: evolve(_added(left, right, 1), is_computed=True),
    "asApproximateFloat": as_approximate_float,
    "asInteger": as_integer,
    "compareTo": _compare,
    "isGreaterThan": lambda left, right: _compare(left, right) > 0,
    "isInteger": lambda value: _integer(value) is not None,
    "isLessThan": lambda left, right: _compare(left, right) < 0,
    "isQuantity": is_quantity,
    "quantity": quantity,
    "sign": lambda value: _compare(value, 0),
    "sub": lambda left, right: evolve(_added(left, right, -1), is_computed=True),
}
