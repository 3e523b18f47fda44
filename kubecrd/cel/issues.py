"""What is wrong with an expression, printed as the API server prints it: position, text, the line, a caret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_ISSUES", "Issue", "print_issues"]

_LONGEST_SNIPPET = 16384
MOST_ISSUES = 100
"""How many are printed; the rest is only counted."""


@frozen(order=True)
class Issue:
    """One fault.

    Attributes:
        position: Offset in the text; negative where there is none.
        message: Without the position.
    """

    position: int
    message: str


def print_issues(text: str, issues: Iterable[Issue]) -> str:
    """Print *issues*, sorted by position, one a paragraph, as cel-go does: at most 100."""
    ordered = sorted(issues, key=lambda issue: issue.position)
    printed = [_print(text, issue) for issue in ordered[:MOST_ISSUES]]
    if len(ordered) > MOST_ISSUES:
        printed.append(f"{len(ordered) - MOST_ISSUES} more errors were truncated")
    return "\n".join(printed)


def _print(text: str, issue: Issue) -> str:
    if issue.position < 0:
        return f"ERROR: <input>:-1:0: {issue.message}"
    if not text:
        return f"ERROR: <input>:1:0: {issue.message}"
    before = text[: issue.position]
    number = before.count("\n") + 1
    start = before.rfind("\n") + 1
    column = issue.position - start
    head = f"ERROR: <input>:{number}:{column + 1}: {issue.message}"
    line = text[start:].split("\n", 1)[0]
    if len(line) > _LONGEST_SNIPPET:
        return head
    dots = "".join("." if ord(letter) < 128 else "．" for letter in line[:column])  # noqa: RUF001 - as wide as what is above
    caret = "^" if column >= len(line) or ord(line[column]) < 128 else "＾"  # noqa: RUF001
    return f"{head}\n | {line.replace(chr(9), ' ')}\n | {dots}{caret}"
