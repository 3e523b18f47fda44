"""What is wrong with rules, selectors and conditions: what webhooks and policies say of the writes they mean.

Source: kubernetes `pkg/apis/admissionregistration/validation`, apimachinery `pkg/apis/meta/v1/validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RuleError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.schema import names
from kubecrd.schema.wording import duplicate, forbidden, invalid, not_supported, required

from .expressions import PLAIN, Scope, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["check_conditions", "check_expression", "check_rule", "check_selector"]

_OPERATIONS: Final = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES: Final = ("*", "Cluster", "Namespaced")
_MOST_CONDITIONS: Final = 64


def check_rule(rule: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    """Yield what is wrong with a rule.

    Args:
        rule: The document.
        path: Where it stands.
    """
    operations = rule.get("operations") or []
    if not operations:
        yield required(f"{path}.operations")
    elif "*" in operations and len(operations) > 1:
        yield invalid(f"{path}.operations", operations, "if '*' is present, must not specify other operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield not_supported(f"{path}.operations[{index}]", operation, _OPERATIONS)
    yield from _check_list(rule.get("apiGroups") or [], f"{path}.apiGroups", "API groups")
    versions = rule.get("apiVersions") or []
    yield from _check_list(versions, f"{path}.apiVersions", "API versions")
    for index, version in enumerate(versions):
        if not version:
            yield required(f"{path}.apiVersions[{index}]")
    yield from _check_resources(rule.get("resources") or [], f"{path}.resources")
    if (scope := rule.get("scope")) is not None and scope not in _SCOPES:
        yield not_supported(f"{path}.scope", scope, _SCOPES)


def _check_list(values: list[str], path: str, what: str) -> Iterator[FieldError]:
    if not values:
        yield required(path)
    elif "*" in values and len(values) > 1:
        yield invalid(path, values, f"if '*' is present, must not specify other {what}")


def _check_resources(resources: list[str], path: str) -> Iterator[FieldError]:
    if not resources:
        yield required(path)
    whole: set[str] = set()
    everywhere: set[str] = set()
    is_last_plain_other = False
    for index, pattern in enumerate(resources):
        if not pattern:
            yield required(f"{path}[{index}]")
        resource, slash, sub = pattern.partition("/")
        if not slash:
            # Only the last one counts: the server overwrites what it has seen before.
            is_last_plain_other = resource != "*"
            continue
        if resource in whole:
            yield invalid(f"{path}[{index}]", pattern, f"if '{resource}/*' is present, must not specify {pattern}")
        if sub in everywhere:
            yield invalid(f"{path}[{index}]", pattern, f"if '*/{sub}' is present, must not specify {pattern}")
        if sub == "*":
            whole.add(resource)
        if resource == "*":
            everywhere.add(sub)
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(path, resources, "if '*/*' is present, must not specify other resources")
    if "*" in resources and is_last_plain_other:
        text = "if '*' is present, must not specify other resources without subresources"
        yield invalid(path, resources, text)


def check_selector(selector: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    """Yield what is wrong with a label selector.

    Args:
        selector: The document.
        path: Where it stands.
    """
    for key, value in (selector.get("matchLabels") or {}).items():
        yield from (invalid(f"{path}.matchLabels", key, text) for text in names.qualified_name(key))
        yield from (invalid(f"{path}.matchLabels", value, text) for text in names.label_value(value))
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        yield from _check_requirement(expression, f"{path}.matchExpressions[{index}]")


def _check_requirement(requirement: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    operator, values = requirement.get("operator") or "", requirement.get("values") or []
    match operator:
        case "In" | "NotIn":
            if not values:
                yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists" | "DoesNotExist":
            if values:
                text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield forbidden(f"{path}.values", text)
        case _:
            yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    key = requirement.get("key") or ""
    yield from (invalid(f"{path}.key", key, text) for text in names.qualified_name(key))
    for index, value in enumerate(values):
        yield from (invalid(f"{path}.values[{index}]", value, text) for text in names.label_value(value))


def check_conditions(
    conditions: Sequence[Mapping[str, Any]], path: str, *, scope: Scope = PLAIN
) -> Iterator[FieldError]:
    """Yield what is wrong with matchConditions.

    Args:
        conditions: The documents.
        path: Where the list stands.
        scope: What their expressions may use.
    """
    if len(conditions) > _MOST_CONDITIONS:
        yield FieldError(path, "FieldValueTooMany", f"must have at most {_MOST_CONDITIONS} items", len(conditions))
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        place = f"{path}[{index}]"
        expression, name = condition.get("expression") or "", condition.get("name") or ""
        if not expression.strip():
            yield required(f"{place}.expression")
        else:
            yield from check_expression(expression, f"{place}.expression", scope, ("bool",))
        if not name:
            yield required(f"{place}.name")
            continue
        yield from (invalid(f"{place}.name", name, text) for text in names.qualified_name(name))
        if name in seen:
            yield duplicate(f"{place}.name", name)
        seen.add(name)


def check_expression(
    expression: str, path: str, scope: Scope, types: tuple[str, ...], *, allows_dyn: bool = True
) -> Iterator[FieldError]:
    """Yield what is wrong with an expression that is not blank.

    Args:
        expression: Its text.
        path: Where it stands.
        scope: What it may use.
        types: What it may give; empty for anything.
        allows_dyn: Whether it may be unknown what it gives.
    """
    try:
        found = str(compiled(expression.strip(), scope).type.name)
    except RuleError as error:
        yield invalid(path, expression, f"compilation failed: {error}")
        return
    if not types or found in types or (allows_dyn and found == "dyn"):
        return
    shown = str(compiled(expression.strip(), scope).type)
    wanted = types[0] if len(types) == 1 else f"one of [{' '.join(types)}]"
    yield invalid(path, expression, f"must evaluate to {wanted} but got {shown}")
