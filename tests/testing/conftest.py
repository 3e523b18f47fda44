"""A run of pytest inside of pytest, over a user's tests."""

from __future__ import annotations

import pytest

# What is imported first inside of a run is forgotten after it, and must not be imported twice.
import kubecrd.client.client
import kubecrd.server.inprocess
import kubecrd.testing.assertions
import kubecrd.testing.coverage
import kubecrd.testing.installing  # noqa: F401

MODELS = """
from typing import Annotated

from annotated_types import Interval

from kubecrd import ObjectMeta, Resource, Rule, custom_resource, kube_schema


@kube_schema(rules=[Rule("self.size >= 20", message="too small"), Rule("self.size >= oldSelf.size")])
class PizzaSpec:
    size: int


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec


@custom_resource(group="shop.example.com", version="v1", rules=[Rule("self.metadata.name != 'cold'")])
class Oven(Resource):
    '''Where it is baked.'''


def pizza(size):
    return Pizza(metadata=ObjectMeta(name="a", namespace="default"), spec=PizzaSpec(size=size))
"""


@pytest.fixture
def shop(pytester, monkeypatch):
    """A user's project with two kinds in ``shop_models``, whose own pytest is as strict as ours."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\nfilterwarnings = ["error"]\npythonpath = ["."]\n')
    pytester.makepyfile(shop_models=MODELS)
    return pytester
