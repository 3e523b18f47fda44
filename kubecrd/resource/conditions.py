"""Conditions: what a controller says about an object, each a type that is True, False or Unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import MaxLen, MinLen
from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Condition", "find_condition", "is_condition_true", "set_condition"]


@define(kw_only=True)
class Condition:
    """One aspect of the current state of an object (meta/v1 Condition)."""

    type: Annotated[str, MaxLen(316)]
    """Type of condition in CamelCase or in foo.example.com/CamelCase."""
    status: Literal["True", "False", "Unknown"]
    """Status of the condition, one of True, False, Unknown."""
    last_transition_time: datetime
    """The last time the condition changed from one status to another."""
    reason: Annotated[str, MinLen(1), MaxLen(1024)]
    """A programmatic identifier in CamelCase that says why the condition has its status."""
    message: Annotated[str, MaxLen(32768)]
    """Details about the transition, for people. It may be empty."""
    observed_generation: int | None = None
    """The metadata.generation that the condition was set for; if it is older, the condition is out of date."""


def find_condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """Give the condition of the type *kind*, None when it is not set."""
    return next((condition for condition in conditions if condition.type == kind), None)


def is_condition_true(conditions: Iterable[Condition], kind: str) -> bool:
    """Say whether the condition of the type *kind* is set and True."""
    condition = find_condition(conditions, kind)
    return condition is not None and condition.status == "True"


def set_condition(
    conditions: list[Condition],
    kind: str,
    status: Literal["True", "False", "Unknown"],
    *,
    reason: str,
    message: str = "",
    observed_generation: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Set the condition of the type *kind* in place; the transition time moves only when the status does.

    Args:
        conditions: The list to change, as a status has it.
        kind: The type of the condition.
        status: Whether it holds.
        reason: Why, in CamelCase.
        message: Details for people.
        observed_generation: The ``metadata.generation`` this was found at.
        now: The time of the transition; the present by default.

    Returns:
        Whether anything changed, so that nothing needs to be written when not.
    """
    before = find_condition(conditions, kind)
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    if before is not None and before.status == status:
        moment = before.last_transition_time
    after = Condition(
        type=kind,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=moment,
        observed_generation=observed_generation,
    )
    if before is None:
        conditions.append(after)
    elif before != after:
        conditions[conditions.index(before)] = after
    return before != after
