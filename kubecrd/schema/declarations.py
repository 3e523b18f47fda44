"""What CEL knows of a schema: the type of every node that a rule can name.

Source: kube-apiserver `apiserver/schema/cel/model/schemas.go`, as measured in Kubernetes 1.36.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve

from kubecrd.cel.literals import RESERVED
from kubecrd.cel.typesystem import Field, Type

from .sizes import largest_list, largest_map, largest_text
from .structural import Structural
from .typemeta import with_type_meta

__all__ = ["declare", "escape"]

_RESERVED: Final = RESERVED | {"true", "false", "null", "in"}
_ESCAPES: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_ESCAPED: Final = re.compile(r"__|[.\-/]")
_WRITABLE: Final = re.compile(r"[A-Za-z_.\-/][A-Za-z0-9_.\-/]*")

_FORMATS: Final = {
    "byte": "bytes",
    "date": "google.protobuf.Timestamp",
    "date-time": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}
# The server takes a declared scalar to be of no size, other than one that an expression makes.
_SCALARS: Final = {
    "boolean": Type("bool", max_elements=0),
    "integer": Type("int", max_elements=0),
    "number": Type("double", max_elements=0),
}
_KEY: Final = Type("string", max_elements=0)


def escape(name: str) -> str | None:
    """Give how a property is written in an expression; None if it cannot be written."""
    if name in _RESERVED:
        return f"__{name}__"
    if not _WRITABLE.fullmatch(name):
        return None
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], name)


def declare(schema: Structural, *, is_object: bool = False, name: str = "selfType") -> Type | None:
    """Give the CEL type of the values of *schema*; None where rules cannot see them.

    Args:
        schema: A node.
        is_object: Whether it is a whole Kubernetes object, with apiVersion, kind and metadata.
        name: What the type is called, if it is an object's.
    """
    kind, longest = _declared(schema, name, is_object=is_object), _longest(schema)
    return kind if kind is None or longest is None else evolve(kind, longest=longest)


def _longest(schema: Structural) -> int | None:
    """Give what valid values of *schema* are at most: code points, items or members."""
    match schema.type:
        case "array":
            return schema.max_items
        case "object":
            return schema.max_properties
    choices = [len(each) for each in schema.enum or () if isinstance(each, str)]
    limits = [limit for limit in (schema.max_length, max(choices, default=None)) if limit is not None]
    return min(limits, default=None)


def _declared(schema: Structural, name: str, *, is_object: bool) -> Type | None:
    if schema.int_or_string:
        return Type("dyn", max_elements=largest_text(schema))
    if schema.type == "array":
        return _list(schema, name)
    if schema.type == "object":
        return _object(schema, name, is_object=is_object or schema.embedded_resource)
    if schema.type == "string":
        return Type(_FORMATS.get(schema.format or "", "string"), max_elements=largest_text(schema))
    return _SCALARS.get(schema.type or "")


def _list(schema: Structural, name: str) -> Type | None:
    element = None if schema.items is None else declare(schema.items, name=f"{name}.@idx")
    if element is None:
        return None
    # The server looks for the escaped name in the raw item, so that a key which has to be escaped is always absent.
    keys = tuple(escape(name) or name for name in schema.list_map_keys)
    return Type(
        "list",
        (element,),
        list_type=schema.list_type,
        list_map_keys=keys,
        is_declared=True,
        max_elements=largest_list(schema),
    )


def _object(schema: Structural, name: str, *, is_object: bool) -> Type | None:
    if is_object:
        schema = with_type_meta(schema)
    if isinstance(schema.additional_properties, Structural) and not schema.properties:
        value = declare(schema.additional_properties, name=f"{name}.@elem")
        return None if value is None else Type("map", (_KEY, value), is_declared=True, max_elements=largest_map(schema))
    fields = {}
    for json_name, child in schema.properties.items():
        written = escape(json_name)
        kind = None if written is None else declare(child, name=f"{name}.{written}")
        if written is not None and kind is not None:
            fields[written] = Field(json_name, kind, nullable=child.nullable, required=json_name in schema.required)
    return Type(name, fields=fields, is_open=schema.preserve_unknown_fields, max_elements=0)
