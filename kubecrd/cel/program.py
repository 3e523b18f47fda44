"""A compiled expression: parsed, checked and turned into Python once, evaluated as often as one likes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from kubecrd.errors import RuleError

from .bounds import UNKNOWN, Bounds
from .checker import check
from .cost import estimate
from .costs import CALL_LIMIT
from .generation import generate, generate_counted
from .interpreter import Meter, Step
from .issues import print_issues
from .planner import plan
from .recursion import with_room
from .syntax import Expression, Ident, walk
from .typesystem import DYN, Type
from .validators import check_patterns, literal_issues
from .values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Program", "ProgramError", "compile_expression"]


_NO_LIMIT: Final = 1 << 4096
"""Chains of optional macros double the price with each link."""


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

    @cached_property
    def estimate(self) -> Bounds:
        """What one evaluation can cost at least and at most, as the API server estimates it from the declared sizes.

        It is no promise: what an evaluation does cost, `measure` says. Hundreds of loops in each other, which are beyond
        Python's stack, are taken to cost more than anything.
        """
        try:
            return with_room(estimate, self.tree, self.root)
        except RecursionError:
            return UNKNOWN

    # Most definitions are only looked at: what evaluates is made when it is first called for.

    @cached_property
    def evaluate(self) -> Callable[..., Any]:
        """The function that gives the value of the expression, or raises a `CelError` where there is none.

        It takes the values of the variables, in the order they were declared. It is made of generated Python.
        """
        return self._evaluating[0]

    @cached_property
    def source(self) -> str:
        """The Python that was generated: the function that does not count costs, and the one that does."""
        return f"{self._evaluating[1]}\n{self._counting[1]}"

    def measure(self, *values: Any, limit: int = CALL_LIMIT) -> tuple[Any, int]:
        """Give the value of the expression, or the `CelError`, and what that cost.

        Args:
            values: Of the variables, in the order they were declared; a `CelError` for one that cannot be read.
            limit: The most that it may cost.

        Raises:
            CostLimitError: it costs more.
        """
        try:
            found = self._count(limit, *values)
        except Exception:
            # Whatever the generated function cannot answer, the reference knows: what fails there as well is raised there.
            return self.interpret(*values, limit=limit)
        return self.interpret(*values, limit=limit) if found[1] > limit else found

    def interpret(self, *values: Any, limit: int = CALL_LIMIT) -> tuple[Any, int]:
        """As `measure`, step by step: slow, and what the generated functions are held to.

        Args:
            values: Of the variables.
            limit: The most that it may cost.

        Raises:
            CostLimitError: it costs more.
        """
        try:
            return with_room(self._run, values, limit)
        except RecursionError:
            return CelError("the expression is nested too deeply"), 0

    def _run(self, values: tuple[Any, ...], limit: int) -> tuple[Any, int]:
        meter = Meter(limit)
        try:
            value = self._steps.run(dict(zip(self._parameters, values, strict=True)), meter)
        except CelError as error:
            value = error  # what nothing absorbs
        return value, meter.cost

    @cached_property
    def _evaluating(self) -> tuple[Callable[..., Any], str]:
        return generate(self.text, self.tree, self._parameters, self._refer)

    @cached_property
    def _counting(self) -> tuple[Callable[..., tuple[Any, int]], str]:
        return generate_counted(self.text, self.tree, self._parameters)

    @cached_property
    def _count(self) -> Callable[..., tuple[Any, int]]:
        return self._counting[0]

    def _refer(self, *values: Any) -> Any:
        """Ask the reference where generated code has no answer."""
        value, _ = self.interpret(*values, limit=_NO_LIMIT)
        if isinstance(value, CelError):
            raise value
        return value


def compile_expression(
    text: str, variables: Mapping[str, Type], *, prepare: Callable[[Expression], Expression] | None = None
) -> Program:
    """Compile *text*.

    Args:
        text: The expression.
        variables: What it may use, in the order in which `Program.evaluate` takes the values. The first is the one whose
            declared sizes count for the estimated cost.
        prepare: Rewrites the syntax tree before it is checked; None leaves it as it is.

    Raises:
        RuleError: it does not parse, does not type-check (the message is the API server's, with position and caret),
            or uses what is not supported.
        ProgramError: a constant in it cannot be converted.
    """
    return with_room(_compiled, text, variables, prepare)


def _compiled(text: str, variables: Mapping[str, Type], prepare: Callable[[Expression], Expression] | None) -> Program:
    from .parser import parse  # lark with it, which nobody needs before there is an expression

    tree = parse(text) if prepare is None else prepare(parse(text))
    issues = check(tree, variables) or literal_issues(tree)
    if issues:
        raise RuleError(print_issues(text, issues))
    try:
        check_patterns(tree)
        steps = plan(tree)
    except CelError as error:
        raise ProgramError(str(error)) from error
    names = frozenset(node.name.removeprefix(".") for node in walk(tree) if isinstance(node, Ident))
    root = next(iter(variables.values()), None)
    return Program(text, tree.type or DYN, names & frozenset(variables), tree, root, steps, tuple(variables))
