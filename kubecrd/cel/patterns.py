"""Regular expressions as the API server has them: RE2, whose errors are worded by Go's `regexp/syntax`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LONGEST_FOR_QUICK", "compile_pattern", "pattern_problem", "quick_search", "searcher"]


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
_LOOK_BEHIND: Final = re.compile(r"\(\?<[=!][^>]*>?")


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
            # Go takes it for a named group, and shows what it takes for the name: up to the next angle, or all.
            return f"error parsing regexp: invalid named capture: `{look_behind[0]}`"
        return f"error parsing regexp: {_WORDS.get(kind, kind)}: `{part}`"
    if _ONE_BYTE.search(pattern):
        # Matches any byte in C++; Go's strings have no such thing.
        return "error parsing regexp: invalid escape sequence: `\\C`"
    return ""


# --- searching often ----------------------------------------------------------------------------------------------

LONGEST_FOR_QUICK: Final = 256
"""The longest text, in code points, that `quick_search` is asked about."""

_MOST_LOOPS, _MOST_CHOICES = 2, 6

_CLASS: Final = r"\[\^?(?:[A-Za-z0-9_ .,:;/@!#%&=~+*?(){}|$<>'\"-]|\\[dw.\-/+*?()\[\]{}|^$])+\]"
_TOKEN: Final = re.compile(
    rf"(?P<atom>[A-Za-z0-9_ ,:;/@!#%&=~<>'\"-]|\.|\\[dw.\-/+*?()\[\]{{}}|^$]|{_CLASS})"
    r"|(?P<open>\((?:\?:)?)(?![?])|(?P<close>\))|(?P<other>[|^$])"
)
_REPEAT: Final = re.compile(r"([*+?]|\{[0-9]{1,3}(?:,(?:[0-9]{1,3})?)?\})\??(?![*+?{])")
_DOUBLED: Final = re.compile(r"--|&&|\|\||~~|\[\^?-.*-\]")


@lru_cache(maxsize=4096)
def searcher(pattern: str) -> Callable[[str], bool]:
    """Give the function that says whether *pattern* matches somewhere in a text, for asking often.

    Where Python's own expressions mean the same and cannot run away they are asked, which is many times faster than
    the way into the RE2 library and back. Else a set of one pattern is, which gives no groups and is still faster.
    """
    exact = compile_pattern(pattern).search
    quick = quick_search(pattern)
    if quick is not None:
        return lambda text: (quick if len(text) <= LONGEST_FOR_QUICK else exact)(text) is not None
    options = re2.Options()
    options.log_errors, options.never_capture = False, True
    patterns = re2.Set.SearchSet(options)
    patterns.Add(pattern)
    patterns.Compile()
    # A set gives up where its memory does not suffice, and says that nothing matches.
    return lambda text: bool(patterns.Match(text)) or exact(text) is not None


@lru_cache(maxsize=4096)
def quick_search(pattern: str) -> Callable[[str], Any] | None:
    """Give what searches by Python's own expressions; None where that could take long, or might not mean the same."""
    translated = _in_python(pattern)
    return None if translated is None else re.compile(translated, re.ASCII).search


def _in_python(pattern: str) -> str | None:
    """Translate a pattern for Python's `re`; None where that is not known to mean the same, or could take long.

    A backtracking search takes long where choices multiply: so there may be few loops and few choices, and
    what is repeated must have neither in it. Loops of which what comes next tells the end do not multiply.
    """
    made: list[str] = []
    # For each open group, whether there is a choice in it.
    groups = [False]
    loops = undecided = choices = position = 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None or _DOUBLED.search(token[0]):
            return None
        position = token.end()
        made.append(r"\Z" if token[0] == "$" else token[0])
        groups += [False] if token["open"] else []
        if token["close"] and len(groups) == 1:
            return None
        inside = groups.pop() if token["close"] else False
        groups[-1] |= inside or token[0] == "|"
        choices += token[0] == "|"
        repeat = _REPEAT.match(pattern, position) if token["atom"] or token["close"] else None
        if repeat is None:
            continue
        position = repeat.end()
        made.append(repeat[0])
        fixed = re.fullmatch(r"\{[0-9]+\}\??", repeat[0])
        if inside and not repeat[0].startswith("?"):
            return None
        groups[-1] |= not fixed
        is_loop = not fixed and not repeat[0].startswith("?")
        loops += is_loop
        undecided += is_loop and not _ends_before(token["atom"], pattern, position)
        choices += repeat[0].startswith("?")
    few = (loops <= _MOST_LOOPS and loops + choices <= _MOST_CHOICES) or (not undecided and choices <= _MOST_CHOICES)
    return "".join(made) if few and len(groups) == 1 else None


def _ends_before(atom: str | None, pattern: str, position: int) -> bool:
    """Say whether what stands at *position* can only begin where a loop over *atom* ends."""
    token = _TOKEN.match(pattern, position)
    if position == len(pattern) or (token is not None and token[0] == "$"):
        return True
    if atom is None or token is None or not token["atom"] or _OPTIONAL.match(pattern, token.end()):
        return False
    return _characters(atom).isdisjoint(_characters(token["atom"]))


_OPTIONAL: Final = re.compile(r"[*?]|\{0")


@lru_cache(maxsize=1024)
def _characters(atom: str) -> frozenset[str]:
    """Give the characters that *atom* matches; all beyond ASCII are treated alike, so one stands for them."""
    matches = re.compile(atom, re.ASCII | re.DOTALL).fullmatch
    return frozenset(letter for letter in [*map(chr, range(128)), "\u0080"] if matches(letter))
