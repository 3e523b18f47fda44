"""A compiled expression: parsed, checked and turned into Python once, evaluated as often as one likes."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.errors import RuleError

from .checker import check
from .compiler import generate
from .issues import print_issues
from .parser import parse
from .syntax import Ident, walk
from .typesystem import DYN, Type
from .validators import fold_constants, literal_issues
from .values import CelError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Program", "ProgramError", "compile_expression"]

_SERIAL: Final = itertools.count()


class ProgramError(RuleError):
    """The types are right, but a constant cannot be converted, or is no pattern."""


@frozen(eq=False)
class Program:
    """An expression that can be evaluated.

    Attributes:
        text: The expression.
        type: What it gives.
        source: The Python that was generated, both functions.
        used: Names of the variables that the expression mentions.
    """

    text: str
    type: Type
    source: str
    used: frozenset[str]
    _parameters: tuple[str, ...]
    _fast: Callable[..., Any]
    _exact: Callable[..., Any]

    def evaluate(self, *values: Any) -> Any:
        """Give the value of the expression.

        Args:
            values: Of the variables, in the order they were declared.

        Raises:
            CelError: the evaluation failed.
        """
        try:
            return self._fast(*values)
        except Exception:
            return self._evaluate_exactly(values)

    def _evaluate_exactly(self, values: tuple[Any, ...]) -> Any:
        try:
            return self._exact(*values)
        except CelError:
            raise
        except (TypeError, AttributeError, LookupError, ValueError, ArithmeticError, RecursionError) as error:
            # A value is of a type that no overload takes: null in a list, a scalar where the schema knows nothing.
            raise CelError("no such overload") from error


def compile_expression(text: str, variables: Mapping[str, Type]) -> Program:
    """Compile *text*.

    Args:
        text: The expression.
        variables: What it may use, in the order in which `Program.evaluate` takes the values.

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
    except CelError as error:
        raise ProgramError(str(error)) from error
    parameters = tuple(variables)
    names: dict[str, Any] = {}
    try:
        source = generate(tree, parameters, exact=False, names=names) + generate(
            tree, parameters, exact=True, names=names
        )
        filename = f"<rule {next(_SERIAL)}: {text[:60]}>"
        exec(compile(source, filename, "exec"), names)  # noqa: S102 - made of a checked tree
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise RuleError("the expression is nested too deeply to be compiled; this is not supported") from error
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    used = frozenset(node.name.removeprefix(".") for node in walk(tree) if isinstance(node, Ident)) & frozenset(
        parameters
    )
    return Program(text, tree.type or DYN, source, used, parameters, names["fast"], names["exact"])
