"""Validating admission policies: which have a say, with which parameters, and what they decide.

Source: apiserver `pkg/admission/plugin/policy/validating/dispatcher.go`, `validator.go`, `policy/generic/policy_matcher.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, final

from attrs import evolve, field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.labels import Selector
from kubecrd.resource.status import StatusCause, forbidden

from .conditions import ConditionsError, hold
from .conversion import converted
from .expressions import Evaluation, EvaluationError, Scope
from .policyvalidation import scope_of
from .scalefields import SCALE
from .webhookmatching import EXEMPT_GROUP, Rule, Selection, is_exempt, kind_seen

if TYPE_CHECKING:
    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = [
    "BUDGET",
    "CONDITIONS_BUDGET",
    "BoundPolicy",
    "ConfigurationError",
    "Match",
    "ValidatingPolicies",
    "bound_policies",
    "name_of",
    "parameter_kind",
    "parameters",
    "seen_as",
]

CONDITIONS_BUDGET: Final = 2_500_000
BUDGET: Final = 10_000_000
"""What the expressions of a policy may cost for one object and one parameter (`RuntimeCELCostBudget`)."""
_LONGEST_MESSAGE: Final = 5120
_CODES: Final = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413, "Invalid": 422}


class ConfigurationError(Exception):
    """A policy or a binding cannot be used as it is."""


@frozen
class Match:
    """Which writes a policy or a binding means.

    Attributes:
        rules: Any of them suffices; none means everything.
        excluded: None of them must mean it.
        selection: Of which namespaces and objects.
        equivalent: Whether rules for another version of the resource mean it too.
    """

    rules: tuple[Rule, ...]
    excluded: tuple[Rule, ...]
    selection: Selection
    equivalent: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Match:
        """Read ``matchConstraints`` or ``matchResources``."""
        return cls(
            tuple(Rule.of(rule) for rule in document.get("resourceRules") or ()),
            tuple(Rule.of(rule) for rule in document.get("excludeResourceRules") or ()),
            Selection.of(document),
            document.get("matchPolicy") == "Equivalent",
        )

    def seen(self, operation: Operation, registry: Registry) -> ServedKind | None:
        """Say in which version a write is to be seen; None where it is not meant.

        Raises:
            StatusError: 404, its namespace is not there.
        """
        kinds = registry.kinds
        if not self.selection.selects(operation, registry):
            return None
        if kind_seen(self.excluded, operation, kinds, equivalent=self.equivalent) is not None:
            return None
        if not self.rules:
            return operation.kind
        return kind_seen(self.rules, operation, kinds, equivalent=self.equivalent)


@frozen(eq=False)
class BoundPolicy:
    """A policy, and everything that puts it in force.

    Attributes:
        name: Of the policy.
        spec: As it is stored.
        match: Which writes it means.
        bindings: Their names, specs and what they narrow it to, by name.
    """

    name: str
    spec: Mapping[str, Any]
    match: Match
    bindings: tuple[tuple[str, Mapping[str, Any], Match | None], ...] = field(factory=tuple)

    @property
    def is_ignored(self) -> bool:
        """Whether a request goes on where it cannot be evaluated."""
        return self.spec.get("failurePolicy") == "Ignore"

    @property
    def scope(self) -> Scope:
        """What its expressions may use."""
        return scope_of(self.spec)


def bound_policies(registry: Registry, policies: str, bindings: str) -> list[BoundPolicy]:
    """Give the policies that have a binding, by name.

    Args:
        registry: Where they are.
        policies: The plural of the policies.
        bindings: That of the bindings.
    """
    listed = registry.store.list(EXEMPT_GROUP, policies)[0]
    if not listed:
        return []
    bound: dict[str, list[tuple[str, Mapping[str, Any], Match | None]]] = {}
    for binding in registry.store.list(EXEMPT_GROUP, bindings)[0]:
        spec = binding.get("spec") or {}
        match = spec.get("matchResources")
        narrowed = None if match is None else Match.of(match)
        bound.setdefault(spec.get("policyName") or "", []).append((binding["metadata"]["name"], spec, narrowed))
    found = []
    for policy in sorted(listed, key=lambda each: each["metadata"]["name"]):
        name, spec = policy["metadata"]["name"], policy.get("spec") or {}
        if name in bound:
            match = Match.of(spec.get("matchConstraints") or {})
            found.append(BoundPolicy(name, spec, match, tuple(sorted(bound[name], key=lambda each: each[0]))))
    return found


# --- parameters


def parameter_kind(registry: Registry, policy: BoundPolicy) -> ServedKind | None:
    """Give the kind of a policy's parameters; None where it has none.

    Raises:
        ConfigurationError: nothing of that kind is served.
    """
    named = policy.spec.get("paramKind")
    if named is None:
        return None
    kind = registry.kinds.named(named.get("apiVersion") or "", named.get("kind") or "")
    if kind is None:
        group, _, version = (named.get("apiVersion") or "").rpartition("/")
        shown = f"{group}/{version}, Kind={named.get('kind')}"
        raise ConfigurationError(f"failed to find resource referenced by paramKind: '{shown}'")
    return kind


async def parameters(
    registry: Registry, kind: ServedKind | None, reference: Mapping[str, Any] | None, namespace: str
) -> list[dict[str, Any] | None]:
    """Give the parameters that a binding refers to; None for "evaluated without".

    Args:
        registry: Where they are.
        kind: Of the parameters; None where the policy has none.
        reference: The ``paramRef`` of the binding.
        namespace: Of the object that is written.

    Raises:
        ConfigurationError: there are none, and must be; or the reference makes no sense for the kind.
        StatusError: they cannot be converted.
    """
    if kind is None or reference is None:
        return [None]
    within = reference.get("namespace") or ""
    if kind.namespaced:
        within = within or namespace
        if not within:
            text = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
            raise ConfigurationError(text)
    elif within:
        raise ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    found: list[dict[str, Any] | None]
    if name := reference.get("name"):
        one = await registry.fetch(kind, within, name)
        found = [] if one is None else [one]
    else:
        found = list(await _selected(registry, kind, within, Selector.from_dict(reference.get("selector") or {})))
    if not found and reference.get("parameterNotFoundAction") == "Deny":
        raise ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction")
    return found


async def _selected(registry: Registry, kind: ServedKind, namespace: str, selector: Selector) -> list[dict[str, Any]]:
    entries = registry.snapshot(kind, namespace).entries
    stored = [each for _, each in entries if selector.matches(each["metadata"].get("labels") or {})]
    await registry.prepare(kind, stored)
    return [registry.served(kind, each) for each in stored]


def name_of(operation: Operation) -> str:
    """Give what a refusal calls the object: its name, or the begin of it, which may be all there is yet."""
    if operation.name:
        return operation.name
    metadata = (operation.obj or {}).get("metadata") or {}
    return str(metadata.get("name") or metadata.get("generateName") or "Unknown")


async def seen_as(operation: Operation, seen: ServedKind) -> Operation:
    """Give a write with its objects in the version in which a policy is to see them.

    Raises:
        ConfigurationError: they cannot be converted.
    """
    if seen is operation.kind or operation.subresource == SCALE:
        return operation
    try:
        obj, old = [None if each is None else await converted(each, seen) for each in (operation.obj, operation.old)]
    except StatusError as error:
        raise ConfigurationError(f"failed to convert object version: {error.status.message}") from error
    return evolve(operation, obj=obj, old=old)


# --- validation


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
        plain = Scope(policy.scope.has_params)
        conditions = Evaluation(self._registry, shown, seen, budget=CONDITIONS_BUDGET, scope=plain, params=params)
        evaluation = Evaluation(self._registry, shown, seen, budget=BUDGET, scope=policy.scope, params=params)
        try:
            listed = policy.spec.get("matchConditions") or ()
            if not hold(listed, conditions, ignore_errors=policy.is_ignored):
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
