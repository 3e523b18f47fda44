"""Good definitions of real projects, spoilt in one way or many: the API server's own errors, and no others."""

from __future__ import annotations

import copy
import json

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from tests.schema.helpers import texts
from tests.schema.spoilings import SPOILINGS, TOGETHER, field_spoiling
from tests.shared import REAL_WORLD, each_real_world_definition, needs, real_world_definitions

SMALL = 10_000
"""Characters; definitions below are spoilt in every way by itself."""


def told(crd, errors):
    """The errors that *crd* must get, sorted, with the places of this definition put in."""
    alone = len(crd["spec"]["versions"]) == 1
    # What all versions have alike is told once; with one version, all is.
    schema = "spec.validation.openAPIV3Schema" if alone else "spec.versions[0].schema.openAPIV3Schema"
    version = "spec" if alone else "spec.versions[0]"
    return sorted(error.replace("{S}", schema).replace("{V}", version) for error in errors)


@pytest.fixture(scope="module")
def small_definitions():
    return [each for each in real_world_definitions() if len(json.dumps(each)) < SMALL]


@needs(REAL_WORLD)
@pytest.mark.parametrize("spoil", [pytest.param(spoil, id=name) for name, spoil in SPOILINGS.items()])
def test_a_spoilt_definition_gets_the_servers_error_and_no_other(spoil, small_definitions):
    assert small_definitions
    for definition in small_definitions:
        crd = copy.deepcopy(definition)
        errors = spoil(crd)

        assert sorted(texts(check_crd(prepare_crd(crd)))) == told(crd, errors), definition["metadata"]["name"]


def test_there_are_many_ways_to_spoil_a_definition():
    assert len(SPOILINGS) >= 40


@pytest.mark.parametrize("table", TOGETHER.values(), ids=TOGETHER)
@pytest.mark.parametrize("definition", each_real_world_definition())
def test_each_fault_of_many_is_told(definition, table):
    crd = copy.deepcopy(definition)
    errors = [
        error
        for index, (schema, wanted) in enumerate(table.values())
        for error in field_spoiling(f"spoilt{index}", schema, wanted)(crd)
    ]

    assert sorted(texts(check_crd(prepare_crd(crd)))) == told(crd, errors)
