"""Sending: what is tried again and when, what failures become, what is told of warnings."""

import logging

import pytest

from kubecrd import Client, Config
from kubecrd.client._httpx import httpx
from kubecrd.client.credentials import Token, TokenFile
from kubecrd.client.failures import failure_of, warnings_in
from kubecrd.client.retry import RetryPolicy
from kubecrd.errors import (
    ConflictError,
    InternalServerError,
    NotFoundError,
    ServiceUnavailableError,
    StatusError,
    TimedOutError,
    TooManyRequestsError,
    TransportError,
    UnauthorizedError,
)
from kubecrd.resource.request import Request
from tests.client.scripted import Script, lines, status

GET = Request(verb="get", method="GET", path="/api/v1/pods/a")
CREATE = Request(verb="create", method="POST", path="/api/v1/pods", body=b"{}")
OK = httpx.Response(200, json={})
AT_ONCE = RetryPolicy(first=0.0)


async def send(script, request=GET, **options):
    async with Client(transport=script.transport, retry=AT_ONCE, **options) as client:
        return await client.send(request)


@pytest.mark.anyio
async def test_a_request_goes_through_in_the_end():
    script = Script([httpx.ConnectError("refused"), status(503, "ServiceUnavailable"), OK])

    await send(script)

    assert len(script.asked) == 3


@pytest.mark.anyio
async def test_a_create_that_may_have_worked_is_not_sent_again():
    script = Script([httpx.ReadError("reset"), OK])

    with pytest.raises(TransportError, match=r"^create /api/v1/pods: reset$"):
        await send(script, CREATE)

    assert len(script.asked) == 1


@pytest.mark.anyio
async def test_the_last_failure_is_told_when_nothing_helps():
    script = Script([status(503, "ServiceUnavailable", message=str(number)) for number in range(6)])

    with pytest.raises(ServiceUnavailableError, match=r"^5$"):
        await send(script)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(404, "NotFound"), NotFoundError),
        (status(409, "Conflict"), ConflictError),
        (status(418, "Teapot"), StatusError),
        (status(500, "InternalError"), InternalServerError),
    ],
)
async def test_a_failure_is_an_error_of_its_kind(answer, error):
    with pytest.raises(error, match=r"^no$") as raised:
        await send(Script([answer]))

    assert type(raised.value) is error


@pytest.mark.anyio
async def test_an_answer_that_does_not_come_in_time_is_told_as_such():
    with pytest.raises(TimedOutError, match=r"^create /api/v1/pods: slow$"):
        await send(Script([httpx.ReadTimeout("slow")]), CREATE)


@pytest.mark.anyio
async def test_a_watch_looks_at_the_status_before_its_lines():
    script = Script([status(410, "Expired", message="too old")])

    async with Client(transport=script.transport) as client:
        with pytest.raises(StatusError, match=r"^too old$"):
            async with client.stream(GET, idle_timeout=1):
                pytest.fail("there is no stream")


@pytest.mark.anyio
async def test_a_stream_is_given_line_by_line():
    script = Script([lines({"a": "1\u2028\x85"}, {"b": 2})])

    async with Client(transport=script.transport) as client, client.stream(GET, idle_timeout=1) as found:
        assert len([line async for line in found]) == 2


@pytest.mark.anyio
async def test_each_request_says_who_asks_and_with_what():
    script = Script([OK])
    config = Config(
        server="https://c.example/prefix",
        credentials=Token("abc"),
        headers=[("Impersonate-Group", "a"), ("Impersonate-Group", "b")],
    )

    async with Client(config, transport=script.transport) as client:
        await client.send(
            Request(verb="get", method="GET", path="/api/v1/pods", query=(("labelSelector", "a in (b)"),))
        )

    (asked,) = script.asked
    assert str(asked.url) == "https://c.example/prefix/api/v1/pods?labelSelector=a%20in%20%28b%29"
    assert asked.headers["Authorization"] == "Bearer abc"
    assert asked.headers["User-Agent"].startswith("kubecrd/")
    assert asked.headers.get_list("Impersonate-Group") == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "headers", "body", "reason", "message"),
    [
        (
            502,
            {"content-type": "text/html"},
            b"<h1>Bad Gateway</h1>",
            "InternalError",
            'an error on the server ("<h1>Bad Gateway</h1>") has prevented the request from succeeding',
        ),
        (503, {}, b"", "ServiceUnavailable", "the server is currently unable to handle the request"),
        (404, {}, b"404 page not found\n", "NotFound", "the server could not find the requested resource"),
        (401, {}, b"{}", "Unauthorized", "the server has asked for the client to provide credentials"),
        (403, {"content-type": "text/plain"}, b"no\n", "Forbidden", "no"),
        (
            418,
            {},
            b"",
            None,
            "the server responded with the status code 418 but did not return more information",
        ),
    ],
)
def test_an_answer_that_is_no_status_becomes_one(code, headers, body, reason, message):
    made = failure_of(GET, code, headers, body)

    assert (made.code, made.reason, made.message) == (code, reason, f"{message} (get /api/v1/pods/a)")


def test_a_conflict_of_a_create_means_that_it_is_there_already():
    assert failure_of(CREATE, 409, {}, b"").reason == "AlreadyExists"


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("soon", None), ("", None)]
)
def test_the_server_may_say_when_to_try_again(value, seconds):
    details = failure_of(GET, 429, {"retry-after": value}, b"").details

    assert details.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ('299 - "unknown field \\"spec.x\\""', ['unknown field "spec.x"']),
        ('299 - "one", 299 kube "two, three" "Wed, 21 Oct 2015 07:28:00 GMT"', ["one", "two, three"]),
        ('199 - "not for people"', []),
        ("nonsense", []),
    ],
)
def test_warnings_are_read(header, texts):
    assert list(warnings_in({"warning": header})) == texts


@pytest.mark.anyio
async def test_warnings_are_told():
    heard = []

    await send(Script([httpx.Response(200, headers={"Warning": '299 - "careful"'})]), on_warning=heard.append)

    assert heard == ["careful"]


@pytest.mark.anyio
async def test_warnings_are_logged_when_nobody_asks_for_them(caplog):
    with caplog.at_level(logging.WARNING):
        await send(Script([httpx.Response(200, headers={"Warning": '299 - "careful"'})]))

    assert "the server warns: careful" in caplog.text


@pytest.mark.anyio
async def test_too_many_requests_is_an_error_when_the_server_asks_for_too_much_patience():
    script = Script([httpx.Response(429, headers={"Retry-After": "3600"})])

    with pytest.raises(TooManyRequestsError):
        await send(script)


@pytest.mark.anyio
@pytest.mark.parametrize("request_", [GET, CREATE], ids=["get", "create"])
async def test_a_token_that_the_server_does_not_know_is_read_again_once(tmp_path, request_):
    path = tmp_path / "token"
    path.write_text("old")
    credentials = TokenFile(path)
    credentials.headers()
    path.write_text("new")
    script = Script([status(401, "Unauthorized"), OK])

    async with Client(Config(server="https://c", credentials=credentials), transport=script.transport) as client:
        await client.send(request_)

    assert [each.headers["Authorization"] for each in script.asked] == ["Bearer old", "Bearer new"]


@pytest.mark.anyio
async def test_a_token_that_has_not_changed_is_not_sent_again(tmp_path):
    (tmp_path / "token").write_text("old")
    script = Script([status(401, "Unauthorized"), OK])
    config = Config(server="https://c", credentials=TokenFile(tmp_path / "token"))

    async with Client(config, transport=script.transport) as client:
        with pytest.raises(UnauthorizedError):
            await client.send(GET)
