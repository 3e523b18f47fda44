from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.strategy import CustomResourceStrategy

SOURCE = Path("/work/shared/crds/real-world.jsonl")
DEFINITIONS = [json.loads(line) for line in SOURCE.read_text().splitlines()] if SOURCE.exists() else []


@pytest.mark.parametrize("entry", DEFINITIONS, ids=lambda entry: entry["crd"]["metadata"]["name"])
def test_a_definition_of_a_real_project_is_accepted(entry):
    assert check_crd(prepare_crd(entry["crd"])) == []


@pytest.mark.parametrize("entry", DEFINITIONS, ids=lambda entry: entry["crd"]["metadata"]["name"])
def test_preparing_a_definition_twice_changes_nothing(entry):
    once = prepare_crd(entry["crd"])
    assert prepare_crd(once) == once


@pytest.mark.parametrize("entry", DEFINITIONS, ids=lambda entry: entry["crd"]["metadata"]["name"])
def test_every_version_of_a_real_project_can_be_served(entry):
    crd = prepare_crd(entry["crd"])
    for version in crd["spec"]["versions"]:
        strategy = CustomResourceStrategy(crd, version["name"])
        decoded, unknown = strategy.decode({"apiVersion": strategy.api_version, "kind": strategy.kind, "metadata": {}})
        assert decoded["kind"] == strategy.kind
        assert unknown == []
