"""What the rules of a definition may cost by estimate: each of them, and all of a version together.

Source: apiextensions-apiserver `pkg/apis/apiextensions/validation/validation.go` and `cel_validation.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from kubecrd.cel.bounds import multiplied

from .sizes import LARGEST_REQUEST
from .wording import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["DEFINITION_LIMIT", "ONCE", "RULE_LIMIT", "WORTH_NAMING", "Cardinality", "CostLedger"]

RULE_LIMIT: Final = 10_000_000
"""What one rule may cost in one object, by estimate."""

DEFINITION_LIMIT: Final = 100_000_000
"""What all rules of one version may cost together."""

WORTH_NAMING: Final = DEFINITION_LIMIT // 100
"""A rule that costs less is not named when all together cost too much."""

_MOST_NAMED: Final = 4

_REMEDY: Final = "try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared"


@frozen
class Cardinality:
    """How often a part of an object can be there.

    Attributes:
        limit: The product of the limits of all lists and maps around it; None if one of them has none.
    """

    limit: int | None = 1

    @property
    def is_bounded(self) -> bool:
        """Whether all lists and maps around have limits."""
        return self.limit is not None

    def inside(self, limit: int | None) -> Cardinality:
        """Give that of the elements of a list or map here, which can have *limit* of them; None for any number."""
        return Cardinality(None if self.limit is None or limit is None else multiplied(self.limit, limit))

    def count(self, least_size: int) -> int:
        """Give how many there can be.

        Args:
            least_size: Bytes of JSON that each has at least; only so many fit into a request.
        """
        return LARGEST_REQUEST // (least_size + 1) if self.limit is None else self.limit


ONCE: Final = Cardinality()


@define
class CostLedger:
    """Adds up what the rules of one version cost.

    Attributes:
        limits_each: Whether a single rule can be too dear; not in a version that an update leaves as it was.
    """

    limits_each: bool = True
    _total: int = 0
    _dearest: list[tuple[int, str]] = field(factory=list)

    def enter(self, place: str, what: str, cost: int) -> Iterator[FieldError]:
        """Add an expression, and yield an error if it is too dear by itself.

        Args:
            place: Where it stands.
            what: ``rule`` or ``messageExpression``.
            cost: Its estimate, times how often it can run.
        """
        self._total += cost
        if cost >= WORTH_NAMING:
            # Of equally dear ones, the first stays first.
            self._dearest = sorted([*self._dearest, (cost, place)], key=lambda entry: -entry[0])[:_MOST_NAMED]
        if self.limits_each and cost > RULE_LIMIT:
            yield forbidden(place, _over_budget(f"estimated {what} cost", cost, RULE_LIMIT))

    def close(self, path: str) -> Iterator[FieldError]:
        """Yield what is to be said if all together are too dear: which are the dearest, and that.

        Args:
            path: Where the schema stands.
        """
        if self._total <= DEFINITION_LIMIT:
            return
        for _, place in self._dearest:
            detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
            yield forbidden(place, detail)
        what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
        yield forbidden(path, _over_budget(what, self._total, DEFINITION_LIMIT))


def _over_budget(what: str, cost: int, limit: int) -> str:
    return f"{what} exceeds budget by factor of {_factor(cost / limit)} ({_REMEDY})"


def _factor(ratio: float) -> str:
    if ratio > 100:
        return "more than 100x"
    # The server shows what is hardly too much with all digits, since 1.0 would say nothing.
    return f"{ratio:f}x" if ratio < 1.5 else f"{ratio:.1f}x"
