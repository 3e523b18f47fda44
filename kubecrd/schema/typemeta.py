"""What rules can see of every whole object, whether its schema says so or not: its type, and its name.

Source: apiextensions-apiserver `pkg/apiserver/schema/cel/model/schemas.go`, `WithTypeAndObjectMeta`.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve

from .structural import Structural

__all__ = ["with_type_meta"]

_TEXT: Final = Structural(type="string")
_TYPE_META: Final = {
    "apiVersion": _TEXT,
    "kind": _TEXT,
    "metadata": Structural(type="object", properties={"name": _TEXT, "generateName": _TEXT}),
}


def with_type_meta(schema: Structural) -> Structural:
    """Add to the schema of a whole object what rules can see of every one."""
    metadata = schema.properties.get("metadata")
    declared = metadata is not None and {"name", "generateName"} <= metadata.properties.keys()
    if declared and {"apiVersion", "kind"} <= schema.properties.keys():
        return schema
    return evolve(schema, properties={**schema.properties, **_TYPE_META})
