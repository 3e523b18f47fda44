"""Values as Go prints them: the API server's messages are made with `%q`, `%v` and `json.Marshal`."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from attrs import frozen

__all__ = ["Verbatim", "json_text", "number", "quoted"]

_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_HTML: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_HTML_TABLE: Final = str.maketrans(_HTML)


@frozen
class Verbatim:
    """A value whose text in a message is known already, such as a Go struct printed field by field."""

    text: str


def quoted(text: str) -> str:
    """Quote *text* as `%q` does: printable characters stay, others are escaped."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(_escaped(char) for char in text)}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    # Go's IsPrint knows one blank only, U+0020; Python's isprintable agrees on that.
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def number(value: float, *, least_exponent: int = -4, most_exponent: int = 6) -> str:
    """Print a number with the fewest digits that read back the same.

    Args:
        value: An int is printed plainly.
        least_exponent: Below this decimal exponent the form is ``1e-05``; Go's `%v` has -4, its JSON has -6.
        most_exponent: From this decimal exponent on the form is ``1e+06``; Go's JSON has 21.
    """
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    mantissa, _, exponent_text = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    shift = int(exponent_text or 0) + len(whole)
    digits = (whole + fraction).lstrip("0")
    shift -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0"
    exponent = shift - 1
    if exponent < least_exponent or exponent >= most_exponent:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if shift <= 0:
        return f"{sign}0.{'0' * -shift}{digits}"
    if shift >= len(digits):
        return f"{sign}{digits}{'0' * (shift - len(digits))}"
    return f"{sign}{digits[:shift]}.{digits[shift:]}"


def json_text(value: Any) -> str:
    """Write JSON as Go does: compact, keys sorted, HTML characters escaped, integral floats without fraction."""
    match value:
        case Verbatim():
            return value.text
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number(value, least_exponent=-6, most_exponent=21)
        case str():
            return json.dumps(value, ensure_ascii=False).translate(_HTML_TABLE)
        case dict():
            return "{" + ",".join(f"{json_text(key)}:{json_text(value[key])}" for key in sorted(value)) + "}"
        case _:
            return "[" + ",".join(json_text(item) for item in value) + "]"
