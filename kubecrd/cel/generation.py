"""The Python functions that are made of expressions, and where tracebacks find their source."""

from __future__ import annotations

import itertools
import linecache
import weakref
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RuleError

from .compiler import Generator
from .counting import CountingGenerator, UncountableError
from .syntax import Call, Expression, Ident, Macro, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["generate", "generate_counted"]

_SERIAL: Final = itertools.count(1)
_TOO_DEEP: Final = (RecursionError, MemoryError, SyntaxError)


def generate(
    text: str, tree: Expression, parameters: Sequence[str], refer: Callable[..., Any]
) -> tuple[Callable[..., Any], str]:
    """Make the function that evaluates an expression, and give its source too.

    Args:
        text: The expression, to name the source after.
        tree: What it says, checked.
        parameters: The variables it takes, in order.
        refer: What is called with the same values where only the reference can answer.
    """
    if any(map(_is_fragile, walk(tree))):
        return refer, _STEP_BY_STEP
    names: dict[str, Any] = {"refer": refer}
    taken = ", ".join(f"v_{name}" for name in parameters)
    try:
        lines = [
            f"def evaluate({taken}):",
            "    try:",
            f"        return {Generator(names).emit(tree)}",
            "    except Exception:",
            f"        return refer({taken})",
        ]
        return _compiled(text, lines, names, "evaluate")
    except (RuleError, *_TOO_DEEP):
        return refer, _STEP_BY_STEP


def generate_counted(
    text: str, tree: Expression, parameters: Sequence[str]
) -> tuple[Callable[..., tuple[Any, int]], str]:
    """Make the function that gives the value of an expression and its cost, and give its source too.

    Args:
        text: The expression, to name the source after.
        tree: What it says, checked.
        parameters: The variables it takes, in order, behind the limit. It raises, whatever, where only the reference
            can answer.
    """
    if any(map(_is_fragile, walk(tree))):
        return _refuse, _STEP_BY_STEP
    names: dict[str, Any] = {}
    taken = ", ".join(["limit", *(f"v_{name}" for name in parameters)])
    try:
        lines = [f"def count({taken}):", *CountingGenerator(names).body(tree)]
        return _compiled(text, lines, names, "count")
    except (UncountableError, RuleError, *_TOO_DEEP):
        return _refuse, _STEP_BY_STEP


_SURVIVING: Final = frozenset(
    {
        *("bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"),
        *("google.protobuf.Duration", "google.protobuf.Timestamp"),
    }
)


def _is_fragile(node: Expression) -> bool:
    """Say whether an attribute may be an optional whose value does not survive being read (`interpreter.unwrapped`)."""
    kind = node.type
    if kind is None or kind.name != "optional_type" or kind.parameters[0].fields is not None:
        return False
    read = isinstance(node, Ident | Macro) or (isinstance(node, Call) and node.function == "_?_:_")
    known = kind.parameters[0].is_dyn and isinstance(node, Ident)
    return read and not known and kind.parameters[0].name not in _SURVIVING


def _compiled(text: str, lines: list[str], names: dict[str, Any], function: str) -> tuple[Callable[..., Any], str]:
    source = "\n".join([*lines, ""])
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:60])
    filename = f"<rule {next(_SERIAL)}: {shown}>"
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - made of a checked tree
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(names[function], linecache.cache.pop, filename, None)
    return names[function], source


def _refuse(*_values: Any) -> Any:
    raise NotImplementedError


_STEP_BY_STEP: Final = "# evaluated step by step: it is nested too deeply, or what it costs cannot be written down\n"
