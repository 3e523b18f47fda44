"""Whole Kubernetes objects inside of others (apiextensions `structural/objectmeta`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.errors import DecodeError

from . import names
from .metadecoding import decode_metadata
from .objectmeta import check_metadata
from .pruning import child_schema
from .wording import invalid, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .structural import Structural

__all__ = ["EmbeddedError", "check_embedded", "check_embedded_object", "decode_embedded"]


class EmbeddedError(DecodeError):
    """Type or metadata of an embedded object has a wrong type.

    Attributes:
        error: What the server says of it.
    """

    def __init__(self, error: FieldError) -> None:
        super().__init__(str(error), error.field)
        self.error = error


def _children(value: Any, schema: Structural, path: str) -> Iterator[tuple[Any, Structural | None, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            # Keys of maps stand in brackets, declared properties behind a dot.
            step = (f".{key}" if path else key) if key in schema.properties else f"[{key}]"
            yield member, child_schema(schema, key), f"{path}{step}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield item, schema.items, f"{path}[{index}]"


def decode_embedded(
    value: Any, schema: Structural, path: str = "", *, drop_malformed: bool = False, including_root: bool = False
) -> list[str]:
    """Decode, in place, the metadata of all objects embedded in *value*.

    Args:
        value: A JSON value.
        schema: Its schema.
        path: Where it stands.
        drop_malformed: Whether what has a wrong type vanishes.
        including_root: Whether *value* itself is such an object; usually it is the whole one, decoded elsewhere.

    Returns:
        The paths of the metadata fields that are not known, and have been taken out; sorted.

    Raises:
        EmbeddedError: When a type or metadata field has a wrong type.
    """
    return sorted(_decode(value, schema, path, drop_malformed=drop_malformed, is_object=including_root))


def _decode(value: Any, schema: Structural, path: str, *, drop_malformed: bool, is_object: bool) -> Iterator[str]:
    if is_object and isinstance(value, dict):
        yield from _decode_type_and_metadata(value, path, drop_malformed=drop_malformed)
    for member, child, child_path in list(_children(value, schema, path)):
        if child is not None:
            is_inner = child.embedded_resource
            yield from _decode(member, child, child_path, drop_malformed=drop_malformed, is_object=is_inner)


def _decode_type_and_metadata(value: dict[str, Any], path: str, *, drop_malformed: bool) -> Iterator[str]:
    path = f"{path}." if path else ""
    for key in ("apiVersion", "kind"):
        if isinstance(value.get(key, ""), str):
            continue
        if not drop_malformed:
            raise EmbeddedError(invalid(f"{path}{key}", value[key], "must be a string"))
        del value[key]
    if "metadata" not in value:
        return
    try:
        value["metadata"], unknown = decode_metadata(
            value["metadata"], f"{path}metadata", drop_malformed=drop_malformed
        )
    except DecodeError as error:
        raise EmbeddedError(invalid(f"{path}metadata", value["metadata"], str(error))) from None
    yield from unknown


def check_embedded(value: Any, schema: Structural, path: str = "", *, including_root: bool = False) -> list[FieldError]:
    """List what is wrong with type and metadata of the objects embedded in *value*.

    Args:
        value: A JSON value.
        schema: Its schema.
        path: Where it stands.
        including_root: Whether *value* itself is such an object; usually it is the whole one, checked elsewhere.
    """
    errors: list[FieldError] = []
    if including_root and isinstance(value, dict):
        errors += check_embedded_object(value, path)
    for member, child, child_path in _children(value, schema, path):
        if child is not None:
            errors += check_embedded(member, child, child_path, including_root=child.embedded_resource)
    return errors


def check_embedded_object(value: dict[str, Any], path: str) -> list[FieldError]:
    """List what is wrong with type and metadata of one embedded object."""
    path = f"{path}." if path else ""
    errors = [required(f"{path}{key}") for key in ("apiVersion", "kind") if key not in value]
    errors += _check_type_meta_form(value, path)
    if "metadata" not in value:
        return errors
    try:
        metadata, _ = decode_metadata(value["metadata"])
    except DecodeError as error:
        return [*errors, invalid(f"{path}metadata", value["metadata"], str(error))]
    # The name may be missing; the form of a namespace is checked only where there is one.
    metadata.setdefault("name", "fakename")
    return errors + check_metadata(
        metadata,
        namespaced="namespace" in metadata,
        name_rule=names.path_segment,
        path=f"{path}metadata",
    )


def _check_type_meta_form(value: dict[str, Any], path: str) -> list[FieldError]:
    """List what is wrong with the forms of apiVersion and kind, where they are given."""
    errors: list[FieldError] = []
    for key in ("apiVersion", "kind"):
        if key not in value:
            continue
        text = value[key]
        if not isinstance(text, str):
            errors.append(invalid(f"{path}{key}", text, "must be a string"))
        elif not text:
            errors.append(invalid(f"{path}{key}", text, "must not be empty"))
        elif key == "apiVersion" and text.count("/") > 1:
            errors.append(invalid(f"{path}{key}", text, f"unexpected GroupVersion string: {text}"))
        elif key == "kind" and (problems := names.dns1035_label(text.lower())):
            detail = f"may have mixed case, but should otherwise match: {','.join(problems)}"
            errors.append(invalid(f"{path}{key}", text, detail))
    return errors
