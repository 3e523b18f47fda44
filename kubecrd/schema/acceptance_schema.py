"""The whole of what the API server checks about the schema of a version: form, defaults, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .acceptance_defaults import check_defaults
from .acceptance_openapi import check_openapi
from .acceptance_structural import check_structural, converts_to_structural
from .acceptance_values import SCHEMA_FIELDS, show_schema
from .looseness import STRICT
from .strategy import rules_of
from .structural import Structural
from .wording import forbidden, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .looseness import Looseness

__all__ = ["check_schema", "has_default"]

Schema = dict[str, Any]

_ALLOWED_AT_ROOT: Final = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum",
    "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items",
    "Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
)  # fmt: skip
"""What a root schema may have when the part for the status is taken out of it to validate writes to ``/status``."""


def check_schema(
    schema: Schema, path: str, *, has_status: bool, unchanged: bool = False, looseness: Looseness = STRICT
) -> list[FieldError]:
    """List what is wrong with the schema of a version.

    Args:
        schema: The document under ``openAPIV3Schema``, as `decode_crd` gives it.
        path: Where it stands.
        has_status: Whether a version with this schema has the status subresource.
        unchanged: Whether the version has had this schema before; then no single rule is too dear.
        looseness: What is let pass, since the stored definition has it too.
    """
    errors = list(_check_root(schema, path)) if has_status else []
    if schema.get("nullable"):
        errors.append(forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    structural = None
    converts = converts_to_structural(schema)
    if converts and looseness.is_structural:
        found = check_structural(schema, path)
        if not found:
            structural = Structural.of(schema)
            found = looseness.left(check_defaults(structural, path))
        if found:
            structural = None
        errors += found
    in_form = looseness.left(check_openapi(schema, path))
    errors += in_form
    if structural is not None:
        errors += _check_rules(structural, path, in_form, unchanged=unchanged)
    if not errors and not converts and looseness.is_structural:
        errors.append(invalid(path, "", "OpenAPIV3Schema 'schema' is not supported"))
    return errors


def _check_root(schema: Schema, path: str) -> Iterator[FieldError]:
    for name, key in SCHEMA_FIELDS.items():
        if key not in schema:
            continue
        if key == "type":
            if schema["type"] != "object":
                detail = (
                    'only "object" is allowed as the type at the root of the schema '
                    "if the status subresource is enabled"
                )
                yield invalid(f"{path}.type", schema["type"], detail)
                return
        elif name not in _ALLOWED_AT_ROOT:
            allowed = " ".join(_ALLOWED_AT_ROOT)
            detail = (
                f"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled"
            )
            yield invalid(path, show_schema(schema), detail)
            return


def _check_rules(structural: Structural, path: str, in_form: list[FieldError], *, unchanged: bool) -> list[FieldError]:
    """Compile the rules; those of a node that has an error in its form, or below, are left out."""
    rules = rules_of(structural)
    if rules is None:
        return []
    broken = [error.field for error in in_form]

    def skips(node: str) -> bool:
        return any(_is_within(place, node) for place in broken)

    return rules.definition_errors(path, skips=skips, limits_each=not unchanged)


def _is_within(place: str, node: str) -> bool:
    return place == node or place.startswith((f"{node}.", f"{node}["))


def has_default(schema: Any) -> bool:
    """Whether a schema has a default anywhere."""
    if isinstance(schema, list):
        return any(has_default(item) for item in schema)
    if not isinstance(schema, dict):
        return False
    if schema.get("default") is not None:
        return True
    nested = ("items", "additionalProperties", "not", "allOf", "anyOf", "oneOf")
    named = ("properties", "patternProperties", "definitions")
    return any(has_default(schema.get(key)) for key in nested) or any(
        has_default(child) for key in named for child in schema.get(key, {}).values()
    )
