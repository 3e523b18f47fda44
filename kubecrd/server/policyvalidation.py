"""Admission policies and their bindings: what is filled in, and what is wrong with them.

Source: kubernetes `pkg/apis/admissionregistration/validation/validation.go`, `v1/defaults.go`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.gotext import Verbatim, json_text
from kubecrd.schema import names
from kubecrd.schema.wording import duplicate, forbidden, invalid, not_supported, required

from .expressions import Scope
from .matchvalidation import check_conditions, check_expression, check_rule, check_selector
from .webhookconfigurations import fill_rule_defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubecrd.resource.fielderrors import FieldError

__all__ = [
    "check_binding",
    "check_common",
    "check_mutating_binding",
    "check_policy",
    "fill_binding_defaults",
    "fill_policy_defaults",
    "scope_of",
]

Json = dict[str, Any]

_ACTIONS: Final = ("Audit", "Deny", "Warn")
_REASONS: Final = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_MOST_ANNOTATIONS: Final = 20
_IDENTIFIER: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED: Final = frozenset(
    [
        *["true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"],
        *["import", "let", "loop", "package", "namespace", "return", "var", "void", "while"],
    ]
)


def fill_policy_defaults(policy: Json) -> None:
    """Fill in, in place, what a policy leaves unsaid."""
    spec = policy.setdefault("spec", {})
    spec.setdefault("failurePolicy", "Fail")
    if isinstance(spec.get("matchConstraints"), dict):
        _fill_match(spec["matchConstraints"])


def fill_binding_defaults(binding: Json) -> None:
    """Fill in, in place, what a binding leaves unsaid."""
    spec = binding.setdefault("spec", {})
    if isinstance(spec.get("matchResources"), dict):
        _fill_match(spec["matchResources"])


def _fill_match(match: Json) -> None:
    match.setdefault("matchPolicy", "Equivalent")
    match.setdefault("namespaceSelector", {})
    match.setdefault("objectSelector", {})
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in match.get(name) or ():
            fill_rule_defaults(rule)


def scope_of(spec: Mapping[str, Any]) -> Scope:
    """Give what the expressions of a policy may use."""
    variables = tuple((each.get("name") or "", each.get("expression") or "") for each in spec.get("variables") or ())
    return Scope(spec.get("paramKind") is not None, variables or None)


def check_policy(policy: Json, old: Json | None) -> list[FieldError]:
    """List what is wrong with a ValidatingAdmissionPolicy.

    Args:
        policy: The document, with its defaults.
        old: What is stored of it.
    """
    spec = policy.get("spec") or {}
    return [*check_common(spec, (old or {}).get("spec")), *_check_validations(policy["metadata"], spec)]


def check_common(spec: Json, old: Json | None, *, scope: Scope | None = None) -> Iterator[FieldError]:
    """Yield what is wrong with the parts that all policies have.

    Args:
        spec: Of the policy.
        old: What is stored; conditions that do not change are not looked at again.
        scope: What the expressions of variables may use; None for what the policy says itself.
    """
    policy = spec.get("failurePolicy")
    if policy not in {"Fail", "Ignore"}:
        yield not_supported("spec.failurePolicy", policy, ("Fail", "Ignore"))
    if (kind := spec.get("paramKind")) is not None:
        yield from _check_param_kind(kind, "spec.paramKind")
    if (match := spec.get("matchConstraints")) is None:
        yield required("spec.matchConstraints")
    else:
        yield from _check_match(match, "spec.matchConstraints")
        if not match.get("resourceRules"):
            yield required("spec.matchConstraints.resourceRules")
    conditions = spec.get("matchConditions") or []
    if old is None or conditions != (old.get("matchConditions") or []):
        plain = Scope(spec.get("paramKind") is not None)
        yield from check_conditions(conditions, "spec.matchConditions", scope=plain)
    yield from _check_variables(spec, scope_of(spec) if scope is None else scope)


def _check_param_kind(kind: Json, path: str) -> Iterator[FieldError]:
    api_version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    group, _, version = api_version.rpartition("/")
    if not api_version:
        yield required(f"{path}.apiVersion")
    elif api_version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", api_version, f"unexpected GroupVersion string: {api_version}")
    else:
        if group and (faults := names.dns1123_subdomain(group)):
            yield invalid(f"{path}.apiVersion", group, ",".join(faults))
        if not version:
            yield invalid(f"{path}.apiVersion", api_version, "version must be specified")
        elif faults := names.dns1035_label(version):
            yield invalid(f"{path}.apiVersion", version, ",".join(faults))
    if not name:
        yield required(f"{path}.kind")
    elif faults := names.dns1035_label(name.lower()):
        yield invalid(f"{path}.kind", name, f"may have mixed case, but should otherwise match: {','.join(faults)}")


def _check_match(match: Json, path: str) -> Iterator[FieldError]:
    policy = match.get("matchPolicy")
    if policy not in {"Equivalent", "Exact"}:
        yield not_supported(f"{path}.matchPolicy", policy, ("Equivalent", "Exact"))
    yield from check_selector(match.get("namespaceSelector") or {}, f"{path}.namespaceSelector")
    yield from check_selector(match.get("objectSelector") or {}, f"{path}.objectSelector")
    for name in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(match.get(name) or ()):
            yield from _check_named_rule(rule, f"{path}.{name}[{index}]")


def _check_named_rule(rule: Json, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, name in enumerate(rule.get("resourceNames") or ()):
        yield from (invalid(f"{path}.resourceNames[{index}]", name, text) for text in names.path_segment(name))
        if name in seen:
            yield duplicate(f"{path}.resourceNames[{index}]", name)
        seen.add(name)
    yield from check_rule(rule, path)


def _check_variables(spec: Json, scope: Scope) -> Iterator[FieldError]:
    for index, variable in enumerate(spec.get("variables") or ()):
        path = f"spec.variables[{index}]"
        name, expression = variable.get("name") or "", variable.get("expression") or ""
        if not name.strip():
            yield required(f"{path}.name", "name is not specified")
        elif not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
            yield invalid(f"{path}.name", name, "must be a valid CEL identifier")
        if not expression.strip():
            yield required(f"{path}.expression", "expression is not specified")
        else:
            yield from check_expression(expression, f"{path}.expression", scope.first(index), ())


def _check_validations(metadata: Json, spec: Json) -> Iterator[FieldError]:
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        text = "validations or auditAnnotations must contain at least one item"
        yield required("spec.validations", text)
        yield required("spec.auditAnnotations", text)
        return
    scope = scope_of(spec)
    for index, validation in enumerate(validations):
        yield from _check_validation(validation, f"spec.validations[{index}]", scope)
    if len(annotations) > _MOST_ANNOTATIONS:
        shown = [
            {"Key": each.get("key") or "", "ValueExpression": each.get("valueExpression") or ""} for each in annotations
        ]
        text = f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"
        yield invalid("spec.auditAnnotations", Verbatim(json_text(shown)), text)
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        path, key = f"spec.auditAnnotations[{index}]", annotation.get("key") or ""
        yield from _check_annotation(annotation, key, metadata.get("name") or "", path, scope)
        if key in seen:
            yield duplicate(f"{path}.key", key)
        seen.add(key)


def _check_validation(validation: Json, path: str, scope: Scope) -> Iterator[FieldError]:
    expression = validation.get("expression") or ""
    if not expression.strip():
        yield required(f"{path}.expression", "expression is not specified")
    else:
        yield from check_expression(expression, f"{path}.expression", scope, ("bool",))
    said = validation.get("messageExpression") or ""
    if said and not said.strip():
        yield invalid(f"{path}.messageExpression", said, "must be non-empty if specified")
    elif said:
        # A message says nothing of who may do what: the authorizer is not there.
        message_scope = scope.without_authorizer()
        yield from check_expression(said, f"{path}.messageExpression", message_scope, ("string",), allows_dyn=False)
    message = validation.get("message") or ""
    if message and not message.strip():
        yield invalid(f"{path}.message", message, "must be non-empty if specified")
    elif "\n" in message.strip() or "\r" in message.strip():
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    reason = validation.get("reason")
    if reason is not None and reason not in _REASONS:
        yield not_supported(f"{path}.reason", reason, _REASONS)


def _check_annotation(annotation: Json, key: str, name: str, path: str, scope: Scope) -> Iterator[FieldError]:
    if name:
        whole = f"{name}/{key}"
        yield from (invalid(f"{path}.key", whole, text) for text in names.qualified_name(whole))
    else:
        yield invalid(f"{path}.key", key, "requires metadata.name be non-empty")
    expression = annotation.get("valueExpression") or ""
    if not expression.strip():
        yield required(f"{path}.valueExpression", "valueExpression is not specified")
    else:
        yield from check_expression(expression, f"{path}.valueExpression", scope, ("string", "null_type"))


def check_binding(binding: Json, _old: Json | None) -> list[FieldError]:
    """List what is wrong with a ValidatingAdmissionPolicyBinding.

    Args:
        binding: The document, with its defaults.
    """
    spec = binding.get("spec") or {}
    return [*_check_binding(spec), *_check_actions(spec.get("validationActions") or [], "spec.validationActions")]


def check_mutating_binding(binding: Json, _old: Json | None) -> list[FieldError]:
    """List what is wrong with a MutatingAdmissionPolicyBinding.

    Args:
        binding: The document, with its defaults.
    """
    return list(_check_binding(binding.get("spec") or {}))


def _check_binding(spec: Json) -> Iterator[FieldError]:
    name = spec.get("policyName") or ""
    if not name:
        yield required("spec.policyName")
    else:
        yield from (invalid("spec.policyName", name, text) for text in names.dns1123_subdomain(name))
    if (reference := spec.get("paramRef")) is not None:
        yield from _check_reference(reference, "spec.paramRef")
    if (match := spec.get("matchResources")) is not None:
        yield from _check_match(match, "spec.matchResources")


def _check_reference(reference: Json, path: str) -> Iterator[FieldError]:
    name, selector = reference.get("name") or "", reference.get("selector")
    if name and selector is not None:
        for field in ("name", "selector"):
            yield forbidden(f"{path}.{field}", "name and selector are mutually exclusive")
    elif selector is not None:
        yield from check_selector(selector, f"{path}.selector")
    elif not name:
        yield required(path, "one of name or selector must be specified")
    action = reference.get("parameterNotFoundAction")
    if action is None:
        yield required(f"{path}.parameterNotFoundAction")
    elif action not in {"Deny", "Allow"}:
        yield not_supported(f"{path}.parameterNotFoundAction", action, ("Deny", "Allow"))


def _check_actions(actions: list[str], path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            yield not_supported(f"{path}[{index}]", action, _ACTIONS)
        if action in seen:
            yield duplicate(f"{path}[{index}]", action)
        seen.add(action)
    if {"Deny", "Warn"} <= seen:
        text = (
            "must not contain both Deny and Warn (repeating the same validation failure information in the API "
            "response and headers serves no purpose)"
        )
        yield invalid(path, actions, text)
    if not actions:
        yield required(path, "at least one validation action is required")
