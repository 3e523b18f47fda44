"""A server on a socket, in this process: what clients reach, how it ends, and the kubeconfig for it."""

from __future__ import annotations

import json
import logging
import socket
import stat
import sys
import time

import anyio
import anyio.lowlevel
import pytest
import yaml

from kubecrd.client._httpx import httpx
from kubecrd.errors import ConfigError, MissingExtraError
from kubecrd.server.app import ApiServer
from kubecrd.server.process import kubeconfig, running_server, serve, write_kubeconfig
from tests.server.helpers import DEFINITIONS, definition

THINGS = "/apis/shop.example.com/v1/namespaces/default/things"


def thing(name: str, **spec) -> dict:
    return {"apiVersion": "shop.example.com/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec}


class Serving:
    """A server that is told to stop, and waited for."""

    def __init__(self, tasks):
        self.tasks = tasks
        self.stop = anyio.Event()
        self.ended = anyio.Event()
        self.url = ""

    async def start(self, server: ApiServer | None = None) -> str:
        ready = anyio.Event()

        async def run() -> None:
            await serve(server or ApiServer(), ready=self.remember(ready), stop=self.stop)
            self.ended.set()

        self.tasks.start_soon(run)
        await ready.wait()
        return self.url

    def remember(self, ready):
        def remember(url: str) -> None:
            self.url = url
            ready.set()

        return remember


@pytest.fixture
async def serving():
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            serving = Serving(tasks)
            yield serving
            serving.stop.set()


async def define(client: httpx.AsyncClient) -> None:
    assert (await client.post(DEFINITIONS, json=definition())).status_code == 201
    while (await client.get(THINGS)).status_code != 200:
        await anyio.lowlevel.checkpoint()


@pytest.mark.anyio
async def test_a_free_port_is_taken_and_told(serving):
    url = await serving.start()

    assert url.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/api/v1/namespaces/default")
    assert (answer.status_code, answer.json()["metadata"]["name"]) == (200, "default")
    assert "server" not in answer.headers


@pytest.mark.anyio
async def test_one_connection_serves_many_requests(serving):
    url = await serving.start()
    limits = httpx.Limits(max_connections=1)

    async with httpx.AsyncClient(base_url=url, limits=limits) as client:
        await define(client)
        for name in ("a", "b", "c"):
            assert (await client.post(THINGS, json=thing(name))).status_code == 201
        names = [item["metadata"]["name"] for item in (await client.get(THINGS)).json()["items"]]

    assert names == ["a", "b", "c"]


@pytest.mark.anyio
async def test_a_large_body_arrives_whole_in_both_directions(serving):
    url = await serving.start()
    toppings = [f"topping-{number:07}" for number in range(60_000)]

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await define(client)
        made = await client.post(THINGS, json=thing("large", toppings=toppings))
        read = await client.get(f"{THINGS}/large")

    assert made.status_code == 201
    assert read.json()["spec"]["toppings"] == toppings


@pytest.mark.anyio
async def test_open_watches_end_in_good_order_when_the_server_stops(serving, caplog):
    url = await serving.start()
    lines = []

    with caplog.at_level(logging.WARNING):
        async with httpx.AsyncClient(base_url=url, timeout=None) as client:
            await define(client)
            await client.post(THINGS, json=thing("a"))
            async with client.stream("GET", THINGS, params={"watch": "1", "resourceVersion": "0"}) as answer:
                async for line in answer.aiter_lines():
                    lines.append(json.loads(line))
                    serving.stop.set()
        with anyio.fail_after(3):
            await serving.ended.wait()

    assert [(line["type"], line["object"]["metadata"]["name"]) for line in lines] == [("ADDED", "a")]
    assert caplog.records == []


@pytest.mark.anyio
async def test_a_request_that_is_being_answered_is_answered_when_the_server_stops(serving):
    begun, go = anyio.Event(), anyio.Event()

    server = ApiServer()

    class Waiting:
        """The server, but a request waits until it is let go."""

        async def __aenter__(self):
            return await server.__aenter__()

        async def __aexit__(self, *error):
            return await server.__aexit__(*error)

        async def __call__(self, scope, receive, send):
            begun.set()
            await go.wait()
            await server(scope, receive, send)

    url = await serving.start(Waiting())

    async with httpx.AsyncClient(base_url=url) as client, anyio.create_task_group() as tasks:

        async def stop() -> None:
            await begun.wait()
            serving.stop.set()
            go.set()

        tasks.start_soon(stop)
        answer = await client.get("/api/v1/namespaces/default")

    assert answer.status_code == 200


@pytest.mark.anyio
async def test_no_part_of_an_answer_waits_for_an_acknowledgement(serving):
    """Headers and body leave in two parts: with Nagle's algorithm on, each answer but the first few takes 40 ms.

    The quickest tells: a busy machine delays some, the algorithm all.
    """
    url = await serving.start()

    async with httpx.AsyncClient(base_url=url) as client:
        spent = []
        for _ in range(20):
            started = time.perf_counter()
            await client.get("/api/v1/namespaces/default")
            spent.append(time.perf_counter() - started)

    assert min(spent[10:]) < 0.030


@pytest.mark.anyio
async def test_a_port_that_is_taken_is_named_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as error:
            await serve(ApiServer(), port=port)

    assert str(error.value) == f"127.0.0.1:{port}: Address already in use; choose another port, or 0 for any free one"


@pytest.mark.anyio
async def test_a_port_that_cannot_be_is_named():
    with pytest.raises(ConfigError) as error:
        await serve(ApiServer(), port=70_000)

    message = "127.0.0.1:70000: there is no such port; choose one up to 65535, or 0 for any free one"
    assert str(error.value) == message


@pytest.mark.anyio
async def test_what_is_raised_when_the_server_is_ready_ends_it_as_itself():
    def ready(url: str) -> None:
        raise ConfigError(f"not {url[:4]}")

    with pytest.raises(ConfigError, match=r"^not http$"):
        await serve(ApiServer(), ready=ready)


@pytest.mark.anyio
async def test_without_uvicorn_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    with pytest.raises(MissingExtraError) as error:
        await serve(ApiServer())

    assert str(error.value) == (
        "listening on a socket needs uvicorn, which is not installed; pip install 'kubecrd-toolkit[server]', "
        "or reach the server in process through kubecrd.server.inprocess.InProcessTransport"
    )


def test_a_server_runs_beside_a_test_that_blocks():
    with running_server() as url, httpx.Client(base_url=url) as client:
        assert client.get("/api/v1/namespaces/default").status_code == 200

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_server_that_cannot_start_says_so_where_it_is_asked_for():
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(ConfigError, match="Address already in use"),
        running_server(port=other.getsockname()[1]),
    ):
        pass


def test_a_server_that_is_made_by_hand_asks_for_its_token():
    with running_server(lambda: ApiServer(token="secret")) as url:
        assert httpx.get(f"{url}/api/v1/namespaces").status_code == 401
        headers = {"Authorization": "Bearer secret"}
        assert httpx.get(f"{url}/api/v1/namespaces", headers=headers).status_code == 200


def test_a_kubeconfig_names_one_context_and_uses_it():
    document = kubeconfig("http://127.0.0.1:1", token="secret")

    assert document["current-context"] == document["contexts"][0]["name"]
    assert document["clusters"][0]["cluster"] == {"server": "http://127.0.0.1:1"}
    assert document["users"][0]["user"] == {"token": "secret"}


@pytest.mark.parametrize("there", [False, True])
def test_a_kubeconfig_is_for_its_owner_only(tmp_path, there):
    path = tmp_path / "config"
    if there:
        path.write_text("old: " + "x" * 10_000)
        path.chmod(0o644)

    write_kubeconfig(path, "http://127.0.0.1:1", token="secret")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert yaml.safe_load(path.read_text()) == kubeconfig("http://127.0.0.1:1", token="secret")


def test_a_kubeconfig_that_cannot_be_written_is_named(tmp_path):
    path = tmp_path / "missing" / "config"

    with pytest.raises(ConfigError) as error:
        write_kubeconfig(path, "http://127.0.0.1:1")

    assert str(error.value) == f"kubeconfig {str(path)!r}: No such file or directory"
