"""A compiled expression: parsed, checked and turned into Python once, evaluated as often as one likes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from attrs import define, field

from kubecrd.errors import RuleError

from .bounds import Bounds
from .checker import check
from .cost import estimate
from .costs import CALL_LIMIT
from .generation import Function, generate
from .interpreter import Meter, Step
from .issues import print_issues
from .parser import parse
from .planner import plan
from .syntax import Expression, Ident, walk
from .typesystem import DYN, Type
from .validators import fold_constants, literal_issues
from .values import CelError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Program", "ProgramError", "compile_expression"]


class ProgramError(RuleError):
    """The types are right, but a constant cannot be converted, or is no pattern."""


@define(eq=False)
class Program:
    """An expression that can be evaluated.

    Attributes:
        text: The expression.
        type: What it gives.
        used: Names of the variables that the expression mentions.
        tree: Its checked syntax.
        root: What its first variable is declared to be, with the sizes it can have; None if it has none.
    """

    text: str
    type: Type
    used: frozenset[str]
    tree: Expression = field(repr=False)
    root: Type | None = field(repr=False)
    _steps: Step = field(repr=False)
    _parameters: tuple[str, ...] = field(repr=False)
    _fast: Function | None = field(default=None, init=False, repr=False)
    _counted: Function | None = field(default=None, init=False, repr=False)
    _estimate: Bounds | None = field(default=None, init=False, repr=False)

    @property
    def estimate(self) -> Bounds:
        """What one evaluation can cost at least and at most, as the API server estimates it from the declared sizes.

        It is no promise: what an evaluation does cost, `measure` says.
        """
        if self._estimate is None:
            self._estimate = estimate(self.tree, self.root)
        return self._estimate

    @property
    def source(self) -> str:
        """The Python that was generated: the function that does not count costs, and the one that does."""
        return f"{self._fast_function.source}\n{self._counted_function.source}"

    def evaluate(self, *values: Any) -> Any:
        """Give the value of the expression.

        Args:
            values: Of the variables, in the order they were declared.

        Raises:
            CelError: the evaluation failed.
        """
        try:
            return (self._fast or self._fast_function).run(*values)
        except Exception:
            value, _ = self.interpret(*values, limit=sys.maxsize)
        if isinstance(value, CelError):
            raise value
        return value

    def measure(self, *values: Any, limit: int = CALL_LIMIT) -> tuple[Any, int]:
        """Give the value of the expression, or the `CelError`, and what that cost.

        Args:
            values: Of the variables, in the order they were declared; a `CelError` for one that cannot be read.
            limit: The most that it may cost.

        Raises:
            CostLimitError: it costs more.
        """
        try:
            value, cost = (self._counted or self._counted_function).run(limit, *values)
        except Exception:
            return self.interpret(*values, limit=limit)
        if cost > limit:
            return self.interpret(*values, limit=limit)
        return value, cost

    def interpret(self, *values: Any, limit: int = CALL_LIMIT) -> tuple[Any, int]:
        """As `measure`, step by step: slow, and what the generated functions are held to.

        Args:
            values: Of the variables.
            limit: The most that it may cost.

        Raises:
            CostLimitError: it costs more.
        """
        meter = Meter(limit)
        try:
            value = self._steps.run(dict(zip(self._parameters, values, strict=True)), meter)
        except RecursionError:
            value = CelError("the expression is nested too deeply")
        except CelError as error:
            value = error  # what nothing absorbs
        return value, meter.cost

    @property
    def _fast_function(self) -> Function:
        if self._fast is None:
            self._fast = generate(self.text, self.tree, self._parameters, counted=False)
        return self._fast

    @property
    def _counted_function(self) -> Function:
        if self._counted is None:
            self._counted = generate(self.text, self.tree, self._parameters, counted=True)
        return self._counted


def compile_expression(text: str, variables: Mapping[str, Type]) -> Program:
    """Compile *text*.

    Args:
        text: The expression.
        variables: What it may use, in the order in which `Program.evaluate` takes the values. The first is the one whose
            declared sizes count for the estimated cost.

    Raises:
        RuleError: it does not parse, does not type-check (the message is the API server's, with position and caret),
            or uses what is not supported.
        ProgramError: a constant in it cannot be converted.
    """
    tree = parse(text)
    issues = check(tree, variables) or literal_issues(tree)
    if issues:
        raise RuleError(print_issues(text, issues))
    try:
        fold_constants(tree)
        steps = plan(tree)
    except CelError as error:
        raise ProgramError(str(error)) from error
    names = frozenset(node.name.removeprefix(".") for node in walk(tree) if isinstance(node, Ident))
    root = next(iter(variables.values()), None)
    return Program(text, tree.type or DYN, names & frozenset(variables), tree, root, steps, tuple(variables))
