"""A definition, and the requests that tests make of its objects."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import msgspec
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = "shop.example.com"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "crust": {"type": "string", "default": "thin"},
                "toppings": {"type": "array", "items": {"type": "string"}},
                "replicas": {"type": "integer"},
            },
        },
        "status": {
            "type": "object",
            "properties": {"phase": {"type": "string"}, "replicas": {"type": "integer"}},
        },
    },
}


def definition(
    plural: str = "things", *, namespaced: bool = True, group: str = GROUP, **version: Any
) -> dict[str, Any]:
    """A definition with one version; *version* overrides parts of it."""
    kind = plural.removesuffix("s").capitalize()
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": SCHEMA},
                    "subresources": {"status": {}},
                    **version,
                }
            ],
        },
    }


async def establish(client: httpx.AsyncClient, crd: dict[str, Any]) -> None:
    """Create a definition, and wait until its kind is served."""
    answer = await client.post(DEFINITIONS, json=crd)
    assert answer.status_code == 201, answer.text
    await until_condition(client, crd["metadata"]["name"], "Established", "True")


async def until_condition(client: httpx.AsyncClient, name: str, kind: str, status: str) -> dict[str, Any]:
    """Watch a definition until one of its conditions has a status."""
    query = {"watch": "1", "fieldSelector": f"metadata.name={name}"}
    async with watching(client, DEFINITIONS, query) as events:
        while True:
            document = (await events.next())["object"]
            for condition in (document.get("status") or {}).get("conditions") or ():
                if (condition["type"], condition["status"]) == (kind, status):
                    return document


async def until_gone(client: httpx.AsyncClient, collection: str, name: str) -> None:
    """Watch an object until it is removed."""
    query = {"watch": "1", "fieldSelector": f"metadata.name={name}"}
    listed = (await client.get(collection, params={"fieldSelector": f"metadata.name={name}"})).json()
    if not listed["items"]:
        return
    query["resourceVersion"] = listed["metadata"]["resourceVersion"]
    async with watching(client, collection, query) as events:
        while (await events.next())["type"] != "DELETED":
            pass


class Events:
    """The events of one watch, one by one."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> dict[str, Any]:
        """The next event; fails when none comes in five seconds."""
        with anyio.fail_after(5):
            return msgspec.json.decode(await anext(self._lines))

    async def rest(self) -> list[dict[str, Any]]:
        """All events until the server ends the stream."""
        with anyio.fail_after(5):
            return [msgspec.json.decode(line) async for line in self._lines]


@asynccontextmanager
async def watching(client: httpx.AsyncClient, path: str, query: dict[str, str] | None = None) -> AsyncIterator[Events]:
    """Watch a collection."""
    async with client.stream("GET", path, params={"watch": "1", **(query or {})}) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Events(answer.aiter_lines())


@frozen
class Things:
    """Requests about objects of one kind in one namespace."""

    client: httpx.AsyncClient
    path: str
    api_version: str = f"{GROUP}/v1"
    kind: str = "Thing"

    @classmethod
    async def define(cls, client: httpx.AsyncClient, **version: Any) -> Things:
        """Establish a kind, and speak of its objects in the default namespace."""
        await establish(client, definition(**version))
        return cls(client, f"/apis/{GROUP}/v1/namespaces/default/things")

    def document(self, name: str, /, spec: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
        """An object as a client would send it."""
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": {"name": name, **metadata},
            "spec": {} if spec is None else spec,
        }

    async def create(self, name: str, /, spec: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
        """Create an object, and give it as the server answers."""
        answer = await self.client.post(self.path, json=self.document(name, spec, **metadata))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def get(self, name: str) -> httpx.Response:
        """Ask for an object."""
        return await self.client.get(f"{self.path}/{name}")

    async def merge(self, name: str, patch: dict[str, Any], **query: str) -> httpx.Response:
        """Change an object by a merge patch."""
        headers = {"Content-Type": "application/merge-patch+json"}
        return await self.client.patch(f"{self.path}/{name}", json=patch, headers=headers, params=query)
