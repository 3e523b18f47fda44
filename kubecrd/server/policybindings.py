"""Admission policies in force: which are bound, which writes they mean, with which parameters.

Source: apiserver `pkg/admission/plugin/policy/generic/policy_matcher.go`, `policy_dispatcher.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.labels import Selector

from .conditions import conditions_hold
from .expressions import Scope
from .policyvalidation import scope_of
from .webhookmatching import EXEMPT_GROUP, Rule, Selection, kind_seen, operation_seen

if TYPE_CHECKING:
    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = [
    "BUDGET",
    "BoundPolicy",
    "ConfigurationError",
    "Match",
    "bound_policies",
    "name_of",
    "parameter_kind",
    "parameters",
    "seen_as",
]

BUDGET: Final = 10_000_000
"""What the expressions of a policy may cost for one object and one parameter (`RuntimeCELCostBudget`)."""


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

    def conditions_hold(
        self, registry: Registry, shown: Operation, seen: ServedKind, params: Mapping[str, Any] | None
    ) -> bool:
        """Say whether its matchConditions, which know no variables, let it have its say.

        Args:
            registry: Where roles and namespaces are.
            shown: The write, as the policy sees it.
            seen: The kind that it sees.
            params: The parameters; None for none.

        Raises:
            ConditionsError: one cannot be told, and that is not ignored.
        """
        scope = Scope(self.scope.has_params)
        return conditions_hold(
            self.spec, registry, shown, seen, ignore_errors=self.is_ignored, scope=scope, params=params
        )


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
    try:
        return await operation_seen(operation, seen)
    except StatusError as error:
        raise ConfigurationError(f"failed to convert object version: {error.status.message}") from error
