"""Mutating admission policies: what they change, and when they are asked again.

Source: apiserver `pkg/admission/plugin/policy/mutating/dispatcher.go`, `patch/smd.go`, `patch/json_patch.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from attrs import define, evolve, field

from kubecrd.cel.rendering import as_json
from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, StatusCause, StatusDetails

from .conditions import ConditionsError
from .conversion import converted, defaulted
from .expressions import Evaluation, EvaluationError, Scope, mutation_misfit
from .jsonpatch import JsonPatchError, apply_operations
from .merge import merge
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
from .scalefields import SCALE
from .typedvalues import ItemError, type_errors
from .webhookmatching import is_exempt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry
    from .typeschema import Type

__all__ = ["MutatingPolicies"]

_DENIED: Final = "denied request"


class _MutationError(Exception):
    """A mutation cannot be made."""


@define
class _Rounds:
    """What the policies remember of a write.

    Attributes:
        last: The object as they left it in the first round.
        changed: Whether one of them has changed it there.
        eligible: Those that want to be asked again when something changes.
    """

    last: Any = None
    changed: bool = False
    eligible: set[tuple[str, str]] = field(factory=set)


@final
class MutatingPolicies:
    """Admission: the MutatingAdmissionPolicies that are bound, one after another.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mutate(self, operation: Operation) -> None:
        """Let every policy change the object, each as the ones before have left it.

        Raises:
            StatusError: 403, one of them cannot, and that is not to be ignored.
        """
        if is_exempt(operation) or operation.obj is None:
            return
        policies = bound_policies(self._registry, "mutatingadmissionpolicies", "mutatingadmissionpolicybindings")
        if not policies:
            return
        rounds: _Rounds = operation.notes(self, _Rounds)
        again = operation.reinvoked and (rounds.changed or operation.obj != rounds.last)
        faults: list[str] = []
        for policy in policies:
            faults += await self._ask(policy, operation, rounds, again=again)
        rounds.last = operation.obj
        if faults:
            raise _refusal(operation, faults)

    async def validate(self, operation: Operation) -> None:
        """Nothing is left to say when the object is final."""

    async def _ask(self, policy: BoundPolicy, operation: Operation, rounds: _Rounds, *, again: bool) -> list[str]:
        """Ask one policy, for all its bindings; give what went wrong."""
        try:
            seen = policy.match.seen(operation, self._registry)
            if seen is None:
                return []
            kind = parameter_kind(self._registry, policy)
        except ConfigurationError as error:
            text = f"policy '{policy.name}' {_DENIED}: failed to configure policy: {error}"
            return [] if policy.is_ignored else [text]
        faults: list[str] = []
        for binding, spec, narrowed in policy.bindings:
            key = (policy.name, binding)
            if operation.reinvoked and not (again and key in rounds.eligible):
                continue
            if narrowed is not None and narrowed.seen(operation, self._registry) is None:
                continue
            before = operation.obj
            found = await self._bound(policy, spec, operation, seen, kind)
            if not policy.is_ignored:
                faults += [f"policy '{policy.name}' with binding '{binding}' {_DENIED}: {text}" for text in found]
            if operation.obj != before:
                rounds.changed = operation.wants_reinvocation = True
            if policy.spec.get("reinvocationPolicy") == "IfNeeded":
                rounds.eligible.add(key)
        return faults

    async def _bound(
        self,
        policy: BoundPolicy,
        spec: Mapping[str, Any],
        operation: Operation,
        seen: ServedKind,
        kind: ServedKind | None,
    ) -> list[str]:
        """Make the mutations of a policy with the parameters of one binding; give what went wrong."""
        try:
            found = await parameters(self._registry, kind, spec.get("paramRef"), operation.review_namespace)
        except ConfigurationError as error:
            return [f"failed to configure binding: {error}"]
        faults: list[str] = []
        for params in found:
            try:
                if await self._is_meant(policy, operation, seen, params):
                    faults += await self._mutated(policy, operation, seen, params)
            except (ConditionsError, ConfigurationError) as error:
                faults.append(str(error))
        return faults

    async def _is_meant(self, policy: BoundPolicy, operation: Operation, seen: ServedKind, params: Any) -> bool:
        if not policy.spec.get("matchConditions"):
            return True
        return policy.conditions_hold(self._registry, await seen_as(operation, seen), seen, params)

    async def _mutated(self, policy: BoundPolicy, operation: Operation, seen: ServedKind, params: Any) -> list[str]:
        """Make the mutations one by one; give what went wrong with each."""
        faults: list[str] = []
        scope = evolve(policy.scope, mutates=True)
        for mutation in policy.spec.get("mutations") or ():
            shown = await seen_as(operation, seen)
            assert shown.obj is not None
            evaluation = Evaluation(self._registry, shown, seen, budget=BUDGET, scope=scope, params=params)
            try:
                made = _made(mutation, shown.obj, evaluation, scope, seen)
            except (_MutationError, EvaluationError) as error:
                faults.append(str(error))
                continue
            if made == shown.obj:
                continue
            if operation.subresource != SCALE:
                made = defaulted(made, seen)
                if seen is not operation.kind:
                    made = await converted(made, operation.kind)
            operation.obj = made
        return faults


def _refusal(operation: Operation, faults: list[str]) -> StatusError:
    """403, with a cause for everything that went wrong."""
    kind = operation.kind
    causes = tuple(StatusCause(message=text) for text in faults)
    details = StatusDetails(name=name_of(operation), group=kind.group or None, kind=kind.plural, causes=causes)
    return StatusError.of(Status(code=403, reason="Invalid", message=faults[0], details=details))


def _made(
    mutation: Mapping[str, Any], obj: dict[str, Any], evaluation: Evaluation, scope: Scope, seen: ServedKind
) -> dict[str, Any]:
    """Give what a mutation makes of an object.

    Raises:
        EvaluationError: its expression fails.
        _MutationError: what it gives cannot be applied.
    """
    if mutation.get("patchType") == "JSONPatch":
        steps = _built((mutation.get("jsonPatch") or {}).get("expression") or "", evaluation, scope)
        try:
            patched: dict[str, Any] = apply_operations(obj, steps)
        except JsonPatchError as error:
            raise _MutationError(f"JSON Patch: {error}") from error
        return patched
    config = _built((mutation.get("applyConfiguration") or {}).get("expression") or "", evaluation, scope)
    return _applied(obj, config, seen)


def _built(expression: str, evaluation: Evaluation, scope: Scope) -> Any:
    """Give what an expression builds, as JSON; `_made` says what it raises."""
    built = as_json(evaluation.value(expression))
    if misfit := mutation_misfit(expression.strip(), scope):
        raise _MutationError(f"type mismatch: {misfit}")
    return built


def _applied(obj: dict[str, Any], config: dict[str, Any], seen: ServedKind) -> dict[str, Any]:
    """Merge a configuration into an object by the merge types of its kind."""
    failed = "error applying patch:"
    schema = seen.type_schema
    if schema is None:
        raise _MutationError(f"{failed} {seen.kind} has no merge types")
    if errors := type_errors(obj, schema.root, duplicates=True):
        raise _MutationError(f"{failed} failed to convert original object to typed object: {_joined(errors)}")
    whole = {**config, "apiVersion": obj["apiVersion"], "kind": obj["kind"]}
    if errors := type_errors(whole, schema.root):
        raise _MutationError(f"{failed} failed to convert patch object to typed object: {_joined(errors)}")
    if atomic := list(_atomic(config, schema.root, "")):
        told = "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs"
        raise _MutationError(f"{failed} {told}: {', '.join(atomic)}")
    try:
        merged: dict[str, Any] = merge(obj, whole, schema.root)
    except ItemError as error:
        raise _MutationError(f"{failed} {error}") from error
    return merged


def _joined(errors: list[str]) -> str:
    return errors[0] if len(errors) == 1 else "\n  ".join(["errors:", *errors])


def _atomic(value: Any, type_: Type, path: str) -> Iterator[str]:
    """Yield the paths where a configuration would replace something as a whole."""
    if isinstance(value, dict) and type_.map is not None:
        if type_.map.atomic and path:
            yield path
            return
        for name, member in value.items():
            inner = type_.map.fields.get(name, type_.map.rest)
            if inner is not None:
                yield from _atomic(member, inner, f"{path}.{name}")
    elif isinstance(value, list) and type_.list is not None:
        if type_.list.atomic:
            yield path
            return
        for index, item in enumerate(value):
            yield from _atomic(item, type_.list.item, f"{path}[{index}]")
