"""How ``kubecrd cel`` tells what became of an expression: lines for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.rendering import as_text

from .console import complain, say, show_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .celscope import Answer

__all__ = ["DEFAULT_PARTS", "show_answer", "show_value"]

DEFAULT_PARTS: Final = ("value", "type", "cost")
"""What is told of an expression, unless something else is asked for."""


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
