"""Typed access, against a server in this process."""

import json

import anyio
import httpx
import pytest

from kubecrd import (
    Api,
    ApiResource,
    Client,
    Config,
    CustomResourceDefinition,
    DynamicObject,
    ObjectMeta,
    Resource,
    resource_view,
)
from kubecrd.client.retry import RetryPolicy
from kubecrd.errors import (
    AlreadyExistsError,
    ConflictError,
    ExpiredError,
    InvalidError,
    NotFoundError,
    RequestError,
    StatusError,
    TimedOutError,
    TransportError,
)
from kubecrd.resource.events import Added, Modified
from kubecrd.resource.objects import PartialObject
from kubecrd.resource.params import DeleteParams, ListParams, Preconditions, WriteParams
from kubecrd.resource.patches import MergePatch
from kubecrd.resource.status import Status
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport
from tests.runtime.conftest import Cake, CakeSpec, CakeStatus, client  # noqa: F401 - a fixture

pytestmark = pytest.mark.anyio


@resource_view(kind="ConfigMap")
class Box(Resource):
    """A config map of which only the metadata is known here."""


CONFIG_MAP = ApiResource.of("v1", "ConfigMap")


def cake(name="sacher", layers=1, **metadata):
    return Cake(metadata=ObjectMeta(name=name, **metadata), spec=CakeSpec(layers=layers))


@pytest.fixture
def cakes(client):  # noqa: F811
    return Api(client, Cake)


async def test_what_is_created_comes_back_with_what_the_server_set(cakes):
    created = await cakes.create(cake())

    assert type(created) is Cake
    assert created.metadata.namespace == "default"
    assert created.metadata.uid
    assert created.metadata.generation == 1


async def test_an_object_that_is_there_is_not_created_again(cakes):
    await cakes.create(cake())

    with pytest.raises(AlreadyExistsError, match=r'^cakes.shop.example.com "sacher" already exists$'):
        await cakes.create(cake())


async def test_an_object_that_is_not_there_is_told_or_none(cakes):
    with pytest.raises(NotFoundError):
        await cakes.get("sacher")

    assert await cakes.get_opt("sacher") is None


async def test_a_name_that_the_server_makes_up_comes_back(cakes):
    created = await cakes.create(Cake(metadata=ObjectMeta(generate_name="cake-"), spec=CakeSpec()))

    assert created.metadata.name.startswith("cake-")


async def test_a_replace_guards_against_lost_updates(cakes):
    mine = await cakes.create(cake())
    theirs = await cakes.get("sacher")
    theirs.spec.layers = 2
    await cakes.replace(theirs)

    mine.spec.layers = 3
    with pytest.raises(ConflictError):
        await cakes.replace(mine)


async def test_a_replace_keeps_labels_of_others(cakes):
    created = await cakes.create(cake(labels={"team": "a"}))
    created.spec.layers = 2

    assert (await cakes.replace(created)).metadata.labels == {"team": "a"}


async def test_a_dry_run_changes_nothing(cakes):
    await cakes.create(cake(), WriteParams(dry_run=True))

    assert await cakes.get_opt("sacher") is None


async def test_a_patch_changes_what_it_says(cakes):
    await cakes.create(cake())

    assert (await cakes.patch("sacher", MergePatch({"spec": {"layers": 7}}))).spec.layers == 7


async def test_what_the_server_refuses_is_told_by_field(cakes):
    await cakes.create(cake())

    with pytest.raises(InvalidError) as caught:
        await cakes.patch("sacher", MergePatch({"spec": {"layers": "many"}}))

    assert [cause.field for cause in caught.value.status.details.causes] == ["spec.layers"]


async def test_apply_creates_and_then_changes(cakes):
    first = await cakes.apply(cake(), field_manager="baker")
    second = await cakes.apply(cake(layers=2), field_manager="baker")

    assert second.metadata.uid == first.metadata.uid
    assert second.spec.layers == 2


async def test_what_was_read_can_be_applied(cakes):
    await cakes.create(cake())
    read = await cakes.get("sacher")

    await cakes.apply(read, field_manager="baker")


async def test_apply_tells_whose_field_it_is(cakes):
    await cakes.apply(cake(), field_manager="baker")

    with pytest.raises(ConflictError, match=r'conflict with "baker": .spec.layers'):
        await cakes.apply(cake(layers=2), field_manager="thief")


async def test_the_status_is_written_by_itself(cakes):
    created = await cakes.create(cake())
    created.status = CakeStatus(baked=1)
    created.spec.layers = 99

    written = await cakes.replace_status(created)

    assert (written.status.baked, written.spec.layers) == (1, 1)
    assert (await cakes.patch_status("sacher", {"baked": 2})).status.baked == 2


async def test_a_delete_gives_a_status_or_the_object_that_is_held(cakes):
    await cakes.create(cake())
    assert isinstance(await cakes.delete("sacher"), Status)

    await cakes.create(cake(finalizers=["shop.example.com/crumbs"]))
    held = await cakes.delete("sacher")
    assert held.metadata.deletion_timestamp is not None


@pytest.mark.kube_rs("K42")
async def test_a_delete_may_mean_one_object_only(cakes):
    await cakes.create(cake())

    with pytest.raises(ConflictError):
        await cakes.delete("sacher", params=DeleteParams(preconditions=Preconditions(uid="another")))


async def test_all_pages_are_gone_through(cakes):
    for number in range(5):
        await cakes.create(cake(f"cake-{number}"))

    assert [each.metadata.name async for each in cakes.list_all(page_size=2)] == [f"cake-{n}" for n in range(5)]


async def test_a_list_that_expires_between_pages_is_begun_anew(cakes):
    for number in range(4):
        await cakes.create(cake(f"cake-{number}"))
    listed, expired = cakes.list, []

    async def expire_once(params=None):
        if params.continue_token and not expired:
            expired.append(params)
            raise ExpiredError(Status(code=410, reason="Expired"))
        return await listed(params)

    cakes.list = expire_once

    assert [each.metadata.name async for each in cakes.list_all(page_size=2)] == [f"cake-{n}" for n in range(4)]


async def test_a_list_is_selected_by_labels(cakes):
    await cakes.create(cake("a", labels={"team": "a"}))
    await cakes.create(cake("b", labels={"team": "b"}))

    assert [each.metadata.name for each in await cakes.list(ListParams(labels={"team": "b"}))] == ["b"]


@pytest.mark.kube_rs("K40")
async def test_a_collection_is_deleted(cakes):
    await cakes.create(cake("a", labels={"team": "a"}))
    await cakes.create(cake("b", labels={"team": "b"}))

    await cakes.delete_collection(ListParams(labels="team=a"))

    assert [each.metadata.name for each in await cakes.list()] == ["b"]


async def test_a_watch_gives_objects_as_they_change(cakes):
    version = (await cakes.list()).metadata.resource_version
    seen = []
    with anyio.fail_after(5):
        async with cakes.watch(version) as events:
            await cakes.create(cake())
            await cakes.patch("sacher", MergePatch({"spec": {"layers": 2}}))
            async for event in events:
                seen.append((type(event), event.object.spec.layers))
                if len(seen) == 2:
                    break

    assert seen == [(Added, 1), (Modified, 2)]


@pytest.mark.kube_rs("K5", "K24")
async def test_metadata_is_all_that_comes_when_that_is_asked_for(cakes):
    await cakes.create(cake(labels={"team": "a"}))

    found = (await cakes.metadata_only().list())[0]

    assert type(found) is PartialObject
    assert found.metadata.labels == {"team": "a"}


async def test_kinds_without_a_class_are_plain_json(client):  # noqa: F811
    created = await Api(client, CONFIG_MAP).create(
        DynamicObject(CONFIG_MAP, ObjectMeta(name="a"), {"data": {"x": "1"}})
    )

    assert created.data["data"] == {"x": "1"}


@pytest.mark.kube_rs("K4")
async def test_cluster_scoped_kinds_have_no_namespace(client):  # noqa: F811
    definitions = Api(client, CustomResourceDefinition, namespace="ignored")

    assert (await definitions.get("cakes.shop.example.com")).spec.names.kind == "Cake"


async def test_all_namespaces_can_be_listed_but_one_object_needs_its_own(cakes):
    await cakes.create(cake())
    everywhere = cakes.all_namespaces()

    assert len(await everywhere.list()) == 1
    with pytest.raises(RequestError, match=r"^Cake is namespaced; say which namespace to read or write one object in$"):
        await everywhere.get("sacher")
    with pytest.raises(RequestError, match=r"^Cake is namespaced; say which namespace to delete a collection in$"):
        await everywhere.delete_collection()
    assert (await everywhere.get("sacher", namespace="default")).spec.layers == 1


async def test_an_object_of_another_namespace_is_not_written_here(cakes):
    with pytest.raises(RequestError, match=r"is in the namespace 'other', but this Api writes to 'default'"):
        await cakes.create(cake(namespace="other"))


class Flaky(httpx.AsyncBaseTransport):
    """Fails as scripted, then hands on to a server."""

    def __init__(self, server, *script):
        self.inner, self.script, self.seen = InProcessTransport(server), list(script), []

    async def __aenter__(self):
        await self.inner.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.inner.__aexit__(*error)

    async def handle_async_request(self, request):
        self.seen.append(request)
        if self.script:
            outcome = self.script.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return httpx.Response(outcome[0], headers=outcome[1], content=outcome[2])
        return await self.inner.handle_async_request(request)


def flaky(server, *script):
    transport = Flaky(server, *script)
    return transport, Client(transport=transport, retry=RetryPolicy(first=0.001, longest=0.001))


async def test_a_read_is_tried_again_after_a_broken_connection():
    async with ApiServer() as server:
        transport, unsteady = flaky(server, httpx.ConnectError("refused"), (503, {}, b"busy"))
        async with unsteady:
            assert len(await Api(unsteady, CONFIG_MAP).list()) == 0

    assert len(transport.seen) == 3


async def test_a_create_is_not_sent_twice():
    async with ApiServer() as server:
        transport, unsteady = flaky(server, httpx.ReadError("reset"))
        async with unsteady:
            with pytest.raises(TransportError):
                await Api(unsteady, CONFIG_MAP).create(DynamicObject(CONFIG_MAP, ObjectMeta(name="a")))

    assert len(transport.seen) == 1


async def test_a_page_of_a_proxy_is_a_failure_with_its_code():
    async with ApiServer() as server:
        _, unsteady = flaky(server, (418, {}, b"<html>teapot</html>"))
        async with unsteady:
            with pytest.raises(StatusError, match="the server responded with the status code 418") as caught:
                await Api(unsteady, CONFIG_MAP).list()

    assert caught.value.status.code == 418
    assert caught.value.status.details.causes[0].message == "<html>teapot</html>"


async def test_a_watch_looks_at_the_status_first():
    body = json.dumps({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}).encode()
    async with ApiServer() as server:
        _, unsteady = flaky(server, (410, {}, body))
        async with unsteady:
            with pytest.raises(ExpiredError, match="too old"):
                async with Api(unsteady, CONFIG_MAP).watch("1"):
                    pass


async def test_no_answer_in_time_is_told():
    async with ApiServer() as server:
        _, unsteady = flaky(server, *[httpx.ReadTimeout("slow")] * 6)
        async with unsteady:
            with pytest.raises(TimedOutError, match="list /api/v1/namespaces/default/configmaps: slow"):
                await Api(unsteady, CONFIG_MAP).list()


async def test_a_token_is_sent_with_each_request():
    from kubecrd.client.credentials import Token

    async with ApiServer() as server:
        transport = Flaky(server)
        config = Config(server="http://server", credentials=Token("sesame"))
        async with Client(config, transport=transport) as signed:
            await Api(signed, CONFIG_MAP).list()

    assert transport.seen[0].headers["authorization"] == "Bearer sesame"
    assert transport.seen[0].headers["user-agent"].startswith("kubecrd/")


async def test_the_status_is_applied_by_itself(cakes):
    await cakes.create(cake(layers=2))

    applied = await cakes.apply_status(
        Cake(metadata=ObjectMeta(name="sacher"), spec=CakeSpec(layers=9), status=CakeStatus(baked=2)),
        field_manager="oven-status",
    )

    assert (applied.spec.layers, applied.status) == (2, CakeStatus(baked=2))
    assert (await cakes.get_status("sacher")).status == CakeStatus(baked=2)


async def test_an_apply_to_another_namespace_is_not_written_here(cakes):
    with pytest.raises(RequestError, match=r"^Cake 'sacher' is in the namespace 'other', but this Api writes to"):
        await cakes.apply(cake(namespace="other"), field_manager="me")


@pytest.mark.kube_rs("K65")
async def test_replicas_are_read_and_set_through_scale(client):  # noqa: F811
    kind = ApiResource.of("apps/v1", "Deployment")
    deployments = Api(client, kind)
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    await deployments.create(DynamicObject(kind, ObjectMeta(name="web"), {"spec": spec}))
    assert await deployments.get_scale("web") == 2

    await deployments.scale("web", 0)

    assert await deployments.get_scale("web") == 0


async def test_a_replace_keeps_fields_that_the_class_does_not_know(client):  # noqa: F811
    boxes, typed = Api(client, CONFIG_MAP), Api(client, Box)
    await boxes.create(DynamicObject(CONFIG_MAP, ObjectMeta(name="a"), {"data": {"x": "1"}, "immutable": False}))

    box = await typed.get("a")
    box.metadata.labels = {"seen": "yes"}
    await typed.replace(box)

    found = await boxes.get("a")
    assert (found.metadata.labels, found.data["data"]) == ({"seen": "yes"}, {"x": "1"})
