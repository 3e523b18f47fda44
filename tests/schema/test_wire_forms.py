"""What a definition written elsewhere says, a class can say: junctors, absent formats, and type metadata in the schema."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from kubecrd import AllOf, AnyOf, Format, IntOrStr, Not, OneOf, PreserveUnknown, Resource, custom_resource, kube_schema
from kubecrd.schema.derivation import derive

IPV4, IPV6 = {"format": "ipv4"}, {"format": "ipv6"}


def schema_of(hint: Any) -> dict[str, Any]:
    @kube_schema
    class Holder:
        value: hint | None = None

    return derive(Holder)[0]["properties"]["value"]


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (Annotated[str, AnyOf(IPV4, IPV6)], {"type": "string", "anyOf": [IPV4, IPV6]}),
        (Annotated[str, OneOf(IPV4, IPV6)], {"type": "string", "oneOf": [IPV4, IPV6]}),
        (Annotated[str, AllOf(IPV4), AllOf(IPV6)], {"type": "string", "allOf": [IPV4, IPV6]}),
        (Annotated[str, Not({"enum": [""]})], {"type": "string", "not": {"enum": [""]}}),
        (Annotated[int, Format(None)], {"type": "integer"}),
        (Annotated[int, Format("int32")], {"type": "integer", "format": "int32"}),
    ],
)
def test_a_marker_writes_its_keyword(hint, schema):
    assert schema_of(hint) == schema


def define(**options: Any) -> dict[str, Any]:
    @custom_resource(group="shop.example.com", version="v1", **options)
    class Pizza(Resource):
        size: int = 1

    return Pizza.crd().to_dict()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def test_type_metadata_is_implied():
    assert list(define()["properties"]) == ["size"]


def test_type_metadata_can_be_written_out():
    properties = define(type_meta="described")["properties"]

    assert list(properties) == ["apiVersion", "kind", "metadata", "size"]
    assert properties["kind"]["description"].startswith("Kind is a string value representing the REST resource")
    assert properties["metadata"] == {"type": "object"}


def test_type_metadata_can_be_as_another_definition_has_it():
    name = {"type": "string", "maxLength": 20}
    metadata = {"type": "object", "properties": {"name": name}}

    assert define(type_meta={"metadata": metadata})["properties"]["metadata"] == metadata


def test_a_whole_object_can_keep_what_is_unknown():
    assert define(markers=[PreserveUnknown()])["x-kubernetes-preserve-unknown-fields"] is True


def test_an_alias_for_a_union_keeps_its_markers_beside_none():
    assert schema_of(IntOrStr | None)["anyOf"] == [{"type": "integer"}, {"type": "string"}]
