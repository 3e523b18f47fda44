"""What became of an expression of ``kubecrd cel``, and how it is told: lines for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.bounds import UNBOUNDED
from kubecrd.cel.rendering import as_json, as_text
from kubecrd.schema.costadvice import Limit, RuleCost
from kubecrd.schema.rulecosts import RULE_LIMIT

from .console import complain, say, show_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["DEFAULT_PARTS", "Answer", "Estimate", "show_answer", "show_value"]

DEFAULT_PARTS: Final = ("value", "type", "cost", "estimate")
"""What is told of an expression, unless something else is asked for: ``estimate`` tries limits, too."""


_TRIED: Final = (10, 100, 1000)
"""Limits that are tried, to show how they change an estimate."""


@frozen
class Estimate:
    """What an expression can cost as a rule, by the estimate that is made when a definition is written.

    Attributes:
        least: Of one evaluation.
        most: Of one evaluation.
        count: How often it can run in one object.
        total: The most in one object.
        limits: What the total would be if a list, map or string could have so many elements.
    """

    least: int
    most: int
    count: int
    total: int
    limits: tuple[tuple[Limit, dict[int, int]], ...]

    @classmethod
    def of(cls, cost: RuleCost) -> Estimate:
        """Estimate, and try other limits of the schema."""
        limits = tuple(
            (limit, {value: cost.within({limit: value}).total for value in _TRIED if value != limit.now})
            for limit in cost.limits()
        )
        return cls(*cost.estimate, cost.count, cost.total, limits)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON."""
        limits = [
            {"path": limit.path, "keyword": limit.keyword, "now": limit.now, "totals": totals}
            for limit, totals in self.limits
        ]
        estimate = {"least": self.least, "most": self.most, "count": self.count, "total": self.total}
        return {"estimate": estimate | {"limit": RULE_LIMIT, "limits": limits}}


@frozen
class Answer:
    """What became of an expression.

    Attributes:
        expression: The expression.
        type: What it gives; empty if it does not compile.
        has_value: Whether it was evaluated, with success.
        value: As CEL has it.
        cost: What the evaluation has cost; None if there was none.
        fault: Why it does not compile, or what went wrong in the evaluation, in the API server's words.
        hints: What may help.
        source: The Python that was generated.
        rule_cost: What it can cost as a rule; None where no schema says how large values can be.
    """

    expression: str
    type: str = ""
    has_value: bool = False
    value: Any = None
    cost: int | None = None
    fault: str = ""
    hints: tuple[str, ...] = ()
    source: str = ""
    rule_cost: RuleCost | None = None

    @property
    def holds(self) -> bool:
        """Whether it is neither refused nor failed nor false."""
        return not self.fault and self.value is not False

    def to_dict(self, parts: Sequence[str]) -> dict[str, Any]:
        """Give it as JSON; what there is not is left out.

        Args:
            parts: Which of value, type, cost and source; what is wrong is always there.
        """
        made: dict[str, Any] = {"expression": self.expression}
        if self.has_value and "value" in parts:
            made["value"] = as_json(self.value)
        known = {"type": self.type, "cost": self.cost, "source": self.source}
        made |= {name: each for name, each in known.items() if name in parts and each not in {"", None}}
        if self.rule_cost is not None and "estimate" in parts:
            made |= Estimate.of(self.rule_cost).to_dict()
        wrong = {"error": self.fault, "suggestions": list(self.hints)}
        return made | {name: each for name, each in wrong.items() if each}


def show_answer(answer: Answer, output: str, parts: Sequence[str] = DEFAULT_PARTS) -> None:
    """Print what became of an expression; what is wrong goes to the error stream.

    Args:
        answer: What became of it.
        output: ``text`` or ``json``.
        parts: What is told of it; of *DEFAULT_PARTS*, and ``source`` for the generated Python.
    """
    if output == "json":
        sys.stdout.write(json.dumps(answer.to_dict(parts), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    show_facts(_facts(answer, parts))
    if "source" in parts and answer.source:
        say(answer.source.rstrip())
    if answer.fault:
        complain(answer.fault)
        for hint in answer.hints:
            say(hint, stderr=True)


def show_value(name: str, value: Any) -> None:
    """Print a value."""
    show_facts([(name, as_text(value))])


def _facts(answer: Answer, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    if answer.has_value and "value" in parts:
        yield "value", as_text(answer.value)
    if answer.type and "type" in parts:
        yield "type", answer.type
    if answer.cost is not None and "cost" in parts:
        yield "cost", f"{answer.cost:,}"
    if answer.rule_cost is not None and "estimate" in parts:
        yield from _estimate(Estimate.of(answer.rule_cost))


def _estimate(estimate: Estimate) -> Iterator[tuple[str, str]]:
    yield "estimate", f"{_number(estimate.least)} to {_number(estimate.most)}"
    times = "" if estimate.count == 1 else f", {_number(estimate.count)} times"
    yield "total", f"{_number(estimate.total)} in one object{times}; the limit is {_number(RULE_LIMIT)}"
    for limit, totals in estimate.limits:
        now = "none" if limit.now is None else _number(limit.now)
        tried = "; ".join(f"with {_number(value)}: {_number(total)}" for value, total in totals.items())
        yield limit.keyword, f"{limit.path}: {now}; {tried}"


def _number(number: int) -> str:
    return "more than can be counted" if number >= UNBOUNDED else f"{number:,}"
