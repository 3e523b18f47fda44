"""The defaults of a schema, filled into an object (apiextensions `structural/defaulting`)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kubecrd.resource.fielderrors import ABSENT

from .pruning import child_schema

if TYPE_CHECKING:
    from .structural import Structural

__all__ = ["fill_defaults"]


def fill_defaults(value: Any, schema: Structural | None) -> None:
    """Fill in, in place, what is missing and has a default: outer defaults first, inner ones inside them.

    Args:
        value: A JSON value; a null that is not nullable counts as missing.
        schema: Its schema.
    """
    if schema is None:
        return
    if isinstance(value, dict):
        _fill_object(value, schema)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item is None and schema.items is not None and not schema.items.nullable:
                value[index] = _default(schema.items)
            fill_defaults(value[index], schema.items)


def _fill_object(value: dict[str, Any], schema: Structural) -> None:
    for key, child in schema.properties.items():
        if child.default is not ABSENT and (key not in value or (value[key] is None and not child.nullable)):
            value[key] = _default(child)
    for key, member in value.items():
        member_schema = child_schema(schema, key)
        if member_schema is None:
            continue
        if member is None and not member_schema.nullable:
            value[key] = _default(member_schema)
        if isinstance(value[key], dict | list):
            fill_defaults(value[key], member_schema)


def _default(schema: Structural) -> Any:
    return None if schema.default is ABSENT else copy.deepcopy(schema.default)
