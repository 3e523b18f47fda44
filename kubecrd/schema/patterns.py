"""Regular expressions as the API server has them: RE2, whose errors are worded by Go's `regexp/syntax`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

__all__ = ["compile_pattern", "pattern_problem"]


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Compile an RE2 pattern; raises `re2.error` where it is none."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


_WORDS: Final = {
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
}
"""What the C++ library says, and what Go says instead; all else is the same."""

_ONE_BYTE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\C")
_LOOK_BEHIND: Final = re.compile(r"\(\?<[=!].*", re.DOTALL)


def pattern_problem(pattern: str) -> str:
    """Say in Go's words why *pattern* is no RE2 pattern; empty if it is one."""
    try:
        compile_pattern(pattern)
    except re2.error as error:
        told = error.args[0]
        kind, _, part = (told.decode() if isinstance(told, bytes) else str(told)).partition(": ")
        if kind.startswith("trailing"):
            return f"error parsing regexp: {_WORDS[kind]}: ``"
        if look_behind := _LOOK_BEHIND.search(pattern):
            # Go takes it for a named group, and shows the rest of the pattern.
            return f"error parsing regexp: invalid named capture: `{look_behind[0]}`"
        return f"error parsing regexp: {_WORDS.get(kind, kind)}: `{part}`"
    if _ONE_BYTE.search(pattern):
        # Matches any byte in C++; Go's strings have no such thing.
        return "error parsing regexp: invalid escape sequence: `\\C`"
    return ""
