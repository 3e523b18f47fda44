"""Objects as tables, which is what ``kubectl get`` asks for; and objects reduced to their metadata."""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request

from .builtins import group_names, openapi_document
from .cells import custom_cell
from .columns import builtin_columns
from .jsonpath import is_path

if TYPE_CHECKING:
    from .kinds import ServedKind

__all__ = ["age_column", "as_table", "partial", "partial_list", "table_rows"]

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_INCLUDED: Final = ("Metadata", "Object", "None", "")
_AGE: Final = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_FIELD: Final = re.compile(r"(\w+)/(\w+)/(\w+)\.(\w+)")


def as_table(
    content: dict[str, Any], kind: ServedKind, *, is_list: bool, include: str = "", version: str = "v1"
) -> dict[str, Any]:
    """Turn an object or a list into a Table.

    Args:
        content: The document.
        kind: Of the objects.
        is_list: Whether it is a list.
        include: What goes with each row: ``Metadata`` (the default), ``Object`` or ``None``.
        version: Of meta.k8s.io.

    Raises:
        StatusError: 400, *include* is none of these.
    """
    if include not in _INCLUDED:
        raise StatusError.of(
            bad_request(
                f'Unable to convert to Table as requested: includeObject: Invalid value: "{include}": '
                "must be 'Metadata', 'Object', 'None', or empty"
            )
        )
    objects = content["items"] if is_list else [content]
    metadata = content.get("metadata", {})
    if not is_list:
        metadata = {"resourceVersion": metadata["resourceVersion"]} if "resourceVersion" in metadata else {}
    rows: Any = table_rows(objects, kind, include)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": {key: value for key, value in metadata.items() if value != ""},
        "columnDefinitions": _definitions(kind),
        "rows": None if not rows and _is_generic(kind) else rows,
    }


def _definitions(kind: ServedKind) -> list[dict[str, Any]]:
    if not kind.is_custom:
        return [
            {
                "name": column.name,
                "type": column.type,
                "format": "name" if column.name == "Name" else "",
                "description": _description(column.doc),
                "priority": column.priority,
            }
            for column in builtin_columns(kind.plural)
        ]
    name = {"name": "Name", "type": "string", "format": "name", "description": _documented("name"), "priority": 0}
    return [name, *(_custom_definition(column) for column in _custom_columns(kind))]


def _is_generic(kind: ServedKind) -> bool:
    """Say whether a built-in kind has no printer of its own, whose table of nothing has no rows at all."""
    return not kind.is_custom and any(column.name == "Created At" for column in builtin_columns(kind.plural))


def _custom_columns(kind: ServedKind) -> list[dict[str, Any]]:
    if not kind.columns:
        return [age_column()]
    # The server gives up at the first path that does not parse, and prints what it has until then.
    return [dict(column) for column in takewhile(lambda column: is_path(column["jsonPath"]), kind.columns)]


def age_column() -> dict[str, Any]:
    """Give the column that custom kinds without columns of their own have beside the name."""
    return {**_AGE, "description": _documented("creationTimestamp")}


def _custom_definition(column: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": column["name"],
        "type": column["type"],
        "format": column.get("format", ""),
        "description": column.get("description")
        or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
        "priority": column.get("priority", 0),
    }


@cache
def _description(doc: str) -> str:
    """Give what a column is, or what the OpenAPI documents say of the field that *doc* names."""
    match = _FIELD.fullmatch(doc)
    if match is None:
        return doc
    part, version, schema, name = match.groups()
    if part == "meta":
        return _documented(name)
    group = next((group for group in group_names() if group.partition(".")[0] == part), "")
    document = openapi_document(group, version)
    found = document and document["components"]["schemas"].get(f"io.k8s.api.{part}.{version}.{schema}")
    text = str(found["properties"].get(name, {}).get("description", "")) if found else ""
    # Printers take the comments of the Go types, which do not list the values of an enum.
    return text.partition("\n\nPossible enum values:")[0]


def _documented(field: str) -> str:
    """Give what the OpenAPI documents say of a field of ObjectMeta."""
    document = openapi_document("", "v1")
    if document is None:
        return ""
    properties = document["components"]["schemas"][_META]["properties"]
    return str(properties[field].get("description", ""))


def table_rows(objects: list[dict[str, Any]], kind: ServedKind, include: str) -> list[dict[str, Any]]:
    """Give a row for each object."""
    if kind.is_custom:
        columns = _custom_columns(kind)
        cells = [[obj["metadata"].get("name", ""), *(custom_cell(each, obj) for each in columns)] for obj in objects]
    else:
        cells = [[column.cell(obj) for column in builtin_columns(kind.plural)] for obj in objects]
    return [{"cells": row, "object": _included(obj, kind, include)} for row, obj in zip(cells, objects, strict=True)]


def _included(obj: dict[str, Any], kind: ServedKind, include: str) -> dict[str, Any] | None:
    match include:
        case "None":
            return None
        case "Object":
            return {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
        case _:
            return partial(obj)


def partial(obj: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    """Reduce an object to its metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": obj.get("metadata", {}),
    }


def partial_list(content: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    """Reduce the objects of a list to their metadata; no objects are null, as Go has it."""
    metadata = {key: value for key, value in content.get("metadata", {}).items() if value != ""}
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata,
        "items": [partial(item, version) for item in content["items"]] or None,
    }
