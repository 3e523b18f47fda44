"""Parts of timestamps and durations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from kubecrd.cel.conversions import moment_of
from kubecrd.cel.values import CelError, Duration, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

__all__ = ["FUNCTIONS"]

_OFFSET: Final = re.compile(r"([+-]?)(\d\d):(\d\d)")


def _zone(name: str) -> tzinfo:
    match = _OFFSET.fullmatch(name)
    if match:
        minutes = int(match[2]) * 60 + int(match[3])
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    if name in {"", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CelError(f"unknown time zone {name}") from error


def _part(name: str, read: Callable[[datetime], int]) -> Callable[..., int]:
    def part(value: Any, zone: str = "UTC") -> int:
        if not isinstance(value, Timestamp):
            raise CelError(f"no such overload: {name}")
        return read(moment_of(value).astimezone(_zone(zone)))

    return part


def _either(name: str, read: Callable[[datetime], int], unit: int) -> Callable[..., int]:
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
        _zone(zone)
        return value.nanoseconds % 10**9 // 10**6
    raise CelError("no such overload: getMilliseconds")


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "getDate": _part("getDate", lambda moment: moment.day),
    "getDayOfMonth": _part("getDayOfMonth", lambda moment: moment.day - 1),
    "getDayOfWeek": _part("getDayOfWeek", lambda moment: moment.isoweekday() % 7),
    "getDayOfYear": _part("getDayOfYear", lambda moment: moment.timetuple().tm_yday - 1),
    "getFullYear": _part("getFullYear", lambda moment: moment.year),
    "getHours": _either("getHours", lambda moment: moment.hour, 3600 * 10**9),
    "getMilliseconds": get_milliseconds,
    "getMinutes": _either("getMinutes", lambda moment: moment.minute, 60 * 10**9),
    "getMonth": _part("getMonth", lambda moment: moment.month - 1),
    "getSeconds": _either("getSeconds", lambda moment: moment.second, 10**9),
}
