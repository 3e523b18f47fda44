"""What somebody may have meant who wrote a word that is not known."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Give the remedy for a misspelt *word*: the closest of *words*, or all of them."""
    known = sorted(words)
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(known)}"
