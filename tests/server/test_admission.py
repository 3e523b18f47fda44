"""Admission: who else has a say in a write, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from kubecrd.errors import StatusError
from kubecrd.resource.status import forbidden
from tests.server.helpers import GROUP, Things

if TYPE_CHECKING:
    from kubecrd.server.admission import Operation

pytestmark = pytest.mark.anyio


class Recorder:
    """Notes what it is asked about objects of one group, and lets subclasses act."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    async def mutate(self, operation: Operation) -> None:
        await self._note("mutate", operation)

    async def validate(self, operation: Operation) -> None:
        await self._note("validate", operation)

    async def _note(self, step: str, operation: Operation) -> None:
        if operation.kind.group == GROUP:
            self.asked.append((step, operation.verb, operation.name))
            await self.act(step, operation)

    async def act(self, step: str, operation: Operation) -> None:
        """Do nothing."""


class Slow(Recorder):
    """Holds the first update until told to go on, so that another can come between."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = anyio.Event()
        self.go_on = anyio.Event()

    async def act(self, step: str, operation: Operation) -> None:
        if step == "mutate" and operation.verb == "UPDATE" and not self.waiting.is_set():
            self.waiting.set()
            await self.go_on.wait()


async def test_every_write_is_shown_twice(things: Things, server):
    recorder = Recorder()
    server.registry.admission.add(recorder)

    await things.create("a")
    await things.merge("a", {"spec": {"size": 2}})
    await things.client.delete(f"{things.path}/a")

    assert recorder.asked == [
        ("mutate", "CREATE", "a"),
        ("validate", "CREATE", "a"),
        ("mutate", "UPDATE", "a"),
        ("validate", "UPDATE", "a"),
        ("mutate", "DELETE", "a"),
        ("validate", "DELETE", "a"),
    ]


async def test_a_plugin_changes_what_is_stored(things: Things, server):
    class Sizer(Recorder):
        async def act(self, step: str, operation: Operation) -> None:
            if step == "mutate" and operation.obj is not None:
                operation.obj = {**operation.obj, "spec": {**operation.obj["spec"], "size": 7}}

    server.registry.admission.add(Sizer())

    assert (await things.create("a", {"size": 1}))["spec"]["size"] == 7
    assert (await things.get("a")).json()["spec"]["size"] == 7


async def test_what_a_plugin_makes_is_validated(things: Things, server):
    class Breaker(Recorder):
        async def act(self, step: str, operation: Operation) -> None:
            if step == "mutate" and operation.obj is not None:
                operation.obj = {**operation.obj, "spec": {"size": 0}}

    server.registry.admission.add(Breaker())

    answer = await things.client.post(things.path, json=things.document("a"))

    assert answer.status_code == 422


async def test_a_plugin_refuses(things: Things, server):
    class Guard(Recorder):
        async def act(self, step: str, operation: Operation) -> None:
            if step == "validate" and operation.verb == "DELETE":
                raise StatusError.of(forbidden(operation.kind.plural, operation.name, "not now", group=GROUP))

    server.registry.admission.add(Guard())
    await things.create("a")

    answer = await things.client.delete(f"{things.path}/a")

    assert answer.status_code == 403
    assert answer.json()["message"] == f'things.{GROUP} "a" is forbidden: not now'
    assert (await things.get("a")).status_code == 200


async def test_a_patch_is_worked_out_anew_when_the_object_changes_meanwhile(things: Things, server):
    """While a plugin thinks, somebody else writes; the patch then starts from what that left."""

    slow = Slow()
    server.registry.admission.add(slow)
    await things.create("a", {"size": 1})

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(things.merge, "a", {"spec": {"size": 2}})
        await slow.waiting.wait()
        await things.merge("a", {"metadata": {"labels": {"app": "x"}}})
        slow.go_on.set()

    stored = (await things.get("a")).json()
    assert stored["spec"]["size"] == 2
    assert stored["metadata"]["labels"] == {"app": "x"}


async def test_an_update_that_was_overtaken_is_a_conflict(things: Things, server):
    slow = Slow()
    server.registry.admission.add(slow)
    made = await things.create("a", {"size": 1})
    codes: list[int] = []

    async def put() -> None:
        codes.append((await things.client.put(f"{things.path}/a", json=made | {"spec": {"size": 3}})).status_code)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(put)
        await slow.waiting.wait()
        await things.merge("a", {"spec": {"size": 2}})
        slow.go_on.set()

    assert codes == [409]
    assert (await things.get("a")).json()["spec"]["size"] == 2
