"""Warning headers: which texts are sent, and how they are cut (apiserver `endpoints/filters/warning.go`)."""

from __future__ import annotations

import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["warning_headers"]

_ALL_LETTERS: Final = 4096
_LETTERS: Final = 256


def warning_headers(texts: Iterable[str]) -> list[str]:
    """Give the headers for *texts*, in order: empty, repeated and unprintable ones are dropped.

    When they become too many letters, each is cut, and no more are sent than fit then.
    """
    kept = [text for text in dict.fromkeys(texts) if text and not any(map(_is_control, text))]
    if sum(map(len, kept)) > _ALL_LETTERS:
        kept = _cut(kept)
    return [_header(text) for text in kept]


def _cut(texts: list[str]) -> list[str]:
    """Cut every text; what comes after the first overflow is sent for as long as there is room left."""
    written = list(accumulate(map(len, texts)))
    before = next(number for number, letters in enumerate(written) if letters > _ALL_LETTERS) + 1
    sent = [text[:_LETTERS] for text in texts[:before]]
    for text in texts[before:]:
        if sum(map(len, sent)) >= _ALL_LETTERS:
            break
        sent.append(text[:_LETTERS])
    return sent


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _header(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'
