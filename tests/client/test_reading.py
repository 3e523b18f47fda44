"""Lists and watches of a server that is in trouble: what is lost, broken off, or does not fit."""

import json

import pytest

from kubecrd import Api, ApiResource, Client, Resource, resource_view
from kubecrd.client._httpx import httpx
from kubecrd.errors import DecodeError, ExpiredError
from kubecrd.resource.events import Added, Failed
from kubecrd.resource.objects import Undecodable
from tests.client.scripted import Script, lines, listed, status

pytestmark = pytest.mark.anyio
THING = ApiResource.of("example.com/v1", "Thing")


@resource_view(group="example.com")
class Sized(Resource):
    size: int


def thing(name, version="5", **fields):
    metadata = {"name": name, "namespace": "default", "resourceVersion": version}
    return {"apiVersion": "example.com/v1", "kind": "Sized", "metadata": metadata, **fields}


async def read(script, use, kind=THING):
    async with Client(transport=script.transport) as client:
        return await use(Api(client, kind))


def asked(script):
    return [request.url.params.multi_items() for request in script.asked]


async def names(api):
    return [each.metadata.name async for each in api.list_all(page_size=2)]


async def test_pages_are_asked_for_one_after_the_other():
    script = Script([listed(thing("a"), thing("b"), token="t1"), listed(thing("c"))])

    assert await read(script, names) == ["a", "b", "c"]
    assert asked(script) == [[("limit", "2")], [("limit", "2"), ("continue", "t1")]]


async def test_a_list_that_the_server_forgets_is_read_in_one_piece():
    script = Script(
        [listed(thing("a"), thing("b"), token="t1"), status(410, "Expired"), listed(thing("b"), thing("c"))]
    )

    assert await read(script, names) == ["a", "b", "c"]
    assert asked(script)[-1] == []


async def test_a_list_that_cannot_be_had_at_all_is_an_error():
    with pytest.raises(ExpiredError):
        await read(Script([status(410, "Expired")]), names)


async def test_an_object_that_does_not_fit_is_told_with_its_place():
    script = Script([listed(thing("a", size=1), thing("b", size="big"))])

    with pytest.raises(DecodeError, match=r"^items\[1\].size: Sized: size: Expected `int`, got `str`$"):
        await read(script, lambda api: api.list(), Sized)


@pytest.mark.kube_rs("K26")
async def test_one_bad_object_need_not_hide_the_others():
    script = Script([listed(thing("a", size=1), thing("b", size="big"))])

    good, bad = await read(script, lambda api: api.lenient().list(), Sized)

    assert good.size == 1
    assert isinstance(bad, Undecodable)
    assert (bad.metadata.name, bad.error.path) == ("b", "size")


async def watched(api):
    async with api.watch("1") as events:
        return [event async for event in events]


async def test_a_watch_that_breaks_off_amid_a_line_ends():
    whole = json.dumps({"type": "ADDED", "object": thing("a")}).encode() + b"\n"
    script = Script([httpx.Response(200, content=whole + whole[:40])])

    (event,) = await read(script, watched)

    assert isinstance(event, Added)


async def test_a_last_line_without_its_end_counts_when_it_is_whole():
    script = Script([httpx.Response(200, content=json.dumps({"type": "ADDED", "object": thing("a")}).encode())])

    assert len(await read(script, watched)) == 1


async def test_a_line_that_is_no_event_is_an_error():
    with pytest.raises(DecodeError, match=r"^watch event: the type 'LOST' is not one of ADDED, MODIFIED"):
        await read(Script([lines({"type": "LOST", "object": {}})]), watched)


async def test_what_the_server_says_in_a_watch_is_given_on():
    gone = {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old"}

    (event,) = await read(Script([lines({"type": "ERROR", "object": gone})]), watched)

    assert isinstance(event, Failed)
    assert event.status.message == "too old"
