"""What CEL knows of a schema: the type of every node that a rule can name.

Source: kube-apiserver `apiserver/schema/cel/model/schemas.go`, as measured in Kubernetes 1.36.
"""

from __future__ import annotations

import re
from typing import Final

from kubecrd.cel.typesystem import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, Field, Type, map_of

from .structural import Structural

__all__ = ["declare", "escape", "with_type_meta"]

_RESERVED: Final = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_ESCAPES: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_ESCAPED: Final = re.compile(r"__|[.\-/]")
_WRITABLE: Final = re.compile(r"[A-Za-z_.\-/][A-Za-z0-9_.\-/]*")

_FORMATS: Final = {"byte": BYTES, "date": TIMESTAMP, "date-time": TIMESTAMP, "duration": DURATION}
_SCALARS: Final = {"boolean": BOOL, "integer": INT, "number": DOUBLE}

_TEXT: Final = Structural(type="string")
_TYPE_META: Final = {
    "apiVersion": _TEXT,
    "kind": _TEXT,
    "metadata": Structural(type="object", properties={"name": _TEXT, "generateName": _TEXT}),
}


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
    if schema.int_or_string:
        return DYN
    if schema.type == "array":
        return _list(schema, name)
    if schema.type == "object":
        return _object(schema, name, is_object=is_object or schema.embedded_resource)
    if schema.type == "string":
        return _FORMATS.get(schema.format or "", STRING)
    return _SCALARS.get(schema.type or "")


def _list(schema: Structural, name: str) -> Type | None:
    element = None if schema.items is None else declare(schema.items, name=f"{name}.@idx")
    if element is None:
        return None
    return Type("list", (element,), list_type=schema.list_type, list_map_keys=schema.list_map_keys)


def _object(schema: Structural, name: str, *, is_object: bool) -> Type | None:
    if is_object:
        schema = with_type_meta(schema)
    if isinstance(schema.additional_properties, Structural) and not schema.properties:
        value = declare(schema.additional_properties, name=f"{name}.@elem")
        return None if value is None else map_of(STRING, value)
    fields = {}
    for json_name, child in schema.properties.items():
        written = escape(json_name)
        kind = None if written is None else declare(child, name=f"{name}.{written}")
        if written is not None and kind is not None:
            fields[written] = Field(json_name, kind, nullable=child.nullable, required=json_name in schema.required)
    return Type(name, fields=fields)


def with_type_meta(schema: Structural) -> Structural:
    """Add to the schema of a whole object what rules can see of every one: its type, and its name."""
    metadata = schema.properties.get("metadata")
    declared = metadata is not None and {"name", "generateName"} <= metadata.properties.keys()
    if declared and {"apiVersion", "kind"} <= schema.properties.keys():
        return schema
    import attrs

    return attrs.evolve(schema, properties={**schema.properties, **_TYPE_META})
