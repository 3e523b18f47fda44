"""What is wrong with a class or its options before, or although, the API server would take the definition."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from inspect import get_annotations
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, get_origin

import attrs

from kubecrd.resource._unions import wire_fields
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.objects import Resource
from kubecrd.resource.spelling import did_you_mean

from . import markers as marker_module
from .markers import Column, Rule, Scale
from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .options import DefinitionOptions

__all__ = ["class_problems", "marker_problems", "option_problems", "path_problems"]

_SCALE_OPTIONS: Final = tuple(each.name for each in attrs.fields(Scale))
_SCALE_KINDS: Final = {
    "specReplicasPath": "integer",
    "statusReplicasPath": "integer",
    "labelSelectorPath": "string",
}
_LISTS: Final = ("short_names", "categories", "columns", "selectable_fields")
_CLASS_VARIABLE: Final = re.compile(r"\s*(\w+\.)*ClassVar\b")
_STEP: Final = re.compile(r"\.((?:[^.\[\]\\]|\\.)+)|\[(?:\d+|\*|\?\(.*?\))\]|\['([^']+)'\]")


def class_problems(cls: Any) -> Iterator[Problem]:
    """Yield why *cls* cannot be made an attrs class."""
    if not isinstance(cls, type):
        yield Problem(getattr(cls, "__name__", repr(cls)), "is no class", "decorate a class")
    elif "__attrs_attrs__" not in vars(cls) and is_dataclass(cls):
        yield Problem(cls.__name__, "is made by @dataclass already", "take @dataclass away")
    elif type(cls).__module__.partition(".")[0] in {"pydantic", "msgspec"}:
        made_by = type(cls).__module__.partition(".")[0]
        yield Problem(cls.__name__, f"is made by {made_by} already", "write a plain class, without the base")
    else:
        yield from _lost_fields(cls)


def _lost_fields(cls: type) -> Iterator[Problem]:
    """Yield the bases whose fields attrs would pass over, so that they would be missing without a word."""
    for base in cls.__mro__[1:]:
        if "__attrs_attrs__" in vars(base) or base in Resource.__mro__ or getattr(base, "_is_protocol", False):
            continue
        lost = [name for name, hint in get_annotations(base).items() if not _is_of_the_class(hint)]
        if lost:
            fields = f"the field {lost[0]!r}" if len(lost) == 1 else f"the fields {', '.join(map(repr, lost))}"
            yield Problem(cls.__name__, f"would lose {fields} of {base.__name__}", f"decorate {base.__name__} too")


def _is_of_the_class(hint: Any) -> bool:
    """Whether an annotation, evaluated or not, is a ``ClassVar``."""
    if isinstance(hint, str):
        return _CLASS_VARIABLE.match(hint) is not None
    return (get_origin(hint) or hint) is ClassVar


def marker_problems(cls: type, rules: Sequence[Any], markers: Sequence[Any]) -> Iterator[Problem]:
    """Yield what is neither a rule nor a marker, and so would say nothing."""
    where = getattr(cls, "__name__", repr(cls))
    for name, given in (("rules", rules), ("markers", markers)):
        if isinstance(given, str) or not hasattr(given, "__iter__"):
            yield Problem(where, f"{name} is a list, not {given!r}", f"write {name}=[…]")
            return
    for rule in rules:
        if not isinstance(rule, Rule):
            text = rule if isinstance(rule, str) else "…"
            yield Problem(where, f"{rule!r} is no Rule", f"write Rule({text!r})" if text != "…" else "write Rule('…')")
    for marker in markers:
        if isinstance(marker, type):
            yield Problem(
                where, f"{marker.__name__} is a class, which says nothing", f"write {marker.__name__}(…), with brackets"
            )
        elif type(marker).__module__ not in {marker_module.__name__, "annotated_types"}:
            yield Problem(where, f"{marker!r} is no marker", "see kubecrd.schema.markers for what there is")


def option_problems(
    cls: type, options: DefinitionOptions, rules: Sequence[Any], markers: Sequence[Any]
) -> Iterator[Problem]:
    """Yield what is wrong with the options of `custom_resource`."""
    where = getattr(cls, "__name__", repr(cls))
    if not issubclass(cls, Resource):
        yield Problem(where, "is no Resource", f"write class {where}(Resource)")
    yield from marker_problems(cls, rules, markers)
    if options.scale is not None and not isinstance(options.scale, Scale):
        for option in options.scale:
            if option not in _SCALE_OPTIONS:
                yield Problem(where, f"scale has no option {option!r}", did_you_mean(option, _SCALE_OPTIONS))
    for name in _LISTS:
        given = getattr(options, name)
        if isinstance(given, str):
            yield Problem(where, f"{name} is a list, not the text {given!r}", f"write {name}=[{given!r}]")
        elif name == "columns":
            for column in given:
                if not isinstance(column, Column):
                    yield Problem(where, f"{column!r} is no Column", "write Column('Size', '.spec.size')")
    if options.max_description is not None and options.max_description < 0:
        yield Problem(where, f"max_description is {options.max_description}", "write 0 to leave descriptions out")


def path_problems(cls: type, schema: Mapping[str, Any], version: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the paths that lead nowhere: the API server takes them, and then there is nothing to see there.

    Args:
        cls: The class.
        schema: Of its objects.
        version: The version of the definition, as JSON.
    """
    for column in version.get("additionalPrinterColumns", ()):
        wrong = _lost(column["jsonPath"], schema)
        if wrong:
            yield Problem(
                cls.__name__, f"the column {column['name']!r} reads {column['jsonPath']}, but {wrong[0]}", wrong[1]
            )
    subresources = version.get("subresources", {})
    for name, path in subresources.get("scale", {}).items():
        wrong = _lost(path, schema)
        if wrong:
            yield Problem(cls.__name__, f"scale reads {path}, but {wrong[0]}", wrong[1])
        elif _kind(path, schema) not in {_SCALE_KINDS[name], None}:
            wanted = _SCALE_KINDS[name]
            yield Problem(cls.__name__, f"scale reads {path}, which is no {wanted}", "name a field of that type")
    if "status" in subresources and "status" in schema.get("required", ()):
        right = "write `status: … | None = None`"
        yield Problem(f"{cls.__name__}.status", "is required, but the server drops the status of new objects", right)


def _nodes(path: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the steps of *path* with what the schema has there: None where it has nothing, True where it has anything."""
    properties = dict(schema.get("properties", {}))
    every = _every_object_has()
    own = properties.pop("metadata", {})
    # A schema may say something of the metadata, such as a pattern for the name; the rest of it is there all the same.
    every["metadata"]["properties"].update(own.get("properties", {}))
    node: Any = {**schema, "properties": {**every, **properties}}
    at = 0
    yield "", node
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or match[0].startswith(".."):
            yield "", True  # more of JSONPath than is followed here
            return
        node = _below(node, match[1] or match[2])
        at = match.end()
        yield path[:at], node
        if node is None or node is True:
            return


def _every_object_has() -> dict[str, dict[str, Any]]:
    names = [name for _, _, name in wire_fields(ObjectMeta)]
    metadata = {"type": "object", "properties": dict.fromkeys(names, True)}
    return {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": metadata}


def _below(node: Mapping[str, Any], name: str | None) -> Any:
    if name is None:
        return node.get("items")
    name = name.replace("\\", "")
    properties = node.get("properties", {})
    if name in properties:
        return properties[name]
    if node.get("x-kubernetes-preserve-unknown-fields") or node.get("additionalProperties") is True:
        return True
    return node.get("additionalProperties")


def _lost(path: str, schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """Say where *path* leaves the schema, and what would be right; None where it does not."""
    for (around, node), (step, found) in pairwise(_nodes(path, schema)):
        if found is None:
            name = step[len(around) :].strip(".[]'")
            known = node.get("properties", {})
            return f"{around or 'the object'} has no field {name!r}", did_you_mean(name, known) if known else ""
    return None


def _kind(path: str, schema: Mapping[str, Any]) -> str | None:
    *_, (_, node) = _nodes(path, schema)
    return None if node is True else node.get("type")
