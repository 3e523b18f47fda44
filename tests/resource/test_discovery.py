"""Discovery documents are read; those of the embedded server are what is read."""

from __future__ import annotations

import pytest

from kubecrd import ApiResource
from kubecrd.client._httpx import httpx
from kubecrd.resource.discovery import read_aggregated_discovery, read_resource_list
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
DEPLOYMENTS = ApiResource("apps", "v1", "Deployment", "deployments")

pytestmark = pytest.mark.anyio


async def answer(path: str, accept: str = "application/json") -> dict:
    async with (
        ApiServer() as server,
        httpx.AsyncClient(transport=InProcessTransport(server), base_url="http://x") as http,
    ):
        return (await http.get(path, headers={"Accept": accept})).json()


@pytest.mark.kube_rs("K134")
async def test_a_list_of_resources_tells_kinds_with_their_subresources():
    found = {each.resource: each for each in read_resource_list(await answer("/apis/apps/v1"))}
    deployments = found[DEPLOYMENTS]

    assert deployments.short_names == ("deploy",)
    assert deployments.singular == "deployment"
    assert "all" in deployments.categories
    assert deployments.supports("watch")
    assert deployments.supports("patch", "scale")
    assert not deployments.supports("watch", "scale")
    assert not deployments.supports("get", "exec")


@pytest.mark.kube_rs("K134")
async def test_one_answer_tells_all_groups():
    found = {each.resource: each for each in read_aggregated_discovery(await answer("/apis", AGGREGATED))}
    listed = {each.resource: each for each in read_resource_list(await answer("/apis/apps/v1"))}

    assert found[DEPLOYMENTS] == listed[DEPLOYMENTS]
    assert not found[
        ApiResource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False)
    ].resource.namespaced


@pytest.mark.kube_rs("K134")
async def test_a_group_that_does_not_answer_hides_no_other():
    resource = {
        "resource": "pizzas",
        "responseKind": {"group": "", "version": "", "kind": "Pizza"},
        "scope": "Namespaced",
        "verbs": ["get"],
    }
    versions = [
        {"version": "v2", "freshness": "Stale", "resources": [resource]},
        {"version": "v1", "freshness": "Current", "resources": [resource]},
    ]
    document = {"items": [{"metadata": {"name": "shop.example.com"}, "versions": versions}]}

    found = read_aggregated_discovery(document)

    assert [each.resource for each in found] == [ApiResource("shop.example.com", "v1", "Pizza", "pizzas")]
