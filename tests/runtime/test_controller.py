"""Controllers against a server in this process: the real client, the real watches."""

import anyio
import anyio.lowlevel
import pytest

from kubecrd import Action, Api, ApiResource, Controller, DynamicObject, ObjectMeta
from kubecrd.errors import TimedOutError
from kubecrd.resource.patches import MergePatch
from kubecrd.runtime.backoff import Backoff
from kubecrd.runtime.waiting import wait_for
from tests.runtime.conftest import Cake, CakeSpec, CakeStatus

pytestmark = pytest.mark.anyio
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
