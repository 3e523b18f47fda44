"""Requests and answers between a client and an application in one event loop, as on a socket."""

from __future__ import annotations

import json

import anyio
import anyio.lowlevel
import pytest

from kubecrd.client._httpx import httpx
from kubecrd.server.inprocess import InProcessTransport

pytestmark = pytest.mark.anyio


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(piece: bytes, *, more: bool = False) -> dict:
    return {"type": "http.response.body", "body": piece, "more_body": more}


async def everything(receive) -> list[dict]:
    messages = [await receive()]
    while messages[-1]["more_body"]:
        messages.append(await receive())
    return messages


def connected(app, **options) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=InProcessTransport(app), base_url="http://server", **options)


async def echo(scope, receive, send):
    """Say what the application was told."""
    messages = await everything(receive)
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "pieces": [message["body"].decode() for message in messages],
    }
    await send(start(201, (b"x-told", b"all")))
    await send(body(json.dumps(told).encode()))


class Ticking:
    """An application that sends a line whenever it is told to, and remembers how it ended."""

    def __init__(self):
        self.tick = anyio.Semaphore(0)
        self.sent = 0
        self.disconnected = anyio.Event()
        self.ended = anyio.Event()

    async def __call__(self, _scope, receive, send):
        try:
            await everything(receive)
            await send(start())
            await send(body(b"", more=True))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.leave, receive)
                while True:
                    await self.tick.acquire()
                    await send(body(b"%d\n" % self.sent, more=True))
                    self.sent += 1
        finally:
            self.ended.set()

    async def leave(self, receive):
        assert (await receive())["type"] == "http.disconnect"
        self.disconnected.set()


@pytest.fixture(autouse=True)
async def _patience():
    with anyio.fail_after(20):
        yield


async def test_the_application_is_told_what_is_asked():
    async with connected(echo) as client:
        answer = await client.put("/a%20b/c?x=1&y=%2F", content=b"body", headers={"X-Name": "Value"})

    told = answer.json()
    assert (answer.status_code, answer.headers["x-told"]) == (201, "all")
    assert (told["method"], told["path"], told["raw_path"]) == ("PUT", "/a b/c", "/a%20b/c")
    assert (told["query"], told["pieces"]) == ("x=1&y=%2F", ["body"])
    assert told["headers"]["x-name"] == "Value"
    assert told["headers"]["host"] == "server"


async def test_a_request_without_a_body_has_an_empty_one():
    async with connected(echo) as client:
        assert (await client.get("/")).json()["pieces"] == [""]


async def test_the_body_of_a_request_reaches_the_application_in_pieces():
    async def pieces():
        yield b"one"
        yield b"two"

    async with connected(echo) as client:
        assert (await client.post("/", content=pieces())).json()["pieces"] == ["one", "two", ""]


async def test_an_answer_begins_when_its_headers_are_sent():
    app = Ticking()

    async with connected(app) as client, client.stream("GET", "/") as answer:
        assert (answer.status_code, app.sent) == (200, 0)


async def test_pieces_are_read_as_they_are_sent():
    app = Ticking()

    async with connected(app) as client, client.stream("GET", "/") as answer:
        lines = answer.aiter_lines()
        for expected in ["0", "1", "2"]:
            app.tick.release()
            assert await anext(lines) == expected
            assert app.sent <= int(expected) + 1


async def test_a_client_that_leaves_ends_the_application():
    app = Ticking()

    async with connected(app) as client:
        async with client.stream("GET", "/"):
            assert not app.ended.is_set()
        await app.ended.wait()


async def test_a_client_that_leaves_is_heard_of():
    heard = []

    async def app(scope, receive, send):
        await everything(receive)
        await send(start())
        await send(body(b"first", more=True))
        with anyio.CancelScope(shield=True):
            heard.append(await receive())

    async with connected(app) as client:
        async with client.stream("GET", "/") as answer:
            assert await anext(answer.aiter_raw()) == b"first"
        while not heard:
            await anyio.lowlevel.checkpoint()

    assert heard == [{"type": "http.disconnect"}]


async def test_an_application_is_not_cut_off_after_an_answer_that_was_read():
    done = []

    async def app(scope, receive, send):
        await send(start())
        await send(body(b"all"))
        await anyio.lowlevel.checkpoint()
        done.append(True)

    async with connected(app) as client:
        assert (await client.get("/")).content == b"all"

    assert done == [True]


async def test_a_writer_waits_for_a_reader_who_is_far_behind():
    app = Ticking()

    async with connected(app) as client, client.stream("GET", "/") as answer:
        for _ in range(100):
            app.tick.release()
        await anyio.wait_all_tasks_blocked()
        assert app.sent < 100
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(100)] == [str(number) for number in range(100)]


async def test_a_large_answer_is_read_whole():
    piece = bytes(range(256)) * 256

    async def app(scope, receive, send):
        await send(start())
        for _ in range(200):
            await send(body(piece, more=True))
        await send(body(b""))

    async with connected(app) as client:
        assert (await client.get("/")).content == piece * 200


async def test_requests_are_answered_side_by_side():
    together = anyio.Event()
    arrived = []

    async def app(scope, receive, send):
        arrived.append(scope["path"])
        if len(arrived) == 50:
            together.set()
        await together.wait()
        await send(start())
        await send(body(scope["path"].encode()))

    answers = {}

    async with connected(app) as client:

        async def ask(path: str) -> None:
            answers[path] = (await client.get(path)).text

        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(ask, f"/{number}")

    assert answers == {f"/{number}": f"/{number}" for number in range(50)}


async def test_what_the_application_raises_before_it_answers_is_raised_by_the_request():
    async def app(scope, receive, send):
        raise ZeroDivisionError("early")

    async with connected(app) as client:
        with pytest.raises(ZeroDivisionError, match="early"):
            await client.get("/")


async def test_what_the_application_raises_amid_its_answer_is_raised_where_it_is_read():
    async def app(scope, receive, send):
        await send(start())
        await send(body(b"half", more=True))
        raise ZeroDivisionError("late")

    async with connected(app) as client, client.stream("GET", "/") as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"half"
        with pytest.raises(ZeroDivisionError, match="late"):
            await anext(pieces)


async def test_an_application_that_does_not_answer_is_no_answer():
    async def app(scope, receive, send):
        pass

    async with connected(app) as client:
        with pytest.raises(httpx.RemoteProtocolError) as error:
            await client.get("/")

    assert str(error.value) == "the application gave no answer"


async def test_an_answer_that_is_not_finished_is_not_taken_for_a_whole_one():
    async def app(scope, receive, send):
        await send(start())
        await send(body(b"half", more=True))

    async with connected(app) as client:
        with pytest.raises(httpx.RemoteProtocolError) as error:
            await client.get("/")

    assert str(error.value) == "the application ended amid its answer"


async def test_an_answer_that_does_not_begin_in_time_is_given_up_and_the_application_with_it():
    ended = anyio.Event()

    async def app(scope, receive, send):
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with connected(app, timeout=0.01) as client:
        with pytest.raises(httpx.ReadTimeout, match="no answer began in time"):
            await client.get("/")
        await ended.wait()


async def test_an_answer_that_does_not_go_on_in_time_is_given_up():
    app = Ticking()

    async with connected(app, timeout=0.01) as client:
        with pytest.raises(httpx.ReadTimeout, match="nothing was sent in time"):
            await client.get("/")
        await app.ended.wait()


async def test_a_request_without_a_time_limit_waits():
    go = anyio.Event()

    async def app(scope, receive, send):
        await go.wait()
        await send(start(204))
        await send(body(b""))

    async with connected(app, timeout=None) as client, anyio.create_task_group() as tasks:

        async def release() -> None:
            await anyio.wait_all_tasks_blocked()
            go.set()

        tasks.start_soon(release)
        assert (await client.get("/")).status_code == 204


async def test_a_request_that_is_cancelled_ends_the_application():
    app_ended = anyio.Event()

    async def app(scope, receive, send):
        try:
            await anyio.sleep_forever()
        finally:
            app_ended.set()

    async with connected(app) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/")
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        await app_ended.wait()


async def test_no_application_outlives_the_client():
    app = Ticking()

    async with connected(app) as client:
        answer = await client.send(client.build_request("GET", "/"), stream=True)

    assert app.ended.is_set()
    with pytest.raises(httpx.RemoteProtocolError):
        await answer.aread()
    await answer.aclose()


async def test_a_transport_that_is_not_open_says_so():
    transport = InProcessTransport(echo)

    with pytest.raises(RuntimeError, match="the transport is not open; use the client in `async with`"):
        await transport.handle_async_request(httpx.Request("GET", "http://server/"))


async def test_a_watch_on_the_server_streams(client, things):
    """The real application: an object that is made later arrives on a watch that is open."""
    path = "/apis/shop.example.com/v1/namespaces/default/things"
    obj = {"apiVersion": "shop.example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"size": 1}}

    async with client.stream("GET", path, params={"watch": "1"}) as answer:
        assert answer.status_code == 200
        assert (await client.post(path, json=obj)).status_code == 201
        event = json.loads(await anext(answer.aiter_lines()))

    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")
