"""A CustomResourceDefinition as the API server decodes it, with its defaults (apiextensions `pkg/apis/.../v1`)."""

from __future__ import annotations

import re
from typing import Any, Final

from kubecrd.errors import DecodeError

from .gostructs import Decoding, Field, Free, ListOf, MapOf, Scalar, Struct
from .jsonvalues import copied
from .metadecoding import decode_metadata, decode_time

__all__ = ["SCHEMA_PROPS", "VALIDATION_RULE", "VERSION", "decode_crd", "drop_empty_webhook", "fill_crd_defaults"]

_TEXT: Final = Scalar("string")
_FLAG: Final = Scalar("bool")
_COUNT: Final = Scalar("int64")
_FLOAT: Final = Scalar("float64")
_TEXTS: Final = ListOf(_TEXT)

VALIDATION_RULE: Final = Struct(
    "ValidationRule",
    {
        "rule": Field(_TEXT, "always", ""),
        "message": Field(_TEXT),
        "messageExpression": Field(_TEXT),
        "reason": Field(_TEXT, "set"),
        "fieldPath": Field(_TEXT),
        "optionalOldSelf": Field(_FLAG, "set"),
    },
)

SCHEMA_PROPS: Final = Struct("JSONSchemaProps")
"""The schema of OpenAPI v3, with all fields that Go's type has, allowed or not."""


class _SchemaOrBool:
    """`JSONSchemaPropsOrBool`."""

    go_name = "v1.JSONSchemaPropsOrBool"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read a boolean or a schema."""
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            raise DecodeError("boolean or JSON schema expected", at.path)
        return SCHEMA_PROPS.decode(value, at)


class _SchemaOrSchemas:
    """`JSONSchemaPropsOrArray`."""

    go_name = "v1.JSONSchemaPropsOrArray"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read a schema or a list of schemas; an empty list is nothing."""
        if isinstance(value, list):
            return [SCHEMA_PROPS.decode(item, at) for item in value] or None
        return SCHEMA_PROPS.decode(value, at)


class _Time:
    """`metav1.Time`, which has a decoder of its own."""

    go_name = "v1.Time"

    def decode(self, value: Any, _at: Decoding) -> str:
        """Read a time."""
        return decode_time(value)


class _SchemaOrTexts:
    """`JSONSchemaPropsOrStringArray`."""

    go_name = "v1.JSONSchemaPropsOrStringArray"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read a schema or a list of property names."""
        return _TEXTS.decode(value, at) if isinstance(value, list) else SCHEMA_PROPS.decode(value, at)


_SCHEMAS: Final = MapOf(SCHEMA_PROPS)
SCHEMA_PROPS.fields = {
    "id": Field(_TEXT),
    "$schema": Field(_TEXT),
    "$ref": Field(_TEXT, "set"),
    "description": Field(_TEXT),
    "type": Field(_TEXT),
    "format": Field(_TEXT),
    "title": Field(_TEXT),
    "default": Field(Free(), "set"),
    "maximum": Field(_FLOAT, "set"),
    "exclusiveMaximum": Field(_FLAG),
    "minimum": Field(_FLOAT, "set"),
    "exclusiveMinimum": Field(_FLAG),
    "maxLength": Field(_COUNT, "set"),
    "minLength": Field(_COUNT, "set"),
    "pattern": Field(_TEXT),
    "maxItems": Field(_COUNT, "set"),
    "minItems": Field(_COUNT, "set"),
    "uniqueItems": Field(_FLAG),
    "multipleOf": Field(_FLOAT, "set"),
    "enum": Field(ListOf(Free())),
    "maxProperties": Field(_COUNT, "set"),
    "minProperties": Field(_COUNT, "set"),
    "required": Field(_TEXTS),
    "items": Field(_SchemaOrSchemas(), "set", apart=True),
    "allOf": Field(ListOf(SCHEMA_PROPS)),
    "oneOf": Field(ListOf(SCHEMA_PROPS)),
    "anyOf": Field(ListOf(SCHEMA_PROPS)),
    "not": Field(SCHEMA_PROPS, "set"),
    "properties": Field(_SCHEMAS),
    "additionalProperties": Field(_SchemaOrBool(), "set", apart=True),
    "patternProperties": Field(_SCHEMAS),
    "dependencies": Field(MapOf(_SchemaOrTexts()), "set"),
    "additionalItems": Field(_SchemaOrBool(), "set", apart=True),
    "definitions": Field(_SCHEMAS),
    "externalDocs": Field(Struct("ExternalDocumentation", {"description": Field(_TEXT), "url": Field(_TEXT)}), "set"),
    "example": Field(Free(), "set"),
    "nullable": Field(_FLAG),
    "x-kubernetes-preserve-unknown-fields": Field(_FLAG, "set"),
    "x-kubernetes-embedded-resource": Field(_FLAG),
    "x-kubernetes-int-or-string": Field(_FLAG),
    "x-kubernetes-list-map-keys": Field(_TEXTS),
    "x-kubernetes-list-type": Field(_TEXT, "set"),
    "x-kubernetes-map-type": Field(_TEXT, "set"),
    "x-kubernetes-validations": Field(ListOf(VALIDATION_RULE)),
}

_COLUMN: Final = Struct(
    "CustomResourceColumnDefinition",
    {
        "name": Field(_TEXT, "always", ""),
        "type": Field(_TEXT, "always", ""),
        "format": Field(_TEXT),
        "description": Field(_TEXT),
        "priority": Field(Scalar("int32")),
        "jsonPath": Field(_TEXT, "always", ""),
    },
)
_SELECTABLE_FIELD: Final = Struct("SelectableField", {"jsonPath": Field(_TEXT, "always", "")})
_SCALE: Final = Struct(
    "CustomResourceSubresourceScale",
    {
        "specReplicasPath": Field(_TEXT, "always", ""),
        "statusReplicasPath": Field(_TEXT, "always", ""),
        "labelSelectorPath": Field(_TEXT, "set"),
    },
)
_SUBRESOURCES: Final = Struct(
    "CustomResourceSubresources",
    {"status": Field(Struct("CustomResourceSubresourceStatus"), "set"), "scale": Field(_SCALE, "set")},
)
VERSION: Final = Struct(
    "CustomResourceDefinitionVersion",
    {
        "name": Field(_TEXT, "always", ""),
        "served": Field(_FLAG, "always", False),
        "storage": Field(_FLAG, "always", False),
        "deprecated": Field(_FLAG),
        "deprecationWarning": Field(_TEXT, "set"),
        "schema": Field(Struct("CustomResourceValidation", {"openAPIV3Schema": Field(SCHEMA_PROPS, "set")}), "set"),
        "subresources": Field(_SUBRESOURCES, "set"),
        "additionalPrinterColumns": Field(ListOf(_COLUMN)),
        "selectableFields": Field(ListOf(_SELECTABLE_FIELD)),
    },
)
_NAMES: Final = Struct(
    "CustomResourceDefinitionNames",
    {
        "plural": Field(_TEXT, "always", ""),
        "singular": Field(_TEXT),
        "shortNames": Field(_TEXTS),
        "kind": Field(_TEXT, "always", ""),
        "listKind": Field(_TEXT),
        "categories": Field(_TEXTS),
    },
)
_SERVICE: Final = Struct(
    "ServiceReference",
    {
        "namespace": Field(_TEXT, "always", ""),
        "name": Field(_TEXT, "always", ""),
        "path": Field(_TEXT, "set"),
        "port": Field(Scalar("int32"), "set"),
    },
)
_CLIENT_CONFIG: Final = Struct(
    "WebhookClientConfig",
    {
        "url": Field(_TEXT, "set"),
        "service": Field(_SERVICE, "set"),
        "caBundle": Field(Scalar("[]uint8")),
    },
)
_WEBHOOK: Final = Struct(
    "WebhookConversion",
    {"clientConfig": Field(_CLIENT_CONFIG, "set"), "conversionReviewVersions": Field(_TEXTS, "always")},
)
_CONVERSION: Final = Struct(
    "CustomResourceConversion",
    {"strategy": Field(_TEXT, "always", ""), "webhook": Field(_WEBHOOK, "set")},
)
_SPEC: Final = Struct(
    "CustomResourceDefinitionSpec",
    {
        "group": Field(_TEXT, "always", ""),
        "names": Field(_NAMES, "always", {"plural": "", "kind": ""}),
        "scope": Field(_TEXT, "always", ""),
        "versions": Field(ListOf(VERSION), "always"),
        "conversion": Field(_CONVERSION, "set"),
        "preserveUnknownFields": Field(_FLAG),
    },
)
_CONDITION: Final = Struct(
    "CustomResourceDefinitionCondition",
    {
        "type": Field(_TEXT, "always", ""),
        "status": Field(_TEXT, "always", ""),
        "lastTransitionTime": Field(_Time()),
        "reason": Field(_TEXT),
        "message": Field(_TEXT),
        "observedGeneration": Field(_COUNT),
    },
)
_STATUS: Final = Struct(
    "CustomResourceDefinitionStatus",
    {
        "conditions": Field(ListOf(_CONDITION), "always"),
        "acceptedNames": Field(_NAMES, "always", {"plural": "", "kind": ""}),
        "storedVersions": Field(_TEXTS, "always"),
        "observedGeneration": Field(_COUNT),
    },
)


class _Metadata:
    """`ObjectMeta` as a part of a typed object."""

    go_name = "v1.ObjectMeta"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read metadata; its unknown fields are told in the order of the document."""
        if not isinstance(value, dict):
            raise at.mismatch(value, self.go_name)
        try:
            metadata, unknown = decode_metadata(value)
        except DecodeError as error:
            # Messages name the innermost struct, and all fields on the way to it.
            text = re.sub(r"(?<=Go struct field )(\w+)\.", r"\1.metadata.", str(error))
            raise DecodeError(text, at.path) from None
        if at.unknown is not None:
            at.unknown.extend(sorted(unknown, key=lambda path: _position(value, path.removeprefix("metadata."))))
        return metadata


def _position(document: dict[str, Any], path: str) -> int:
    """Say at which member of a document a path begins."""
    starts = (path == key or path.startswith((f"{key}.", f"{key}[")) for key in document)
    return next((index for index, found in enumerate(starts) if found), len(document))


_CRD: Final = Struct(
    "CustomResourceDefinition",
    {
        "kind": Field(_TEXT),
        "apiVersion": Field(_TEXT),
        "metadata": Field(_Metadata(), "always", {}),
        "spec": Field(
            _SPEC, "always", {"group": "", "names": {"plural": "", "kind": ""}, "scope": "", "versions": None}
        ),
        "status": Field(
            _STATUS, "always", {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": None}
        ),
    },
    package="v1.",
)


def decode_crd(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Read a definition as Go does and write it again; with it the paths of unknown fields, in document order.

    Raises:
        DecodeError: With Go's words, when something has a wrong type.
    """
    at = Decoding()
    return _CRD.decode(copied(document), at), at.unknown or []


def _webhook_of(spec: dict[str, Any]) -> dict[str, Any]:
    """Give the conversion webhook of a definition, as long as it does not say who is called."""
    webhook: dict[str, Any] = spec["conversion"].get("webhook") or {}
    return {} if "clientConfig" in webhook else webhook


def drop_empty_webhook(crd: dict[str, Any]) -> None:
    """Drop, in place, a conversion webhook of an empty list only; whoever sent it owns the list all the same."""
    spec = crd["spec"]
    if _webhook_of(spec) and not _webhook_of(spec)["conversionReviewVersions"]:
        conversion = {key: value for key, value in spec["conversion"].items() if key != "webhook"}
        crd["spec"] = {**spec, "conversion": conversion}


def fill_crd_defaults(crd: dict[str, Any]) -> None:
    """Fill in, in place, what the API server fills in on every decode (`SetDefaults_CustomResourceDefinition`)."""
    spec, status = crd["spec"], crd["status"]
    crd["spec"] = spec = {**spec, "names": dict(spec["names"])}
    crd["status"] = status = dict(status)
    names = spec["names"]
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})
    if _webhook_of(spec).get("conversionReviewVersions", ()) is None:
        # The internal type has no struct of its own for the webhook, so one that says nothing is lost.
        spec["conversion"] = {key: value for key, value in spec["conversion"].items() if key != "webhook"}
    service = ((spec["conversion"].get("webhook") or {}).get("clientConfig") or {}).get("service")
    if service is not None:
        service.setdefault("port", 443)
    if not status.get("storedVersions"):
        storage = [version["name"] for version in spec["versions"] or () if version["storage"]]
        status["storedVersions"] = storage[:1] or None
