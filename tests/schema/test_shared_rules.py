"""The rules of a schema are compiled once, however many look at it."""

import pytest

from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural


def schema(rule="self.size > 1", **more):
    properties = {"size": {"type": "integer"}}
    return Structural.of(
        {"type": "object", "properties": properties, "x-kubernetes-validations": [{"rule": rule}], **more}
    )


def test_equal_schemas_share_their_rules():
    assert SchemaRules(schema()).root is SchemaRules(schema()).root


@pytest.mark.parametrize(
    ("other", "is_root"),
    [(schema("self.size > 2"), True), (schema(maxProperties=3), True), (schema(), False)],
    ids=["another rule", "another limit", "a part of an object"],
)
def test_other_schemas_have_their_own(other, is_root):
    assert SchemaRules(schema()).root is not SchemaRules(other, is_root=is_root).root
