"""``string.format``: verbs, their precision, and what each takes (cel-go `ext/formatting.go`)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.conversions import format_double, format_timestamp
from kubecrd.cel.values import CelError, Duration, Timestamp, TypeValue, type_name
from kubecrd.resource.gotext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FUNCTIONS", "Clause", "clauses", "refusal"]

_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")

_CLAUSES: Final = {
    "s": (
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
        frozenset(
            [
                "string",
                "bool",
                "bytes",
                "int",
                "uint",
                "double",
                "map",
                "list",
                "type",
                "google.protobuf.Duration",
                "google.protobuf.Timestamp",
                "null_type",
            ]
        ),
    ),
    "d": ("decimal clause can only be used on integers", frozenset({"int", "uint"})),
    "f": ("fixed-point clause can only be used on doubles", frozenset({"double"})),
    "e": ("scientific clause can only be used on doubles", frozenset({"double"})),
    "b": ("only integers and bools can be formatted as binary", frozenset({"int", "uint", "bool"})),
    "o": ("octal clause can only be used on integers", frozenset({"int", "uint"})),
    "x": (
        "only integers, byte buffers, and strings can be formatted as hex",
        frozenset({"int", "uint", "bytes", "string"}),
    ),
}
_DIGITS: Final = 6
_NAMED_NUMBERS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@frozen
class Clause:
    """A piece of a format: text as it stands, or a verb.

    Attributes:
        text: What stands there; empty for a verb.
        verb: One of ``s d f e b o x X``; empty for text.
        digits: Behind the point, for ``f`` and ``e``; None for six.
    """

    text: str = ""
    verb: str = ""
    digits: int | None = None


def clauses(text: str, count: int) -> Iterator[Clause]:
    """Yield the pieces of a format.

    Args:
        text: The format.
        count: How many values there are for its verbs.

    Raises:
        CelError: a verb is unknown, cut off, or has no value.
    """
    place = used = 0
    while (percent := text.find("%", place)) >= 0:
        yield Clause(text[place:percent])
        if percent + 1 >= len(text):
            raise CelError("unexpected end of string")
        if text[percent + 1] == "%":
            yield Clause("%")
            place = percent + 2
            continue
        if used >= count:
            raise CelError(f"index {used} out of range")
        used += 1
        digits, place = _precision(text, percent + 1)
        verb = text[place]
        if verb.lower() not in _CLAUSES or (verb.isupper() and verb != "X"):
            raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{verb}"')
        yield Clause(verb=verb, digits=digits)
        place += 1
    yield Clause(text[place:])


def _precision(text: str, place: int) -> tuple[int | None, int]:
    if text[place] != ".":
        return None, place
    end = place + 1
    while end < len(text) and text[end].isdecimal():
        end += 1
    fault = "could not parse formatting clause: error while parsing precision: "
    if end >= len(text):
        raise CelError(f"{fault}could not find end of precision specifier")
    digits = text[place + 1 : end]
    if not _INTEGER.fullmatch(digits):
        raise CelError(
            f'{fault}error while converting precision to integer: strconv.Atoi: parsing "{digits}": invalid syntax'
        )
    return int(digits), end


def refusal(verb: str, kind: str) -> str:
    """Say why a value of the type *kind* cannot stand for *verb*; empty when it can."""
    said, kinds = _CLAUSES[verb.lower()]
    return "" if kind in kinds else f"error during formatting: {said}, was given {kind}"


def format_string(text: Any, values: Any) -> str:
    """Put *values* in the place of the verbs of *text*."""
    if not isinstance(text, str) or not isinstance(values, list):
        raise CelError("no such overload: format")
    parts, used = [], 0
    for clause in clauses(text, len(values)):
        if not clause.verb:
            parts.append(clause.text)
            continue
        value = values[used]
        if clause.verb in {"f", "e"} and isinstance(value, str):
            value = _NAMED_NUMBERS.get(value, value)
        refused = refusal(clause.verb, type_name(value))
        if refused:
            raise CelError(refused)
        parts.append(_WRITERS[clause.verb](value, _DIGITS if clause.digits is None else clause.digits))
        used += 1
    return "".join(parts)


def _text(value: Any, _digits: int) -> str:
    match value:
        case str():
            return value
        case bytes():
            return _decoded(value)
        case float():
            return format_double(value)
        case Duration():
            return format_seconds(value)
        case Timestamp():
            return format_timestamp(value)
        case _:
            return _inner(value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        said = '"invalid UTF-8 in bytes, cannot convert to string" to string'
        raise CelError(f"error during formatting: could not convert argument {said}") from error


def format_seconds(value: Duration) -> str:
    """Write a duration as a double number of seconds, with all its digits, as ``%s`` does."""
    seconds = value.nanoseconds / 10**9
    return f"{Decimal(repr(seconds)):f}".removesuffix(".0") + "s"


def _inner(value: Any) -> str:
    """Write a value inside a list or a map: strings quoted, doubles with six digits."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int():
            return str(int(value))
        case float():
            return f"{value:.{_DIGITS}f}" if math.isfinite(value) else format_double(value)
        case bytes():
            return f"b{quoted(_decoded(value))}"
        case list():
            return f"[{', '.join(map(_inner, value))}]"
        case dict():
            entries = sorted((_inner(key), _inner(member)) for key, member in value.items())
            return f"{{{', '.join(f'{key}:{member}' for key, member in entries)}}}"
        case Duration():
            return f'duration("{format_seconds(value)}")'
        case Timestamp():
            return f'timestamp("{format_timestamp(value)}")'
        case TypeValue():
            return value.name
        case _:
            raise CelError(f"error during formatting: no formatting function for {type_name(value)}")


def _fixed(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if math.isfinite(value) else _symbol(value)


def _symbol(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else "-∞"


def _scientific(value: float, digits: int) -> str:
    # What is meant for the precision is taken for the width; the precision is always six.
    if not math.isfinite(value):
        return _symbol(value).rjust(digits)
    mantissa, _, exponent = f"{value:.{_DIGITS}e}".partition("e")
    power = int(exponent)
    shown = f"{'-' if power < 0 else ''}{abs(power):02}".translate(_SUPERSCRIPTS)
    return f"{mantissa}×10{shown}".rjust(digits)  # noqa: RUF001 - as cel-go writes it


def _hex(value: Any, _digits: int) -> str:
    if isinstance(value, str):
        return value.encode().hex()
    return value.hex() if isinstance(value, bytes) else f"{value:x}"


_WRITERS: Final[dict[str, Callable[[Any, int], str]]] = {
    "s": _text,
    "d": lambda value, _: str(int(value)),
    "f": _fixed,
    "e": _scientific,
    "b": lambda value, _: f"{int(value):b}",
    "o": lambda value, _: f"{int(value):o}",
    "x": _hex,
    "X": lambda value, digits: _hex(value, digits).upper(),
}

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"format": format_string}
