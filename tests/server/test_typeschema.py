"""Merge types, from structural schemas and from OpenAPI documents."""

from __future__ import annotations

from typing import Any

import pytest

from kubecrd.schema.structural import Structural
from kubecrd.server.fieldmanager import FieldManager
from kubecrd.server.typedvalues import type_errors
from kubecrd.server.typeschema import TypeSchema


def structural(**spec: Any) -> TypeSchema:
    """Make the types of a kind with one field ``f``."""
    return TypeSchema.of_structural(Structural.of({"type": "object", "properties": {"f": spec}}))


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "string"}, 5, False),
        ({"type": "string", "format": "byte"}, 5, False),
        ({"type": "string", "format": "made-up"}, 5, True),
        ({"type": "integer"}, 1.5, True),
        ({"type": "integer"}, "1", False),
        ({"type": "boolean"}, "true", False),
        ({"x-kubernetes-int-or-string": True}, "x", True),
        ({"x-kubernetes-int-or-string": True}, [], False),
        ({"type": "object"}, {"any": {"thing": 1}}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"b": 1}, False),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}, "x-kubernetes-preserve-unknown-fields": True},
            {"b": 1},
            True,
        ),
        (
            {
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": True,
                "properties": {"a": {"type": "object", "properties": {"x": {"type": "string"}}}},
            },
            {"a": {"unknown": 1}},
            True,
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"b": 1}, False),
        ({"type": "object", "additionalProperties": True}, {"b": 1}, True),
        ({"type": "array", "items": {"type": "string"}}, [1], False),
        ({"x-kubernetes-preserve-unknown-fields": True}, [1, {"a": None}], True),
        ({"type": "object", "x-kubernetes-embedded-resource": True, "properties": {}}, {"metadata": {"x": 1}}, False),
        ({"type": "object", "x-kubernetes-embedded-resource": True}, {"metadata": {"labels": {"a": "b"}}}, True),
    ],
)
def test_a_structural_schema_says_what_fits(schema: dict[str, Any], value: Any, fits: bool) -> None:
    assert (type_errors({"f": value}, structural(**schema).root) == []) is fits


def test_a_key_that_is_left_out_has_its_default() -> None:
    schema = structural(
        type="array",
        items={"type": "object", "properties": {"k": {"type": "string", "default": "x"}}},
        **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]},
    )
    assert type_errors({"f": [{}, {"k": "x"}]}, schema.root) == ['.f: duplicate entries for key [k="x"]']


def test_an_element_without_any_key_is_refused() -> None:
    schema = structural(
        type="array",
        items={"type": "object", "properties": {"k": {"type": "string"}, "l": {"type": "string"}}},
        **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "l"]},
    )
    assert type_errors({"f": [{}]}, schema.root) == [
        (
            '.f: element 0: associative list with keys has an element that omits all key fields ["k" "l"] '
            "(and doesn't have default values for any key fields)"
        )
    ]


META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
REF = "#/components/schemas/"
COMPONENTS: dict[str, Any] = {
    "Deployment": {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"allOf": [{"$ref": REF + META}], "default": {}},
            "spec": {"allOf": [{"$ref": REF + "Spec"}], "default": {}},
        },
    },
    META: {"type": "object", "properties": {"name": {"type": "string"}}},
    "Spec": {
        "type": "object",
        "required": ["containers", "selector"],
        "properties": {
            "selector": {"allOf": [{"$ref": REF + "Selector"}], "x-kubernetes-map-type": "atomic"},
            "strategy": {"allOf": [{"$ref": REF + "Selector"}], "default": {}},
            "rolling": {"$ref": REF + "Selector"},
            "when": {"type": "string", "format": "date-time"},
            "message": {"type": "string", "default": ""},
            "size": {"$ref": REF + "Quantity"},
            "anything": {"$ref": REF + "JSON"},
            "self": {"$ref": REF + "Spec"},
            "containers": {
                "type": "array",
                "items": {"allOf": [{"$ref": REF + "Container"}], "default": {}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "x-kubernetes-patch-strategy": "merge",
                "x-kubernetes-patch-merge-key": "name",
            },
        },
    },
    "Selector": {"type": "object", "properties": {"a": {"type": "string"}}},
    "Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "JSON": {"description": "any"},
    "Container": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "default": ""},
            "resources": {"allOf": [{"$ref": REF + "Selector"}], "default": {}},
        },
    },
}
DEPLOYMENT = TypeSchema.of_openapi(COMPONENTS, "Deployment")


def recorded(spec: Any) -> Any:
    """Give what a creator of a built-in object owns."""
    obj = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": spec}
    made = FieldManager(DEPLOYMENT).update(None, obj, manager="m", api_version="apps/v1", now="2026-01-02T03:04:05Z")
    entries = made["metadata"].get("managedFields")
    return entries[0]["fieldsV1"]["f:spec"] if entries else None


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, None),
        ({"strategy": {}, "message": "", "when": None}, None),
        ({"strategy": {"a": "x"}}, {"f:strategy": {"f:a": {}}}),
        ({"rolling": {"a": "x"}}, {"f:rolling": {".": {}, "f:a": {}}}),
        ({"selector": {"a": "x"}}, {"f:selector": {}}),
        (
            {"containers": [{"name": "c", "resources": {}}]},
            {"f:containers": {'k:{"name":"c"}': {".": {}, "f:name": {}, "f:resources": {}}}},
        ),
        ({"anything": {"a": [1]}}, {"f:anything": {".": {}, "f:a": {}}}),
        ({"self": {"self": {"size": "1Gi"}}}, {"f:self": {".": {}, "f:self": {".": {}, "f:size": {}}}}),
    ],
)
def test_structs_that_are_always_there_do_not_appear(spec: Any, fields: Any) -> None:
    assert recorded(spec) == fields


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        ({"size": 5, "when": 5}, []),
        ({"size": []}, [".spec.size: expected any scalar, got &{[]}"]),
        ({"anything": 5}, []),
        ({"bogus": 1}, [".spec.bogus: field not declared in schema"]),
    ],
)
def test_an_openapi_document_says_what_fits(spec: Any, errors: list[str]) -> None:
    assert type_errors({"spec": spec}, DEPLOYMENT.root) == errors
