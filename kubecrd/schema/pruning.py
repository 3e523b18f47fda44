"""What a schema does not know, taken out of an object (apiextensions `structural/pruning`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .structural import NOTHING_DECLARED, Structural

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["META_FIELDS", "child_schema", "drop_nulls", "prune"]

META_FIELDS: Final = frozenset({"apiVersion", "kind", "metadata"})
"""What every object has, whether its schema says so or not."""


def child_schema(schema: Structural, key: str) -> Structural | None:
    """Give the schema of the member *key*, declared or additional; None where there is none."""
    found = schema.properties.get(key)
    if found is None and isinstance(schema.additional_properties, Structural):
        return schema.additional_properties
    return found


def prune(value: Any, schema: Structural | None, *, is_root: bool = False) -> list[str]:
    """Take out of *value*, in place, all fields that *schema* does not declare.

    Args:
        value: A JSON value.
        schema: Its schema; None declares nothing.
        is_root: Whether *value* is a whole object, which keeps apiVersion, kind and metadata.

    Returns:
        The paths of what was taken out, sorted; only the topmost field of each part.
    """
    schema = (schema or NOTHING_DECLARED) if is_root else schema
    return sorted(path.removeprefix(".") for path in _prune(value, schema, "", is_object=is_root))


def _prune(value: Any, schema: Structural | None, path: str, *, is_object: bool = False) -> Iterator[str]:
    if schema is not None and schema.preserve_unknown_fields:
        yield from _skip(value, schema, path, is_object=is_object)
    elif isinstance(value, dict):
        keeps_meta = is_object or (schema is not None and schema.embedded_resource)
        for key in list(value):
            if keeps_meta and key in META_FIELDS:
                continue
            if schema is not None and _is_declared(schema, key):
                if isinstance(value[key], dict | list):
                    yield from _prune(value[key], child_schema(schema, key), f"{path}.{key}")
            else:
                yield f"{path}.{key}"
                del value[key]
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _prune(item, None if schema is None else schema.items, f"{path}[{index}]")


def _is_declared(schema: Structural, key: str) -> bool:
    # With `additionalProperties: true` any member may be there, but nothing is known of what is inside.
    return key in schema.properties or schema.additional_properties is not None


def _skip(value: Any, schema: Structural | None, path: str, *, is_object: bool = False) -> Iterator[str]:
    """Keep unknown fields here, and go on pruning below the declared ones."""
    if schema is None:
        return
    if isinstance(value, dict):
        for key in value:
            if (is_object or schema.embedded_resource) and key in META_FIELDS:
                continue
            if _is_declared(schema, key):
                yield from _prune(value[key], child_schema(schema, key), f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _skip(item, schema.items, f"{path}[{index}]")


def drop_nulls(value: Any, schema: Structural | None) -> None:
    """Take out, in place, the null members that are neither nullable nor have a default."""
    if schema is None:
        return
    if isinstance(value, dict):
        for key in list(value):
            child = child_schema(schema, key)
            if child is None:
                continue
            if value[key] is None and not child.nullable and child.raw.get("default") is None:
                del value[key]
            elif isinstance(value[key], dict | list):
                drop_nulls(value[key], child)
    elif isinstance(value, list):
        for item in value:
            drop_nulls(item, schema.items)
