"""Parts of timestamps and durations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from kubecrd.cel.calendar import Civil, civil_of
from kubecrd.cel.values import CelError, Duration, Timestamp
from kubecrd.resource.gotext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]

_NUMBER: Final = re.compile("[+-]?[0-9]+")
_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 10**9


def _offset(value: Timestamp, zone: str) -> int:
    """Give the seconds east of UTC of a zone: a name, or hours and minutes with a colon between."""
    hours, colon, minutes = zone.partition(":")
    if colon:
        offset = _number(hours) * 60
        offset += -_number(minutes) if zone.startswith("-") else _number(minutes)
        return offset * 60
    if zone in {"", "UTC", "Local"}:
        return 0
    try:
        known = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise CelError(f"unknown time zone {zone}") from error
    seconds = value.nanoseconds // _SECOND
    seconds = max(
        min(seconds, (_LATEST - _EPOCH) // timedelta(seconds=1)), (_EARLIEST - _EPOCH) // timedelta(seconds=1)
    )
    east = (_EPOCH + timedelta(seconds=seconds)).astimezone(known).utcoffset()
    return 0 if east is None else int(east.total_seconds())


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise CelError(f"strconv.Atoi: parsing {quoted(text)}: invalid syntax")
    return int(text)


def _part(name: str, read: Callable[[Civil], int]) -> Callable[..., int]:
    def part(value: Any, zone: str = "UTC") -> int:
        if not isinstance(value, Timestamp):
            raise CelError(f"no such overload: {name}")
        return read(civil_of(value.nanoseconds // _SECOND + _offset(value, zone)))

    return part


def _either(name: str, read: Callable[[Civil], int], unit: int) -> Callable[..., int]:
    of_timestamp = _part(name, read)

    def part(value: Any, zone: str = "UTC") -> int:
        if isinstance(value, Duration):
            total = abs(value.nanoseconds) // unit
            return -total if value.nanoseconds < 0 else total
        return of_timestamp(value, zone)

    return part


def get_milliseconds(value: Any, zone: str = "UTC") -> int:
    """Give the milliseconds of the second, or of the whole duration."""
    if isinstance(value, Duration):
        total = abs(value.nanoseconds) // 10**6
        return -total if value.nanoseconds < 0 else total
    if isinstance(value, Timestamp):
        _offset(value, zone)
        return value.nanoseconds % _SECOND // 10**6
    raise CelError("no such overload: getMilliseconds")


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "getDate": _part("getDate", lambda civil: civil.day),
    "getDayOfMonth": _part("getDayOfMonth", lambda civil: civil.day - 1),
    "getDayOfWeek": _part("getDayOfWeek", lambda civil: civil.weekday),
    "getDayOfYear": _part("getDayOfYear", lambda civil: civil.year_day),
    "getFullYear": _part("getFullYear", lambda civil: civil.year),
    "getHours": _either("getHours", lambda civil: civil.hour, 3600 * _SECOND),
    "getMilliseconds": get_milliseconds,
    "getMinutes": _either("getMinutes", lambda civil: civil.minute, 60 * _SECOND),
    "getMonth": _part("getMonth", lambda civil: civil.month - 1),
    "getSeconds": _either("getSeconds", lambda civil: civil.second, _SECOND),
}
