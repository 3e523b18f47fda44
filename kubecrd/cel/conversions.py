"""Between JSON, text and the values of CEL: times, durations, numbers, bytes."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.durations import UNITS, parse_nanoseconds

from .calendar import civil_of
from .values import INT_MAX, INT_MIN, CelError, Duration, Timestamp, checked_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from .typesystem import Type

__all__ = [
    "FIRST_MOMENT",
    "LAST_MOMENT",
    "NumberSet",
    "converter_of",
    "format_double",
    "format_duration",
    "format_timestamp",
    "parse_duration",
    "parse_timestamp",
    "to_bytes",
    "to_double",
    "to_duration",
    "to_timestamp",
]

_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))"
)
_STRICT_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))", re.ASCII
)
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_WORDED: Final = re.compile(r"(\d+)\s*(ns|us|µs|ms|s|sec|second|m|min|minute|h|hr|hour|d|day|w|wk|week)s?")
_WORD_UNITS: Final = {
    **UNITS,
    "sec": UNITS["s"],
    "second": UNITS["s"],
    "min": UNITS["m"],
    "minute": UNITS["m"],
    "hr": UNITS["h"],
    "hour": UNITS["h"],
    "d": 24 * UNITS["h"],
    "day": 24 * UNITS["h"],
    "w": 168 * UNITS["h"],
    "wk": 168 * UNITS["h"],
    "week": 168 * UNITS["h"],
}
_PLAIN_POWERS: Final = 6
FIRST_MOMENT: Final = -62135596800 * 10**9
LAST_MOMENT: Final = 253402300800 * 10**9 - 1
"""The years 1 to 9999, in nanoseconds since 1970."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def parse_duration(text: str) -> Duration:
    """Read a Go duration, such as ``1h30m`` or ``-1.5s``.

    Raises:
        CelError: *text* is not one, or does not fit into 64 bits of nanoseconds.
    """
    try:
        nanoseconds = parse_nanoseconds(text)
    except ValueError:
        nanoseconds = INT_MAX + 1
    if not INT_MIN <= nanoseconds <= INT_MAX:
        raise CelError("type conversion error from 'string' to 'google.protobuf.Duration'")
    return Duration(nanoseconds)


def parse_timestamp(text: str) -> Timestamp:
    """Read an RFC 3339 time, as Go does: in capitals, with a fraction of any length.

    Raises:
        CelError: *text* is not one, or means no moment of the years 1 to 9999.
    """
    return _timestamp(_STRICT_TIMESTAMP.fullmatch(text))


def _timestamp(match: re.Match[str] | None) -> Timestamp:
    fault = CelError("type conversion error from 'string' to 'google.protobuf.Timestamp'")
    if match is None:
        raise fault
    year, *others = (int(part) for part in match.groups()[:6])
    try:
        # The year 0 is one of Go's, and a leap year as 2000 is, but out of range all the same.
        moment = datetime(year or 2000, *others, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise fault from error
    offset = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 24 or minutes > 60:  # Go takes 24 and 60 for fine
            raise fault
        offset = (hours * 60 + minutes) * 60 * (-1 if match[9] == "-" else 1)
    seconds = (moment - _EPOCH) // timedelta(seconds=1) - offset
    nanoseconds = seconds * 10**9 + int((match[7] or "0")[:9].ljust(9, "0"))
    if not year or not FIRST_MOMENT <= nanoseconds <= LAST_MOMENT:
        raise CelError("timestamp overflow")
    return Timestamp(nanoseconds, offset)


def format_duration(value: Duration) -> str:
    """Write a duration in seconds, with the shortest fraction: ``1.5s``."""
    sign = "-" if value.nanoseconds < 0 else ""
    seconds, rest = divmod(abs(value.nanoseconds), 10**9)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{sign}{seconds}{fraction}s"


def format_timestamp(value: Timestamp) -> str:
    """Write a time in RFC 3339, with the shortest fraction and the offset it was read with."""
    seconds, rest = divmod(value.nanoseconds, 10**9)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    at = civil_of(seconds + value.offset)
    sign = "-" if value.offset < 0 else "+"
    hours, minutes = divmod(abs(value.offset) // 60, 60)
    zone = f"{sign}{hours:02}:{minutes:02}" if value.offset else "Z"
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}{fraction}{zone}"


def format_double(value: float) -> str:
    """Write a double as Go's ``%g`` does: the shortest digits, with an exponent below 1e-4 and from 1e6 on."""
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "+Inf" if value > 0 else "-Inf"
    digits, _, exponent = f"{value!r}".lower().partition("e")
    mantissa = digits.rstrip("0").rstrip(".") if "." in digits else digits
    sign = "-" if mantissa.startswith("-") else ""
    bare = mantissa.lstrip("-")
    whole, _, fraction = bare.partition(".")
    significant = (whole + fraction).lstrip("0").rstrip("0") or "0"
    leading = len(fraction) - len(fraction.lstrip("0")) if not whole.strip("0") else 0
    power = int(exponent or 0) + (len(whole) - 1 if whole.strip("0") else -leading - 1)
    if significant == "0":
        return f"{sign}0"
    if power < -4 or power >= _PLAIN_POWERS:
        tail = f".{significant[1:]}" if len(significant) > 1 else ""
        return f"{sign}{significant[0]}{tail}e{'-' if power < 0 else '+'}{abs(power):02}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{significant}"
    padded = significant.ljust(power + 1, "0")
    tail = f".{padded[power + 1 :]}" if len(padded) > power + 1 else ""
    return f"{sign}{padded[: power + 1]}{tail}"


class NumberSet(list[float]):
    """A set of numbers, as a schema has it.

    Args:
        items: As doubles.
        keys: The types and values that its members are found by: those of the JSON, where 2 is no double.
    """

    def __init__(self, items: list[float], keys: set[tuple[type, Any]]) -> None:
        super().__init__(items)
        self.keys = keys


def converter_of(kind: Type) -> Callable[[Any], Any] | None:
    """Give what turns JSON of a declared type into the value that CEL has for it; None where they are the same.

    Objects are left as they are: their fields are converted where they are read.
    """
    match kind.name:
        case "list" if kind.list_type == "set" and kind.parameters[0].name == "double":
            return _number_set
        case "list" if (convert := converter_of(kind.parameters[0])) is not None:
            return _each(convert)
        case "map" if (convert := converter_of(kind.parameters[1])) is not None:
            return _each_value(convert)
        case _:
            return _CONVERTERS.get(kind.name)


def _number_set(items: list[Any]) -> NumberSet:
    # Not the set of the bare values: 2 and 2.0 would be one there.
    return NumberSet(_each(to_double)(items), {(type(item), item) for item in items})


def _each(convert: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    return lambda items: [None if item is None else convert(item) for item in items]


def _each_value(convert: Callable[[Any], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda items: {name: None if item is None else convert(item) for name, item in items.items()}


def _misfit(value: Any, wanted: str) -> CelError:
    """Give the fault of a value: that it has already, or that it is of the wrong type."""
    if isinstance(value, CelError):
        return value
    return CelError(f"invalid data, expected {wanted}, got {type(value).__name__}")


def to_double(value: Any) -> float:
    """Take a JSON number for a double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _misfit(value, "float")
    return float(value)


def to_timestamp(value: Any) -> Timestamp:
    """Take a JSON string of the format date-time or date for a point in time."""
    if isinstance(value, Timestamp):
        return value  # of a variable, which is no JSON
    if not isinstance(value, str):
        raise _misfit(value, "string")
    date = _DATE.fullmatch(value)
    return _timestamp(_TIMESTAMP.fullmatch(f"{value}T00:00:00Z" if date else value))


def to_duration(value: Any) -> Duration:
    """Take a JSON string of the format duration for a span; words such as ``3 days`` are fine there."""
    if isinstance(value, Duration):
        return value  # of a variable, which is no JSON
    if not isinstance(value, str):
        raise _misfit(value, "string")
    try:
        return parse_duration(value)
    except CelError:
        parts = _WORDED.findall(value)
        if not parts:
            raise
        return Duration(checked_int(sum(int(number) * _WORD_UNITS[unit] for number, unit in parts)))


def to_bytes(value: Any) -> bytes:
    """Take a JSON string of the format byte for bytes."""
    # The server reads these in the alphabet of URLs, though the format asks for the other one.
    if isinstance(value, bytes):
        return value  # of a variable, which is no JSON
    if not isinstance(value, str):
        raise _misfit(value, "string")
    wrong = _NOT_BASE64.search(value)
    try:
        if wrong is None:
            return base64.urlsafe_b64decode(value)
    except (binascii.Error, ValueError):
        pass  # what is cut off is wrong at its end
    place = wrong.start() if wrong else len(value)
    raise CelError(f"Invalid byte formatted string {value}: illegal base64 data at input byte {place}")


_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9_\-=]")

_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "double": to_double,
    "google.protobuf.Timestamp": to_timestamp,
    "google.protobuf.Duration": to_duration,
    "bytes": to_bytes,
}
