"""What a request costs the client: processor time through httpx (or httpx2, where it is installed) and through aiohttp.

    python -m benchmarks.transports [--objects N] [--json]

A server in a process of its own answers each GET with one kilobyte; the client's processor time is taken, one request
at a time and a hundred in flight, the transports in turn. The GC runs, as it does for users.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

from benchmarks.figures import print_figures
from kubecrd import Client, Config
from kubecrd.client._httpx import httpx
from kubecrd.client.aiohttp_transport import AiohttpTransport
from kubecrd.client.httpx_transport import HttpxTransport
from kubecrd.resource.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 3
TRANSPORTS = {httpx.__name__: HttpxTransport, "aiohttp": AiohttpTransport}
GET = Request(verb="get", method="GET", path="/")
BODY = b'{"data":"' + b"a" * 1000 + b'"}'
SERVER = """
import asyncio, sys
answer = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%b"
body = sys.stdin.buffer.read()
async def talk(reader, writer):
    try:
        while await reader.readuntil(b"\\r\\n\\r\\n"):
            writer.write(answer % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def answering() -> Iterator[str]:
    """Run the server; gives its URL."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:  # noqa: S603 - our own
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(BODY)
        server.stdin.close()
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


async def microseconds(url: str, name: str, requests: int, in_flight: int) -> float:
    """Give the processor time of one request."""
    config = Config(server=url)
    async with Client(config, transport=TRANSPORTS[name](config)) as client:

        async def ask(times: int) -> None:
            for _ in range(times):
                assert await client.send(GET) == BODY

        await ask(3)
        started = time.process_time()
        async with anyio.create_task_group() as tasks:
            for _ in range(in_flight):
                tasks.start_soon(ask, requests // in_flight)
        return (time.process_time() - started) / (requests // in_flight * in_flight) * 1e6


def measure(objects: int) -> dict[str, float]:
    """Take all figures.

    Args:
        objects: Requests of each round.
    """
    figures: dict[str, float] = {}
    with answering() as url:
        for in_flight in (1, 100):
            best = dict.fromkeys(TRANSPORTS, float("inf"))
            for _ in range(ROUNDS):
                for name in TRANSPORTS:
                    run = anyio.run(microseconds, url, name, max(objects, in_flight), in_flight)
                    best[name] = min(best[name], run)
            for name, figure in best.items():
                figures[f"µs of processor time a GET through {name}, {in_flight} in flight"] = figure
            figures[f"times aiohttp's that is, {in_flight} in flight"] = best[httpx.__name__] / best["aiohttp"]
    return figures


if __name__ == "__main__":
    print_figures(measure, about=__doc__, objects="requests of each round")
