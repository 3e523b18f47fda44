"""Constraints from three vocabularies, in one: annotated_types, our markers, attrs validators."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Final

import annotated_types as at

from .markers import (
    AllOf,
    AnyOf,
    Atomic,
    Format,
    Granular,
    ListMap,
    ListSet,
    MaxProperties,
    MinProperties,
    Not,
    OneOf,
    Pattern,
    PreserveUnknown,
    Rule,
    SchemaOverride,
    Title,
)
from .problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import attrs

__all__ = ["constrain", "contradictions", "markers_of_validator"]

_JUNCTORS: Final = {AllOf: "allOf", AnyOf: "anyOf", OneOf: "oneOf"}
_SHORTEST: Final = {"string": "minLength", "array": "minItems", "object": "minProperties"}
_LONGEST: Final = {"string": "maxLength", "array": "maxItems", "object": "maxProperties"}


def constrain(schema: dict[str, Any], marker: Any, where: str) -> Iterator[Problem]:
    """Add to *schema* what *marker* says; yield what it cannot say there. Markers of other libraries say nothing."""
    if isinstance(marker, type) and marker.__module__ in _MARKER_MODULES:
        yield Problem(
            where, f"{marker.__name__} is a class, which says nothing", f"write {marker.__name__}(…), with brackets"
        )
        return
    match marker:
        case at.Interval() | at.Len():
            for part in marker:
                yield from constrain(schema, part, where)
        case at.Ge() | at.Gt() | at.Le() | at.Lt() | at.MultipleOf():
            yield from _bound(schema, marker, where)
        case at.MinLen(length):
            yield from _length(schema, _SHORTEST, length, where, "MinLen")
        case at.MaxLen(length):
            yield from _length(schema, _LONGEST, length, where, "MaxLen")
        case MinProperties(number):
            yield from _only_for(schema, ("object",), where, "MinProperties", minProperties=number)
        case MaxProperties(number):
            yield from _only_for(schema, ("object",), where, "MaxProperties", maxProperties=number)
        case Pattern(regex):
            yield from _only_for(schema, ("string",), where, "Pattern", pattern=regex)
        case Format(None):
            schema.pop("format", None)
        case Format(name):
            yield from _only_for(schema, ("string", "integer", "number"), where, "Format", format=name)
        case at.Predicate():
            yield Problem(where, f"{marker!r} is Python, which the API server cannot run", "write a Rule in CEL")
        case _:
            yield from _kubernetes(schema, marker, where)


def _kubernetes(schema: dict[str, Any], marker: Any, where: str) -> Iterator[Problem]:
    match marker:
        case ListMap(keys):
            yield from _list_map(schema, keys, where)
        case ListSet():
            yield from _only_for(schema, ("array",), where, "ListSet", **{"x-kubernetes-list-type": "set"})
        case Atomic():
            key = "x-kubernetes-list-type" if schema.get("type") == "array" else "x-kubernetes-map-type"
            yield from _only_for(schema, ("array", "object"), where, "Atomic", **{key: "atomic"})
        case Granular():
            yield from _only_for(schema, ("object",), where, "Granular", **{"x-kubernetes-map-type": "granular"})
        case PreserveUnknown():
            schema["x-kubernetes-preserve-unknown-fields"] = True
        case Title(text):
            schema["title"] = text
        case AllOf(schemas) | AnyOf(schemas) | OneOf(schemas):
            schema.setdefault(_JUNCTORS[type(marker)], []).extend(dict(each) for each in schemas)
        case Not(unwanted):
            yield from _said_twice(schema, "not", unwanted, where)
            schema["not"] = dict(unwanted)
        case Rule():
            schema.setdefault("x-kubernetes-validations", []).append(marker.to_dict())
        case SchemaOverride(entries):
            for name, value in entries.items():
                if name not in _KEYWORDS:
                    yield Problem(where, f"SchemaOverride has no keyword {name!r}", did_you_mean(name, _KEYWORDS))
                if value is None:
                    schema.pop(name, None)
                else:
                    schema[name] = value


def _bound(schema: dict[str, Any], marker: Any, where: str) -> Iterator[Problem]:
    word = type(marker).__name__
    entries: dict[str, Any]
    match marker:
        case at.Ge(bound):
            entries = {"minimum": bound}
        case at.Gt(bound):
            entries = {"minimum": bound, "exclusiveMinimum": True}
        case at.Le(bound):
            entries = {"maximum": bound}
        case at.Lt(bound):
            entries = {"maximum": bound, "exclusiveMaximum": True}
        case _:
            bound = marker.multiple_of
            entries = {"multipleOf": bound}
    if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
        yield Problem(where, f"{word}({bound!r}) is no number", f"write {word}(1) or the like")
        return
    yield from _only_for(schema, ("integer", "number"), where, word, **entries)


def _length(schema: dict[str, Any], words: dict[str, str], length: int, where: str, word: str) -> Iterator[Problem]:
    kind = schema.get("type", "")
    if kind not in words:
        yield Problem(where, f"{word} is for strings, lists and mappings, not for {_named(schema)}", _remedy(schema))
    elif length < 0:
        yield Problem(where, f"{word}({length}) is negative", f"write {word}(0) or more")
    else:
        yield from _said_twice(schema, words[kind], length, where)
        schema[words[kind]] = length


def _only_for(
    schema: dict[str, Any], kinds: tuple[str, ...], where: str, word: str, **entries: Any
) -> Iterator[Problem]:
    if schema.get("type") in kinds:
        for name, value in entries.items():
            yield from _said_twice(schema, name, value, where)
        schema |= entries
    else:
        fits = " and ".join(_PLURALS[kind] for kind in kinds)
        yield Problem(where, f"{word} is for {fits}, not for {_named(schema)}", _remedy(schema))


def _said_twice(schema: dict[str, Any], name: str, value: Any, where: str) -> Iterator[Problem]:
    if name in schema and schema[name] != value and name != "format":
        yield Problem(where, f"{name} is said twice: {schema[name]!r} and {value!r}", "say it once")


def contradictions(schema: dict[str, Any], where: str) -> Iterator[Problem]:
    """Yield the bounds of *schema* between which nothing lies."""
    for least, most in _PAIRS:
        if least in schema and most in schema and schema[least] > schema[most]:
            wrong = f"{least} is {schema[least]!r}, above {most}, which is {schema[most]!r}"
            yield Problem(where, wrong, "nothing lies between them; swap or mend them")


_PAIRS: Final = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_MARKER_MODULES: Final = frozenset({"annotated_types", "kubecrd.schema.markers", "kubecrd.resource.naming"})
_KEYWORDS: Final = frozenset(
    [
        "additionalProperties",
        "allOf",
        "anyOf",
        "default",
        "description",
        "enum",
        "example",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "externalDocs",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "nullable",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
        "uniqueItems",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    ]
)
_PLURALS: Final = {
    "string": "strings",
    "integer": "integers",
    "number": "numbers",
    "array": "lists",
    "object": "mappings",
    "boolean": "booleans",
}


def _named(schema: dict[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    return _PLURALS.get(schema.get("type", ""), "values of any type")


def _remedy(schema: dict[str, Any]) -> str:
    return "write a Rule in CEL" if schema.get("type") is None else "take it away, or change the type"


def _list_map(schema: dict[str, Any], keys: tuple[str, ...], where: str) -> Iterator[Problem]:
    shown = f"ListMap({', '.join(map(repr, keys))})"
    if not keys:
        yield Problem(where, "ListMap() names no key", "write ListMap('name') with the fields that tell items apart")
        return
    items = schema.get("items", {})
    if schema.get("type") != "array" or items.get("type") != "object":
        yield Problem(
            where, f"{shown} is for lists of classes, not for {_named(schema)}", "use ListSet() for a list of scalars"
        )
        return
    properties = items.get("properties", {})
    for key in keys:
        if key not in properties:
            choice = f"choose from {', '.join(properties)}" if properties else "declare it"
            yield Problem(where, f"{shown}, but the items have no field {key!r}", choice)
        elif key not in items.get("required", ()) and "default" not in properties[key]:
            yield Problem(where, f"{shown}, but {key!r} may be absent", "take its None away, or give it a default")
    schema |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


_COMPARED: Final[dict[Callable[..., Any], type]] = {
    operator.ge: at.Ge,
    operator.gt: at.Gt,
    operator.le: at.Le,
    operator.lt: at.Lt,
}


def markers_of_validator(validator: Any) -> Iterator[Any]:
    """Yield markers that say what an attrs validator says; validators that only Python can run say nothing here."""
    name = type(validator).__name__
    match name:
        case "_AndValidator":
            for part in validator._validators:  # noqa: SLF001 - attrs has no public way to read a validator
                yield from markers_of_validator(part)
        case "_OptionalValidator":
            yield from markers_of_validator(validator.validator)
        case "_NumberValidator":
            yield _COMPARED[validator.compare_func](validator.bound)
        case "_MaxLengthValidator":
            yield at.MaxLen(validator.max_length)
        case "_MinLengthValidator":
            yield at.MinLen(validator.min_length)
        case "_MatchesReValidator":
            yield Pattern(_anchored(validator))
        case "_InValidator":
            yield SchemaOverride({"enum": [_json(option) for option in validator.options]})
        case "_DeepIterable" if validator.iterable_validator is not None:
            yield from markers_of_validator(validator.iterable_validator)
        case "_DeepMapping" if validator.mapping_validator is not None:
            yield from markers_of_validator(validator.mapping_validator)


def _json(option: Any) -> Any:
    return getattr(option, "value", option)


def _anchored(validator: Any) -> str:
    text = str(validator.pattern.pattern)
    if validator.match_func is not None and validator.match_func.__name__ == "search":
        return text
    end = "" if validator.match_func is not None and validator.match_func.__name__ == "match" else "$"
    return f"^(?:{text}){end}"


def member_validator(field: attrs.Attribute[Any]) -> Any:
    """Give the validator of the items of a list or the values of a mapping, None when there is none."""
    return getattr(field.validator, "member_validator", None) or getattr(field.validator, "value_validator", None)
