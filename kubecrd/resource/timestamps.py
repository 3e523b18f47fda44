"""Times as Kubernetes writes them: RFC 3339, in UTC, with a fraction only where there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from attrs import frozen

__all__ = ["MicroTime", "Microseconds", "format_micro_time", "format_time", "parse_time"]


@frozen
class Microseconds:
    """A time is written with six digits of fraction always, without which the server refuses a MicroTime."""


MicroTime = Annotated[datetime, Microseconds()]
"""A time of a Lease or an Event (meta/v1 MicroTime)."""


def format_time(time: datetime) -> str:
    """Write *time* as meta/v1 Time does; a naive time is taken as UTC; microseconds only where they are not zero."""
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.replace(tzinfo=None).isoformat() + "Z"


def format_micro_time(time: datetime) -> str:
    """Write *time* as meta/v1 MicroTime does, with six digits always."""
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises:
        ValueError: *text* is not one, or has no offset.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write 2006-01-02T15:04:05Z")
    return time
