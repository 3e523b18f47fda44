"""A server in a process of its own: what signals do to it, and what it remembers when it is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import contextmanager

import anyio
import pytest

from kubecrd.client._httpx import httpx
from tests.server.helpers import DEFINITIONS, definition

THINGS = "/apis/shop.example.com/v1/namespaces/default/things"
WRITERS = 8


@contextmanager
def process(folder):
    """A server on *folder*, killed at the end if it is still there."""
    command = [sys.executable, "-m", "tests.server.serving", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            url = running.stdout.readline().strip()
            assert url, running.stderr.read()
            yield running, url
        finally:
            running.kill()


def define(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        assert client.post(DEFINITIONS, json=definition()).status_code == 201
        while client.get(THINGS).status_code != 200:
            pass


class Writers:
    """Clients that write until the server is gone, and remember what it acknowledged."""

    def __init__(self, url: str):
        self.url = url
        self.kept: dict[str, dict | None] = {}
        self.revisions: list[int] = []
        self.unsure: set[str] = set()
        self.acknowledged = 0

    async def write(self, number: int, tell: anyio.Event, after: int) -> None:
        choose = random.Random(number)
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            for turn in range(100_000):
                name = f"w{number}-{choose.randrange(30)}"
                try:
                    await self.change(client, name, turn)
                except httpx.TransportError:
                    self.unsure.add(name)
                    return
                self.acknowledged += 1
                if self.acknowledged >= after:
                    tell.set()

    async def change(self, client: httpx.AsyncClient, name: str, turn: int) -> None:
        known = self.kept.get(name)
        body = {"apiVersion": "shop.example.com/v1", "kind": "Thing", "metadata": {"name": name}}
        body["spec"] = {"size": turn + 1}
        if known is None:
            answer = await client.post(THINGS, json=body)
        elif turn % 3:
            body["metadata"]["resourceVersion"] = known["metadata"]["resourceVersion"]
            answer = await client.put(f"{THINGS}/{name}", json=body)
        else:
            answer = await client.delete(f"{THINGS}/{name}")
            assert answer.status_code == 200
            self.kept[name] = None
            return
        assert answer.status_code in {200, 201}, answer.text
        self.kept[name] = answer.json()
        self.revisions.append(int(answer.json()["metadata"]["resourceVersion"]))


async def write_until_killed(running, url: str, after: int) -> Writers:
    writers, enough = Writers(url), anyio.Event()
    async with anyio.create_task_group() as tasks:
        for number in range(WRITERS):
            tasks.start_soon(writers.write, number, enough, after)
        await enough.wait()
        running.send_signal(signal.SIGKILL)
    return writers


@pytest.mark.anyio
@pytest.mark.parametrize("after", [1, 47, 400])
async def test_a_killed_server_has_lost_nothing_it_acknowledged(tmp_path, after):
    """The kill falls among eight clients that write; only what was not answered may be either way."""
    with anyio.fail_after(60):
        with process(tmp_path) as (running, url):
            define(url)
            writers = await write_until_killed(running, url, after)

        with process(tmp_path) as (_, url), httpx.Client(base_url=url) as client:
            there = client.get(THINGS).json()
            made = client.post(
                THINGS, json={"apiVersion": "shop.example.com/v1", "kind": "Thing", "metadata": {"name": "later"}}
            ).json()

    sure = {name: obj for name, obj in writers.kept.items() if obj is not None and name not in writers.unsure}
    found = {obj["metadata"]["name"]: obj for obj in there["items"]}
    assert writers.acknowledged >= after
    assert {name: obj for name, obj in found.items() if name not in writers.unsure} == sure
    assert int(there["metadata"]["resourceVersion"]) >= max(writers.revisions)
    assert int(made["metadata"]["resourceVersion"]) > max(writers.revisions)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_with_its_watches_and_exit_code_0(tmp_path, number):
    with process(tmp_path) as (running, url):
        with httpx.Client(base_url=url) as client:
            namespaces = "/api/v1/namespaces"
            with client.stream("GET", namespaces, params={"watch": "1", "resourceVersion": "0"}) as answer:
                lines = answer.iter_lines()
                next(lines)
                running.send_signal(number)
                list(lines)
        code = running.wait(timeout=10)

        assert (code, running.stderr.read()) == (0, "")
