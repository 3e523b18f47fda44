"""From classes to a structural schema.

A class becomes an object with properties; markers and validators become keywords. Whatever cannot be said is
collected as a `Problem` with class and field; nothing is raised halfway.
"""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import ipaddress
import types
import uuid
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs
from attrs import define, field

from kubecrd.resource._encode import to_json
from kubecrd.resource._twin import plain
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.naming import Nullable, markers, wire_name
from kubecrd.resource.objects import Resource
from kubecrd.resource.typehints import type_hints

from .constraints import constrain, contradictions, markers_of_validator, member_validator
from .descriptions import attribute_docs, class_doc
from .markers import Default, Doc, EmbeddedResource, IntOrString, PreserveUnknown
from .options import SchemaOptions
from .problems import Problem

__all__ = ["Derivation", "derive"]

_SCALARS: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number", "format": "double"},
    bytes: {"type": "string", "format": "byte"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    ipaddress.IPv4Address: {"type": "string", "format": "ipv4"},
    ipaddress.IPv6Address: {"type": "string", "format": "ipv6"},
    ipaddress.IPv4Network: {"type": "string", "format": "cidr"},
}
_EMBEDDED_METADATA: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
        "finalizers": {"type": "array", "items": {"type": "string"}},
    },
}
"""What controller-gen writes for metadata inside a spec: the parts that a template may set."""
_ANYTHING: Final = (dict, dict[str, Any])
_EVALUATED: Final = (list, dict, set, frozenset, tuple)
"""Factories that give the same value each time, which can therefore be a default of the schema."""


@define
class Derivation:
    """A schema while it is made.

    Attributes:
        problems: What cannot be said.
        places: Class and field by path in the schema, such as ``.properties[spec]``, for errors found later.
    """

    problems: list[Problem] = field(factory=list)
    places: dict[str, str] = field(factory=dict)
    _stack: list[type] = field(factory=list)

    def of_class(self, cls: type, path: str = "") -> dict[str, Any]:
        """Give the schema of an object of *cls*; of a `Resource` without apiVersion, kind and metadata."""
        where = cls.__name__
        self.places[path] = where
        options: SchemaOptions = vars(cls).get("__kube_schema__") or SchemaOptions()
        schema: dict[str, Any] = {}
        description = options.description or class_doc(cls)
        if description:
            schema["description"] = description
        schema["type"] = "object"
        self._stack.append(cls)
        properties, required = self._fields(cls, path)
        head = options.type_meta_properties() if not self._stack[:-1] else _embedded_head(cls)
        properties = {**head, **properties}
        self._stack.pop()
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = sorted(required)
        for marker in (*options.markers, *options.rules):
            self.problems += constrain(schema, marker, where)
        return schema

    def _fields(self, cls: type, path: str) -> tuple[dict[str, Any], list[str]]:
        hints, docs = type_hints(cls), attribute_docs(cls)
        properties: dict[str, Any] = {}
        required: list[str] = []
        for each in attrs.fields(cls):
            if issubclass(cls, Resource) and each.name == "metadata":
                continue
            hint, where = hints[each.name], f"{cls.__name__}.{each.name}"
            name = wire_name(each.name, hint)
            if name in properties:
                self.problems.append(Problem(where, f"the JSON name {name!r} is taken", "give one of them an Alias"))
                continue
            place = f"{path}.properties[{name}]"
            self.places[place] = where
            schema = self._field(each, hint, place, where, docs.get(each.name))
            properties[name] = schema
            if self._is_required(each, hint, where):
                required.append(name)
        return properties, required

    def _field(self, each: attrs.Attribute[Any], hint: Any, path: str, where: str, doc: str | None) -> dict[str, Any]:
        schema = self.of_hint(hint, path, where, each)
        text = next(filter(None, map(_told_by, markers(hint))), doc)
        if text:
            schema = {"description": text, **{name: value for name, value in schema.items() if name != "description"}}
        found, default = self._default(each, hint, where)
        if found:
            schema["default"] = default
        return schema

    def _is_required(self, each: attrs.Attribute[Any], hint: Any, where: str) -> bool:
        if each.default is not attrs.NOTHING:
            return False
        is_nullable = any(isinstance(marker, Nullable) for marker in markers(hint))
        if type(None) in get_args(plain(hint)) and not is_nullable:
            self.problems.append(
                Problem(
                    where, "may be None, but has no default", "write `= None`, or mark it Nullable() if null is a value"
                )
            )
        return True

    def _default(self, each: attrs.Attribute[Any], hint: Any, where: str) -> tuple[bool, Any]:
        for marker in markers(hint):
            if isinstance(marker, Default):
                return True, marker.value
        default: Any = each.default
        if default is attrs.NOTHING or default is None:
            return False, None
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            if default.takes_self or not (default.factory in _EVALUATED or attrs.has(default.factory)):
                return False, None
            default = default.factory()
        try:
            return True, to_json(default)
        except (TypeError, ValueError) as error:
            self.problems.append(Problem(where, f"the default {default!r} cannot be JSON: {error}"))
            return False, None

    def of_hint(self, hint: Any, path: str, where: str, each: attrs.Attribute[Any] | None = None) -> dict[str, Any]:
        """Give the schema of a value of the type *hint*, with what its markers and the validators of *each* say."""
        told = list(markers(hint))
        schema = self._of_type(plain(hint), told, path, where, each)
        if any(isinstance(marker, Nullable) for marker in told):
            schema["nullable"] = True
        for marker in told:
            self.problems += constrain(schema, marker, where)
        if each is not None and each.validator is not None:
            for marker in markers_of_validator(each.validator):
                self.problems += constrain(schema, marker, where)
        self.problems += contradictions(schema, where)
        return schema

    def _of_type(
        self, base: Any, told: list[Any], path: str, where: str, each: attrs.Attribute[Any] | None
    ) -> dict[str, Any]:
        for marker in told:
            match marker:
                case IntOrString():
                    return {"x-kubernetes-int-or-string": True}
                case EmbeddedResource():
                    return {
                        "type": "object",
                        "x-kubernetes-embedded-resource": True,
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                case PreserveUnknown() if base in {Any, object} or base in self._stack or base in _ANYTHING:
                    return {"type": "object"} if base not in {Any, object} else {}
        if base in {Any, object}:
            return {"x-kubernetes-preserve-unknown-fields": True}
        if base in _SCALARS:
            return dict(_SCALARS[base])
        origin = get_origin(base)
        if origin in {Union, types.UnionType}:
            return self._of_union(base, told, path, where, each)
        if origin is Literal:
            return self._of_choice(list(get_args(base)), where)
        if origin is not None:
            return self._of_container(origin, get_args(base), path, where, each)
        if inspect.isclass(base):
            return self._of_named_class(base, path, where)
        self.problems.append(Problem(where, f"{base!r} has no schema", "use a class, or Any with PreserveUnknown()"))
        return {"type": "object"}

    def _of_named_class(self, base: type, path: str, where: str) -> dict[str, Any]:
        if hasattr(base, "openapi_schema"):
            return dict(base.openapi_schema)
        if issubclass(base, enum.Enum):
            return self._of_choice([member.value for member in base], where)
        if base in {list, dict, set, frozenset, tuple}:
            example = "dict[str, str]" if base is dict else f"{base.__name__}[str]"
            self.problems.append(
                Problem(where, f"a bare {base.__name__} does not say of what", f"write {example} or the like")
            )
            return {"type": "object"}
        if base is ObjectMeta:
            return dict(_EMBEDDED_METADATA)
        if not attrs.has(base):
            self.problems.append(Problem(where, f"{base.__name__} is no attrs class", "decorate it with @kube_schema"))
            return {"type": "object"}
        if base in self._stack:
            self.problems.append(
                Problem(
                    where,
                    f"{base.__name__} contains itself, and a structural schema cannot",
                    "annotate the inner field with PreserveUnknown(), which ends the schema there",
                )
            )
            return {"type": "object"}
        return self.of_class(base, path)

    def _of_union(
        self, base: Any, told: list[Any], path: str, where: str, each: attrs.Attribute[Any] | None
    ) -> dict[str, Any]:
        members = [member for member in get_args(base) if member is not type(None)]
        bare = {plain(member) for member in members}
        if bare == {int, str}:
            return {"x-kubernetes-int-or-string": True}
        if bare == {int, float}:
            return dict(_SCALARS[float])
        if len(members) == 1:
            return self._of_type(plain(members[0]), told, path, where, each)
        names = " | ".join(getattr(member, "__name__", str(member)) for member in members)
        self.problems.append(
            Problem(
                where,
                f"{names} is a union, and a structural schema cannot choose by type",
                "make one optional field for each",
            )
        )
        return {"type": "object"}

    def _of_choice(self, values: list[Any], where: str) -> dict[str, Any]:
        kinds = {type(value) for value in values}
        if len(kinds) != 1 or not kinds <= {str, int, bool, float}:
            self.problems.append(
                Problem(
                    where,
                    f"the choices {', '.join(map(repr, values))} are not of one scalar type",
                    "make them all strings",
                )
            )
            return {"type": "string"}
        schema = {key: value for key, value in _SCALARS[kinds.pop()].items() if key == "type"}
        return {**schema, "enum": values}

    def _of_container(
        self, origin: Any, arguments: tuple[Any, ...], path: str, where: str, each: attrs.Attribute[Any] | None
    ) -> dict[str, Any]:
        if origin is dict:
            if plain(arguments[0]) is not str:
                self.problems.append(Problem(where, "the keys of a mapping are strings in JSON", "write dict[str, …]"))
            return {
                "type": "object",
                "additionalProperties": self._of_member(arguments[1], f"{path}.additionalProperties", where, each),
            }
        if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
            self.problems.append(
                Problem(where, "a tuple of different types has no schema", "write tuple[X, …], or a class")
            )
            return {"type": "array", "items": {"type": "object"}}
        if origin not in {list, set, frozenset, tuple}:
            self.problems.append(Problem(where, f"{origin.__name__} has no schema", "use list, set, dict or a class"))
            return {"type": "object"}
        schema: dict[str, Any] = {"type": "array", "items": self._of_member(arguments[0], f"{path}.items", where, each)}
        if origin in {set, frozenset}:
            schema["x-kubernetes-list-type"] = "set"
        return schema

    def _of_member(self, hint: Any, path: str, where: str, each: attrs.Attribute[Any] | None) -> dict[str, Any]:
        self.places[path] = where
        schema = self.of_hint(hint, path, where)
        if text := next(filter(None, map(_told_by, markers(hint))), None):
            schema["description"] = text
        inner = None if each is None else member_validator(each)
        for marker in markers_of_validator(inner) if inner is not None else ():
            self.problems += constrain(schema, marker, where)
        return schema


def _embedded_head(cls: type) -> dict[str, Any]:
    """Give what a whole object inside another has beside its fields: at the root the server knows about it, here not."""
    if not issubclass(cls, Resource):
        return {}
    return {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": dict(_EMBEDDED_METADATA)}


def _told_by(marker: Any) -> str | None:
    """Give the description in a marker: ours, or one with a ``documentation``, as PEP 727 and annotated_types have it."""
    return marker.text if isinstance(marker, Doc) else getattr(marker, "documentation", None)


def derive(cls: type) -> tuple[dict[str, Any], Derivation]:
    """Give the schema of *cls*, and what was found on the way: problems, and which class and field is where."""
    derivation = Derivation()
    return derivation.of_class(cls), derivation
