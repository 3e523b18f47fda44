"""Definitions read and written again: typed, and nothing lost."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import DecodeError
from kubecrd.resource import codec
from kubecrd.schema.acceptance import check_crd
from kubecrd.schema.crd import CustomResourceDefinition
from kubecrd.schema.jsonschemaprops import JSONSchemaProps
from kubecrd.schema.manifests import dump
from tests.shared import each_real_world_definition


def definition(**schema):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": "things", "kind": "Thing"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", **schema}},
                    "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": "."}},
                    "additionalPrinterColumns": [{"name": "N", "type": "integer", "jsonPath": ".spec.n"}],
                    "selectableFields": [{"jsonPath": ".spec.s"}],
                }
            ],
            "conversion": {
                "strategy": "Webhook",
                "webhook": {
                    "clientConfig": {"service": {"namespace": "a", "name": "b", "port": 1}, "caBundle": "Cg=="},
                    "conversionReviewVersions": ["v1"],
                },
            },
        },
        "status": {
            "conditions": [{"type": "Established", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
            "acceptedNames": {"plural": "things", "kind": "Thing"},
            "storedVersions": ["v1"],
        },
    }


@pytest.mark.parametrize("document", each_real_world_definition())
def test_a_definition_of_a_real_project_is_read_and_written_without_loss(document):
    read = CustomResourceDefinition.from_dict(document)

    assert read.to_dict() == document
    assert check_crd(read.to_dict()) == []
    again = CustomResourceDefinition.from_dict(yaml.safe_load(dump(read.to_dict())))
    assert again == read
    assert codec.decode(json.dumps(document), CustomResourceDefinition) == read


def test_every_part_of_a_definition_is_typed():
    crd = CustomResourceDefinition.from_dict(definition(properties={"spec": {"type": "string", "maxLength": 3}}))

    version = crd.spec.versions[0]
    assert version.schema.open_api_v3_schema.properties["spec"].max_length == 3
    assert version.subresources.scale.spec_replicas_path == ".spec.n"
    assert version.additional_printer_columns[0].json_path == ".spec.n"
    assert version.selectable_fields[0].json_path == ".spec.s"
    assert crd.spec.conversion.webhook.client_config.service.port == 1
    assert crd.status.is_true("Established")
    assert crd.status.stored_versions == ["v1"]


@pytest.mark.parametrize(
    "place",
    [
        lambda document: document,
        lambda document: document["spec"],
        lambda document: document["spec"]["names"],
        lambda document: document["spec"]["versions"][0],
        lambda document: document["spec"]["versions"][0]["schema"],
        lambda document: document["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
        lambda document: document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"],
        lambda document: document["spec"]["versions"][0]["subresources"]["scale"],
        lambda document: document["spec"]["versions"][0]["additionalPrinterColumns"][0],
        lambda document: document["spec"]["conversion"]["webhook"]["clientConfig"],
        lambda document: document["status"],
    ],
)
def test_a_field_of_a_later_server_is_kept_wherever_it_stands(place):
    document = definition(properties={"spec": {"type": "string"}})
    place(document)["later"] = {"any": ["thing", None]}

    assert CustomResourceDefinition.from_dict(document).to_dict() == document


def test_a_schema_is_written_in_the_order_in_which_it_stood():
    document = {"type": "array", "x-later": 1, "description": "b", "items": {"maxLength": 1, "type": "string"}}

    assert json.dumps(JSONSchemaProps.from_json(document).to_json()) == json.dumps(document)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"maxLength": "3"}, "maxLength: '3' is not an integer"),
        ({"nullable": 1}, "nullable: 1 is not a boolean"),
        ({"enum": "a"}, "enum: 'a' is not a list"),
        ({"properties": []}, "properties: [] is not a mapping"),
        ({"properties": {"a": {"items": {"type": 3}}}}, "properties.a.items.type: 3 is not a string"),
        ({"additionalProperties": 3}, "additionalProperties: 3 is not a mapping"),
        ({"x-kubernetes-validations": [{"rule": 3}]}, "x-kubernetes-validations.0.rule: 3 is not a string"),
    ],
)
def test_a_schema_of_wrong_types_is_refused_with_the_path(schema, message):
    with pytest.raises(DecodeError, match=r"^CustomResourceDefinition: ") as refused:
        CustomResourceDefinition.from_dict(definition(**schema))
    assert str(refused.value).endswith(f": {message}")


LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer"]),
        "default": st.one_of(st.integers(), st.text(), st.lists(st.none()), st.dictionaries(st.text(), st.none())),
        "enum": st.lists(st.one_of(st.none(), st.text(), st.integers())),
        "nullable": st.booleans(),
        "maxLength": st.integers(),
        "minimum": st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
        "required": st.lists(st.text()),
        "x-kubernetes-validations": st.lists(
            st.fixed_dictionaries({"rule": st.text()}, optional={"optionalOldSelf": st.booleans(), "x": st.none()})
        ),
        "x-kubernetes-list-type": st.text(),
    },
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda schema: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.text(), schema),
            "items": st.one_of(schema, st.lists(schema)),
            "additionalProperties": st.one_of(st.booleans(), schema),
            "anyOf": st.lists(schema),
            "not": schema,
            "dependencies": st.dictionaries(st.text(), st.one_of(schema, st.lists(st.text()))),
        },
    ),
)


@given(SCHEMAS)
def test_any_schema_is_read_and_written_without_loss(document):
    assert JSONSchemaProps.from_json(document).to_json() == document
