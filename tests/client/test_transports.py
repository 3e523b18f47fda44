"""Whichever HTTP library is beneath, a client does the same over a real socket."""

import traceback

import anyio
import pytest

from kubecrd import Api, Client, Config, ObjectMeta
from kubecrd.client.aiohttp_transport import AiohttpTransport
from kubecrd.client.httpx_transport import HttpxTransport
from kubecrd.client.retry import RetryPolicy
from kubecrd.errors import ConfigError, ConflictError, MissingExtraError, TimedOutError, TransportError
from kubecrd.k8s.core.v1 import ConfigMap
from kubecrd.resource.events import Added, Modified
from kubecrd.resource.patches import MergePatch
from kubecrd.resource.request import Request
from kubecrd.server.process import running_server

pytestmark = pytest.mark.anyio
GET = Request(verb="get", method="GET", path="/healthz")
ONCE = RetryPolicy(tries=1)


@pytest.fixture(params=[HttpxTransport, AiohttpTransport])
def transport(request):
    return request.param


@pytest.fixture(scope="module")
def url():
    with running_server() as url:
        yield url


class Raw:
    """Says *answer* to everybody who connects, byte for byte, then hangs up unless it *stays*."""

    def __init__(self, *answer, stays=False):
        self._answer, self._stays = answer, stays
        self.asked = []

    async def __call__(self, stream):
        async with stream:
            self.asked.append(await stream.receive())
            for piece in self._answer:
                await stream.send(piece)
                await anyio.sleep(0.01)
            if self._stays:
                await anyio.sleep_forever()


class Listening:
    """Serves a `Raw` on a port."""

    def __init__(self, raw):
        self._raw = raw

    async def __aenter__(self):
        self._listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        self._tasks = await anyio.create_task_group().__aenter__()
        self._tasks.start_soon(self._listener.serve, self._raw)
        return f"http://127.0.0.1:{self._listener.extra(anyio.abc.SocketAttribute.local_port)}"

    async def __aexit__(self, *error):
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._listener.aclose()


def speaking(transport, url, **options):
    config = Config(server=url)
    return Client(config, transport=transport(config), retry=ONCE, **options)


async def read_into(read, client, *, idle_timeout):
    async with client.stream(GET, idle_timeout=idle_timeout) as lines:
        async for line in lines:
            read.append(line)


async def test_objects_are_written_and_watched(transport, url):
    name = f"written-{transport.__name__.lower()}"
    async with speaking(transport, url) as client:
        api = Api(client, ConfigMap, namespace="default")
        made = await api.create(ConfigMap(metadata=ObjectMeta(name=name), data={"a.b": "1"}))
        async with api.watch(since=made.metadata.resource_version) as events:
            await api.patch(name, MergePatch({"data": {"a.b": "2"}}))
            async for event in events:
                assert isinstance(event, Modified)
                assert event.object.data == {"a.b": "2"}
                break
        with pytest.raises(ConflictError):
            await api.replace(made)


async def test_watches_take_no_place_in_the_pool(transport, url):
    async with speaking(transport, url) as client, anyio.create_task_group() as tasks:
        api = Api(client, ConfigMap, namespace="default")
        opened, all_open = [], anyio.Event()

        async def watch():
            async with api.watch() as events:
                async for event in events:
                    assert isinstance(event, Added)
                    opened.append(event)
                    if len(opened) == 120:  # more than either pool holds
                        all_open.set()
                    await anyio.sleep_forever()

        await api.apply(ConfigMap(metadata=ObjectMeta(name="seen")), field_manager="test")
        for _ in range(120):
            tasks.start_soon(watch)
        with anyio.fail_after(20):
            await all_open.wait()
            await api.get("seen")
        tasks.cancel_scope.cancel()


async def test_a_path_is_sent_as_it_is(transport):
    raw = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    async with Listening(raw) as url, speaking(transport, url + "/k8s/clusters/c-1/") as client:
        await client.send(
            Request(verb="get", method="GET", path="/api/v1/x%2Fy", query={"labelSelector": "a in (b,c)"})
        )

    assert raw.asked[0].startswith(
        b"GET /k8s/clusters/c-1/api/v1/x%2Fy?labelSelector=a%20in%20%28b%2Cc%29 HTTP/1.1\r\n"
    )
    assert b"\r\nUser-Agent: kubecrd/" in raw.asked[0]


async def test_every_warning_is_told(transport):
    told = []
    raw = Raw(b'HTTP/1.1 200 OK\r\nWarning: 299 - "one"\r\nWarning: 299 - "two"\r\nContent-Length: 2\r\n\r\n{}')
    async with Listening(raw) as url, speaking(transport, url, on_warning=told.append) as client:
        await client.send(GET)

    assert told == ["one", "two"]


async def test_a_redirection_is_not_followed_with_credentials(transport):
    raw = Raw(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")
    async with Listening(raw) as url, transport(Config(server=url)) as sent:
        answer = await sent.send(GET, seconds=5)

    assert answer.status == 302


async def test_an_answer_that_is_not_in_time_is_told(transport):
    async with Listening(Raw(stays=True)) as url, speaking(transport, url, timeout=0.05) as client:
        with pytest.raises(TimedOutError, match=r"^get /healthz: "):
            await client.send(GET)


async def test_a_stream_that_falls_silent_is_told(transport):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with Listening(Raw(head, b"3\r\n{}\n\r\n", stays=True)) as url, speaking(transport, url) as client:
        read = []
        with pytest.raises(TimedOutError, match=r"^get /healthz: "):
            await read_into(read, client, idle_timeout=0.2)

    assert read == [b"{}"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"], ids=["nothing", "half"])
async def test_a_connection_that_breaks_is_told(transport, answer):
    async with Listening(Raw(answer)) as url, speaking(transport, url) as client:
        with pytest.raises(TransportError, match=r"^create /healthz: "):
            await client.send(Request(verb="create", method="POST", path="/healthz", body=b"{}"))


async def test_a_stream_that_breaks_is_told_after_what_came(transport):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with Listening(Raw(head, b"8\r\n{}\n{}\n{}\r\n")) as url, speaking(transport, url) as client:
        read = []
        with pytest.raises(TransportError, match=r"^get /healthz: "):
            await read_into(read, client, idle_timeout=5)

    assert read[:2] == [b"{}", b"{}"]


async def test_nobody_there_is_told(transport):
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    await listener.aclose()

    async with speaking(transport, f"http://127.0.0.1:{port}") as client:
        with pytest.raises(TransportError, match=r"^get /healthz: "):
            await client.send(GET)


async def test_the_password_of_a_proxy_that_refuses_is_not_shown(transport):
    raw = Raw(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    async with Listening(raw) as proxy:
        config = Config(server="https://c", proxy_url=proxy.replace("//", "//joe:s3cret@"))
        async with Client(config, transport=transport(config), retry=ONCE) as client:
            with pytest.raises(TransportError) as caught:
                await client.send(GET)

    assert str(caught.value) == "get /healthz: 407 Proxy Authentication Required"
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


async def test_aiohttp_speaks_to_no_socks_proxy():
    config = Config(server="http://c", proxy_url="socks5://joe:pw@proxy")

    with pytest.raises(ConfigError) as caught:
        AiohttpTransport(config)

    assert str(caught.value) == "proxy_url: aiohttp speaks to HTTP proxies only; use HttpxTransport for a SOCKS proxy"


async def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("kubecrd._extras.find_spec", lambda _: None)

    with pytest.raises(MissingExtraError) as caught:
        AiohttpTransport(Config(server="http://c"))

    assert str(caught.value) == (
        "AiohttpTransport needs aiohttp, which is not installed; pip install 'kubecrd-toolkit[fast]', or leave it to httpx"
    )
