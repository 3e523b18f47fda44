"""Namespaces: what comes with them, and what goes with them."""

from __future__ import annotations

import pytest

from tests.server.helpers import GROUP, Things, until_gone

pytestmark = pytest.mark.anyio

NAMESPACES = "/api/v1/namespaces"


async def make(client, name: str, **body) -> dict:
    answer = await client.post(NAMESPACES, json={"metadata": {"name": name}, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_fresh_server_has_four(client):
    items = (await client.get(NAMESPACES)).json()["items"]

    assert [item["metadata"]["name"] for item in items] == ["default", "kube-node-lease", "kube-public", "kube-system"]


async def test_a_new_namespace_is_active_and_labelled(client):
    made = await make(client, "shop", status={"phase": "Terminating"})

    assert made["metadata"]["labels"] == {"kubernetes.io/metadata.name": "shop"}
    assert made["spec"] == {"finalizers": ["kubernetes"]}
    assert made["status"] == {"phase": "Active"}


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_some_namespaces_cannot_be_deleted(client, name):
    answer = await client.delete(f"{NAMESPACES}/{name}")

    assert answer.status_code == 403
    assert answer.json()["message"] == f'namespaces "{name}" is forbidden: this namespace may not be deleted'


async def test_a_deleted_namespace_takes_its_objects_along(things: Things):
    await make(things.client, "shop")
    await things.client.post(things.path.replace("default", "shop"), json=things.document("a"))

    answer = await things.client.delete(f"{NAMESPACES}/shop")
    await until_gone(things.client, NAMESPACES, "shop")

    assert answer.json()["kind"] == "Namespace"
    assert answer.json()["status"] == {"phase": "Terminating"}
    assert (await things.client.get(f"/apis/{GROUP}/v1/things")).json()["items"] == []


async def test_nothing_new_comes_into_a_namespace_that_is_going(things: Things):
    await make(things.client, "shop")
    path = things.path.replace("default", "shop")
    await things.client.post(path, json=things.document("a", finalizers=["shop.example.com/clean"]))
    await things.client.delete(f"{NAMESPACES}/shop")

    answer = await things.client.post(path, json=things.document("b"))

    assert answer.status_code == 403
    assert answer.json()["message"] == (
        f'things.{GROUP} "b" is forbidden: unable to create new content in namespace shop because it is being terminated'
    )
    assert answer.json()["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace shop is being terminated",
            "field": "metadata.namespace",
        }
    ]


async def test_finalizers_of_a_namespace_change_through_finalize_only(client):
    made = await make(client, "shop")

    kept = (await client.put(f"{NAMESPACES}/shop", json=made | {"spec": {}})).json()
    emptied = (await client.put(f"{NAMESPACES}/shop/finalize", json=made | {"spec": {"finalizers": []}})).json()

    assert kept["spec"] == {"finalizers": ["kubernetes"]}
    assert emptied["spec"] == {}


async def test_a_finalizer_of_a_namespace_must_be_qualified(client):
    made = await make(client, "shop")

    answer = await client.put(f"{NAMESPACES}/shop/finalize", json=made | {"spec": {"finalizers": ["mine"]}})

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        'Namespace "shop" is invalid: spec.finalizers[0]: Invalid value: "mine": '
        "name is neither a standard finalizer name nor is it fully qualified"
    )


async def test_a_phase_follows_from_the_deletion(client):
    made = await make(client, "shop")

    answer = await client.put(f"{NAMESPACES}/shop/status", json=made | {"status": {"phase": "Terminating"}})

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        'Namespace "shop" is invalid: status.Phase: Invalid value: "Terminating": '
        "may only be 'Active' if `deletionTimestamp` is empty"
    )


async def test_the_name_of_a_namespace_is_a_label(client):
    name = "x" * 64

    answer = await client.post(NAMESPACES, json={"metadata": {"name": name}})

    assert answer.status_code == 422
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == ["metadata.name", "metadata.labels"]


async def test_the_label_of_a_namespace_is_put_back(client):
    await make(client, "shop")

    answer = await client.patch(
        f"{NAMESPACES}/shop",
        content=b'{"metadata":{"labels":{"kubernetes.io/metadata.name":"other"}}}',
        headers={"Content-Type": "application/merge-patch+json"},
    )

    assert answer.json()["metadata"]["labels"] == {"kubernetes.io/metadata.name": "shop"}
