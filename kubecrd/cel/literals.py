"""What a literal stands for: numbers in their ranges, strings and bytes with their escapes."""

from __future__ import annotations

import re
from typing import Any, Final

from .values import INT_MAX, INT_MIN, UINT_MAX, UInt

__all__ = ["RESERVED", "LiteralError", "read_literal"]

RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
"""Words that are no names, though they may be those of fields."""

_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\"'`?\\])|([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
)
_NAMED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_MOST_CODE_POINT: Final = 0x10FFFF


class LiteralError(ValueError):
    """A literal is out of range."""


def read_literal(kind: str, text: str) -> Any:
    """Give the value of a token of the grammar.

    Raises:
        LiteralError: a number is out of range, or an escape is no code point.
    """
    match kind:
        case "INT_LIT":
            return _int(text)
        case "UINT_LIT":
            number = int(text[:-1], 0) if "x" in text else int(text[:-1])
            if number > UINT_MAX:
                raise LiteralError("invalid uint literal")
            return UInt(number)
        case "FLOAT_LIT":
            value = float(text)
            if value in {float("inf"), float("-inf")}:
                raise LiteralError("invalid double literal")
            return value
        case "BOOL_LIT":
            return text == "true"
        case "NULL_LIT":
            return None
        case "BYTES_LIT":
            return _bytes(text[1:])
        case _:
            return _string(text)


def _int(text: str) -> int:
    number = int(text, 0) if "x" in text else int(text)
    if not INT_MIN <= number <= INT_MAX:
        raise LiteralError("invalid int literal")
    return number


def _unquoted(text: str) -> tuple[str, bool]:
    """Give what is between the quotes, and whether it is raw."""
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    quotes = 3 if text.startswith(('"""', "'''")) else 1
    inner = text[quotes:-quotes]
    return inner.replace("\r\n", "\n").replace("\r", "\n"), raw


def _string(text: str) -> str:
    inner, raw = _unquoted(text)
    return inner if raw else _ESCAPE.sub(_character, inner)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return _NAMED.get(match[1], match[1])
    code = int(match[2], 8) if match[2] else int(match[3] or match[4] or match[5], 16)
    if code > _MOST_CODE_POINT or 0xD800 <= code <= 0xDFFF:
        raise LiteralError("invalid unicode code point")
    return chr(code)


def _bytes(text: str) -> bytes:
    inner, raw = _unquoted(text)
    if raw:
        return inner.encode()
    parts, end = [], 0
    for match in _ESCAPE.finditer(inner):
        parts.append(inner[end : match.start()].encode())
        end = match.end()
        if match[4] or match[5]:
            raise LiteralError("unable to unescape string")
        if match[1]:
            parts.append(_NAMED.get(match[1], match[1]).encode())
        else:
            parts.append(bytes([int(match[2], 8) if match[2] else int(match[3], 16)]))
    return b"".join([*parts, inner[end:].encode()])
