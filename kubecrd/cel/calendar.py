"""Dates and clocks of any moment that fits into 64 bits, as Go has them; Python's end with the years 1 and 9999."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["Civil", "civil_of"]

_DAY: Final = 86_400
_ERA: Final = 146_097
"""Days of 400 years, after which the calendar repeats itself."""

_TO_MARCH_OF_YEAR_0: Final = 719_468
_DAYS_BEFORE: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class Civil(NamedTuple):
    """A date and a time of the day.

    Attributes:
        year: Zero and less are years before our era.
        month: From 1.
        day: From 1.
        hour: From 0.
        minute: From 0.
        second: From 0.
        weekday: 0 is Sunday.
        year_day: From 0.
    """

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int
    year_day: int


def civil_of(seconds: int) -> Civil:
    """Give the date and the time of so many *seconds* since 1970, in UTC."""
    days, rest = divmod(seconds, _DAY)
    era, day = divmod(days + _TO_MARCH_OF_YEAR_0, _ERA)
    # Years are counted from March, so that the leap day is their last.
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    shifted = (5 * day + 2) // 153
    date = day - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += era * 400 + (month <= 2)
    leap = month > 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    before = _DAYS_BEFORE[month - 1] + leap + date - 1
    return Civil(year, month, date, rest // 3600, rest // 60 % 60, rest % 60, (days + 4) % 7, before)
