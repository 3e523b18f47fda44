"""What the embedded server costs: writes a second, lists, watches, and the way into it.

    python -m benchmarks.server [--objects N] [--json]

Each figure is the best of a few rounds on one core: the store in memory and over SQLite (each write acknowledged by
the operating system, and with ``durable`` by the disk), lists of the present and of the past, one write seen by many
watches, a request in process and on a socket to an application that does nothing, and requests to the real server.
"""

from __future__ import annotations

import tempfile
import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from benchmarks.figures import print_figures
from kubecrd.client._httpx import httpx
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport
from kubecrd.server.process import running_server
from kubecrd.server.sqlite import SqliteJournal
from kubecrd.server.storage import Key, Store

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
SPEC = {"size": 30, "crust": "thin", "toppings": [{"name": f"topping-{n}", "grams": n} for n in range(20)]}


def key(number: int) -> Key:
    """Give the key of one of many objects, in a hundred namespaces."""
    return Key("shop.example.com", "pizzas", f"team-{number % 100:03}", f"pizza-{number:06}")


def thing(which: Key) -> dict[str, Any]:
    """Make an object of about a kilobyte."""
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Pizza",
        "metadata": {"name": which.name, "namespace": which.namespace, "labels": {"app": "shop"}},
        "spec": SPEC,
    }


def best(run: Callable[[], float]) -> float:
    """Give the least seconds of a few rounds."""
    return min(run() for _ in range(ROUNDS))


def seconds(run: Callable[[], object]) -> float:
    """Time one run."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def fill(store: Store, objects: int) -> None:
    """Create many objects."""
    for number in range(objects):
        store.create(key(number), thing(key(number)))


def writes(objects: int) -> dict[str, float]:
    """Measure how many objects a second are created."""

    def in_memory() -> float:
        store = Store()
        return seconds(lambda: fill(store, objects))

    def on_disk(*, durable: bool) -> float:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(SqliteJournal(folder, durable=durable))
            try:
                return seconds(lambda: fill(store, objects))
            finally:
                store.close()

    return {
        "writes/s, in memory": objects / best(in_memory),
        "writes/s, SQLite": objects / best(lambda: on_disk(durable=False)),
        "writes/s, SQLite, durable": objects / best(lambda: on_disk(durable=True)),
    }


def reads(objects: int) -> dict[str, float]:
    """Measure lists of the present and of the past."""
    store = Store()
    fill(store, objects)
    then = store.revision
    for number in range(min(objects, 1000)):
        store.update(key(number), thing(key(number)))
    group, resource = "shop.example.com", "pizzas"
    assert len(store.list(group, resource, at=then)[0]) == objects
    return {
        "ms, list of all": 1000 * best(lambda: seconds(lambda: store.list(group, resource))),
        "µs, list of one namespace of 100": 1e6
        * best(lambda: seconds(lambda: store.list(group, resource, "team-007"))),
        "ms, list of all, 1,000 writes ago": 1000 * best(lambda: seconds(lambda: store.list(group, resource, at=then))),
    }


async def fan_out(watchers: int, events: int) -> dict[str, float]:
    """Measure how many events a second reach many watches."""
    store = Store()
    seen = 0

    async def follow() -> None:
        nonlocal seen
        following = store.watch("shop.example.com", "pizzas")
        for _ in range(events):
            await anext(following)
            seen += 1

    async with anyio.create_task_group() as tasks:
        for _ in range(watchers):
            tasks.start_soon(follow)
        await anyio.wait_all_tasks_blocked()
        started = time.perf_counter()
        for number in range(events):
            store.create(key(number), thing(key(number)))
            await anyio.lowlevel.checkpoint()
    spent = time.perf_counter() - started
    assert seen == watchers * events
    return {f"events/s, to {watchers} watches": seen / spent}


async def nothing(_scope: Any, receive: Any, send: Any) -> None:
    """Answer as fast as can be."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def request_seconds(client: httpx.AsyncClient, path: str, requests: int) -> float:
    """Measure one request after the other."""
    least = float("inf")
    async with client:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            for _ in range(requests):
                answer = await client.get(path)
                assert answer.status_code == 200
            least = min(least, time.perf_counter() - started)
    return least / requests


async def ways_in(requests: int) -> dict[str, float]:
    """Measure a request to an application that does nothing, and to the server."""
    base, path = "http://server", "/api/v1/namespaces/default"
    idle = httpx.AsyncClient(transport=InProcessTransport(nothing), base_url=base)
    peer = httpx.AsyncClient(transport=httpx.ASGITransport(nothing), base_url=base)
    figures = {
        "µs/request, in process, idle application": 1e6 * await request_seconds(idle, "/", requests),
        "µs/request, httpx.ASGITransport (no streaming)": 1e6 * await request_seconds(peer, "/", requests),
    }
    async with ApiServer() as server:
        client = httpx.AsyncClient(transport=InProcessTransport(server), base_url=base)
        figures["µs/request, GET of an object in process"] = 1e6 * await request_seconds(client, path, requests)
    return figures


def on_a_socket(requests: int) -> dict[str, float]:
    """Measure a request to the server over TCP, both in this process."""
    with running_server() as url:
        client = httpx.AsyncClient(base_url=url)
        spent = anyio.run(request_seconds, client, "/api/v1/namespaces/default", requests)
    return {"µs/request, GET of an object on a socket": 1e6 * spent}


def measure(objects: int) -> dict[str, float]:
    """Take every figure."""
    requests = max(1, objects // 20)
    return {
        **writes(objects),
        **reads(objects * 10),
        **anyio.run(fan_out, 100, max(1, objects // 50)),
        **anyio.run(ways_in, requests),
        **on_a_socket(requests),
    }


if __name__ == "__main__":
    print_figures(measure, about=__doc__, objects="objects to write; lists are of ten times as many")
