"""Quantities such as ``100m`` and ``1.5Gi``: exact arithmetic, and the form in which the API server prints them.

Source: apimachinery `pkg/api/resource/quantity.go`: an amount keeps the kind of suffix it was written with, is printed
with the largest suffix that leaves an integer, and is never finer than a billionth.
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal
from functools import total_ordering
from typing import Any, ClassVar, Final, Literal, Self, final

__all__ = ["Format", "Quantity", "canonical_text"]

Format = Literal["BinarySI", "DecimalSI", "DecimalExponent"]

_FORM: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<binary>[KMGTPE]i)|(?P<decimal>[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]+))?"
)
_PATTERN: Final = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL: Final = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_POWERS: Final = {suffix: power for power, suffix in _DECIMAL.items()}
_FINEST: Final = -9
_MOST: Final = Decimal(2**63 - 1)
_EXACT: Final = Context(prec=200)
"""Enough digits for any amount that fits into a manifest."""


@final
@total_ordering
class Quantity:
    """An amount of something: CPU, memory, storage, or a plain number.

    Two are equal when they are the same amount: ``Quantity("1") == Quantity("1000m")``.

    Args:
        value: The text, or a number.

    Raises:
        ValueError: the text is no quantity.
    """

    __slots__ = ("amount", "format")

    openapi_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "pattern": _PATTERN,
        "x-kubernetes-int-or-string": True,
    }
    """As controller-gen writes it; a field of this type has it."""

    amount: Decimal
    format: Format

    def __init__(self, value: str | float | Decimal = 0) -> None:
        if isinstance(value, str):
            amount, form = _parse(value)
        else:
            amount, form = _rounded(Decimal(str(value)) if isinstance(value, float) else Decimal(value)), "DecimalSI"
        object.__setattr__(self, "amount", amount)
        object.__setattr__(self, "format", form)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Quantity does not change; make a new one instead of setting {name!r}")

    @classmethod
    def _of(cls, amount: Decimal, form: Format) -> Self:
        made = object.__new__(cls)
        object.__setattr__(made, "amount", _rounded(amount))
        object.__setattr__(made, "format", form)
        return made

    def __str__(self) -> str:
        return canonical_text(self.amount, self.format)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        found = _coerced(other)
        return NotImplemented if found is None else self.amount == found.amount

    def __lt__(self, other: Quantity | str | int) -> bool:
        found = _coerced(other)
        return NotImplemented if found is None else self.amount < found.amount

    def __hash__(self) -> int:
        return hash(self.amount)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __add__(self, other: Quantity | str | int) -> Quantity:
        found = _coerced(other)
        if found is None:
            return NotImplemented
        # Zero has no opinion on how the sum is written.
        return Quantity._of(_EXACT.add(self.amount, found.amount), self.format if self.amount else found.format)

    __radd__ = __add__

    def __sub__(self, other: Quantity | str | int) -> Quantity:
        found = _coerced(other)
        return NotImplemented if found is None else self + -found

    def __mul__(self, factor: int) -> Quantity:
        return Quantity._of(_EXACT.multiply(self.amount, Decimal(factor)), self.format)

    __rmul__ = __mul__

    def __neg__(self) -> Quantity:
        return Quantity._of(-self.amount, self.format)

    def __int__(self) -> int:
        """Give the amount as an integer, rounded up as Go's ``Value()`` does."""
        return int(self.amount.to_integral_value(rounding=ROUND_UP))

    def __float__(self) -> float:
        return float(self.amount)

    @property
    def milli(self) -> int:
        """Thousandths, rounded up, as CPU is counted."""
        return int((self.amount * 1000).to_integral_value(rounding=ROUND_UP))

    def to_json(self) -> str:
        """Give the canonical text."""
        return str(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the text, or the number, that stands in a document.

        Raises:
            ValueError: it is no quantity.
        """
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"{value!r} is not a quantity such as '500m' or '1.5Gi'")  # noqa: TRY004 - JSON of a wrong type
        return cls(value)


def canonical_text(amount: Decimal, form: Format) -> str:
    """Write an amount as the API server does: an integer, with the largest suffix that leaves it one."""
    if not amount:
        return "0"
    # Small or broken amounts have no binary suffix that says them.
    if form == "BinarySI" and abs(amount) >= 1024 and amount == amount.to_integral_value():
        return _binary_text(int(amount))
    digits, power = _decimal_parts(amount)
    if form == "DecimalExponent":
        return f"{digits}e{power}" if power else str(digits)
    return f"{digits}{_DECIMAL[power]}"


def _coerced(other: object) -> Quantity | None:
    if isinstance(other, Quantity):
        return other
    return Quantity(other) if isinstance(other, str | int) and not isinstance(other, bool) else None


def _parse(text: str) -> tuple[Decimal, Format]:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity such as '500m' or '1.5Gi'")
    number = Decimal(match["number"])
    if match["binary"]:
        return _rounded(_EXACT.multiply(number, Decimal(1024 ** _BINARY.index(match["binary"])))), "BinarySI"
    if match["exponent"]:
        return _rounded(number.scaleb(int(match["exponent"]), _EXACT)), "DecimalExponent"
    return _rounded(number.scaleb(_POWERS[match["decimal"] or ""], _EXACT)), "DecimalSI"


def _rounded(amount: Decimal) -> Decimal:
    """Cut what Kubernetes cannot hold: finer than a billionth is rounded away from zero, more than 2^63-1 is that."""
    if abs(amount) > _MOST:
        return _MOST.copy_sign(amount)
    if amount != amount.quantize(Decimal(1).scaleb(_FINEST), context=_EXACT):
        return amount.quantize(Decimal(1).scaleb(_FINEST), rounding=ROUND_UP, context=_EXACT)
    return amount


def _binary_text(amount: int) -> str:
    place = 0
    while amount % 1024 == 0 and place < len(_BINARY) - 1:
        amount //= 1024
        place += 1
    return f"{amount}{_BINARY[place]}"


def _decimal_parts(amount: Decimal) -> tuple[int, int]:
    """Give an integer and the largest power of a thousand that together are *amount*."""
    power = 18
    while power > _FINEST:
        digits = amount.scaleb(-power, _EXACT)
        if digits == digits.to_integral_value():
            break
        power -= 3
    return int(amount.scaleb(-power, _EXACT)), power
