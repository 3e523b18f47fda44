"""matchConditions: expressions that all have to hold before a webhook or a policy has its say.

Source: apiserver `pkg/admission/plugin/webhook/matchconditions/matcher.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .expressions import PLAIN, Evaluation, EvaluationError, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["ConditionsError", "conditions_hold"]

_BUDGET: Final = 2_500_000
"""What all conditions of a webhook or a policy may cost together (`RuntimeCELCostBudgetMatchConditions`)."""


class ConditionsError(Exception):
    """It cannot be told whether conditions hold."""


def conditions_hold(
    document: Mapping[str, Any],
    registry: Registry,
    operation: Operation,
    seen: ServedKind,
    *,
    ignore_errors: bool,
    scope: Scope = PLAIN,
    params: Any = None,
) -> bool:
    """Say whether all conditions of a webhook or a policy hold for a write.

    Args:
        document: The webhook, or the spec of the policy.
        registry: Where roles and namespaces are.
        operation: The write, with the objects as they are seen.
        seen: The kind in their version.
        ignore_errors: Whether conditions that cannot be told count as not holding.
        scope: What they may use.
        params: The value of ``params``.

    Raises:
        ConditionsError: one cannot be told, and that is not ignored.
    """
    conditions = document.get("matchConditions") or ()
    if not conditions:
        return True
    evaluation = Evaluation(registry, operation, seen, budget=_BUDGET, scope=scope, params=params)
    return _hold(conditions, evaluation, ignore_errors=ignore_errors)


def _hold(conditions: Sequence[Mapping[str, Any]], evaluation: Evaluation, *, ignore_errors: bool) -> bool:
    """Say whether all hold: one that does not beats all that cannot be told."""
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
