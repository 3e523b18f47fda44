"""Regular expressions, by RE2 as in Go."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from kubecrd.cel.values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "compiled"]

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """Compile *pattern*.

    Raises:
        CelError: it is no RE2 pattern.
    """
    if "\\C" in pattern and _GO_ONLY.match(pattern):
        raise CelError(r"error parsing regexp: invalid escape sequence: `\C`")
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        raise CelError(f"error parsing regexp: {_reason(error, pattern)}") from error


_GO: Final = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
}
"""What RE2 says, and what Go says of the same fault."""

_GO_ONLY: Final = re.compile(r"(?:[^\\]|\\[^C])*?(\\C)", re.DOTALL)


def _reason(error: Exception, pattern: str) -> str:
    told = error.args[0] if error.args else ""
    text = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    said, _, part = text.partition(": ")
    if part in {"(?<=", "(?<!"}:  # Go has names of this form
        return f"invalid named capture: `{pattern[pattern.index(part) :]}`"
    said = _GO.get(said.removesuffix(" at end of pattern"), said)
    return f"{said}: `{part}`"


def matches(text: str, pattern: str) -> bool:
    """Say whether *pattern* matches anywhere in *text*."""
    if not all(isinstance(each, str) for each in (text, pattern)):
        raise CelError("no such overload")
    return compiled(pattern).search(text) is not None


def find(text: str, pattern: str) -> str:
    """Give the first match, empty when there is none."""
    found = _illegal(pattern).search(text)
    return "" if found is None else str(found.group(0))


def find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    """Give the matches, at most *limit* when it is not negative."""
    found, end = [], -1
    for match in _illegal(pattern).finditer(text):
        # Go takes no empty match right behind another.
        if match.end() > match.start() or match.start() != end:
            found.append(match.group(0))
        end = match.end()
    return found if limit < 0 else found[:limit]


def _illegal(pattern: str) -> Any:
    try:
        return compiled(pattern)
    except CelError as error:
        raise CelError(f"Illegal regex: {error}") from error


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"find": find, "findAll": find_all, "matches": matches}
