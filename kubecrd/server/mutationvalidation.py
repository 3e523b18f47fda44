"""What is wrong with MutatingAdmissionPolicies (kubernetes `pkg/apis/admissionregistration/validation`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from kubecrd.cel.mutations import APPLY_CONFIGURATION, JSON_PATCHES
from kubecrd.errors import RuleError
from kubecrd.resource.gotext import Verbatim
from kubecrd.schema.wording import invalid, not_supported, required

from .expressions import mutation_kind
from .policyvalidation import check_common, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .expressions import Scope

__all__ = ["check_mutating_policy"]

Json = dict[str, Any]

_OPERATIONS: Final = ("*", "CONNECT", "CREATE", "UPDATE")
_PARTS: Final = {
    "JSONPatch": ("jsonPatch", JSON_PATCHES),
    "ApplyConfiguration": ("applyConfiguration", APPLY_CONFIGURATION),
}


def check_mutating_policy(policy: Json, old: Json | None) -> list[FieldError]:
    """List what is wrong with a MutatingAdmissionPolicy.

    Args:
        policy: The document, with its defaults.
        old: What is stored of it.
    """
    spec = policy.get("spec") or {}
    return list(_check(spec, (old or {}).get("spec")))


def _check(spec: Json, old: Json | None) -> Iterator[FieldError]:
    scope = evolve(scope_of(spec), mutates=True)
    yield from check_common(spec, old, scope=scope)
    for rule in (spec.get("matchConstraints") or {}).get("resourceRules") or ():
        if "DELETE" in (rule.get("operations") or ()):
            yield not_supported("spec.matchConstraints.resourceRules.operations", "DELETE", _OPERATIONS)
    mutations = spec.get("mutations") or []
    if not mutations:
        yield required("spec.mutations", "mutations must contain at least one item")
    for index, mutation in enumerate(mutations):
        yield from _check_mutation(mutation, f"spec.mutations[{index}]", scope)
    policy = spec.get("reinvocationPolicy")
    if not policy:
        yield required("spec.reinvocationPolicy")
    elif policy not in {"IfNeeded", "Never"}:
        yield not_supported("spec.reinvocationPolicy", policy, ("IfNeeded", "Never"))


def _check_mutation(mutation: Json, path: str, scope: Scope) -> Iterator[FieldError]:
    kind = mutation.get("patchType") or ""
    if not kind:
        yield required(f"{path}.patchType")
        return
    if kind not in _PARTS:
        yield not_supported(f"{path}.patchType", kind, ("ApplyConfiguration", "JSONPatch"))
        return
    name, wanted = _PARTS[kind]
    part = mutation.get(name)
    if part is None:
        yield required(f"{path}.{name}", f"must be specified when patchType is {kind}")
    else:
        yield from _check_expression(part.get("expression") or "", f"{path}.{name}.expression", scope, wanted)
    for other, (field, _) in _PARTS.items():
        if other != kind and mutation.get(field) is not None:
            text = f"must not be specified when patchType is {kind}"
            yield invalid(f"{path}.{field}", Verbatim(f'"{{{field}}}"'), text)


def _check_expression(expression: str, path: str, scope: Scope, wanted: str) -> Iterator[FieldError]:
    if not expression.strip():
        yield required(path)
        return
    try:
        found = mutation_kind(expression.strip(), scope)
    except RuleError as error:
        yield invalid(path, expression, f"compilation failed: {error}")
        return
    if found != wanted:
        yield invalid(path, expression, f"must evaluate to {wanted} but got {found}")
