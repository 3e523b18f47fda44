"""Constraints from three vocabularies, in one: annotated_types, our markers, attrs validators."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import annotated_types as at

from kubecrd.resource.spelling import did_you_mean

from .formats import KNOWN_FORMATS, NUMBER_FORMATS, is_known
from .markers import (
    AllOf,
    AnyOf,
    AtLeastOneOf,
    AtMostOneOf,
    Atomic,
    ExactlyOneOf,
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
from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["add_junctor", "constrain", "contradictions", "requires_nothing_of"]

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
        case at.GroupedMetadata():
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
        case Format(str(name)):
            yield from _format(schema, name, where)
        case at.Predicate():
            wrong = f"{marker!r} is Python, which the API server cannot run"
            yield Problem(
                where, wrong, "write a Rule in CEL, or mark the field ClientSide() if only Python is to check it"
            )
        case at.Timezone():
            yield Problem(where, f"{marker!r} says nothing in JSON, where times are in UTC", "take it away")
        case slice():
            yield Problem(where, "a slice is no constraint", "write Len(1, 9) of annotated_types")
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
            yield from add_junctor(schema, _JUNCTORS[type(marker)], [dict(each) for each in schemas], where)
        case Not(unwanted):
            yield from add_junctor(schema, "not", dict(unwanted), where)
        case ExactlyOneOf(names) | AtLeastOneOf(names) | AtMostOneOf(names):
            yield from _presence(schema, marker, names, where)
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
    if "multipleOf" in entries and bound <= 0:
        yield Problem(where, f"{word}({bound!r}) divides by nothing", f"write {word}(1) or more")
        return
    yield from _only_for(schema, ("integer", "number"), where, word, **entries)


def _format(schema: dict[str, Any], name: str, where: str) -> Iterator[Problem]:
    yield from _only_for(schema, ("string", "integer", "number"), where, "Format", format=name)
    kind = schema.get("type")
    if kind in {"string", "integer", "number"} and not is_known(name, kind):
        known = NUMBER_FORMATS.get(kind, [_DASHED.get(each, each) for each in KNOWN_FORMATS])
        wrong = f"the API server checks no format {name!r} of {_PLURALS[kind]}"
        yield Problem(where, wrong, did_you_mean(name, known))


def _length(schema: dict[str, Any], words: dict[str, str], length: int, where: str, word: str) -> Iterator[Problem]:
    kind = schema.get("type", "")
    if type(length) is not int:
        yield Problem(where, f"{word}({length!r}) is no whole number", f"write {word}(1) or the like")
    elif kind not in words:
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


def add_junctor(schema: dict[str, Any], key: str, branches: Any, where: str) -> Iterator[Problem]:
    """Add ``allOf``, ``anyOf``, ``oneOf`` or ``not`` to what *schema* says already: all of it must hold."""
    if branches in ([], {}):
        yield Problem(where, f"{key} of nothing", "name at least one schema")
    elif key == "allOf":
        schema.setdefault("allOf", []).extend(branches)
    elif key in schema:
        schema.setdefault("allOf", []).append({key: branches})
    else:
        schema[key] = branches


def requires_nothing_of(names: Iterable[str]) -> dict[str, Any]:
    """Give a schema of objects that have none of these members."""
    absent = [{"required": [name]} for name in names]
    return {"not": {"anyOf": absent} if len(absent) > 1 else absent[0]}


def _presence(schema: dict[str, Any], marker: Any, names: tuple[str, ...], where: str) -> Iterator[Problem]:
    """Say how many of some members an object has; without names, of all that are not required."""
    properties, word = schema.get("properties", {}), type(marker).__name__
    always = {*schema.get("required", ()), *(name for name, each in properties.items() if "default" in each)}
    names = names or tuple(name for name in properties if name not in always)
    shown = f"{word}({', '.join(map(repr, names))})"
    if len(names) < 2:
        yield Problem(where, f"{shown} has nothing to choose from", "name at least two optional fields")
    for name in names:
        if name not in properties:
            yield Problem(where, f"{shown}, but there is no field {name!r}", did_you_mean(name, properties))
        elif name in always:
            yield Problem(where, f"{shown}, but {name!r} is always there", "make it optional: write `= None`")
    present: list[dict[str, Any]] = [{"required": [name]} for name in names]
    match marker:
        case ExactlyOneOf():
            yield from add_junctor(schema, "oneOf", present, where)
        case AtLeastOneOf():
            yield from add_junctor(schema, "anyOf", present, where)
        case _ if names:
            yield from add_junctor(schema, "oneOf", [*present, requires_nothing_of(names)], where)


def contradictions(schema: dict[str, Any], where: str) -> Iterator[Problem]:
    """Yield the bounds of *schema* between which nothing lies."""
    for least, most in _PAIRS:
        if least in schema and most in schema and schema[least] > schema[most]:
            wrong = f"{least} is {schema[least]!r}, above {most}, which is {schema[most]!r}"
            yield Problem(where, wrong, "nothing lies between them; swap or mend them")
    excluded = schema.get("exclusiveMinimum") or schema.get("exclusiveMaximum")
    if excluded and "minimum" in schema and schema["minimum"] == schema.get("maximum"):
        wrong = f"minimum and maximum are both {schema['minimum']!r}, and one excludes it"
        yield Problem(where, wrong, "nothing lies between them; mend them")
    if schema.get("nullable") and "enum" in schema:
        wrong = "null is never a value of an enum, whatever Nullable() says"
        yield Problem(where, wrong, "take Nullable() away, or write the choice as a Rule")


_PAIRS: Final = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_DASHED: Final = {"datetime": "date-time", "k8sshortname": "k8s-short-name", "k8slongname": "k8s-long-name"}
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
