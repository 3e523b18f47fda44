"""Whether the defaults of a schema fit the schema (apiextensions `structural/defaulting/validation.go`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kubecrd.resource.fielderrors import ABSENT, FieldError, join

from .embedded import EmbeddedError, check_embedded, decode_embedded
from .jsonvalues import copied, equal
from .pruning import META_FIELDS, prune
from .strategy import rules_of
from .structural import Structural
from .validation import SchemaValidator
from .wording import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_defaults"]


@frozen
class _Place:
    """Where a default stands.

    Attributes:
        owner: The embedded object, or the root, that the default is in.
        inside_meta: Whether it is in the metadata, kind or apiVersion of that object.
        surround: Makes an object of *owner* that has the default in its place.
    """

    owner: Structural
    inside_meta: bool
    surround: Callable[[Any], dict[str, Any]]


def _object_around(value: Any) -> dict[str, Any]:
    return {"apiVersion": "validation/v1", "kind": "Validation", **value}


def check_defaults(schema: Structural, path: str) -> list[FieldError]:
    """List what is wrong with the defaults of a structural schema; those below additionalProperties are not looked at.

    Args:
        schema: The root schema of a version.
        path: Where it stands in the definition.
    """
    return list(_check(schema, path, _Place(schema, inside_meta=False, surround=_object_around), is_embedded=True))


def _check(schema: Structural, path: str, place: _Place, *, is_embedded: bool) -> Iterator[FieldError]:
    if is_embedded:
        place = _Place(schema, inside_meta=False, surround=_object_around)
    if schema.default is not ABSENT:
        if place.inside_meta:
            yield from _check_in_metadata(schema, f"{path}.default", place)
        else:
            yield from _check_value(schema, f"{path}.default", is_embedded=is_embedded)
    if schema.items is not None:
        inner = _Place(place.owner, place.inside_meta, lambda value: place.surround([value]))
        yield from _check(schema.items, f"{path}.items", inner, is_embedded=schema.items.embedded_resource)
    for name, child in schema.properties.items():
        inner = _inside(place, name, is_meta=is_embedded and name in META_FIELDS)
        yield from _check(child, f"{path}.properties[{name}]", inner, is_embedded=child.embedded_resource)


def _inside(place: _Place, name: str, *, is_meta: bool) -> _Place:
    return _Place(place.owner, place.inside_meta or is_meta, lambda value: place.surround({name: value}))


def _check_in_metadata(schema: Structural, path: str, place: _Place) -> list[FieldError]:
    surrounding = place.surround(copied(schema.default))
    try:
        decode_embedded(surrounding, place.owner, including_root=True)
    except EmbeddedError as error:
        return [invalid(path, schema.default, f"must result in valid metadata: {error}")]
    errors = check_embedded(surrounding, place.owner, including_root=True)
    if errors:
        return [invalid(path, schema.default, f"must result in valid metadata: {join(errors)}")]
    return _check_content(schema, path)


def _check_value(schema: Structural, path: str, *, is_embedded: bool) -> list[FieldError]:
    pruned = copied(schema.default)
    if not isinstance(pruned, dict | list) and equal(pruned, schema.default):
        return _check_content(schema, path)
    prune(pruned, schema, is_root=is_embedded)
    unknown = [] if equal(pruned, schema.default) else [invalid(path, schema.default, "must not have unknown fields")]
    try:
        decode_embedded(copied(schema.default), schema, path, including_root=is_embedded)
    except EmbeddedError as error:
        return [*unknown, error.error]
    errors = check_embedded(schema.default, schema, path, including_root=is_embedded)
    return unknown + (errors or _check_content(schema, path))


def _check_content(schema: Structural, path: str) -> list[FieldError]:
    """Check a default like any value of its schema, then by the rules; the errors name no path but the default's."""
    errors = SchemaValidator(schema, of_default=True).errors(schema.default, root=path)
    rules = rules_of(schema)
    if errors or rules is None:
        return errors
    # A default is compared with itself first, as if it stayed on an update, and then taken as new.
    return rules.validate(schema.default, schema.default, path=path) or rules.validate(schema.default, path=path)
