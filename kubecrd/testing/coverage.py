"""Which rules a test run has seen true, and which false: a rule that was never false was never tested.

Counts are kept by kind, place and rule, so that those of many validators, servers and processes add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from attrs import define, field, frozen

from kubecrd.cel.values import CelError
from kubecrd.schema.rules import Rule, SchemaRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Coverage", "Record", "RuleKey"]

Record: TypeAlias = tuple[str, str, str, int, int, int]
"""Kind, place, rule; how often it was true, false, and failed: what one process tells another."""


@frozen(order=True)
class RuleKey:
    """Which rule of which kind.

    Attributes:
        kind: Such as ``Pizza (shop.example.com/v1)``.
        place: Such as ``spec.toppings[*]``; empty for the whole object.
        rule: The expression.
    """

    kind: str
    place: str
    rule: str


@define
class _Counts:
    true: int = 0
    false: int = 0
    failed: int = 0

    @property
    def missing(self) -> str:
        """What was never seen of the rule; empty when both was."""
        match bool(self.true), bool(self.false):
            case True, True:
                return ""
            case True, False:
                return "never false"
            case False, True:
                return "never true"
            case _:
                return "never seen"


@define(eq=False)
class Coverage:
    """What was seen of rules; call it as a `kubecrd.schema.observation.Watcher`."""

    _counts: dict[RuleKey, _Counts] = field(factory=dict)
    _known: WeakKeyDictionary[SchemaRules, dict[Rule, _Counts]] = field(factory=WeakKeyDictionary)

    def __call__(self, rules: SchemaRules, rule: Rule, outcome: Any) -> None:
        """Count one evaluation."""
        known = self._known.get(rules)
        if known is None:
            known = self.add(rules)
        counts = known[rule]
        if isinstance(outcome, CelError):
            counts.failed += 1
        elif outcome is True:
            counts.true += 1
        else:
            counts.false += 1

    def add(self, rules: SchemaRules) -> dict[Rule, Any]:
        """Let all *rules* count, also those that never run."""
        keys = {rule: RuleKey(rules.name, place, rule.spec.rule.strip()) for place, rule in rules.placed()}
        known = self._known[rules] = {rule: self._counts.setdefault(key, _Counts()) for rule, key in keys.items()}
        return known

    def records(self) -> list[Record]:
        """Give what was counted, sorted, for another process to `merge`."""
        return [
            (key.kind, key.place, key.rule, each.true, each.false, each.failed)
            for key, each in sorted(self._counts.items())
        ]

    def merge(self, records: Iterable[Record]) -> None:
        """Add what another process has counted."""
        for kind, place, rule, true, false, failed in records:
            counts = self._counts.setdefault(RuleKey(kind, place, rule), _Counts())
            counts.true += true
            counts.false += false
            counts.failed += failed

    @property
    def percent(self) -> float:
        """How many of the outcomes that can be, two for each rule, were seen; 100 where there are no rules."""
        seen = sum((each.true > 0) + (each.false > 0) for each in self._counts.values())
        return 100 * seen / (2 * len(self._counts)) if self._counts else 100.0

    def report(self, width: int = 100) -> Iterator[str]:
        """Yield the lines of the report: a block a kind, a line a rule, and the total.

        Args:
            width: Columns of the terminal; rules that are longer are cut.
        """
        if not self._counts:
            yield "no object of a kind with rules was judged"
            return
        first = max(width - _WIDTH_OF_COUNTS, _NARROWEST)
        kind = ""
        for key, each in sorted(self._counts.items()):
            if key.kind != kind:
                kind = key.kind
                yield _line(kind, first, "true", "false", "failed")
            place = key.place or "the object"
            counts = _line(f"  {place}: {key.rule}", first, each.true, each.false, each.failed)
            yield f"{counts}  {each.missing}".rstrip()
        yield _line(f"{len(self._counts)} rules", first, f"{self.percent:.0f}%")


_WIDTH_OF_COUNTS: Final = 3 * 7 + len("  never false")
_NARROWEST: Final = 30


def _line(text: str, width: int, *cells: object) -> str:
    flat = " ".join(text.split())
    flat = text[: len(text) - len(text.lstrip())] + flat
    shown = flat if len(flat) <= width else f"{flat[: width - 1]}…"
    return f"{shown:<{width}}" + "".join(f"{cell!s:>7}" for cell in cells)
