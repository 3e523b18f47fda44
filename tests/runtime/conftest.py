"""A server in this process, with a kind to work on."""

from __future__ import annotations

import pytest

from kubecrd import Api, Client, CustomResourceDefinition, Resource, custom_resource, kube_schema
from kubecrd.runtime.waiting import wait_for
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport


@kube_schema
class CakeSpec:
    layers: int = 1
    icing: str | None = None


@kube_schema
class CakeStatus:
    baked: int | None = None


@custom_resource(group="shop.example.com", version="v1")
class Cake(Resource):
    spec: CakeSpec
    status: CakeStatus | None = None


@pytest.fixture
async def client():
    """Speaks to a new server in which cakes are defined."""
    async with ApiServer() as server, Client(transport=InProcessTransport(server)) as client:
        definitions = Api(client, CustomResourceDefinition)
        await definitions.create(Cake.crd())

        def is_established(crd):
            return crd.status is not None and crd.status.is_true("Established")

        await wait_for(definitions, "cakes.shop.example.com", is_established, seconds=5)
        yield client
