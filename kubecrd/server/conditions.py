"""matchConditions: expressions that all have to hold before a webhook or a policy has its say.

Source: apiserver `pkg/admission/plugin/webhook/matchconditions/matcher.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .expressions import Evaluation, EvaluationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["ConditionsError", "hold", "webhook_conditions_hold"]

_WEBHOOK_BUDGET: Final = 2_500_000


class ConditionsError(Exception):
    """It cannot be told whether conditions hold."""


def hold(conditions: Sequence[Mapping[str, Any]], evaluation: Evaluation, *, ignore_errors: bool) -> bool:
    """Say whether all conditions hold: one that does not beats all that cannot be told.

    Args:
        conditions: As they are stored.
        evaluation: Of the write.
        ignore_errors: Whether those that cannot be told count as not holding.

    Raises:
        ConditionsError: one cannot be told, and that is not ignored.
    """
    errors: list[str] = []
    for condition in conditions:
        try:
            if evaluation.value(condition.get("expression") or "") is False:
                return False
        except EvaluationError as error:
            errors.append(str(error))
    if errors and not ignore_errors:
        told = list(dict.fromkeys(errors))
        raise ConditionsError(told[0] if len(told) == 1 else f"[{', '.join(told)}]")
    return not errors


def webhook_conditions_hold(
    webhook: Mapping[str, Any], registry: Registry, operation: Operation, seen: ServedKind, *, ignore_errors: bool
) -> bool:
    """Say whether the conditions of a webhook hold for a write.

    Raises:
        ConditionsError: one cannot be told, and that is not ignored.
    """
    conditions = webhook.get("matchConditions") or ()
    if not conditions:
        return True
    evaluation = Evaluation(registry, operation, seen, budget=_WEBHOOK_BUDGET)
    return hold(conditions, evaluation, ignore_errors=ignore_errors)
