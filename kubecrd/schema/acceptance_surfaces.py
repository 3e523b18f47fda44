"""What a definition shows besides its objects: subresources, printed columns, selectable fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .fieldpaths import FieldPathError, follow
from .wording import duplicate, invalid, required, too_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["MOST_SELECTABLE_FIELDS", "check_columns", "check_selectable_fields", "check_subresources"]

MOST_SELECTABLE_FIELDS: Final = 8
"""Of one version (apiextensions `MaxSelectableFields`)."""

_COLUMN_TYPES: Final = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS: Final = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")


def _check_path(text: str, path: str) -> Iterator[FieldError]:
    if not text:
        yield required(path)
    elif not text.startswith("."):
        yield invalid(path, text, "must be a simple json path starting with .")


def check_subresources(subresources: dict[str, Any] | None, path: str) -> list[FieldError]:
    """List what is wrong with the paths of the scale subresource."""
    scale = (subresources or {}).get("scale")
    if scale is None:
        return []
    errors: list[FieldError] = []
    for key, prefix in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        text, place = scale.get(key, ""), f"{path}.scale.{key}"
        found = list(_check_path(text, place))
        if not found and not text.startswith(f"{prefix}."):
            found.append(invalid(place, text, f"should be a json path under {prefix}"))
        errors += found
    selector, place = scale.get("labelSelectorPath"), f"{path}.scale.labelSelectorPath"
    if selector:
        found = list(_check_path(selector, place))
        if not found and not selector.startswith((".spec.", ".status.")):
            found.append(invalid(place, selector, "should be a json path under either .spec or .status"))
        errors += found
    return errors


def check_columns(columns: list[dict[str, Any]] | None, path: str) -> list[FieldError]:
    """List what is wrong with printed columns."""
    return [error for index, column in enumerate(columns or ()) for error in _check_column(column, f"{path}[{index}]")]


def _check_column(column: dict[str, Any], path: str) -> Iterator[FieldError]:
    if not column.get("name"):
        yield required(f"{path}.name")
    column_type, detail = column.get("type", ""), f"must be one of {','.join(_COLUMN_TYPES)}"
    if not column_type:
        yield required(f"{path}.type", detail)
    elif column_type not in _COLUMN_TYPES:
        yield invalid(f"{path}.type", column_type, detail)
    column_format = column.get("format", "")
    if column_format and column_format not in _COLUMN_FORMATS:
        yield invalid(f"{path}.format", column_format, f"must be one of {','.join(_COLUMN_FORMATS)}")
    # Go's name of the field, not that of JSON.
    yield from _check_path(column.get("jsonPath", ""), f"{path}.JSONPath")


def check_selectable_fields(fields: list[dict[str, Any]], schema: dict[str, Any], path: str) -> list[FieldError]:
    """List what is wrong with selectable fields of a version with this schema."""
    errors: list[FieldError] = []
    seen: set[tuple[str, ...]] = set()
    for index, field in enumerate(fields):
        text, place = field.get("jsonPath", ""), f"{path}[{index}].jsonPath"
        if not text:
            errors.append(required(place))
            continue
        try:
            steps, found = follow(text, schema, allow_brackets=False)
        except FieldPathError as error:
            errors.append(invalid(place, text, f"is an invalid path: {error}"))
            continue
        if steps[0] == "metadata":
            errors.append(invalid(place, text, "must not point to fields in metadata"))
        if found.get("type") not in {"string", "boolean", "integer"}:
            detail = (
                "must point to a field of type string, boolean or integer. "
                "Enum string fields and strings with formats are allowed."
            )
            errors.append(invalid(place, text, detail))
        if steps in seen:
            errors.append(duplicate(place, text))
        seen.add(steps)
    if len(seen) > MOST_SELECTABLE_FIELDS:
        errors.append(too_many(len(seen), MOST_SELECTABLE_FIELDS).at(path))
    return errors
