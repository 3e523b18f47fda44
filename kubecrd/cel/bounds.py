"""The least and the most that a size or a cost can be, in the unsigned 64-bit numbers of cel-go that stop at the top.

Source: cel-go `checker/cost.go`, `SizeEstimate` and `CostEstimate`.
"""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

__all__ = ["NOTHING", "ONE", "UNBOUNDED", "UNKNOWN", "Bounds", "fixed", "multiplied"]

UNBOUNDED: Final = 2**64 - 1
"""The most that can be said: no bound is known, or it does not fit."""


class Bounds(NamedTuple):
    """A size or a cost.

    Attributes:
        least: The least it can be.
        most: The most it can be; `UNBOUNDED` where that is not known.
    """

    least: int
    most: int

    def plus(self, other: Bounds) -> Bounds:
        """Give both together."""
        return Bounds(min(self.least + other.least, UNBOUNDED), min(self.most + other.most, UNBOUNDED))

    def times(self, other: Bounds) -> Bounds:
        """Give the product."""
        return Bounds(multiplied(self.least, other.least), multiplied(self.most, other.most))

    def scaled(self, factor: float) -> Bounds:
        """Give *factor* times this, rounded up."""
        return Bounds(_scaled(self.least, factor), _scaled(self.most, factor))

    def union(self, other: Bounds) -> Bounds:
        """Give what holds for either."""
        return Bounds(min(self.least, other.least), max(self.most, other.most))


def fixed(number: int) -> Bounds:
    """Give what is exactly *number*."""
    return Bounds(number, number)


def multiplied(one: int, other: int) -> int:
    """Give the product of two numbers, or `UNBOUNDED` if it does not fit."""
    return min(one * other, UNBOUNDED)


def _scaled(number: int, factor: float) -> int:
    # In floating point as in Go, where 70 * 0.1 is more than 7, and large numbers lose their last digits.
    return min(ceil(float(number) * factor), UNBOUNDED)


NOTHING: Final = fixed(0)
ONE: Final = fixed(1)
UNKNOWN: Final = Bounds(0, UNBOUNDED)
