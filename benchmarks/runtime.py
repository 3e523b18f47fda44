"""What the client and the runtime cost: objects through a list, the queue, a watch, and reconciles a second.

    python -m benchmarks.runtime [--objects N] [--json]

Each figure is the best of a few rounds on one core. Lists and watches are answered from bytes made before, so that only
the client's side is timed; the reconciles are against the embedded server in this process, which does its part on the
same core: each of them writes a status, and is told of it once more by its own watch.
"""

from __future__ import annotations

import time
from typing import Any

import anyio
import msgspec

from benchmarks.figures import print_figures
from kubecrd import (
    Api,
    Client,
    Controller,
    CustomResourceDefinition,
    ObjectMeta,
    Resource,
    custom_resource,
    kube_schema,
)
from kubecrd.client._httpx import httpx
from kubecrd.resource.params import ListParams
from kubecrd.runtime.waiting import wait_for
from kubecrd.runtime.workqueue import WorkQueue
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport

ROUNDS = 3


@kube_schema
class CakeSpec:
    """What to bake."""

    layers: int = 1
    notes: dict[str, str] | None = None


@kube_schema
class CakeStatus:
    """What was baked."""

    baked: int | None = None


@custom_resource(group="shop.example.com", version="v1")
class Cake(Resource):
    """A cake."""

    spec: CakeSpec
    status: CakeStatus | None = None


def document(number: int) -> dict[str, Any]:
    """Make a cake as a server gives it."""
    owners = [{"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:layers": {}, "f:notes": {}}}}]
    metadata = {
        "name": f"cake-{number:06}",
        "namespace": "default",
        "uid": f"uid-{number}",
        "resourceVersion": str(number + 1),
        "labels": {"app": "shop"},
        "managedFields": owners,
    }
    spec = {"layers": number % 9, "notes": {f"note-{n}": "x" * 20 for n in range(10)}}
    return {"apiVersion": "shop.example.com/v1", "kind": "Cake", "metadata": metadata, "spec": spec, "status": {}}


async def through_client(objects: int) -> dict[str, float]:
    """Measure a list of all and a watch of as many events, through client and decoding."""
    items = [document(number) for number in range(objects)]
    page = msgspec.json.encode({"kind": "CakeList", "metadata": {"resourceVersion": "9"}, "items": items})
    stream = b"".join(msgspec.json.encode({"type": "ADDED", "object": item}) + b"\n" for item in items)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=stream if "watch" in request.url.params else page)

    listing = watching = float("inf")
    async with Client(transport=httpx.MockTransport(answer)) as client:
        cakes = Api(client, Cake)
        for _ in range(ROUNDS):
            started = time.perf_counter()
            assert len(await cakes.list(ListParams())) == objects
            listing = min(listing, time.perf_counter() - started)
            started, seen = time.perf_counter(), 0
            async with cakes.watch("1") as events:
                async for _event in events:
                    seen += 1
            assert seen == objects
            watching = min(watching, time.perf_counter() - started)
    return {"objects/s, list through Api": objects / listing, "events/s, watch through Api": objects / watching}


def queue(objects: int) -> float:
    """Measure how many keys a second are asked for, run and noted as done."""
    least = float("inf")
    for _ in range(ROUNDS):
        waiting: WorkQueue[int] = WorkQueue()
        started = time.perf_counter()
        for key in range(objects):
            waiting.add(key, 0.0)
        while (found := waiting.pop(1.0)) is not None:
            waiting.done(found[0], 1.0)
        least = min(least, time.perf_counter() - started)
    return objects / least


async def reconciles(objects: int) -> dict[str, float]:
    """Measure from the start of a controller until every object that was there has its status written."""
    controller, baked, stop = Controller(Cake), set[str | None](), anyio.Event()

    @controller.reconciler
    async def bake(cake: Cake, ctx: Any) -> None:
        if cake.status is not None and cake.status.baked == cake.spec.layers:
            baked.add(cake.metadata.name)
            if len(baked) == objects:
                stop.set()
        cake.status = CakeStatus(baked=cake.spec.layers)
        await ctx.patch_status(cake)

    async with ApiServer() as server, Client(transport=InProcessTransport(server)) as client:
        definitions, cakes = Api(client, CustomResourceDefinition), Api(client, Cake)
        await definitions.create(Cake.crd())
        await wait_for(definitions, "cakes.shop.example.com", _is_established, seconds=10)
        for number in range(objects):
            await cakes.create(Cake(metadata=ObjectMeta(name=f"cake-{number}"), spec=CakeSpec(layers=number % 9)))
        started = time.perf_counter()
        await controller.run(client, stop=stop)
        spent = time.perf_counter() - started
    assert controller.counts.failures == 0
    return {
        "objects/s, reconciled with a status written": objects / spent,
        "reconciles/s, with half of them writing": controller.counts.runs / spent,
    }


def _is_established(crd: CustomResourceDefinition | None) -> bool:
    return crd is not None and crd.status is not None and crd.status.is_true("Established")


def measure(objects: int) -> dict[str, float]:
    """Take every figure."""
    return {
        **anyio.run(through_client, objects),
        "keys/s, through the queue": queue(objects * 10),
        **anyio.run(reconciles, max(1, objects // 10)),
    }


if __name__ == "__main__":
    print_figures(measure, about=__doc__, objects="objects to list; a tenth of them are reconciled")
