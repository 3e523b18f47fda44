"""Whether a schema is structural: complete by itself, its compositions adding conditions only.

The rules are those of apiextensions `pkg/apiserver/schema/validation.go` and `complete.go`. Schemas are documents, as
`decode_crd` gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from kubecrd.cel.patterns import pattern_problem

from .wording import forbidden, invalid, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_structural", "converts_to_structural"]

Level = Literal["root", "item", "field"]
Schema = dict[str, Any]

_EMBEDDED: Final = "x-kubernetes-embedded-resource"
_PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING: Final = "x-kubernetes-int-or-string"

_MISSING_TYPE: Final = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}


def converts_to_structural(schema: Schema) -> bool:
    """Whether a schema has nothing that the structural form has no place for."""
    if any(schema.get(key) for key in ("id", "$schema", "$ref", "patternProperties", "definitions", "dependencies")):
        return False
    if (
        schema.get("additionalItems") is not None
        or isinstance(schema.get("items"), list)
        or schema.get(_PRESERVE) is False
    ):
        return False
    return all(converts_to_structural(child) for child in _all_children(schema))


def _all_children(schema: Schema) -> Iterator[Schema]:
    yield from schema.get("properties", {}).values()
    for key in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(key, ())
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            yield schema[key]


def check_structural(schema: Schema, path: str) -> list[FieldError]:
    """List what keeps a schema from being structural, sorted by text as the server sorts it."""
    errors = [*_check_node(schema, "root", path), *_check_complete(schema, schema, path, path)]
    return sorted(errors, key=str)


def _check_node(schema: Schema, level: Level, path: str) -> Iterator[FieldError]:
    schema_type = schema.get("type", "")
    items = schema.get("items")
    if schema_type == "array" and items is None:
        yield required(f"{path}.items", "must be specified")
    if items is not None:
        yield from _check_node(items, "item", f"{path}.items")
    for name, child in schema.get("properties", {}).items():
        yield from _check_node(child, "field", f"{path}.properties[{name}]")
    yield from _check_additional(schema, level, path)
    yield from _check_extensions(schema, path)
    yield from _check_conditions(
        schema,
        level,
        path,
        skip_any_of=_is_int_or_string(schema.get("anyOf")),
        skip_first_all_of=_is_int_or_string_in_all_of(schema),
    )
    yield from _check_type(schema, level, path)
    yield from _check_meta_fields(schema, level, path)
    if schema.get(_EMBEDDED) and not schema.get(_PRESERVE) and not schema.get("properties"):
        yield required(f"{path}.properties", f"must not be empty if {_EMBEDDED} is true without {_PRESERVE}")


def _check_additional(schema: Schema, level: Level, path: str) -> Iterator[FieldError]:
    additional = schema.get("additionalProperties")
    if additional is None:
        return
    if level == "root":
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if schema.get(_EMBEDDED):
        yield forbidden(f"{path}.additionalProperties", f"must not be used if {_EMBEDDED} is set")
    if isinstance(additional, dict):
        yield from _check_node(additional, "field", f"{path}.additionalProperties")


def _check_extensions(schema: Schema, path: str) -> Iterator[FieldError]:
    if schema.get(_INT_OR_STRING):
        for key in (_PRESERVE, _EMBEDDED):
            if schema.get(key):
                yield invalid(f"{path}.{key}", True, f"must be false if {_INT_OR_STRING} is true")


def _check_type(schema: Schema, level: Level, path: str) -> Iterator[FieldError]:
    schema_type = schema.get("type", "")
    if schema.get(_EMBEDDED) and schema_type != "object":
        detail = f"must be object if {_EMBEDDED} is true"
        yield invalid(f"{path}.type", schema_type, detail) if schema_type else required(f"{path}.type", detail)
    elif not schema_type and not schema.get(_INT_OR_STRING) and not schema.get(_PRESERVE):
        yield required(f"{path}.type", _MISSING_TYPE[level])
    if level == "root" and schema_type and schema_type != "object":
        yield invalid(f"{path}.type", schema_type, "must be object at the root")


def _check_meta_fields(schema: Schema, level: Level, path: str) -> Iterator[FieldError]:
    properties = schema.get("properties", {})
    is_object = level == "root" or bool(schema.get(_EMBEDDED))
    if is_object:
        for name, wanted in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
            if name in properties and properties[name].get("type", "") != wanted:
                found = properties[name].get("type", "")
                yield invalid(f"{path}.properties[{name}].type", found, f"must be {wanted}")
    if level == "root" and "metadata" in properties and not _is_plain_metadata(properties["metadata"]):
        yield forbidden(
            f"{path}.properties[metadata]",
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        )


def _is_plain_metadata(schema: Schema) -> bool:
    # A default is refused elsewhere.
    rest = schema.keys() - {"type", "default"}
    if "properties" in rest and schema["properties"].keys() <= {"name", "generateName"}:
        rest -= {"properties"}
    return not rest


_INT_OR_STRING_BRANCHES: Final = [{"type": "integer"}, {"type": "string"}]


def _is_int_or_string(branches: Any) -> bool:
    """Whether this is the one composition in which types may be named."""
    return bool(branches == _INT_OR_STRING_BRANCHES)


def _is_int_or_string_in_all_of(schema: Schema) -> bool:
    branches = schema.get("allOf")
    return bool(branches) and _is_int_or_string(branches[0].get("anyOf")) if branches else False


def _check_conditions(
    schema: Schema, level: Level, path: str, *, skip_any_of: bool, skip_first_all_of: bool
) -> Iterator[FieldError]:
    pattern = schema.get("pattern")
    if pattern:
        problem = pattern_problem(pattern)
        if problem:
            yield invalid(f"{path}.pattern", pattern, f"must be a valid regular expression, but isn't: {problem}")
    if not skip_any_of:
        for index, branch in enumerate(schema.get("anyOf", ())):
            yield from _check_branch(branch, level, f"{path}.anyOf[{index}]")
    for index, branch in enumerate(schema.get("allOf", ())):
        skip = skip_first_all_of and index == 0
        yield from _check_branch(branch, level, f"{path}.allOf[{index}]", skip_any_of=skip)
    for index, branch in enumerate(schema.get("oneOf", ())):
        yield from _check_branch(branch, level, f"{path}.oneOf[{index}]")
    if "not" in schema:
        yield from _check_branch(schema["not"], level, f"{path}.not")


_EMPTY_IN_BRANCH: Final = {
    "type": "must be empty to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    _PRESERVE: "must be false to be structural",
    _EMBEDDED: "must be false to be structural",
    _INT_OR_STRING: "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}


def _check_branch(schema: Schema, level: Level, path: str, *, skip_any_of: bool = False) -> Iterator[FieldError]:
    yield from _check_conditions(schema, level, path, skip_any_of=skip_any_of, skip_first_all_of=False)
    items = schema.get("items")
    if isinstance(items, dict):
        yield from _check_branch(items, level, f"{path}.items")
    properties = schema.get("properties", {})
    for name, child in properties.items():
        yield from _check_branch(child, "field", f"{path}.properties[{name}]")
    additional = schema.get("additionalProperties")
    if additional is not None and additional is not False:
        yield forbidden(f"{path}.additionalProperties", "must be undefined to be structural")
    for key, detail in _EMPTY_IN_BRANCH.items():
        if schema.get(key) is not None:
            yield forbidden(f"{path}.{key}", detail)
    if "metadata" in properties:
        yield forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context")


def _check_complete(conditions: Schema, schema: Schema | None, path: str, at: str) -> Iterator[FieldError]:
    """Look for what the root's compositions speak of and the schema itself does not define.

    Args:
        conditions: The node whose compositions are followed.
        schema: The part of the structural schema that they speak of; None if it has none.
        path: Where that part is, or would be.
        at: Where the conditions are.
    """
    if schema is None:
        yield required(path, f"because it is defined in {at}")
        return
    branches = [("not", conditions["not"])] if "not" in conditions else []
    for key in ("allOf", "anyOf", "oneOf"):
        branches += [(f"{key}[{index}]", branch) for index, branch in enumerate(conditions.get(key, ()))]
    for step, branch in branches:
        yield from _check_branch_complete(branch, schema, path, f"{at}.{step}")


def _check_branch_complete(branch: Schema, schema: Schema | None, path: str, at: str) -> Iterator[FieldError]:
    yield from _check_complete(branch, schema, path, at)
    if schema is None:
        return
    if isinstance(branch.get("items"), dict):
        yield from _check_branch_complete(branch["items"], schema.get("items"), f"{path}.items", f"{at}.items")
    for name, child in branch.get("properties", {}).items():
        step = f"properties[{name}]"
        found = schema.get("properties", {}).get(name)
        yield from _check_branch_complete(child, found, f"{path}.{step}", f"{at}.{step}")
