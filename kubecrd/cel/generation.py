"""The Python functions that are made of expressions, and where tracebacks find their source."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.errors import RuleError

from .compiler import Generator
from .counting import CountingGenerator, UncountableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .syntax import Expression

__all__ = ["Function", "generate"]

_SERIAL: Final = itertools.count(1)


@frozen(eq=False)
class Function:
    """A generated function.

    Attributes:
        run: What to call. It raises, whatever, where only the reference can answer.
        source: Its Python.
    """

    run: Callable[..., Any]
    source: str


def generate(text: str, tree: Expression, parameters: Sequence[str], *, counted: bool) -> Function:
    """Make the function that evaluates an expression.

    Args:
        text: The expression, to name the source after.
        tree: What it says, checked.
        parameters: The variables it takes, in order; the one that counts takes the limit before them.
        counted: Whether it gives the cost besides the value.
    """
    names: dict[str, Any] = {}
    taken = [f"v_{name}" for name in parameters]
    try:
        if counted:
            body = CountingGenerator(names).body(tree)
            lines = [f"def counted({', '.join(['limit', *taken])}):", *body]
        else:
            lines = [f"def evaluate({', '.join(taken)}):", f"    return {Generator(names).emit(tree)}"]
        return _compiled(text, "\n".join([*lines, ""]), names)
    except (UncountableError, RuleError):
        return Function(_refuse, "# evaluated step by step: what it costs depends on more than can be written down\n")
    except (RecursionError, MemoryError, SyntaxError):
        return Function(_refuse, "# evaluated step by step: nested too deeply for Python\n")


def _compiled(text: str, source: str, names: dict[str, Any]) -> Function:
    filename = f"<rule {next(_SERIAL)}: {text[:60]}>"
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - made of a checked tree
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return Function(names["counted" if "counted" in names else "evaluate"], source)


def _refuse(*_values: Any) -> Any:
    raise NotImplementedError
