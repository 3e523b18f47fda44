"""Spans of time as Go writes them: ``1h30m``, ``250ms``; the API server keeps them as text."""

from __future__ import annotations

import datetime as dt
import re
from functools import total_ordering
from typing import Any, ClassVar, Final, Self, final

__all__ = ["DURATION_PATTERN", "UNITS", "Duration", "parse_nanoseconds"]

UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
"""Nanoseconds of each unit that Go writes."""

_FORM: Final = re.compile(r"(?P<sign>[+-]?)(?P<parts>(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_PART: Final = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_MOST: Final = 2**63 - 1

DURATION_PATTERN: Final = r"^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$"
"""What a Go duration looks like, for schemas."""


@final
@total_ordering
class Duration:
    """A span of time to the nanosecond, up to some 292 years.

    Two are equal when they are equally long: ``Duration("90m") == Duration("1h30m") == timedelta(minutes=90)``.

    Args:
        value: The text, or a `timedelta`.

    Raises:
        ValueError: the text is no Go duration, or too long.
    """

    __slots__ = ("nanoseconds",)

    openapi_schema: ClassVar[dict[str, Any]] = {"type": "string", "pattern": DURATION_PATTERN}
    """Without a format: what OpenAPI calls a duration is written otherwise."""

    nanoseconds: int

    def __init__(self, value: str | dt.timedelta) -> None:
        found = parse_nanoseconds(value) if isinstance(value, str) else value // dt.timedelta(microseconds=1) * 1_000
        if abs(found) > _MOST:
            raise ValueError(f"{value!r} is longer than 292 years")
        object.__setattr__(self, "nanoseconds", found)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Duration does not change; make a new one instead of setting {name!r}")

    @property
    def timedelta(self) -> dt.timedelta:
        """The same span, to the microsecond."""
        return dt.timedelta(microseconds=self.nanoseconds // 1_000)

    @property
    def seconds(self) -> float:
        """The whole span in seconds."""
        return self.nanoseconds / 1e9

    def __str__(self) -> str:
        """Write it as Go's ``Duration.String`` does."""
        sign, rest = ("-" if self.nanoseconds < 0 else ""), abs(self.nanoseconds)
        if not rest:
            return "0s"
        for unit, limit in (("ns", 1_000), ("µs", 1_000_000), ("ms", 1_000_000_000)):
            if rest < limit:
                return f"{sign}{_fraction(rest, limit // 1_000)}{unit}"
        minutes, nanoseconds = divmod(rest, UNITS["m"])
        text = f"{_fraction(nanoseconds, UNITS['s'])}s"
        if minutes:
            hours, minutes = divmod(minutes, 60)
            text = f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
        return sign + text

    def __repr__(self) -> str:
        return f"Duration({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        found = _coerced(other)
        return NotImplemented if found is None else self.nanoseconds == found

    def __lt__(self, other: Duration | dt.timedelta) -> bool:
        found = _coerced(other)
        return NotImplemented if found is None else self.nanoseconds < found

    def __hash__(self) -> int:
        return hash(self.nanoseconds)

    def __bool__(self) -> bool:
        return bool(self.nanoseconds)

    def to_json(self) -> str:
        """Give the text as Go writes it."""
        return str(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the text that stands in a document.

        Raises:
            ValueError: it is no Go duration.
        """
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a duration such as '1h30m'")  # noqa: TRY004 - JSON of a wrong type
        return cls(value)


def _coerced(other: object) -> int | None:
    match other:
        case Duration():
            return other.nanoseconds
        case dt.timedelta():
            return other // dt.timedelta(microseconds=1) * 1_000
        case _:
            return None


def parse_nanoseconds(text: str) -> int:
    """Read a Go duration, such as ``1h30m`` or ``-1.5s``, whether or not Go could hold it.

    Raises:
        ValueError: *text* is not one.

    Source: Go's `time.ParseDuration`.
    """
    if text in {"0", "+0", "-0"}:
        return 0
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration such as '1h30m'")
    total = 0
    for whole, fraction, unit in _PART.findall(match["parts"]):
        total += int(whole or 0) * UNITS[unit]
        if fraction:
            total += int(fraction) * UNITS[unit] // 10 ** len(fraction)
    return -total if match["sign"] == "-" else total


def _fraction(count: int, unit: int) -> str:
    """Write *count* in *unit*, with as many digits as it takes."""
    whole, rest = divmod(count, unit)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).zfill(len(str(unit)) - 1)}".rstrip("0")
