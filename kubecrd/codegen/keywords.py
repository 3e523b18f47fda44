"""From the keywords of a schema to the markers that say them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from kubecrd.schema.constraints import requires_nothing_of
from kubecrd.schema.formats import is_known

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .model import Imports

__all__ = ["bare", "constraints", "docstring_fits", "kept", "rule_text"]

_SIMPLE: Final = {
    "minLength": "MinLen",
    "maxLength": "MaxLen",
    "minItems": "MinLen",
    "maxItems": "MaxLen",
    "multipleOf": "MultipleOf",
}
_OURS: Final = {
    "pattern": "Pattern",
    "minProperties": "MinProperties",
    "maxProperties": "MaxProperties",
    "title": "Title",
}
_JUNCTORS: Final = {"allOf": "AllOf", "anyOf": "AnyOf", "oneOf": "OneOf"}
_KINDS: Final = {
    **dict.fromkeys(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"], frozenset({"integer", "number"})
    ),
    **dict.fromkeys(["minLength", "maxLength", "pattern"], frozenset({"string"})),
    **dict.fromkeys(["minItems", "maxItems", "x-kubernetes-list-type"], frozenset({"array"})),
    **dict.fromkeys(["minProperties", "maxProperties", "x-kubernetes-map-type"], frozenset({"object"})),
    "format": frozenset({"string", "integer", "number"}),
}
"""What a keyword is for. A definition may have it elsewhere too, where it does nothing; then no marker says it."""

_RULE_OPTIONS: Final = {
    "message": "message",
    "messageExpression": "message_expression",
    "reason": "reason",
    "fieldPath": "field_path",
    "optionalOldSelf": "optional_old_self",
}
_ABSENT_WHEN_FALSE: Final = frozenset(
    [
        *("exclusiveMaximum", "exclusiveMinimum", "nullable", "uniqueItems"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"),
    ]
)
_STRUCTURE: Final = frozenset(
    [
        *("default", "description", "items", "nullable", "properties", "required", "type"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"),
    ]
)
"""What the type, the default and the docstring say."""


def constraints(schema: Mapping[str, Any], imports: Imports, said: Collection[str] = ()) -> list[str]:
    """Give the markers for what *schema* says beside type, default and description; an override says what none can.

    Args:
        schema: One node.
        imports: Filled with what the markers need.
        said: Keywords that the type says already.
    """
    markers: list[str] = []
    rest: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _STRUCTURE or name in said or (name in _ABSENT_WHEN_FALSE and value is False):
            continue
        marker = _marker(name, value, schema, imports)
        if marker is None:
            rest[name] = value
        else:
            markers += marker
    if rest:
        markers.append(f"{imports.use('kubecrd', 'SchemaOverride')}({rest!r})")
    return markers


_TYPE: Final = frozenset(
    [
        *("additionalProperties", "description", "items", "nullable", "properties", "required", "type"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"),
    ]
)
"""What a type says without any markers."""


def bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a type alone says of *schema*."""
    number = {"format"} if schema.get("type") in {"integer", "number"} else set()
    return {name: value for name, value in schema.items() if name in _TYPE | number}


def kept(schema: Mapping[str, Any], imports: Imports) -> str:
    """Give the override for what no type alone says of *schema*."""
    keeps = "x-kubernetes-preserve-unknown-fields"
    rest = {name: value for name, value in schema.items() if name not in _TYPE or name == keeps}
    return f"{imports.use('kubecrd', 'SchemaOverride')}({rest!r})"


def _marker(name: str, value: Any, schema: Mapping[str, Any], imports: Imports) -> list[str] | None:
    """Give the markers for one keyword, which may be none where another keyword has said it; None where there is no word."""
    if name in _KINDS and schema.get("type") not in _KINDS[name]:
        return None
    match name:
        case "minimum" | "maximum":
            word = {"minimum": ("Ge", "Gt"), "maximum": ("Le", "Lt")}[name]
            excluded = schema.get(f"exclusive{name.capitalize()}") is True
            return [_call("at", word[excluded], value, imports)]
        case "exclusiveMinimum" | "exclusiveMaximum":
            return [] if name[len("exclusive") :].lower() in schema else None
        case _ if name in _SIMPLE:
            return [_call("at", _SIMPLE[name], value, imports)]
        case _ if name in _OURS:
            return [_call("kubecrd", _OURS[name], value, imports)]
        case "anyOf" | "oneOf" if presence := _presence(name, value, schema):
            return [f"{imports.use('kubecrd', presence[0])}({', '.join(map(repr, presence[1]))})"]
        case _ if name in _JUNCTORS:
            parts = ", ".join(repr(part) for part in value)
            return [f"{imports.use('kubecrd', _JUNCTORS[name])}({parts})"] if value else None
        case "format":
            # A format that the API server does not know means nothing, and no marker says it.
            return [_call("kubecrd", "Format", value, imports)] if is_known(value, schema["type"]) else None
        case "not":
            return [_call("kubecrd", "Not", value, imports)]
        case _:
            return _kubernetes(name, value, schema, imports)


def _presence(name: str, parts: list[Any], schema: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Give the word for how many of some members there are, and which; None where *parts* say something else."""
    properties, always = schema.get("properties") or {}, schema.get("required") or ()
    names = [part["required"][0] for part in parts if [*part] == ["required"] and len(part["required"]) == 1]
    word = {"anyOf": "AtLeastOneOf", "oneOf": "ExactlyOneOf"}[name]
    if name == "oneOf" and names and len(parts) == len(names) + 1 and parts[-1] == requires_nothing_of(tuple(names)):
        word = "AtMostOneOf"
    elif len(names) != len(parts):
        return None
    free = all(each in properties and each not in always and "default" not in properties[each] for each in names)
    return (word, names) if free and len({*names}) == len(names) > 1 else None


def _kubernetes(name: str, value: Any, schema: Mapping[str, Any], imports: Imports) -> list[str] | None:
    match name, value:
        case "x-kubernetes-list-type", "map":
            keys = ", ".join(repr(key) for key in schema.get("x-kubernetes-list-map-keys", ()))
            return [f"{imports.use('kubecrd', 'ListMap')}({keys})"]
        case "x-kubernetes-list-map-keys", _:
            return [] if schema.get("x-kubernetes-list-type") == "map" else None
        case "x-kubernetes-list-type", "set":
            return [f"{imports.use('kubecrd', 'ListSet')}()"]
        case (("x-kubernetes-list-type" | "x-kubernetes-map-type"), "atomic"):
            return [f"{imports.use('kubecrd', 'Atomic')}()"]
        case "x-kubernetes-map-type", "granular":
            return [f"{imports.use('kubecrd', 'Granular')}()"]
        case "x-kubernetes-preserve-unknown-fields", True:
            return [f"{imports.use('kubecrd', 'PreserveUnknown')}()"]
        case "x-kubernetes-validations", _:
            return [rule_text(rule, imports) for rule in value]
        case _:
            return None


def _call(home: str, word: str, value: Any, imports: Imports) -> str:
    if home == "at":
        return f"{imports.module('annotated_types', 'at')}.{word}({value!r})"
    return f"{imports.use(home, word)}({value!r})"


def rule_text(rule: Mapping[str, Any], imports: Imports) -> str:
    """Print one entry of ``x-kubernetes-validations``."""
    options = [f"{_RULE_OPTIONS[name]}={value!r}" for name, value in rule.items() if name in _RULE_OPTIONS]
    return f"{imports.use('kubecrd', 'Rule')}({', '.join([repr(rule['rule']), *options])})"


def docstring_fits(text: str) -> bool:
    """Say whether a docstring gives *text* back: padded lines and what one cannot see would not come out as they went in."""
    lines = text.split("\n")
    plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return bool(text) and plain and inspect.cleandoc(text) == text
