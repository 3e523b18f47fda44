"""Types as schemas: scalars, choices, containers and unions. What cannot be said is collected, with the way out."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import ipaddress
import re
import uuid
from abc import ABC, abstractmethod
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, get_args, get_origin, is_typeddict

import attrs

from kubecrd.resource._unions import class_union, is_text_union
from kubecrd.resource.durations import DURATION_PATTERN
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.naming import Nullable, has_marker, markers, wire_type
from kubecrd.resource.typehints import class_of, is_union, members, plain, unalias

from .constraints import constrain, contradictions
from .markers import ClientSide, Deprecated, Doc, EmbeddedResource, IntOrString, PreserveUnknown, SchemaOverride
from .problems import Problem
from .unions import merge_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["EMBEDDED_METADATA", "Hints", "described", "is_overridden"]

_TIME_OF_DAY: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{6})?(Z|[+-][0-9]{2}:[0-9]{2})?$"
_SCALARS: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number", "format": "double"},
    bytes: {"type": "string", "format": "byte"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "pattern": _TIME_OF_DAY},
    dt.timedelta: {"type": "string", "format": "duration", "pattern": DURATION_PATTERN},
    uuid.UUID: {"type": "string", "format": "uuid"},
    ipaddress.IPv4Address: {"type": "string", "format": "ipv4"},
    ipaddress.IPv6Address: {"type": "string", "format": "ipv6"},
    # The format takes both families.
    ipaddress.IPv4Network: {"type": "string", "format": "cidr", "pattern": "^[0-9./]+$"},
    ipaddress.IPv6Network: {"type": "string", "format": "cidr", "pattern": ":"},
    ipaddress.IPv4Interface: {"type": "string", "format": "cidr", "pattern": "^[0-9./]+$"},
    ipaddress.IPv6Interface: {"type": "string", "format": "cidr", "pattern": ":"},
}
EMBEDDED_METADATA: Final = {
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
_OF_ONE_MEMBER: Final = frozenset(
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"]
)
"""What may be said of the integer or of the string of an int-or-string, since it means nothing for the other."""

_INSTEAD: Final[dict[type, str]] = {
    Decimal: "use Quantity, which is exact and which Kubernetes has",
    complex: "use a class with two numbers",
    bytearray: "use bytes",
    memoryview: "use bytes",
    range: "use a class with two integers",
    Path: "use str",
    PurePath: "use str",
    re.Pattern: "use str",
    type(None): "take the field away, or say what it may be beside None",
}
_DEEPEST: Final = 12
"""So often a generic class may stand inside of itself, with other arguments each time."""


def is_overridden(hint: Any) -> bool:
    """Say whether an override has a word in the schema of *hint*: what it says stands, as the API server would take it."""
    classes = [class_of(plain(each)) for each in members(plain(hint))]
    options = [vars(each).get("__kube_schema__") for each in classes if isinstance(each, type)]
    of_classes = [marker for each in options if each for marker in each.markers]
    return has_marker(hint, SchemaOverride) or any(isinstance(each, SchemaOverride) for each in of_classes)


class Hints(ABC):
    """Makes schemas of types.

    Args:
        open_variables: Type variables that may stand for anything.

    Attributes:
        problems: What cannot be said.
        places: Class and field by path in the schema, such as ``.properties[spec]``, for errors found later.
        reached: The classes and type aliases gone through.
    """

    def __init__(self, open_variables: Iterable[Any] = ()) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, str] = {}
        self._stack: list[Any] = []
        self.reached: set[Any] = set()
        self._open: frozenset[Any] = frozenset(open_variables)

    @property
    def is_open(self) -> bool:
        """Whether there are type variables that may stand for anything."""
        return bool(self._open)

    @abstractmethod
    def of_class(self, cls: Any, path: str = "") -> dict[str, Any]:
        """Give the schema of an object of *cls*."""

    @abstractmethod
    def of_typed_dict(self, cls: Any, path: str) -> dict[str, Any]:
        """Give the schema of an object of a `TypedDict`."""

    def refuse(self, where: str, wrong: str, right: str = "") -> dict[str, Any]:
        """Note a problem; give a schema to go on with."""
        self.problems.append(Problem(where, wrong, right))
        return {"type": "object"}

    def of_hint(self, hint: Any, path: str, where: str) -> dict[str, Any]:
        """Give the schema of a value of the type *hint*, with what its markers say."""
        told = list(markers(hint))
        schema = self._of_aliased(hint, told, path, where)
        if has_marker(hint, Nullable):
            base = plain(hint)
            if type(None) not in get_args(base) and base not in {Any, object}:
                name = getattr(base, "__name__", str(base))
                self.refuse(where, "Nullable(), but the type has no None", f"write {name} | None")
            schema["nullable"] = True
        is_client_side = any(isinstance(marker, ClientSide) for marker in told)
        for marker in told:
            problems = list(constrain(schema, marker, where))
            self.problems += [] if is_client_side and type(marker).__name__ in {"Predicate", "Timezone"} else problems
        return schema

    def of_member(self, hint: Any, path: str, where: str) -> dict[str, Any]:
        """Give the schema of what is in a list or a mapping, where None cannot mean that nothing is there."""
        self.places[path] = where
        if type(None) in get_args(plain(hint)) and not has_marker(hint, Nullable):
            right = "mark it Nullable() inside of the brackets, or take None away"
            self.refuse(where, "what is in a list or mapping may be None, which is null in JSON", right)
        schema = described(self.of_hint(hint, path, where), hint)
        if not is_overridden(hint):
            self.problems += contradictions(schema, where)
        return schema

    @contextmanager
    def _inside(self, *names: Any) -> Iterator[None]:
        self._stack += names
        self.reached.update(map(class_of, names))
        yield
        del self._stack[len(self._stack) - len(names) :]

    def _of_aliased(self, hint: Any, told: list[Any], path: str, where: str) -> dict[str, Any]:
        names = list(_names_in(hint))
        for name in names:
            if name in self._stack:
                return self.refuse(
                    where,
                    f"{name} refers to itself, and a structural schema cannot",
                    "use Annotated[Any, PreserveUnknown()] where it begins again",
                )
        with self._inside(*names):
            return self._of_type(wire_type(hint), told, path, where)

    def _of_type(self, base: Any, told: list[Any], path: str, where: str) -> dict[str, Any]:
        marked = self._of_marked(base, told)
        if marked is not None:
            return marked
        if base in {Any, object}:
            return {"x-kubernetes-preserve-unknown-fields": True}
        if base in _SCALARS:
            return dict(_SCALARS[base])
        origin = get_origin(base)
        if is_union(base):
            return self._of_union(base, told, path, where)
        if origin is Literal:
            return self._of_choice(list(get_args(base)), where)
        if isinstance(base, TypeVar):
            return self._of_variable(base, where)
        if is_typeddict(class_of(base)):
            return self._of_nested(base, path, where)
        if inspect.isclass(class_of(base)) and (origin is None or attrs.has(origin)):
            return self._of_named_class(base, path, where)
        if origin is not None:
            return self._of_container(origin, get_args(base), path, where)
        return self.refuse(where, f"{base!r} has no schema", "use a class, or Any with PreserveUnknown()")

    def _of_marked(self, base: Any, told: list[Any]) -> dict[str, Any] | None:
        """Give the schema that a marker makes of any type, None when none does."""
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
                case PreserveUnknown() if base in {Any, object} or (is_union(base) and len(members(base)) > 1):
                    return {}
                case PreserveUnknown() if base in self._stack or base in _ANYTHING:
                    return {"type": "object"}
        return None

    def _of_variable(self, variable: TypeVar, where: str) -> dict[str, Any]:
        if variable not in self._open:
            return self.refuse(
                where, f"{variable.__name__} is not given", f"say what it is, as in {where.partition('.')[0]}[str]"
            )
        return {"x-kubernetes-preserve-unknown-fields": True}

    # --- classes

    def _of_named_class(self, base: Any, path: str, where: str) -> dict[str, Any]:
        if hasattr(base, "openapi_schema"):
            return dict(base.openapi_schema)
        if base is ObjectMeta:
            return dict(EMBEDDED_METADATA)
        if attrs.has(class_of(base)):
            return self._of_nested(base, path, where)
        if issubclass(base, enum.Flag):
            return self.refuse(where, f"{base.__name__} is a set of bits", "use set[…] of an Enum of strings")
        if issubclass(base, enum.Enum):
            return self._of_choice([member.value for member in base], where, base.__name__)
        if base in {list, dict, set, frozenset, tuple}:
            example = "dict[str, str]" if base is dict else f"{base.__name__}[str]"
            return self.refuse(where, f"a bare {base.__name__} does not say of what", f"write {example} or the like")
        if base in _INSTEAD:
            return self.refuse(where, f"{base.__name__} has no schema", _INSTEAD[base])
        if issubclass(base, tuple):
            right = "use a class, whose fields have names in JSON"
            return self.refuse(where, f"{base.__name__} is a tuple of different types", right)
        made_by = (
            "@dataclass"
            if hasattr(base, "__dataclass_fields__")
            else _FOREIGN.get(type(base).__module__.partition(".")[0], "")
        )
        if made_by:
            return self.refuse(where, f"{base.__name__} is made by {made_by}", "decorate it with @kube_schema instead")
        return self.refuse(where, f"{base.__name__} is no attrs class", "decorate it with @kube_schema")

    def _of_nested(self, base: Any, path: str, where: str) -> dict[str, Any]:
        same = [each for each in self._stack if class_of(each) is class_of(base)]
        if base in same or len(same) > _DEEPEST:
            return self.refuse(
                where,
                f"{base.__name__} contains itself, and a structural schema cannot",
                "annotate the inner field with PreserveUnknown(), which ends the schema there",
            )
        with self._inside(base):
            return self.of_typed_dict(base, path) if is_typeddict(class_of(base)) else self.of_class(base, path)

    # --- choices and unions

    def _of_choice(self, values: list[Any], where: str, name: str = "") -> dict[str, Any]:
        shown = ", ".join(map(repr, values))
        if not values:
            return self.refuse(where, f"{name} has no members, so no value fits", "give it members")
        if None in values:
            rest = ", ".join(repr(value) for value in values if value is not None)
            return self.refuse(where, "None is no value of a choice", f"write Literal[{rest}] | None")
        if any(isinstance(value, enum.Enum) for value in values):
            return self.refuse(where, f"the choices {shown} are members of an Enum", "write their values, or the Enum")
        kinds = {type(value) for value in values}
        if len(kinds) != 1 or not kinds <= {str, int, bool, float}:
            self.refuse(where, f"the choices {shown} are not of one scalar type", "make them all strings")
            return {"type": "string"}
        return {"type": _SCALARS[kinds.pop()]["type"], "enum": values}

    def _of_union(self, base: Any, told: list[Any], path: str, where: str) -> dict[str, Any]:
        found = members(base)
        if len(found) == 1:
            return self._of_aliased(found[0], told, path, where)
        union = class_union(base)
        if union is not None:
            schemas = [self.of_hint(each, path, where) for each in found]
            self.places[path] = where
            schema, problems = merge_members(union, schemas, where)
            self.problems += problems
            return schema
        bare = {plain(each) for each in found}
        if all(get_origin(each) is Literal for each in bare):
            return self._of_choice([value for each in found for value in get_args(plain(each))], where)
        if is_text_union(base):
            return {"type": "string", "anyOf": [_without_type(_SCALARS[plain(each)]) for each in found]}
        kinds = {_scalar_kind(each) for each in bare}
        if kinds == {str}:
            return self._of_strings(found, where)
        if kinds == {int, str}:
            return self._of_int_or_string(found, path, where)
        if kinds == {int, float} and len(bare) == len(found) == 2 and not any(map(_has_markers, found)):
            return dict(_SCALARS[float])
        names = " | ".join(getattr(plain(each), "__name__", str(each)) for each in found)
        return self.refuse(
            where,
            f"{names} is a union, and a structural schema cannot choose by type",
            "make one optional field for each",
        )

    def _of_strings(self, found: tuple[Any, ...], where: str) -> dict[str, Any]:
        """Give the schema of ``Literal["auto"] | str``: any string, for which the choice is only a hint."""
        if any(map(_has_markers, found)):
            right = "write Annotated[str, …], and a Rule for what else it may be"
            return self.refuse(where, "what is said of one string does not hold for the other", right)
        return dict(_SCALARS[str])

    def _of_int_or_string(self, found: tuple[Any, ...], path: str, where: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"x-kubernetes-int-or-string": True}
        for each in found:
            part = self.of_hint(each, path, where)
            if part.get("type") == "string" and "enum" in part:
                # An enum would have to list the integers too.
                part["pattern"] = f"^(?:{'|'.join(map(re.escape, part.pop('enum')))})$"
            said = {key: value for key, value in part.items() if key not in {"type", "format"}}
            for key in said.keys() - _OF_ONE_MEMBER:
                right = "say it of the whole, by a Rule in CEL"
                self.refuse(where, f"{key} cannot be said of one member of an int-or-string", right)
            schema |= said
        return schema

    # --- containers

    def _of_container(self, origin: Any, arguments: tuple[Any, ...], path: str, where: str) -> dict[str, Any]:
        if origin is dict:
            return self._of_mapping(arguments[0], arguments[1], path, where)
        if origin is tuple and arguments[1:] != (Ellipsis,):
            if len(set(arguments)) != 1:
                self.refuse(where, "a tuple of different types has no schema", "write tuple[X, …], or a class")
                return {"type": "array", "items": {"type": "object"}}
            items = self.of_member(arguments[0], f"{path}.items", where)
            return {"type": "array", "items": items, "minItems": len(arguments), "maxItems": len(arguments)}
        if origin not in {list, set, frozenset, tuple}:
            return self.refuse(where, f"{origin.__name__} has no schema", "use list, set, dict or a class")
        schema: dict[str, Any] = {"type": "array", "items": self.of_member(arguments[0], f"{path}.items", where)}
        if origin in {set, frozenset}:
            schema["x-kubernetes-list-type"] = "set"
            if schema["items"].get("type") == "object":
                # The items of a set are compared whole.
                schema["items"].setdefault("x-kubernetes-map-type", "atomic")
        return schema

    def _of_mapping(self, key: Any, value: Any, path: str, where: str) -> dict[str, Any]:
        if plain(key) is not str:
            self.refuse(where, "the keys of a mapping are strings in JSON", "write dict[str, …]")
        elif _has_markers(key):
            right = 'write a Rule such as Rule("self.all(key, size(key) <= 63)")'
            self.refuse(where, "a structural schema says nothing of the keys of a mapping", right)
        return {"type": "object", "additionalProperties": self.of_member(value, f"{path}.additionalProperties", where)}


_FOREIGN: Final = {"pydantic": "pydantic", "msgspec": "msgspec"}


def _names_in(hint: Any) -> Iterator[Any]:
    """Yield the names for types that stand before *hint*: `TypeAliasType`, which may refer to itself, and `NewType`."""
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
            continue
        inner = unalias(hint)
        if inner is hint:
            return
        yield hint
        hint = inner


def _has_markers(hint: Any) -> bool:
    return next(iter(markers(hint)), None) is not None


def _scalar_kind(base: Any) -> Any:
    """Give ``str`` or ``int`` for a literal of such, and any other type as it is."""
    if get_origin(base) is Literal:
        kinds = {type(value) for value in get_args(base)}
        return kinds.pop() if kinds in ({str}, {int}) else base
    return base


def _without_type(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "type"}


def described(schema: dict[str, Any], hint: Any, doc: str | None = None) -> dict[str, Any]:
    """Put the description of a value first: from its markers, else *doc*, else that of its class.

    Args:
        schema: Of the value.
        hint: Its type; a ``documentation`` in it counts too, as PEP 727 and annotated_types have it.
        doc: What the class around it says.
    """
    told = list(markers(hint))
    words = (each.text if isinstance(each, Doc) else getattr(each, "documentation", None) for each in told)
    text = next(filter(None, words), doc) or schema.get("description", "")
    old = next((each.text for each in told if isinstance(each, Deprecated)), None)
    if old is not None:
        text = f"{text}\n\nDeprecated: {old}".strip()
    rest = {key: value for key, value in schema.items() if key != "description"}
    return {"description": text, **rest} if text else rest
