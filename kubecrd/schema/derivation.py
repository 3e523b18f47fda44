"""From classes to a structural schema.

A class becomes an object with properties; markers and validators become keywords. Whatever cannot be said is
collected as a `Problem` with class and field; nothing is raised halfway.
"""

from __future__ import annotations

import math
from typing import Any, Final, get_args
from weakref import WeakKeyDictionary

import attrs
from attrs import frozen

from kubecrd.resource._encode import to_json
from kubecrd.resource._unions import names_of
from kubecrd.resource.naming import Alias, Flatten, Nullable, Skip, has_marker, markers, wire_name
from kubecrd.resource.objects import Resource
from kubecrd.resource.typehints import (
    class_of,
    is_container,
    members,
    plain,
    required_keys,
    type_hints,
    typed_dict_hints,
)

from .constraints import constrain, contradictions, requires_nothing_of
from .descriptions import attribute_docs, class_doc
from .hints import EMBEDDED_METADATA, Hints, described, is_overridden
from .markers import ClientSide, Default
from .options import SchemaOptions
from .unions import guarded
from .validators import constrain_by_validator

__all__ = ["Derivation", "derive", "derive_part"]

_EVALUATED: Final = (list, dict, set, frozenset, tuple)
"""Factories that give the same value each time, which can therefore be a default of the schema."""

_CONDITIONS: Final = ("required", "allOf", "anyOf", "oneOf", "not")
_TYPE_META: Final = frozenset({"apiVersion", "kind", "metadata"})


@frozen
class _Remembered:
    """What was derived of a class without a problem, when it was decorated.

    Attributes:
        schema: Its schema.
        places: Class and field by path in it.
        reached: The class, and all that were gone through on the way.
    """

    schema: dict[str, Any]
    places: dict[str, str]
    reached: frozenset[Any]

    def holds_within(self, stack: list[Any]) -> bool:
        """Say whether it is the same inside of the classes on *stack*, the last of which is the class itself.

        A class that is met again inside of itself has another schema there, or none.
        """
        return self.reached.isdisjoint(map(class_of, stack[:-1]))


_REMEMBERED: Final[WeakKeyDictionary[type, _Remembered]] = WeakKeyDictionary()


class Derivation(Hints):
    """A schema of classes while it is made."""

    def of_class(self, cls: Any, path: str = "") -> dict[str, Any]:
        """Give the schema of an object of *cls*; of a `Resource` without apiVersion, kind and metadata.

        A resource inside of another object has them among its properties.
        """
        remembered = _REMEMBERED.get(cls) if isinstance(cls, type) else None
        if remembered is not None and remembered.holds_within(self._stack):
            self.places |= {path + place: where for place, where in remembered.places.items()}
            found: dict[str, Any] = _copied(remembered.schema)
            return found
        base = class_of(cls)
        where = base.__name__
        self.places[path] = where
        options: SchemaOptions = vars(base).get("__kube_schema__") or SchemaOptions()
        schema: dict[str, Any] = {}
        description = _description(base, options)
        if description:
            schema["description"] = description
        schema["type"] = "object"
        with self._inside(*([] if cls in self._stack else [cls])):
            parts = self._fields(cls, path)
            is_inner = len(self._stack) > 1
        head = _embedded_head(base) if is_inner else options.type_meta_properties()
        properties = {**head, **parts["properties"]}
        if properties:
            schema["properties"] = properties
        if parts["required"]:
            schema["required"] = sorted(parts["required"])
        schema |= {key: value for key, value in parts.items() if key not in {"properties", "required"}}
        for marker in (*options.markers, *options.rules):
            self.problems += constrain(schema, marker, where)
        return schema

    def of_typed_dict(self, cls: Any, path: str) -> dict[str, Any]:
        """Give the schema of a `TypedDict`, whose members have the names that they have in Python."""
        base = class_of(cls)
        docs, required = attribute_docs(base), required_keys(cls)
        properties = {}
        for name, hint in typed_dict_hints(cls).items():
            place, where = f"{path}.properties[{name}]", f"{base.__name__}[{name!r}]"
            self.places[place] = where
            if type(None) in get_args(plain(hint)) and not has_marker(hint, Nullable):
                self.refuse(where, "may be None, which is null in JSON", "write NotRequired[…], or mark it Nullable()")
            schema = described(self.of_hint(hint, place, where), hint, docs.get(name))
            self.problems += contradictions(schema, where)
            properties[name] = schema
        doc = class_doc(base)
        return {
            **({"description": doc} if doc else {}),
            "type": "object",
            **({"properties": properties} if properties else {}),
            **({"required": sorted(required)} if required else {}),
        }

    def _fields(self, cls: Any, path: str) -> dict[str, Any]:
        base = class_of(cls)
        hints, docs = type_hints(cls), attribute_docs(base)
        parts: dict[str, Any] = {"properties": {}, "required": []}
        for each in attrs.fields(base):
            where = f"{base.__name__}.{each.name}"
            hint = hints.get(each.name)
            if hint is None:
                self.refuse(where, "has no annotation", f"write {each.name}: str, or what it is")
            elif self._is_in_json(each, hint, base, where):
                if has_marker(hint, Flatten):
                    self._flatten(parts, each, hint, path, where)
                else:
                    self._property(parts, each, hint, path, where, docs.get(each.name))
        return parts

    def _is_in_json(self, each: attrs.Attribute[Any], hint: Any, base: type, where: str) -> bool:
        is_resource = issubclass(base, Resource)
        if is_resource and each.name == "metadata":
            return False
        if has_marker(hint, Skip):
            if each.default is attrs.NOTHING:
                self.refuse(where, "Skip() has no default for objects that are read", "give the field a default")
            return False
        if each.name.startswith("_") and not has_marker(hint, Alias):
            self.refuse(where, "begins with an underscore", "mark it Skip(), or give it an Alias if it is in JSON")
        if not each.init:
            self.refuse(where, "is no argument of the class (init=False)", "mark it Skip(), or let it be one")
        if is_resource and wire_name(each.name, hint) in _TYPE_META:
            self.refuse(where, f"every object has {wire_name(each.name, hint)!r} already", "choose another name")
        return True

    def _property(
        self, parts: dict[str, Any], each: attrs.Attribute[Any], hint: Any, path: str, where: str, doc: str | None
    ) -> None:
        name = wire_name(each.name, hint)
        if any(isinstance(marker, Alias) and not marker.name for marker in markers(hint)):
            self.refuse(where, "Alias('') is no name", "write the name that the field has in JSON")
        if name in parts["properties"]:
            self.refuse(where, f"the JSON name {name!r} is taken", "give one of them an Alias")
            return
        place = f"{path}.properties[{name}]"
        self.places[place] = where
        parts["properties"][name] = self._field(each, hint, place, where, doc)
        if self._is_required(each, hint, where):
            parts["required"].append(name)

    def _field(self, each: attrs.Attribute[Any], hint: Any, path: str, where: str, doc: str | None) -> dict[str, Any]:
        schema = self.of_hint(hint, path, where)
        is_client_side = has_marker(hint, ClientSide)
        if each.validator is not None:
            self.problems += constrain_by_validator(schema, each.validator, hint, where, client_side=is_client_side)
        if each.converter is not None and not is_client_side and not _only_copies(each.converter):
            self.refuse(
                where,
                "the converter is Python, which the API server cannot run",
                "take it away, or mark the field ClientSide() if only Python is to convert",
            )
        if not is_overridden(hint):
            self.problems += contradictions(schema, where)
        schema = described(schema, hint, doc)
        found, default = self._default(each, hint, where)
        if found:
            schema["default"] = default
        return schema

    def _is_required(self, each: attrs.Attribute[Any], hint: Any, where: str) -> bool:
        if each.default is not attrs.NOTHING:
            return False
        if type(None) in get_args(plain(hint)) and not has_marker(hint, Nullable):
            self.refuse(
                where, "may be None, but has no default", "write `= None`, or mark it Nullable() if null is a value"
            )
        return True

    # --- defaults

    def _default(self, each: attrs.Attribute[Any], hint: Any, where: str) -> tuple[bool, Any]:
        default: Any = each.default
        self._check_default(default, hint, where)
        for marker in markers(hint):
            if isinstance(marker, Default):
                return True, to_json(marker.value)
        if default is attrs.NOTHING or default is None:
            return False, None
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            if default.takes_self or not (default.factory in _EVALUATED or attrs.has(default.factory)):
                return False, None
            try:
                default = default.factory()
            except TypeError as error:
                name = getattr(each.default.factory, "__name__", "the factory")  # type: ignore[union-attr]
                self.refuse(where, f"{name}() cannot be the default: {error}", "write a factory that can be called")
                return False, None
        written = to_json(default)
        if isinstance(written, float) and not math.isfinite(written):
            self.refuse(where, f"the default {default!r} cannot be JSON", "choose a number")
            return False, None
        return True, written

    def _check_default(self, default: Any, hint: Any, where: str) -> None:
        base = plain(hint)
        if default is None and type(None) not in get_args(base) and base not in {Any, object, type(None)}:
            name = getattr(base, "__name__", str(base))
            self.refuse(where, f"the default is None, but the type is {name}", f"write {name} | None")
        elif type(default) in {list, dict, set}:
            kind = type(default).__name__
            right = f"write field(factory={kind})" + (", and Default(…) beside the type" if default else "")
            self.refuse(where, f"all objects would share the one {kind} that is the default", right)
        elif attrs.has(type(default)) and type(default).__hash__ is None and not isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            name = type(default).__name__
            self.refuse(
                where, f"all objects would share the one {name} that is the default", f"write field(factory={name})"
            )

    # --- flattening

    def _flatten(self, parts: dict[str, Any], each: attrs.Attribute[Any], hint: Any, path: str, where: str) -> None:
        """Put the fields of a value among those of the object around it, with what is said of them together."""
        if is_container(hint):
            if plain(hint) != dict[str, Any]:
                self.refuse(where, "Flatten() holds whatever no other field knows", "write dict[str, Any]")
            parts["x-kubernetes-preserve-unknown-fields"] = True
            return
        if not all(attrs.has(class_of(plain(member))) for member in members(plain(hint))):
            self.refuse(where, "Flatten() is for classes and dict[str, Any]", "take it away, or use a class")
            return
        around = self.places.get(path, "")
        schema = self.of_hint(hint, path, where)
        self.places[path] = around
        for name, inner in schema.get("properties", {}).items():
            if name in parts["properties"]:
                self.refuse(where, f"brings the field {name!r}, which is there already", "give one of them an Alias")
            parts["properties"][name] = inner
        is_optional = each.default is not attrs.NOTHING
        for key, value in schema.items():
            match key:
                case "properties" | "description" | "type":
                    pass
                case "x-kubernetes-validations":
                    guard = " || ".join(f"has({{}}.{name})" for name in sorted(names_of(hint)))
                    rules = [guarded(rule, f"({guard})") for rule in value] if is_optional else value
                    parts[key] = [*parts.get(key, []), *rules]
                case "x-kubernetes-preserve-unknown-fields":
                    parts[key] = True
                case _ if key not in _CONDITIONS:
                    self.refuse(where, f"Flatten() cannot keep {key} apart", "say it of the class around")
        self._add_conditions(parts, {key: schema[key] for key in _CONDITIONS if key in schema}, hint, is_optional)

    @staticmethod
    def _add_conditions(parts: dict[str, Any], conditions: dict[str, Any], hint: Any, is_optional: bool) -> None:  # noqa: FBT001
        if is_optional and conditions:
            # All of it, or nothing.
            conditions = {"anyOf": [conditions, requires_nothing_of(sorted(names_of(hint)))]}
        parts["required"] += conditions.pop("required", [])
        if conditions and not parts.keys() & conditions.keys():
            parts |= conditions
        elif conditions:
            parts.setdefault("allOf", []).append(conditions)


def _description(base: type, options: SchemaOptions) -> str:
    text = options.description or class_doc(base) or ""
    old = vars(base).get("__deprecated__")
    return f"{text}\n\nDeprecated: {old}".strip() if old else text


def _embedded_head(cls: type) -> dict[str, Any]:
    """Give what a whole object inside another has beside its fields: at the root the server knows about it, here not."""
    if not issubclass(cls, Resource):
        return {}
    return {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": dict(EMBEDDED_METADATA)}


def _only_copies(converter: Any) -> bool:
    """Say whether a converter makes the container that the type says, which JSON does not tell from others."""
    return converter in _EVALUATED


def derive(cls: type) -> tuple[dict[str, Any], Derivation]:
    """Give the schema of *cls*, and what was found on the way: problems, and which class and field is where.

    In a generic class without arguments, what its type variables stand for is not known yet.
    """
    derivation = Derivation(open_variables=getattr(cls, "__parameters__", ()))
    return derivation.of_class(cls), derivation


def derive_part(cls: type) -> tuple[dict[str, Any], Derivation]:
    """Derive a class that others will have as a part, and remember what came of it, so that they need not do it again."""
    if cls in _REMEMBERED:
        # Decorated once more, perhaps with other rules: what it is a part of has to be derived anew.
        for each in [each for each, remembered in _REMEMBERED.items() if cls in remembered.reached]:
            del _REMEMBERED[each]
    schema, derivation = derive(cls)
    if not derivation.problems and not derivation.is_open and not issubclass(cls, Resource):
        _REMEMBERED[cls] = _Remembered(_copied(schema), dict(derivation.places), frozenset(derivation.reached))
    return schema, derivation


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(member) for key, member in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
