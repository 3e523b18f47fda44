"""Validating admission policies: what they decide, and what becomes of it.

Source: apiserver `pkg/admission/plugin/policy/validating/dispatcher.go`, `validator.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import StatusCause, forbidden

from .conditions import ConditionsError
from .expressions import Evaluation, EvaluationError
from .policybindings import (
    BUDGET,
    BoundPolicy,
    ConfigurationError,
    bound_policies,
    name_of,
    parameter_kind,
    parameters,
    seen_as,
)
from .webhookmatching import is_exempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["ValidatingPolicies"]

_LONGEST_MESSAGE: Final = 5120
_CODES: Final = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413, "Invalid": 422}


@frozen
class _Denial:
    """What a policy has against a write.

    Attributes:
        policy: Name of the policy.
        binding: Name of the binding; empty where the policy itself cannot be used.
        message: Why.
        reason: The reason of the Status.
    """

    policy: str
    binding: str
    message: str
    reason: str = "Invalid"

    def error(self, operation: Operation) -> StatusError:
        """Make the refusal."""
        bound = f" with binding '{self.binding}'" if self.binding else ""
        message = f"ValidatingAdmissionPolicy '{self.policy}'{bound} denied request: {self.message}"
        kind = operation.kind
        status = forbidden(kind.plural, name_of(operation), message, group=kind.group)
        assert status.details is not None
        details = evolve(status.details, causes=(StatusCause(message=message),))
        return StatusError.of(evolve(status, code=_CODES[self.reason], reason=self.reason, details=details))


@final
class ValidatingPolicies:
    """Admission: the ValidatingAdmissionPolicies that are bound.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mutate(self, operation: Operation) -> None:
        """Nothing is said before the object is final."""

    async def validate(self, operation: Operation) -> None:
        """Ask every policy; all may warn, and the first that denies is told.

        Raises:
            StatusError: one denies.
        """
        if is_exempt(operation):
            return
        denials: list[_Denial] = []
        for policy in bound_policies(
            self._registry, "validatingadmissionpolicies", "validatingadmissionpolicybindings"
        ):
            denials += await self._ask(policy, operation)
        if denials:
            raise denials[0].error(operation)

    async def _ask(self, policy: BoundPolicy, operation: Operation) -> list[_Denial]:
        try:
            seen = policy.match.seen(operation, self._registry)
            if seen is None:
                return []
            kind = parameter_kind(self._registry, policy)
        except ConfigurationError as error:
            text = f"failed to configure policy: {error}"
            return [] if policy.is_ignored else [_Denial(policy.name, "", text)]
        denials: list[_Denial] = []
        for name, spec, narrowed in policy.bindings:
            if narrowed is not None and narrowed.seen(operation, self._registry) is None:
                continue
            try:
                found = await parameters(self._registry, kind, spec.get("paramRef"), operation.review_namespace)
                shown = await seen_as(operation, seen)
            except ConfigurationError as error:
                if not policy.is_ignored:
                    denials.append(_Denial(policy.name, name, f"failed to configure binding: {error}"))
                continue
            for params in found:
                failed = self._evaluate(policy, shown, seen, params)
                denials += self._acted(policy, name, spec, failed, operation)
        return denials

    def _acted(
        self,
        policy: BoundPolicy,
        binding: str,
        spec: Mapping[str, Any],
        failed: list[tuple[str, str]],
        operation: Operation,
    ) -> list[_Denial]:
        """Do with failed validations what a binding asks for; give those that deny."""
        actions = spec.get("validationActions") or ()
        if "Warn" in actions and operation.request is not None:
            for message, _ in failed:
                named = f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding}'"
                operation.request.warn(f"Validation failed for {named}: {message}")
        if "Deny" not in actions:
            return []
        return [_Denial(policy.name, binding, message, reason) for message, reason in failed]

    def _evaluate(self, policy: BoundPolicy, shown: Operation, seen: ServedKind, params: Any) -> list[tuple[str, str]]:
        """Give message and reason of every validation that fails."""
        evaluation = Evaluation(self._registry, shown, seen, budget=BUDGET, scope=policy.scope, params=params)
        try:
            if not policy.conditions_hold(self._registry, shown, seen, params):
                return []
        except ConditionsError as error:
            return [(str(error), "Invalid")]
        failed: list[tuple[str, str]] = []
        for validation in policy.spec.get("validations") or ():
            try:
                if evaluation.value(validation.get("expression") or "") is not True:
                    failed.append((_message(validation, evaluation), validation.get("reason") or "Invalid"))
            except EvaluationError as error:
                if not policy.is_ignored:
                    failed.append((str(error), "Invalid"))
        return failed + self._annotation_errors(policy, evaluation)

    def _annotation_errors(self, policy: BoundPolicy, evaluation: Evaluation) -> list[tuple[str, str]]:
        """Evaluate what would go into the audit log, since an error there counts as well."""
        failed: list[tuple[str, str]] = []
        for annotation in policy.spec.get("auditAnnotations") or ():
            try:
                evaluation.value(annotation.get("valueExpression") or "")
            except EvaluationError as error:
                if not policy.is_ignored:
                    failed.append((str(error), "Invalid"))
        return failed


def _message(validation: Mapping[str, Any], evaluation: Evaluation) -> str:
    """Say why a validation fails: in words that are evaluated, that are written down, or in those of the expression."""
    text = ""
    if expression := validation.get("messageExpression"):
        try:
            value = evaluation.value(expression, without_authorizer=True)
        except EvaluationError:
            value = None
        text = value.strip() if isinstance(value, str) else ""
        if len(text.encode()) > _LONGEST_MESSAGE or "\n" in text:
            text = ""
    text = text or (validation.get("message") or "").strip()
    return text or f"failed expression: {(validation.get('expression') or '').strip()}"
