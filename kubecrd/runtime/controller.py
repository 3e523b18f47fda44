"""A controller: follows kinds, queues the objects that there is news about, and reconciles them."""

from __future__ import annotations

import copy
import logging
import signal
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import anyio

from kubecrd.client.api import Api
from kubecrd.errors import KubeError, NotFoundError, StatusError
from kubecrd.resource.objects import KubeObject, Resource

from .backoff import Backoff, Delays
from .counts import Counts
from .finalizer import add_finalizer, remove_finalizer
from .reconcile import Action, Context, Reconciler
from .triggers import Mapper, Trigger, owners_of, resource_of
from .watcher import Init, Watcher, WatcherConfig
from .workqueue import WorkQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from kubecrd.client.client import Client
    from kubecrd.resource.identity import ApiResource, ObjectRef

    from .store import Store

__all__ = ["Controller", "run_until_signal"]

R = TypeVar("R", bound=Resource)

_RETRIES: Final = Backoff(first=0.5, longest=300.0, reset_after=3600.0)
"""Delays of an object whose reconciler fails: soon at first, at last every five minutes."""


class Controller(Generic[R]):
    """Keeps the objects of one kind as they should be.

    ```python
    controller = Controller(Pizza).owns(Oven)


    @controller.reconciler
    async def bake(pizza: Pizza, ctx: Context) -> Action: ...
    ```

    Args:
        kind: The class of the objects.
        namespace: Where to look; None for everywhere.
        name: Of the controller: who applies, and what logs say. The kind in lower case with ``-controller`` by default.
        concurrency: How many objects are reconciled at a time; 10 by default.
        debounce: Seconds to wait for further news about an object.
        backoff: How long to wait before an object whose reconciler failed is tried again.
        config: Which objects, and how they are followed.
        grace: Seconds that running reconcilers have to end when the controller is stopped.
    """

    def __init__(
        self,
        kind: type[R],
        *,
        namespace: str | None = None,
        name: str | None = None,
        concurrency: int = 10,
        debounce: float = 0.0,
        backoff: Backoff = _RETRIES,
        config: WatcherConfig | None = None,
        grace: float = 10.0,
    ) -> None:
        self.kind = kind
        self.resource = kind.api_resource
        self.name = name or f"{self.resource.kind.lower()}-controller"
        self._namespace = namespace
        self._backoff = backoff
        self._grace = grace
        self._main = Trigger(kind, _itself, "it has changed", config or WatcherConfig())
        self._triggers = [self._main]
        self._reconcile: Reconciler[R] | None = None
        self._cleanups: dict[str, Callable[[R, Context], Any]] = {}
        self._queue: WorkQueue[ObjectRef] = WorkQueue(concurrency=concurrency, debounce=debounce)
        self._news = anyio.Event()
        self._delays: dict[ObjectRef, Delays] = {}
        self._logger = logging.getLogger(f"kubecrd.controller.{self.name}")
        self.counts = Counts()
        """What has happened so far, for metrics."""

    @property
    def store(self) -> Store[R]:
        """The objects of the kind, as last seen."""
        return self._main.store

    def owns(self, kind: type[Resource] | ApiResource, *, config: WatcherConfig | None = None) -> Controller[R]:
        """Look at an object again when something that it owns changes or goes; only metadata is followed."""
        mapper = owners_of(self.resource)
        reason = f"a {resource_of(kind).kind} of it has changed"
        self._triggers.append(Trigger(kind, mapper, reason, config or WatcherConfig(), metadata_only=True))
        return self

    def watches(
        self, kind: type[Resource] | ApiResource, mapper: Mapper, *, config: WatcherConfig | None = None
    ) -> Controller[R]:
        """Look at objects again when something else changes or goes.

        Args:
            kind: What else.
            mapper: Says which objects of the controller's kind it is news about.
            config: Which objects of *kind*, and how they are followed.
        """
        self._triggers.append(
            Trigger(kind, mapper, f"a {resource_of(kind).kind} has changed", config or WatcherConfig())
        )
        return self

    def reconciler(self, function: Reconciler[R]) -> Reconciler[R]:
        """Decorate the function that reconciles."""
        self._reconcile = function
        return function

    def finalizer(self, name: str) -> Callable[[Callable[[R, Context], Any]], Callable[[R, Context], Any]]:
        """Decorate a function that cleans up before an object may go.

        The object is held by the finalizer *name* before it is first reconciled, and let go when the function has returned.

        Args:
            name: A qualified name, such as ``example.com/cleanup``.
        """

        def decorate(function: Callable[[R, Context], Any]) -> Callable[[R, Context], Any]:
            self._cleanups[name] = function
            return function

        return decorate

    async def run(self, client: Client, *, stop: anyio.Event | None = None) -> None:
        """Reconcile until *stop* is set; for good without it.

        When it is set nothing new is begun, and what runs has the grace time to end.

        Args:
            client: The connection.
            stop: Ends it.

        Raises:
            TypeError: no function was decorated as the reconciler.
        """
        if self._reconcile is None:
            raise TypeError(f"{self.name}: there is no reconciler; decorate a function with @controller.reconciler")
        stop = stop or anyio.Event()
        async with anyio.create_task_group() as follow, anyio.create_task_group() as work:
            for trigger in self._triggers:
                follow.start_soon(self._follow, client, trigger)
            with anyio.CancelScope() as scheduling:
                follow.start_soon(_cancel_when, stop, scheduling)
                for trigger in self._triggers:
                    await trigger.store.wait_until_ready()
                await self._schedule(client, work)
            work.cancel_scope.deadline = anyio.current_time() + self._grace
            follow.cancel_scope.deadline = anyio.current_time() + self._grace
            await self._until_idle()
            follow.cancel_scope.cancel()

    # --- following

    async def _follow(self, client: Client, trigger: Trigger) -> None:
        api: Any = Api(client, trigger.kind, namespace=self._namespace)
        if self._namespace is None:
            api = api.all_namespaces()
        if trigger.metadata_only:
            api = api.metadata_only()
        watcher = Watcher(api.lenient(), trigger.config, on_error=lambda _: self.counts.count("watch_errors"))
        async with aclosing(watcher.events()) as events:
            async for event in events:
                if isinstance(event, Init):
                    self.counts.count("lists")
                for obj in trigger.store.take(event):
                    for ref in self._mapped(trigger, obj):
                        self._ask(ref, reason=trigger.reason)

    def _mapped(self, trigger: Trigger, obj: KubeObject) -> list[ObjectRef]:
        try:
            return list(trigger.mapper(obj))
        except Exception:
            # A mistake with one object must not end the following of all others.
            self.counts.count("mapper_errors")
            self._logger.exception("the mapper of %s failed for %s", trigger.resource, obj.ref)
            return []

    def _ask(self, ref: ObjectRef, *, reason: str) -> None:
        self._queue.add(ref, anyio.current_time(), reason=reason)
        self._news.set()

    # --- working

    async def _schedule(self, client: Client, work: TaskGroup) -> None:
        while True:
            now = anyio.current_time()
            while (found := self._queue.pop(now)) is not None:
                work.start_soon(self._work, client, *found)
            due = self._queue.next_time()
            self._news = anyio.Event()
            with anyio.move_on_after(None if due is None else max(0.0, due - now)):
                await self._news.wait()

    async def _until_idle(self) -> None:
        while self._queue.running:
            self._news = anyio.Event()
            await self._news.wait()

    async def _work(self, client: Client, ref: ObjectRef, reason: str) -> None:
        again: float | None = None
        self.counts.count("runs")
        try:
            action = await self._reconciled(client, ref, reason)
        except Exception as error:
            again = self._failed(ref, error)
        else:
            self._delays.pop(ref, None)
            again = action.requeue_after
        finally:
            self._queue.done(ref, anyio.current_time(), again_after=again, reason="it asked to be looked at again")
            self._news.set()

    def _failed(self, ref: ObjectRef, error: Exception) -> float:
        delays = self._delays.setdefault(ref, Delays(self._backoff))
        delay = delays.next(anyio.current_time(), at_least=_asked_to_wait(error))
        self.counts.count("failures")
        # What the API says is told in a line; a mistake in the reconciler needs its traceback.
        expected = isinstance(error, KubeError)
        self._logger.warning(
            "%s: %s; attempt %d, again in %.1f s",
            ref,
            error,
            delays.failures,
            delay,
            exc_info=None if expected else error,
        )
        return delay

    async def _reconciled(self, client: Client, ref: ObjectRef, reason: str) -> Action:
        seen: R | None = self._main.store.get(ref)
        if seen is None:
            self._delays.pop(ref, None)
            return Action.done()
        obj = copy.deepcopy(seen)
        ctx = self._context(client, ref, reason)
        if obj.metadata.deletion_timestamp is not None:
            return await self._clean_up(obj, ctx)
        for name in self._cleanups:
            if name not in obj.metadata.finalizers:
                await add_finalizer(ctx.api(self.kind), obj, name)
                return Action.done()  # the change brings it back
        assert self._reconcile is not None
        return await self._reconcile(obj, ctx) or Action.done()

    async def _clean_up(self, obj: R, ctx: Context) -> Action:
        for name, function in self._cleanups.items():
            if name in obj.metadata.finalizers:
                await function(obj, ctx)
                try:
                    await remove_finalizer(ctx.api(self.kind), obj, name)
                except NotFoundError:
                    ctx.logger.debug("gone already")
                return Action.done()  # the change brings it back, for the next finalizer
        return Action.done()

    def _context(self, client: Client, ref: ObjectRef, reason: str) -> Context:
        delays = self._delays.get(ref)
        return Context(
            client=client,
            ref=ref,
            reason=reason,
            attempt=1 + (delays.failures if delays else 0),
            store=self._main.store,
            stores={trigger.resource: trigger.store for trigger in self._triggers[1:]},
            field_manager=self.name,
            logger=logging.LoggerAdapter(self._logger, {"object": str(ref), "reason": reason}),
        )


def _asked_to_wait(error: Exception) -> float:
    details = error.status.details if isinstance(error, StatusError) else None
    return float(details.retry_after_seconds or 0) if details else 0.0


def _itself(obj: KubeObject) -> list[ObjectRef]:
    return [obj.ref]


async def _cancel_when(stop: anyio.Event, scope: anyio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()


async def run_until_signal(client: Client, *controllers: Controller[Any]) -> None:
    """Run *controllers* until SIGINT or SIGTERM, then let what runs end; a second signal drops it.

    Args:
        client: The connection, which they share.
        controllers: Each runs by itself: one that waits for its caches does not hold up the others.
    """
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def listen() -> None:
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _ in signals:
                    if stop.is_set():
                        tasks.cancel_scope.cancel()
                    stop.set()

        tasks.start_soon(listen)
        async with anyio.create_task_group() as running:
            for controller in controllers:
                running.start_soon(partial(controller.run, client, stop=stop))
        tasks.cancel_scope.cancel()
