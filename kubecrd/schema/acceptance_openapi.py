"""Which parts of OpenAPI a definition may use, and how (apiextensions `ValidateCustomResourceDefinitionOpenAPISchema`).

Schemas are documents, as `decode_crd` gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from .acceptance_structural import converts_to_structural
from .fieldpaths import FieldPathError, follow
from .pruning import META_FIELDS
from .wording import forbidden, invalid, not_supported, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_openapi"]

Schema = dict[str, Any]

_TYPES: Final = ("array", "boolean", "integer", "number", "object", "string")
_LIST_TYPES: Final = ("atomic", "set", "map")
_MAP_TYPES: Final = ("atomic", "granular")
_REASONS: Final = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")

_LIST_TYPE: Final = "x-kubernetes-list-type"
_LIST_MAP_KEYS: Final = "x-kubernetes-list-map-keys"
_MAP_TYPE: Final = "x-kubernetes-map-type"
_EMBEDDED: Final = "x-kubernetes-embedded-resource"
_PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"


@frozen
class _Place:
    """What is known of the surroundings of a node.

    Attributes:
        no_default: Why no default may stand here; None where one may.
        inside_metadata: Whether this is in the metadata of an object.
    """

    no_default: str | None = None
    inside_metadata: bool = False


def check_openapi(schema: Schema, path: str) -> list[FieldError]:
    """List what a schema, or any part of it, uses that it may not; children before their parents' own extensions."""
    return list(_check(schema, path, _Place(), is_root=True))


def _check(schema: Schema, path: str, place: _Place, *, is_root: bool = False) -> Iterator[FieldError]:
    yield from _check_supported(schema, path, place)
    if schema.get("uniqueItems"):
        yield forbidden(
            f"{path}.uniqueItems",
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
        )
    additional = schema.get("additionalProperties")
    if additional not in (None, True) and schema.get("properties"):
        yield forbidden(f"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive")
    for child, child_path, child_place in _children(schema, path, place, is_root=is_root):
        yield from _check(child, child_path, child_place)
    if schema.get(_PRESERVE) is False:
        yield invalid(f"{path}.{_PRESERVE}", False, "must be true or undefined")
    yield from _check_map_type(schema, path)
    yield from _check_list_type(schema, path)
    yield from _check_list_map_keys(schema, path)
    yield from _check_set_or_map_items(schema, path)
    for index, rule in enumerate(schema.get("x-kubernetes-validations", ())):
        yield from _check_rule(rule, schema, f"{path}.x-kubernetes-validations[{index}]")


def _check_supported(schema: Schema, path: str, place: _Place) -> Iterator[FieldError]:
    schema_type = schema.get("type", "")
    if schema_type and schema_type not in _TYPES:
        yield not_supported(f"{path}.type", schema_type, _TYPES)
    if schema.get("default") is not None and place.no_default is not None:
        yield forbidden(f"{path}.default", f"must not be set {place.no_default}")
    for key in ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"):
        if schema.get(key) is not None:
            yield forbidden(f"{path}.{key}", f"{key} is not supported")
    if schema_type == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
    if isinstance(schema.get("items"), list):
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    if place.inside_metadata and schema.get(_EMBEDDED):
        yield forbidden(f"{path}.{_EMBEDDED}", "must not be used inside of resource meta")


def _children(schema: Schema, path: str, place: _Place, *, is_root: bool) -> Iterator[tuple[Schema, str, _Place]]:
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        inner = place
        if place.inside_metadata:
            # Pruning cannot know what to do with a default of a label that is not there.
            inner = evolve(place, no_default="inside additionalProperties applying to object metadata")
        yield additional, f"{path}.additionalProperties", inner
    for name, child in schema.get("properties", {}).items():
        inner = place
        if name in META_FIELDS and (is_root or schema.get(_EMBEDDED)):
            inner = _Place(f"in top-level {name}" if is_root else place.no_default, inside_metadata=True)
        yield child, f"{path}.properties[{name}]", inner
    if "not" in schema:
        yield schema["not"], f"{path}.not", place
    for key in ("allOf", "oneOf", "anyOf"):
        for index, child in enumerate(schema.get(key, ())):
            yield child, f"{path}.{key}[{index}]", place
    for name, child in schema.get("definitions", {}).items():
        yield child, f"{path}.definitions[{name}]", place
    items = schema.get("items")
    if isinstance(items, list):
        for index, child in enumerate(items):
            yield child, f"{path}.items[{index}]", place
    elif items is not None:
        yield items, f"{path}.items", place
    for name, child in schema.get("dependencies", {}).items():
        if isinstance(child, dict):
            yield child, f"{path}.dependencies[{name}]", place


def _type_error(path: str, schema_type: str, detail: str) -> FieldError:
    return invalid(path, schema_type, detail) if schema_type else required(path, detail)


def _check_map_type(schema: Schema, path: str) -> Iterator[FieldError]:
    map_type = schema.get(_MAP_TYPE)
    if map_type is None:
        return
    schema_type = schema.get("type", "")
    if schema_type != "object":
        yield _type_error(f"{path}.type", schema_type, f"must be object if {_MAP_TYPE} is specified")
    if map_type not in _MAP_TYPES:
        yield not_supported(f"{path}.{_MAP_TYPE}", map_type, _MAP_TYPES)


def _check_list_type(schema: Schema, path: str) -> Iterator[FieldError]:
    list_type = schema.get(_LIST_TYPE)
    if list_type is None:
        return
    schema_type = schema.get("type", "")
    items = schema.get("items")
    if schema_type != "array":
        yield _type_error(f"{path}.type", schema_type, f"must be array if {_LIST_TYPE} is specified")
    elif list_type == "set" and isinstance(items, dict):
        detail = f"must be atomic as item of a list with {_LIST_TYPE}=set"
        inner = items.get(_LIST_TYPE)
        if items.get("type") == "array" and inner not in (None, "atomic"):
            yield invalid(f"{path}.items.{_LIST_TYPE}", inner, detail)
        elif items.get("type") == "object" and items.get(_MAP_TYPE) != "atomic":
            # The server shows the list type of the items here, not their map type.
            yield invalid(f"{path}.items.{_MAP_TYPE}", inner, detail)
    if list_type not in _LIST_TYPES:
        yield not_supported(f"{path}.{_LIST_TYPE}", list_type, _LIST_TYPES)


def _check_list_map_keys(schema: Schema, path: str) -> Iterator[FieldError]:
    keys, list_type, items = schema.get(_LIST_MAP_KEYS, ()), schema.get(_LIST_TYPE), schema.get("items")
    if keys and list_type != "map":
        detail = f"must be map if {_LIST_MAP_KEYS} is non-empty"
        place = f"{path}.{_LIST_TYPE}"
        yield required(place, detail) if list_type is None else invalid(place, list_type, detail)
    if list_type != "map":
        return
    if not keys:
        yield required(f"{path}.{_LIST_MAP_KEYS}", f"must not be empty if {_LIST_TYPE} is map")
    if items is None:
        yield required(f"{path}.items", f"must have a schema if {_LIST_TYPE} is map")
    elif isinstance(items, dict) and items.get("type", "") != "object":
        detail = f"must be object if parent array's {_LIST_TYPE} is map"
        yield invalid(f"{path}.items.type", items.get("type", ""), detail)
    elif isinstance(items, dict):
        yield from _check_keys(keys, items, path)


def _check_keys(keys: list[str], items: Schema, path: str) -> Iterator[FieldError]:
    seen = set()
    for key in keys:
        found = items.get("properties", {}).get(key)
        if found is None:
            detail = "entries must all be names of item properties"
            yield invalid(f"{path}.{_LIST_MAP_KEYS}", keys, detail)
        elif found.get("type") in {"array", "object"}:
            # Again not the value meant: the type of the items is shown.
            detail = f"must be a scalar type if parent array's {_LIST_TYPE} is map"
            yield invalid(f"{path}.items.properties[{key}].type", items["type"], detail)
        if key in seen:
            yield invalid(f"{path}.{_LIST_MAP_KEYS}", keys, "must not contain duplicate entries")
        seen.add(key)


def _check_set_or_map_items(schema: Schema, path: str) -> Iterator[FieldError]:
    list_type, items = schema.get(_LIST_TYPE), schema.get("items")
    if list_type not in {"set", "map"} or not isinstance(items, dict):
        return
    if items.get("nullable"):
        yield forbidden(f"{path}.items.nullable", f"cannot be nullable when {_LIST_TYPE} is {list_type}")
    if list_type == "set":
        return
    for key in schema.get(_LIST_MAP_KEYS, ()):
        found = items.get("properties", {}).get(key)
        if found is None:
            continue
        place = f"{path}.items.properties[{key}]"
        subject = f"this property is in {_LIST_MAP_KEYS}, so it"
        if key not in items.get("required", ()) and found.get("default") is None:
            yield required(f"{place}.default", f"{subject} must have a default or be a required property")
        if found.get("nullable"):
            yield forbidden(f"{place}.nullable", f"{subject} cannot be nullable")


def _has_line_break(text: str) -> bool:
    return "\n" in text or "\r" in text


def _check_rule(rule: dict[str, Any], schema: Schema, path: str) -> Iterator[FieldError]:
    """Check the form of a rule; what its expressions say is checked elsewhere."""
    text, message = rule.get("rule", ""), rule.get("message", "")
    if not text.strip():
        yield required(f"{path}.rule", "rule is not specified")
    elif message and not message.strip():
        yield invalid(f"{path}.message", message, "must be non-empty if specified")
    elif _has_line_break(message.strip()):
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    elif _has_line_break(text.strip()) and not message.strip():
        yield required(f"{path}.message", "message must be specified if rule contains line breaks")
    expression = rule.get("messageExpression", "")
    if expression and not expression.strip():
        yield required(f"{path}.messageExpression", "messageExpression must be non-empty if specified")
    if rule.get("reason") is not None and rule["reason"] not in _REASONS:
        yield not_supported(f"{path}.reason", rule["reason"], _REASONS)
    field_path = rule.get("fieldPath", "")
    if field_path:
        yield from _check_field_path(field_path, schema, f"{path}.fieldPath")


def _check_field_path(field_path: str, schema: Schema, path: str) -> Iterator[FieldError]:
    if not field_path.strip():
        yield invalid(path, field_path, "must be non-empty if specified")
    if _has_line_break(field_path):
        yield invalid(path, field_path, "must not contain line breaks")
    if not converts_to_structural(schema):
        return
    try:
        follow(field_path, schema)
    except FieldPathError:
        yield invalid(path, field_path, "must be a valid path")
