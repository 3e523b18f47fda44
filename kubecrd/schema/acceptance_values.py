"""Parts of a definition as the API server's messages show them: Go structs, all fields, with their Go names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.gotext import Verbatim, json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["SCHEMA_FIELDS", "show_schema", "show_versions"]

SCHEMA_FIELDS: Final[dict[str, str]] = {
    "ID": "id",
    "Schema": "$schema",
    "Ref": "$ref",
    "Description": "description",
    "Type": "type",
    "Nullable": "nullable",
    "Format": "format",
    "Title": "title",
    "Default": "default",
    "Maximum": "maximum",
    "ExclusiveMaximum": "exclusiveMaximum",
    "Minimum": "minimum",
    "ExclusiveMinimum": "exclusiveMinimum",
    "MaxLength": "maxLength",
    "MinLength": "minLength",
    "Pattern": "pattern",
    "MaxItems": "maxItems",
    "MinItems": "minItems",
    "UniqueItems": "uniqueItems",
    "MultipleOf": "multipleOf",
    "Enum": "enum",
    "MaxProperties": "maxProperties",
    "MinProperties": "minProperties",
    "Required": "required",
    "Items": "items",
    "AllOf": "allOf",
    "OneOf": "oneOf",
    "AnyOf": "anyOf",
    "Not": "not",
    "Properties": "properties",
    "AdditionalProperties": "additionalProperties",
    "PatternProperties": "patternProperties",
    "Dependencies": "dependencies",
    "AdditionalItems": "additionalItems",
    "Definitions": "definitions",
    "ExternalDocs": "externalDocs",
    "Example": "example",
    "XPreserveUnknownFields": "x-kubernetes-preserve-unknown-fields",
    "XEmbeddedResource": "x-kubernetes-embedded-resource",
    "XIntOrString": "x-kubernetes-int-or-string",
    "XListMapKeys": "x-kubernetes-list-map-keys",
    "XListType": "x-kubernetes-list-type",
    "XMapType": "x-kubernetes-map-type",
    "XValidations": "x-kubernetes-validations",
}
"""The fields of the internal `JSONSchemaProps` in their order, with their JSON names."""

_TEXTS: Final = frozenset({"id", "$schema", "description", "type", "format", "title", "pattern"})
_FLAGS: Final = frozenset(
    {
        "nullable",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "uniqueItems",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
    }
)


def _struct(fields: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"


def _list(items: Sequence[Any] | None, show: Callable[[Any], str]) -> str:
    return "null" if items is None else "[" + ",".join(show(item) for item in items) + "]"


def _map(members: Mapping[str, Any] | None, show: Callable[[Any], str]) -> str:
    if members is None:
        return "null"
    return "{" + ",".join(f"{json_text(key)}:{show(members[key])}" for key in sorted(members)) + "}"


def _schema(schema: Mapping[str, Any] | None) -> str:
    if schema is None:
        return "null"
    return _struct({name: _member(key, schema.get(key)) for name, key in SCHEMA_FIELDS.items()})


def _member(key: str, value: Any) -> str:
    if value is None:
        return '""' if key in _TEXTS else "false" if key in _FLAGS else "null"
    match key:
        case "items":
            if isinstance(value, list):
                return _struct({"Schema": "null", "JSONSchemas": _list(value, _schema)})
            return _struct({"Schema": _schema(value), "JSONSchemas": "null"})
        case "allOf" | "oneOf" | "anyOf":
            return _list(value, _schema)
        case "not":
            return _schema(value)
        case "properties" | "patternProperties" | "definitions":
            return _map(value, _schema)
        case "additionalProperties" | "additionalItems":
            is_flag = isinstance(value, bool)
            return _struct(
                {"Allows": json_text(value if is_flag else True), "Schema": _schema(None if is_flag else value)}
            )
        case "externalDocs":
            texts = {"Description": value.get("description", ""), "URL": value.get("url", "")}
            return _struct({name: json_text(text) for name, text in texts.items()})
        case "x-kubernetes-validations":
            return _list(value, _rule)
        case _:
            return json_text(value)


def _rule(rule: Mapping[str, Any]) -> str:
    return _struct(
        {
            "Rule": json_text(rule.get("rule") or ""),
            "Message": json_text(rule.get("message") or ""),
            "MessageExpression": json_text(rule.get("messageExpression") or ""),
            "Reason": json_text(rule.get("reason")),
            "FieldPath": json_text(rule.get("fieldPath") or ""),
            "OptionalOldSelf": json_text(rule.get("optionalOldSelf")),
        }
    )


def _version(version: Mapping[str, Any]) -> str:
    schema = version.get("schema")
    subresources = version.get("subresources")
    return _struct(
        {
            "Name": json_text(version.get("name", "")),
            "Served": json_text(version.get("served", False)),
            "Storage": json_text(version.get("storage", False)),
            "Deprecated": json_text(version.get("deprecated", False)),
            "DeprecationWarning": json_text(version.get("deprecationWarning")),
            "Schema": "null"
            if schema is None
            else _struct({"OpenAPIV3Schema": _schema(schema.get("openAPIV3Schema"))}),
            "Subresources": "null" if subresources is None else _subresources(subresources),
            "AdditionalPrinterColumns": _list(version.get("additionalPrinterColumns"), _column),
            "SelectableFields": _list(
                version.get("selectableFields"), lambda item: _struct({"JSONPath": json_text(item.get("jsonPath", ""))})
            ),
        }
    )


def _subresources(subresources: Mapping[str, Any]) -> str:
    status, scale = subresources.get("status"), subresources.get("scale")
    shown = "null"
    if scale is not None:
        shown = _struct(
            {
                "SpecReplicasPath": json_text(scale.get("specReplicasPath", "")),
                "StatusReplicasPath": json_text(scale.get("statusReplicasPath", "")),
                "LabelSelectorPath": json_text(scale.get("labelSelectorPath")),
            }
        )
    return _struct({"Status": "null" if status is None else "{}", "Scale": shown})


def _column(column: Mapping[str, Any]) -> str:
    names = {"Name": "name", "Type": "type", "Format": "format", "Description": "description"}
    shown = {name: json_text(column.get(key, "")) for name, key in names.items()}
    return _struct(
        shown | {"Priority": json_text(column.get("priority", 0)), "JSONPath": json_text(column.get("jsonPath", ""))}
    )


def show_schema(schema: Mapping[str, Any]) -> Verbatim:
    """Show a schema node."""
    return Verbatim(_schema(schema))


def show_versions(versions: Sequence[Mapping[str, Any]] | None) -> Verbatim:
    """Show all versions of a definition."""
    return Verbatim(_list(versions, _version))
