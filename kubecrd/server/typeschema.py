"""Merge types: what server-side apply knows of a kind's fields, and what strategic merge patch does.

A type says how two values merge, not which values are valid. It comes from the structural schema of a custom resource,
or from the OpenAPI documents of a built-in kind. Like the server's own types, one can have several shapes at once (a
value of no declared type may be a scalar, a list or a map); the value tells which of them counts.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, evolve, field

from .fieldset import FIELD, Element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubecrd.schema.structural import Structural

__all__ = ["DEDUCED", "OBJECT_META", "ListShape", "MapShape", "ScalarName", "Type", "TypeSchema"]

ScalarName = Literal["string", "numeric", "boolean", "untyped"]


@define(eq=False)
class ListShape:
    """How lists of a type merge.

    Attributes:
        item: Type of the items.
        atomic: Whether the list is one value.
        keys: The members that tell items apart; none in a set, or in an atomic list.
        merge_key: What strategic merge patch tells items apart by; empty for scalars, None where it replaces the list.
        retain_keys: Whether a strategic merge patch may drop what it does not mention from an item.
    """

    item: Type
    atomic: bool = True
    keys: tuple[str, ...] = ()
    merge_key: str | None = None
    retain_keys: bool = False

    @cached_property
    def key_defaults(self) -> dict[str, Any]:
        """The values that keys have in items that leave them out."""
        shape = self.item.map
        if shape is None:
            return {}
        return {key: shape.defaults[key] for key in self.keys if key in shape.defaults}


@define(eq=False)
class MapShape:
    """How objects of a type merge.

    Attributes:
        fields: Types of the declared members.
        rest: Type of all other members; None where there must be none.
        atomic: Whether the object is one value.
        defaults: Defaults of declared members.
        typed: Whether it is a Go struct for the server, in which null stands for a member that is always there.
        zeros: What the members that a typed object always has are while nobody has set them, so that they never
            appear or go: Go structs, slices, maps and scalars that are neither pointers nor left out when empty.
    """

    fields: dict[str, Type] = field(factory=dict)
    rest: Type | None = None
    atomic: bool = False
    defaults: dict[str, Any] = field(factory=dict)
    typed: bool = False
    zeros: dict[str, Any] = field(factory=dict)

    @cached_property
    def elements(self) -> dict[str, Element]:
        """The path elements of the declared members, made once."""
        return {name: (FIELD, name) for name in self.fields}


@define(eq=False)
class Type:
    """How values at one place merge; the shapes it has not are None.

    Attributes:
        scalar: Which scalars it takes.
        list: What it does with lists.
        map: What it does with objects.
    """

    scalar: ScalarName | None = None
    list: ListShape | None = None
    map: MapShape | None = None

    def shape_of(self, value: Any) -> MapShape | ListShape | ScalarName | None:
        """Give the shape that counts for *value*; for null, or a value of a shape it has not, that of the type."""
        if isinstance(value, dict):
            if self.map is not None:
                return self.map
        elif isinstance(value, list):
            if self.list is not None:
                return self.list
        elif value is not None and self.scalar is not None:
            return self.scalar
        return self.map or self.scalar or self.list


STRING: Final = Type(scalar="string")
NUMERIC: Final = Type(scalar="numeric")
BOOLEAN: Final = Type(scalar="boolean")
UNTYPED: Final = Type(scalar="untyped")
ATOMIC_ANYTHING: Final = Type(scalar="untyped")
ATOMIC_ANYTHING.list = ListShape(ATOMIC_ANYTHING)
ATOMIC_ANYTHING.map = MapShape(rest=ATOMIC_ANYTHING, atomic=True)
DEDUCED: Final = Type(scalar="untyped", list=ListShape(ATOMIC_ANYTHING))
"""What is known where nothing is declared: objects merge, lists do not."""
DEDUCED.map = MapShape(rest=DEDUCED)


def _object_meta() -> Type:
    texts = Type(map=MapShape(rest=STRING))
    owner_fields: dict[str, Type] = {"blockOwnerDeletion": BOOLEAN, "controller": BOOLEAN}
    owner_fields |= dict.fromkeys(("apiVersion", "kind", "name", "uid"), STRING)
    owner = MapShape(
        fields=owner_fields,
        atomic=True,
        defaults=dict.fromkeys(("apiVersion", "kind", "name", "uid"), ""),
    )
    entry = MapShape(
        fields=dict.fromkeys(("apiVersion", "fieldsType", "manager", "operation", "subresource"), STRING)
        | {"time": UNTYPED, "fieldsV1": DEDUCED}
    )
    fields = dict.fromkeys(("generateName", "name", "namespace", "resourceVersion", "selfLink", "uid"), STRING)
    fields |= dict.fromkeys(("creationTimestamp", "deletionTimestamp"), UNTYPED)
    fields |= dict.fromkeys(("deletionGracePeriodSeconds", "generation"), NUMERIC)
    fields |= {
        "annotations": texts,
        "labels": texts,
        "finalizers": Type(list=ListShape(STRING, atomic=False, merge_key="")),
        "ownerReferences": Type(list=ListShape(Type(map=owner), atomic=False, keys=("uid",), merge_key="uid")),
        "managedFields": Type(list=ListShape(Type(map=entry))),
    }
    return Type(map=MapShape(fields=fields))


OBJECT_META: Final = _object_meta()
"""metav1.ObjectMeta."""


@define(eq=False)
class TypeSchema:
    """The merge types of one kind in one version.

    Attributes:
        root: The type of a whole object.
        custom: Whether it is a custom resource, whose objects are JSON for the server too.
    """

    root: Type
    custom: bool = True

    @classmethod
    def of_structural(cls, structural: Structural) -> TypeSchema:
        """Make the merge types of a custom resource; the schema need not mention apiVersion, kind and metadata."""
        return cls(_of_node(structural, preserving=False, is_object=True))

    @classmethod
    def of_openapi(cls, components: Mapping[str, Any], ref: str) -> TypeSchema:
        """Make the merge types of a built-in kind.

        Args:
            components: ``components.schemas`` of an OpenAPI v3 document.
            ref: Name of the kind's schema in it, such as ``io.k8s.api.core.v1.ConfigMap``; a whole ``$ref`` will do.
        """
        return cls(_OpenApi(components).named(ref.rpartition("/")[2]), custom=False)


# --- structural schemas

_SCALARS: Final[dict[str, Type]] = {"boolean": BOOLEAN, "integer": NUMERIC, "number": NUMERIC}


def _of_node(node: Structural, *, preserving: bool, is_object: bool = False) -> Type:
    """Give the type of a node; *preserving* says whether an ancestor preserves unknown fields."""
    preserving = preserving or node.preserve_unknown_fields
    if node.int_or_string:
        return UNTYPED
    match node.type:
        case "object":
            return Type(map=_map_of(node, preserving=preserving, is_object=is_object or node.embedded_resource))
        case "array":
            return Type(list=_list_of(node, preserving=preserving))
        case "string":
            return STRING if node.format in {None, "byte"} else UNTYPED
        case "boolean" | "integer" | "number":
            return _SCALARS[node.type]
    if is_object or node.properties:
        return Type(map=_map_of(node, preserving=preserving, is_object=is_object))
    return DEDUCED


def _map_of(node: Structural, *, preserving: bool, is_object: bool) -> MapShape:
    shape = MapShape(atomic=node.map_type == "atomic")
    for name, member in node.properties.items():
        shape.fields[name] = _of_node(member, preserving=preserving)
        if "default" in member.raw:
            shape.defaults[name] = member.raw["default"]
    rest = node.additional_properties
    if rest is True or (not rest and (preserving or not node.properties)):
        shape.rest = DEDUCED
    elif rest:
        shape.rest = _of_node(rest, preserving=preserving)
    if is_object:
        shape.fields |= {"apiVersion": STRING, "kind": STRING, "metadata": OBJECT_META}
    return shape


def _list_of(node: Structural, *, preserving: bool) -> ListShape:
    item = DEDUCED if node.items is None else _of_node(node.items, preserving=preserving)
    keys = node.list_map_keys if node.list_type == "map" else ()
    return ListShape(item, atomic=node.list_type not in {"set", "map"}, keys=keys)


# --- OpenAPI documents


class _OpenApi:
    """Reads the schemas of one document; a type that refers to itself is one object, seen from within."""

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._components = components
        self._types: dict[str, Type] = {}

    def named(self, name: str) -> Type:
        known = self._types.get(name)
        if known is not None:
            return known
        made = self._types[name] = Type()
        read = self._type(self._components.get(name) or {})
        made.scalar, made.list, made.map = read.scalar, read.list, read.map
        return made

    def _type(self, schema: Mapping[str, Any]) -> Type:
        ref = _ref(schema)
        if ref is not None:
            return self._with_relation(self.named(ref), schema.get("x-kubernetes-map-type"))
        match schema.get("type"):
            case "object":
                return Type(map=self._map(schema))
            case "array":
                return Type(list=self._list(schema))
            case "string":
                return STRING if schema.get("format") in {None, "byte"} else UNTYPED
            case "boolean" | "integer" | "number" as name:
                return _SCALARS[name]
        several = schema.get("oneOf") or schema.get("anyOf") or schema.get("format")
        return UNTYPED if several or schema.get("x-kubernetes-int-or-string") else DEDUCED

    @staticmethod
    def _with_relation(type_: Type, relation: str | None) -> Type:
        if relation is None or type_.map is None or type_.map.atomic == (relation == "atomic"):
            return type_
        return evolve(type_, map=evolve(type_.map, atomic=relation == "atomic"))

    def _map(self, schema: Mapping[str, Any]) -> MapShape:
        properties = schema.get("properties") or {}
        shape = MapShape(atomic=schema.get("x-kubernetes-map-type") == "atomic", typed=bool(properties))
        required = schema.get("required") or ()
        for name, member in properties.items():
            shape.fields[name] = self._type(member)
            if "default" in member:
                shape.defaults[name] = member["default"]
            # In the documents a member that is no pointer has the zero value of its type as default. Slices have
            # none; those that are required and merge in patches (a pod's containers) are the ones never left out.
            if "default" in member and not member["default"]:
                shape.zeros[name] = member["default"]
            elif name in required and member.get("x-kubernetes-patch-strategy") == "merge":
                shape.zeros[name] = None
        rest = schema.get("additionalProperties")
        if rest:
            shape.rest = DEDUCED if rest is True else self._type(rest)
        elif not properties:
            shape.rest = DEDUCED
        return shape

    def _list(self, schema: Mapping[str, Any]) -> ListShape:
        kind = schema.get("x-kubernetes-list-type")
        strategies = (schema.get("x-kubernetes-patch-strategy") or "").split(",")
        return ListShape(
            self._type(schema.get("items") or {}),
            atomic=kind not in {"set", "map"},
            keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()) if kind == "map" else (),
            merge_key=(schema.get("x-kubernetes-patch-merge-key") or "") if "merge" in strategies else None,
            retain_keys="retainKeys" in strategies,
        )


def _ref(schema: Mapping[str, Any]) -> str | None:
    """Give the name that a schema refers to; OpenAPI v3 wraps it in allOf where a default or description stands by."""
    whole = schema.get("$ref")
    parts = schema.get("allOf") or []
    if whole is None and len(parts) == 1:
        whole = parts[0].get("$ref")
    return None if whole is None else str(whole).rpartition("/")[2]
