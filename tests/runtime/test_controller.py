"""Controllers against a server in this process: the real client, the real watches."""

import anyio
import anyio.lowlevel
import pytest

from kubecrd import (
    Action,
    Api,
    ApiResource,
    Controller,
    DynamicObject,
    ObjectMeta,
    Resource,
    kube_schema,
    resource_view,
)
from kubecrd.errors import InvalidError, StatusError, TimedOutError
from kubecrd.resource.patches import MergePatch
from kubecrd.resource.status import Status, StatusDetails
from kubecrd.runtime.backoff import Backoff
from kubecrd.runtime.finalizer import add_finalizer, remove_finalizer
from kubecrd.runtime.waiting import wait_for
from tests.runtime.conftest import Cake, CakeSpec, CakeStatus

pytestmark = pytest.mark.anyio


@kube_schema
class StrictSpec:
    icing: str


CONFIG_MAP = ApiResource.of("v1", "ConfigMap")
SOON = Backoff(first=0.01, longest=0.05)


class Running:
    """A controller that runs for the time of a block, and what it was called with."""

    def __init__(self, controller, client):
        self.controller, self.client = controller, client
        self.stop = anyio.Event()

    async def __aenter__(self):
        self.tasks = anyio.create_task_group()
        await self.tasks.__aenter__()
        self.tasks.start_soon(self._run)
        return self

    async def _run(self):
        await self.controller.run(self.client, stop=self.stop)

    async def __aexit__(self, *error):
        self.stop.set()
        self.tasks.cancel_scope.deadline = anyio.current_time() + 5
        await self.tasks.__aexit__(*error)
        assert not self.tasks.cancel_scope.cancel_called


def cake(name="sacher", layers=1):
    return Cake(metadata=ObjectMeta(name=name, namespace="default"), spec=CakeSpec(layers=layers))


def baking(**options):
    """Make a controller that writes the layers into the status."""
    controller = Controller(Cake, backoff=SOON, **options)

    @controller.reconciler
    async def bake(cake, ctx):
        cake.status = CakeStatus(baked=cake.spec.layers)
        await ctx.patch_status(cake)

    return controller


async def baked(client, name="sacher", layers=1):
    def is_baked(found):
        return found is not None and found.status is not None and found.status.baked == layers

    return await wait_for(Api(client, Cake), name, is_baked, seconds=5)


async def test_an_object_that_is_there_already_is_reconciled(client):
    await Api(client, Cake).create(cake())

    async with Running(baking(), client):
        await baked(client)


async def test_an_object_that_comes_later_is_reconciled(client):
    async with Running(baking(), client):
        await Api(client, Cake).create(cake())

        await baked(client)


async def test_a_change_is_reconciled(client):
    async with Running(baking(), client):
        await Api(client, Cake).create(cake())
        await baked(client)

        await Api(client, Cake).patch("sacher", MergePatch({"spec": {"layers": 3}}))

        await baked(client, layers=3)


async def test_a_reconciler_gets_a_copy_that_it_may_change(client):
    await Api(client, Cake).create(cake())
    controller, done = Controller(Cake), anyio.Event()

    @controller.reconciler
    async def spoil(cake, ctx):
        cake.spec.layers = 99
        assert ctx.store.get(ctx.ref).spec.layers == 1
        done.set()

    async with Running(controller, client):
        with anyio.fail_after(5):
            await done.wait()


async def test_a_failure_is_tried_again_and_others_go_on(client):
    attempts = []
    controller = Controller(Cake, backoff=SOON)

    @controller.reconciler
    async def stumble(cake, ctx):
        if cake.metadata.name == "burnt":
            attempts.append(ctx.attempt)
            if ctx.attempt < 3:
                raise RuntimeError("smoke")
        cake.status = CakeStatus(baked=cake.spec.layers)
        await ctx.patch_status(cake)

    async with Running(controller, client):
        await Api(client, Cake).create(cake("burnt"))
        await Api(client, Cake).create(cake("fine"))

        await baked(client, "fine")
        await baked(client, "burnt")

    assert attempts[:3] == [1, 2, 3]


async def test_an_object_is_looked_at_again_when_it_asks_for_it(client):
    await Api(client, Cake).create(cake())
    controller, runs = Controller(Cake), []
    thrice = anyio.Event()

    @controller.reconciler
    async def count(cake, ctx):
        runs.append(ctx.reason)
        if len(runs) == 3:
            thrice.set()
            return Action.done()
        return Action.requeue(seconds=0.01)

    async with Running(controller, client):
        with anyio.fail_after(5):
            await thrice.wait()

    assert runs == ["it has changed", "it asked to be looked at again", "it asked to be looked at again"]


async def test_what_is_owned_comes_back_when_it_is_deleted(client):
    controller = Controller(Cake).owns(CONFIG_MAP)

    @controller.reconciler
    async def keep(cake, ctx):
        box = DynamicObject(
            CONFIG_MAP, ObjectMeta(name=cake.metadata.name), {"data": {"layers": str(cake.spec.layers)}}
        )
        await ctx.apply(box, owner=cake)

    boxes = Api(client, CONFIG_MAP)
    async with Running(controller, client):
        await Api(client, Cake).create(cake())
        first = await wait_for(boxes, "sacher", lambda box: box is not None, seconds=5)

        await boxes.delete("sacher")

        await wait_for(
            boxes, "sacher", lambda box: box is not None and box.metadata.uid != first.metadata.uid, seconds=5
        )


async def test_an_object_is_told_about_what_else_is_watched(client):
    controller, seen = Controller(Cake), anyio.Event()
    controller.watches(CONFIG_MAP, lambda box: [cake(box.metadata.name).ref])

    @controller.reconciler
    async def notice(cake, ctx):
        if ctx.reason == "a ConfigMap has changed":
            seen.set()

    async with Running(controller, client):
        created = await Api(client, Cake).create(cake())
        box = DynamicObject(CONFIG_MAP, ObjectMeta(name=created.metadata.name), {"data": {}})
        await Api(client, CONFIG_MAP).create(box)

        with anyio.fail_after(5):
            await seen.wait()


async def test_a_finalizer_runs_before_the_object_goes(client):
    controller, order = baking(), []

    @controller.finalizer("shop.example.com/crumbs")
    async def sweep(cake, ctx):
        order.append((await Api(ctx.client, Cake).get("sacher")).metadata.finalizers)

    async with Running(controller, client):
        await Api(client, Cake).create(cake())
        await baked(client)

        await Api(client, Cake).delete("sacher")

        await wait_for(Api(client, Cake), "sacher", lambda found: found is None, seconds=5)

    assert order == [["shop.example.com/crumbs"]]


async def test_a_finalizer_that_fails_holds_the_object(client):
    controller, attempts = baking(), []

    @controller.finalizer("shop.example.com/crumbs")
    async def sweep(cake, ctx):
        attempts.append(ctx.attempt)
        if len(attempts) < 3:
            raise RuntimeError("the broom is broken")

    async with Running(controller, client):
        await Api(client, Cake).create(cake())
        await baked(client)

        await Api(client, Cake).delete("sacher")

        await wait_for(Api(client, Cake), "sacher", lambda found: found is None, seconds=5)

    assert len(attempts) == 3


async def test_what_runs_may_end_when_the_controller_is_stopped(client):
    await Api(client, Cake).create(cake())
    controller = Controller(Cake)
    begun, go_on, ended = anyio.Event(), anyio.Event(), []

    @controller.reconciler
    async def slow(cake, ctx):
        begun.set()
        await go_on.wait()
        ended.append(cake.metadata.name)

    async with Running(controller, client) as running:
        with anyio.fail_after(5):
            await begun.wait()
        running.stop.set()
        go_on.set()

    assert ended == ["sacher"]


async def test_what_does_not_end_is_dropped_when_the_grace_is_over(client):
    await Api(client, Cake).create(cake())
    controller, begun = Controller(Cake, grace=0.05), anyio.Event()

    @controller.reconciler
    async def stuck(cake, ctx):
        begun.set()
        await anyio.sleep_forever()

    async with Running(controller, client):
        with anyio.fail_after(5):
            await begun.wait()


async def test_no_more_reconcile_at_a_time_than_may(client):
    for number in range(6):
        await Api(client, Cake).create(cake(f"cake-{number}"))
    controller = Controller(Cake, concurrency=2)
    now, most, done = 0, 0, []
    all_done = anyio.Event()

    @controller.reconciler
    async def count(cake, ctx):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await anyio.lowlevel.checkpoint()
        now -= 1
        done.append(cake.metadata.name)
        if len(done) == 6:
            all_done.set()

    async with Running(controller, client):
        with anyio.fail_after(5):
            await all_done.wait()

    assert most == 2


async def test_a_controller_without_a_reconciler_says_so(client):
    with pytest.raises(TypeError, match=r"there is no reconciler; decorate a function with @controller.reconciler"):
        await Controller(Cake).run(client)


async def test_waiting_tells_how_the_object_was_last_seen(client):
    with pytest.raises(TimedOutError, match=r"^Cake 'sacher': not as waited for after 0.05 s; there is none$"):
        await wait_for(Api(client, Cake), "sacher", lambda found: found is not None, seconds=0.05)


async def test_a_mapper_that_fails_is_told_and_does_not_end_the_controller(client, caplog):
    controller = baking().watches(CONFIG_MAP, lambda box: [box.no_such_thing])
    await Api(client, CONFIG_MAP).create(DynamicObject(CONFIG_MAP, ObjectMeta(name="a"), {"data": {}}))

    async with Running(controller, client):
        await Api(client, Cake).create(cake())
        await baked(client)

    assert "the mapper of ConfigMap.v1 failed for ConfigMap.v1/a.default" in caplog.text
    assert controller.counts.mapper_errors >= 1


async def test_an_object_that_does_not_fit_does_not_hide_the_others(client, caplog):
    """A server keeps what was written before its definition became stricter."""

    @resource_view(group="shop.example.com", kind="Cake", plural="cakes")
    class StrictCake(Resource):
        spec: StrictSpec

    await Api(client, Cake).create(cake("plain"))
    await Api(client, Cake).create(Cake(metadata=ObjectMeta(name="fits"), spec=CakeSpec(layers=7, icing="white")))
    controller, seen = Controller(StrictCake), []
    done = anyio.Event()

    @controller.reconciler
    async def look(cake, ctx):
        seen.append(cake.metadata.name)
        done.set()

    async with Running(controller, client):
        with anyio.fail_after(5):
            await done.wait()

    assert seen == ["fits"]
    assert "passed over default/plain of cakes.shop.example.com" in caplog.text


async def test_nothing_is_reconciled_before_all_that_is_watched_was_seen(client):
    await Api(client, Cake).create(cake())
    nowhere = ApiResource.of("nowhere.example.com/v1", "Nothing")
    controller, runs = Controller(Cake).owns(nowhere), []

    @controller.reconciler
    async def count(cake, ctx):
        runs.append(cake)

    async with Running(controller, client):
        with anyio.fail_after(5):
            await controller.store.wait_until_ready()
        await anyio.wait_all_tasks_blocked()

    assert runs == []
    assert controller.counts.watch_errors >= 1


async def test_an_api_that_asks_for_patience_is_given_it(client, caplog):
    await Api(client, Cake).create(cake())
    controller, failed = Controller(Cake, backoff=SOON), anyio.Event()

    @controller.reconciler
    async def ask(cake, ctx):
        failed.set()
        raise StatusError.of(
            Status(code=429, reason="TooManyRequests", message="slow", details=StatusDetails(retry_after_seconds=60))
        )

    async with Running(controller, client):
        with anyio.fail_after(5):
            await failed.wait()
        await anyio.wait_all_tasks_blocked()

    assert "Cake.v1.shop.example.com/sacher.default: slow; attempt 1, again in 60.0 s" in caplog.text
    assert (controller.counts.runs, controller.counts.failures) == (1, 1)


async def test_finalizers_of_others_are_left_alone(client):
    controller = baking()

    @controller.finalizer("shop.example.com/crumbs")
    async def sweep(cake, ctx):
        pass

    cakes = Api(client, Cake)
    async with Running(controller, client):
        await cakes.create(
            Cake(metadata=ObjectMeta(name="sacher", finalizers=["other.example.com/x"]), spec=CakeSpec())
        )
        await baked(client)
        await cakes.delete("sacher")

        only_theirs = await wait_for(
            cakes, "sacher", lambda found: found.metadata.finalizers == ["other.example.com/x"], seconds=5
        )

    assert only_theirs.metadata.deletion_timestamp is not None


async def test_several_finalizers_run_in_the_order_in_which_they_were_declared(client):
    controller, order = baking(), []

    @controller.finalizer("shop.example.com/first")
    async def first(cake, ctx):
        order.append("first")

    @controller.finalizer("shop.example.com/second")
    async def second(cake, ctx):
        order.append("second")

    async with Running(controller, client):
        await Api(client, Cake).create(cake())
        await baked(client)
        await Api(client, Cake).delete("sacher")
        await wait_for(Api(client, Cake), "sacher", lambda found: found is None, seconds=5)

    assert order == ["first", "second"]


async def test_a_status_that_has_not_changed_is_not_written(client):
    await Api(client, Cake).create(cake())

    async with Running(baking(), client) as running:
        first = await baked(client)
        await Api(client, Cake).patch("sacher", MergePatch({"metadata": {"labels": {"x": "y"}}}))
        with anyio.fail_after(5):
            while running.controller.counts.runs < 3:
                await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()

    last = await Api(client, Cake).get("sacher")
    assert int(last.metadata.resource_version) == int(first.metadata.resource_version) + 1


async def test_a_time_before_now_is_refused():
    with pytest.raises(ValueError, match=r"^an object cannot be looked at 60 seconds ago; give a time from 0 on$"):
        Action.requeue(minutes=-1)


async def test_a_finalizer_is_not_added_to_what_has_changed_meanwhile(client):
    cakes = Api(client, Cake)
    stale = await cakes.create(cake())
    await cakes.patch("sacher", MergePatch({"spec": {"layers": 2}}))

    with pytest.raises(InvalidError):
        await add_finalizer(cakes, stale, "shop.example.com/x")


async def test_a_finalizer_that_is_not_in_its_place_is_not_removed(client):
    cakes = Api(client, Cake)
    stale = await cakes.create(
        Cake(
            metadata=ObjectMeta(name="sacher", finalizers=["shop.example.com/a", "shop.example.com/b"]), spec=CakeSpec()
        )
    )
    await cakes.patch("sacher", MergePatch({"metadata": {"finalizers": ["shop.example.com/b"]}}))

    with pytest.raises(InvalidError):
        await remove_finalizer(cakes, stale, "shop.example.com/a")
    assert (await cakes.get("sacher")).metadata.finalizers == ["shop.example.com/b"]
