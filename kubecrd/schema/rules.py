"""The CEL rules of a schema: compiled once, run on every object, in the API server's order and words.

Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go` and `pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, frozen

from kubecrd.cel.program import Program, ProgramError, compile_expression
from kubecrd.cel.typesystem import Type, optional_of
from kubecrd.cel.values import CelError, Optional
from kubecrd.errors import RuleError
from kubecrd.resource.fielderrors import ABSENT, FieldError, Reason

from .declarations import declare
from .fieldpaths import FieldPathError, follow
from .ratcheting import Correlation, correlated_item
from .structural import Structural, ValidationRule
from .wording import NO_FIELD, go_struct

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SchemaRules"]

_LONGEST_MESSAGE: Final = 5120
_NO_TYPE: Final = (
    "failed to construct type information for x-kubernetes-validations rules: "
    "unable to convert structural schema to CEL declarations"
)
_TYPE_META: Final = frozenset({"apiVersion", "kind"})


@frozen(eq=False)
class _Rule:
    """One rule, compiled; or what is wrong with it."""

    spec: ValidationRule
    program: Program | None = None
    message: Program | None = None
    fault: str = ""
    message_fault: str = ""
    suffix: str = ""

    @property
    def uses_old(self) -> bool:
        return self.program is not None and "oldSelf" in self.program.used

    @property
    def text(self) -> str:
        """What errors of evaluation quote: the message where there is one, else the rule."""
        return (self.spec.message or "").strip() or self.spec.rule.strip()


@define(eq=False)
class _Node:
    """A node of the schema that has rules, or rules below it."""

    schema: Structural
    rules: tuple[_Rule, ...]
    properties: dict[str, _Node]
    values: _Node | None
    items: _Node | None
    has_type: bool


@frozen
class _Old:
    """What stood at a place before, and which comparison tells whether a failing rule is old news.

    Attributes:
        value: What stood there; `ABSENT` if nothing did, or nothing that can be told to be the same part.
        around: The new and the old part there, or the nearest around it that can be told; None if there is none.
    """

    value: Any = ABSENT
    around: Correlation | None = None

    @property
    def forgives(self) -> bool:
        """Whether that part has not changed."""
        return self.around is not None and self.around.is_unchanged


class SchemaRules:
    """All rules of a schema.

    Args:
        structural: The schema.
        is_root: Whether it is that of a whole object, whose apiVersion, kind and name rules can see.
    """

    def __init__(self, structural: Structural, *, is_root: bool = True) -> None:
        self._is_root = is_root
        self._root = _compile(structural, is_object=is_root)

    def definition_errors(self, path: str) -> list[FieldError]:
        """List what the API server says to the rules when the definition is created.

        Args:
            path: Where the schema is, such as ``spec.validation.openAPIV3Schema``.
        """
        return [] if self._root is None else list(_definition_errors(self._root, path, uncorrelatable=None))

    def validate(self, obj: Any, old: Any = ABSENT, *, path: str = "") -> list[FieldError]:
        """List which rules an object breaks.

        Args:
            obj: The value; its schema must hold.
            old: What it was before, when this is an update.
            path: Where it stands, such as ``spec``; empty for the object itself.
        """
        return [failure.error for failure in self._failures(obj, old, path) if not failure.is_forgiven]

    def forgiven(self, obj: Any, old: Any, *, path: str = "") -> list[FieldError]:
        """List which rules an update leaves broken in parts that it does not change; the API server warns of these.

        Args:
            obj: The new value; its schema must hold.
            old: What it was before.
            path: Where it stands; empty for the object itself.
        """
        return [failure.error for failure in self._failures(obj, old, path) if failure.is_forgiven]

    def _failures(self, obj: Any, old: Any, path: str) -> Iterator[_Failure]:
        if self._root is None:
            return iter(())
        before = _Old() if old is ABSENT else _Old(old, Correlation(self._root.schema, obj, old))
        return _broken(self._root, obj, before, path, is_type_meta=False)


# --- compiling


def _compile(schema: Structural, *, is_object: bool) -> _Node | None:
    properties = {
        name: node
        for name, child in schema.properties.items()
        if (node := _compile(child, is_object=False)) is not None
    }
    additional = schema.additional_properties
    values = _compile(additional, is_object=False) if isinstance(additional, Structural) else None
    items = None if schema.items is None else _compile(schema.items, is_object=False)
    if not (schema.validations or properties or values or items):
        return None
    kind = declare(schema, is_object=is_object) if schema.validations else None
    rules = () if kind is None else tuple(_compile_rule(rule, kind, schema) for rule in schema.validations)
    return _Node(schema, rules, properties, values, items, kind is not None or not schema.validations)


def _compile_rule(spec: ValidationRule, kind: Type, schema: Structural) -> _Rule:
    if not spec.rule.strip():
        return _Rule(spec)  # refused by the form of the definition, and never run
    old = optional_of(kind) if spec.optional_old_self else kind
    variables = {"self": kind, "oldSelf": old}
    try:
        program = compile_expression(spec.rule, variables)
    except ProgramError as error:
        return _Rule(spec, fault=f"program instantiation failed: {error}")
    except RuleError as error:
        return _Rule(spec, fault=f"compilation failed: {error}")
    if program.type.name != "bool":
        return _Rule(spec, fault="cel expression must evaluate to a bool")
    message, message_fault = None, ""
    if (spec.message_expression or "").strip():
        try:
            message = compile_expression(str(spec.message_expression), variables)
            message_fault = "" if message.type.name == "string" else "messageExpression must evaluate to a string"
        except ProgramError as error:
            message_fault = f"messageExpression instantiation failed: {error}"
        except RuleError as error:
            message_fault = f"messageExpression compilation failed: {error}"
    return _Rule(
        spec, program, None if message_fault else message, message_fault=message_fault, suffix=_suffix(spec, schema)
    )


def _suffix(spec: ValidationRule, schema: Structural) -> str:
    """Write the fieldPath as errors have it: properties behind dots, keys of mappings in brackets."""
    if not spec.field_path:
        return ""
    try:
        names, _ = follow(spec.field_path, dict(schema.raw))
    except FieldPathError:
        return ""
    suffix, node = "", dict(schema.raw)
    for name in names:
        is_property = name in node.get("properties", {})
        suffix += f".{name}" if is_property else f"[{name}]"
        node = node["properties"][name] if is_property else node.get("additionalProperties") or {}
    return suffix


# --- the definition


def _definition_errors(node: _Node, path: str, *, uncorrelatable: str | None) -> Iterator[FieldError]:
    if not node.has_type:
        yield FieldError(f"{path}.x-kubernetes-validations", "InternalError", f"internal error: {_NO_TYPE}")
    for number, rule in enumerate(node.rules):
        yield from _rule_errors(rule, f"{path}.x-kubernetes-validations[{number}]", uncorrelatable)
    for name, child in node.properties.items():
        yield from _definition_errors(child, f"{path}.properties[{name}]", uncorrelatable=uncorrelatable)
    if node.values is not None:
        yield from _definition_errors(node.values, f"{path}.additionalProperties", uncorrelatable=uncorrelatable)
    if node.items is not None:
        within = uncorrelatable or (None if node.schema.list_type == "map" else path)
        yield from _definition_errors(node.items, f"{path}.items", uncorrelatable=within)


def _rule_errors(rule: _Rule, place: str, uncorrelatable: str | None) -> Iterator[FieldError]:
    spec = rule.spec
    shown = go_struct(
        {
            "Rule": spec.rule,
            "Message": spec.message or "",
            "MessageExpression": spec.message_expression or "",
            "Reason": spec.reason,
            "FieldPath": spec.field_path or "",
            "OptionalOldSelf": spec.optional_old_self,
        }
    )
    if rule.fault:
        yield FieldError(f"{place}.rule", "FieldValueInvalid", rule.fault, shown)
    if rule.message_fault:
        yield FieldError(f"{place}.messageExpression", "FieldValueInvalid", rule.message_fault, shown)
    if rule.uses_old and uncorrelatable is not None:
        detail = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}"
        yield FieldError(f"{place}.rule", "FieldValueInvalid", detail, spec.rule)
    if rule.program is not None and spec.optional_old_self is not None and not rule.uses_old:
        detail = "may not be set if oldSelf is not used in rule"
        yield FieldError(f"{place}.optionalOldSelf", "FieldValueInvalid", detail, spec.optional_old_self)


# --- objects


def _broken(node: _Node, value: Any, old: _Old, path: str, *, is_type_meta: bool) -> Iterator[_Failure]:
    if value is None:
        return
    before = ABSENT if old.value is None else old.value
    for rule in node.rules:
        failure = _run(node, rule, value, before, path)
        if failure is not None:
            ratchets = failure.ratchets and not rule.uses_old and not is_type_meta
            yield evolve(failure, is_forgiven=ratchets and old.forgives)
    if isinstance(value, dict):
        yield from _broken_members(node, value, old, path)
    elif isinstance(value, list) and node.items is not None:
        for index, item in enumerate(value):
            yield from _broken(node.items, item, _old_item(node, item, old), f"{path}[{index}]", is_type_meta=False)


def _broken_members(node: _Node, value: dict[str, Any], old: _Old, path: str) -> Iterator[_Failure]:
    if node.values is not None:
        for name, member in value.items():
            yield from _broken(
                node.values, member, _old_member(node.values, name, member, old), f"{path}[{name}]", is_type_meta=False
            )
    for name, child in node.properties.items():
        if name in value:
            place = f"{path}.{name}" if path else name
            is_type_meta = not path and name in _TYPE_META
            yield from _broken(
                child, value[name], _old_member(child, name, value[name], old), place, is_type_meta=is_type_meta
            )


def _old_member(child: _Node, name: str, member: Any, old: _Old) -> _Old:
    if not isinstance(old.value, dict) or name not in old.value:
        return _Old(around=old.around)
    return _Old(old.value[name], Correlation(child.schema, member, old.value[name]))


def _old_item(node: _Node, item: Any, old: _Old) -> _Old:
    before = correlated_item(node.schema, old.value, item) if isinstance(old.value, list) else ABSENT
    if before is ABSENT or node.items is None:
        return _Old(around=old.around)
    return _Old(before, Correlation(node.items.schema, item, before))


@frozen
class _Failure:
    """An error, whether it may be old news (what could not be evaluated never is), and whether it is."""

    error: FieldError
    ratchets: bool
    is_forgiven: bool = False


def _run(node: _Node, rule: _Rule, value: Any, old: Any, path: str) -> _Failure | None:
    program = rule.program
    if program is None or (rule.uses_old and old is ABSENT and not rule.spec.optional_old_self):
        return None
    previous = _previous(rule, old)
    try:
        if program.evaluate(value, previous):
            return None
    except CelError as error:
        kind = "" if node.schema.int_or_string else node.schema.type or ""
        return _Failure(
            FieldError(path or NO_FIELD, "FieldValueInvalid", _evaluation_fault(rule, error), kind), ratchets=False
        )
    return _Failure(_failure(rule, value, old, path), ratchets=True)


def _previous(rule: _Rule, old: Any) -> Any:
    if rule.spec.optional_old_self:
        return Optional(() if old is ABSENT else (old,))
    return old


def _evaluation_fault(rule: _Rule, error: CelError) -> str:
    text = str(error)
    if text.startswith("no such overload"):
        return f"'{text}': call arguments did not match a supported operator, function or macro signature for rule: {rule.text}"
    return f"{text} evaluating rule: {rule.text}"


def _failure(rule: _Rule, value: Any, old: Any, path: str) -> FieldError:
    reason: Reason = rule.spec.reason or "FieldValueInvalid"  # type: ignore[assignment]
    place = f"{path}{rule.suffix}" if path else rule.suffix.removeprefix(".")
    shown = ABSENT if isinstance(value, dict | list) else value
    if reason == "FieldValueDuplicate":
        return FieldError(place or NO_FIELD, reason, "", shown)
    return FieldError(place or NO_FIELD, reason, _message(rule, value, old), shown)


def _message(rule: _Rule, value: Any, old: Any) -> str:
    if rule.message is not None:
        try:
            told = str(rule.message.evaluate(value, None if old is ABSENT else old)).strip()
        except CelError:
            told = ""  # the API server falls back as well
        if told and "\n" not in told and len(told.encode()) <= _LONGEST_MESSAGE:
            return told
    message = (rule.spec.message or "").strip()
    return message or f"failed rule: {rule.spec.rule.strip()}"
