"""The plugin: found by pytest, cheap where it is not used, with a server where it is."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import kubecrd.testing
from kubecrd import Api, CustomResourceDefinition
from kubecrd.errors import InvalidError, NotFoundError
from tests.testing.pizzas import Pizza, pizza


@pytest.fixture
def kube_definitions():
    return [Pizza]


@pytest.mark.anyio
async def test_a_server_knows_the_definitions_of_the_test(kube_client):
    pizzas = Api(kube_client, Pizza)

    created = await pizzas.create(pizza(30))

    assert created.metadata.uid
    created.spec.size = 20
    with pytest.raises(InvalidError, match="cannot shrink"):
        await pizzas.replace(created)


@pytest.mark.anyio
async def test_each_test_has_a_server_of_its_own(kube_client):
    with pytest.raises(NotFoundError):
        await Api(kube_client, Pizza).get("margherita")


@pytest.mark.anyio
@pytest.mark.parametrize("kube_definitions", [[Pizza.crd()], [Pizza.crd().to_dict()], [Pizza, Pizza]], ids=range(3))
async def test_definitions_may_be_documents_or_come_twice(kube_client, kube_definitions):
    found = await Api(kube_client, CustomResourceDefinition).get("pizzas.shop.example.com")

    assert found.status.is_true("Established")


def test_pytest_finds_the_plugin():
    [plugin] = [each for each in entry_points(group="pytest11") if each.value.startswith("kubecrd")]

    assert (plugin.name, plugin.value) == ("kubecrd", "kubecrd.testing.plugin")


def test_the_plugin_imports_nothing_before_it_is_used():
    code = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport kubecrd.testing.plugin\n"
        "print(sorted(set(sys.modules) - before))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['kubecrd', 'kubecrd.testing', 'kubecrd.testing.plugin']"


@pytest.mark.parametrize("name", kubecrd.testing.__all__)
def test_a_name_is_there_and_documented(name):
    assert getattr(kubecrd.testing, name).__doc__


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(AttributeError, match=r"^module 'kubecrd.testing' has no attribute 'asert_valid'$"):
        _ = kubecrd.testing.asert_valid
