from __future__ import annotations

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.rulecosts import RULE_LIMIT
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.strategy import CustomResourceStrategy
from kubecrd.schema.structural import Structural
from tests.shared import each_real_world_definition


@pytest.mark.parametrize("definition", each_real_world_definition())
def test_a_definition_of_a_real_project_is_accepted(definition):
    assert check_crd(prepare_crd(definition)) == []


@pytest.mark.parametrize("definition", each_real_world_definition())
def test_preparing_a_definition_twice_changes_nothing(definition):
    once = prepare_crd(definition)
    assert prepare_crd(once) == once


@pytest.mark.parametrize("definition", each_real_world_definition())
def test_every_version_of_a_real_project_can_be_served(definition):
    crd = prepare_crd(definition)
    for version in crd["spec"]["versions"]:
        strategy = CustomResourceStrategy(crd, version["name"])
        decoded, unknown = strategy.decode({"apiVersion": strategy.api_version, "kind": strategy.kind, "metadata": {}})
        assert decoded["kind"] == strategy.kind
        assert unknown == []


@pytest.mark.parametrize("definition", each_real_world_definition())
def test_every_rule_of_a_real_project_compiles_and_can_be_paid_for(definition):
    for version in definition["spec"]["versions"]:
        schema = Structural.of(version["schema"]["openAPIV3Schema"])
        for _, rule in SchemaRules(schema).placed():
            assert (rule.fault, rule.message_fault) == ("", "")
            assert 0 < rule.estimate_in_object <= RULE_LIMIT
            assert rule.message_estimate <= RULE_LIMIT
