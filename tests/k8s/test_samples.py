"""Objects of every built-in kind, with every field that it has, are read and written without loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubecrd import Resource, unknown_fields
from kubecrd.k8s.apiextensions import v1 as apiextensions
from kubecrd.k8s.apps.v1 import Deployment
from kubecrd.resource import codec
from kubecrd.resource._unions import wire_fields
from kubecrd.resource.naming import Skip, has_marker
from tests.k8s.test_builtin_kinds import META, SCHEMAS, classes, resolved
from tests.samples import QUANTITY, Value, sample

METADATA = {
    "name": "a",
    "namespace": "b",
    "labels": {"c": "d"},
    "ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "e", "uid": "f"}],
    "managedFields": [{"manager": "g", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}],
    "creationTimestamp": "2026-01-02T03:04:05Z",
}
VALUES = {
    "Quantity": QUANTITY,
    "IntOrString": "50%",
    "ObjectMeta": METADATA,
    "RawExtension": {"apiVersion": "v1", "kind": "A"},
    "Condition": {
        **dict.fromkeys(("message", "reason", "type"), "a"),
        "status": "True",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    },
    "MicroTime": "2026-01-02T03:04:05.000006Z",
}
KINDS = [param for param in classes() if issubclass(param.values[0], Resource)]


def resolve(node: dict[str, Any]) -> Any:
    name, found = resolved(node)
    if name in VALUES:
        return Value(VALUES[name])
    if len(identity := found.get("x-kubernetes-group-version-kind", ())) == 1:
        # A kind inside of another knows what it is.
        version = f"{identity[0]['group']}/{identity[0]['version']}".removeprefix("/")
        head = {"apiVersion": {"enum": [version]}, "kind": {"enum": [identity[0]["kind"]]}}
        found = {**found, "properties": {**found["properties"], **head}}
    return found


def document_of(cls: type[Resource], schema: dict[str, Any]) -> dict[str, Any]:
    made = sample(schema, resolve)
    return {**made, "apiVersion": cls.api_version, "kind": cls.kind, "metadata": METADATA}


@pytest.mark.parametrize(("cls", "schema"), KINDS)
def test_every_field_is_read_and_written(cls, schema):
    document = document_of(cls, schema)

    assert set(document) == set(schema["properties"]) | META
    assert cls.from_dict(document).to_dict() == document
    assert json.loads(codec.encode(codec.decode(json.dumps(document), cls))) == document


@pytest.mark.parametrize(("cls", "schema"), KINDS)
def test_no_field_of_the_documents_is_unknown(cls, schema):
    assert unknown_fields(cls.from_dict(document_of(cls, schema))) == []


WRITTEN_BY_HAND = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."


@pytest.mark.parametrize(
    "name",
    [
        *("CustomResourceConversion", "CustomResourceDefinitionNames", "CustomResourceDefinitionSpec"),
        *("CustomResourceDefinitionStatus", "CustomResourceDefinitionVersion", "CustomResourceSubresources"),
        *("CustomResourceSubresourceScale", "CustomResourceColumnDefinition", "CustomResourceValidation"),
        *("SelectableField", "ServiceReference", "WebhookClientConfig", "WebhookConversion", "JSONSchemaProps"),
    ],
)
def test_classes_that_were_written_by_hand_have_the_fields_of_the_document(name):
    fields = {json_name for _, hint, json_name in wire_fields(vars(apiextensions)[name]) if not has_marker(hint, Skip)}

    assert fields >= set(SCHEMAS[f"{WRITTEN_BY_HAND}{name}"]["properties"])


def test_unknown_fields_are_kept_and_told():
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "color": "red"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"spec": {"containers": [{"name": "c"}, {"name": "d", "colour": "blue"}]}},
            "replica": 3,
        },
    }
    deployment = Deployment.from_dict(document)

    assert codec.to_document(deployment) == document
    assert "colour" not in json.dumps(deployment.to_dict())
    assert unknown_fields(deployment) == ["metadata.color", "spec.template.spec.containers[1].colour", "spec.replica"]
    assert unknown_fields(Deployment()) == []
