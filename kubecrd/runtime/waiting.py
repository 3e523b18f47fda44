"""Waiting until an object is as one wants it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

import anyio

from kubecrd.errors import TimedOutError
from kubecrd.resource.fields import FieldSelector
from kubecrd.resource.objects import KubeObject

from .watcher import Apply, Delete, InitApply, InitDone, Watcher, WatcherConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubecrd.client.api import Api

__all__ = ["wait_for"]

K = TypeVar("K", bound=KubeObject)


async def wait_for(
    api: Api[K], name: str, condition: Callable[[K | None], bool], *, seconds: float | None = None
) -> K | None:
    """Return when *condition* holds for the object *name*, with the object.

    Broken connections and a server that is away are waited out; only time ends it.

    Args:
        api: Where the object is, or will be.
        name: Which.
        condition: Given the object, or None while there is none.
        seconds: How long to wait; None for as long as it takes.

    Raises:
        TimedOutError: the condition did not hold in time; the message says how the object was last seen.
    """
    watcher = Watcher(api, WatcherConfig(fields=FieldSelector.of(metadata__name=name)))
    seen: K | None = None
    with anyio.move_on_after(seconds):
        listed: K | None = None
        async with aclosing(watcher.events()) as events:
            async for event in events:
                match event:
                    case InitApply(found):
                        listed = found
                        continue
                    case InitDone():
                        seen, listed = listed, None
                    case Apply(found):
                        seen = found
                    case Delete():
                        seen = None
                    case _:
                        continue
                if condition(seen):
                    return seen
    state = "there is none" if seen is None else f"it is at version {seen.metadata.resource_version}"
    raise TimedOutError(f"{api.resource.kind} {name!r}: not as waited for after {seconds} s; {state}")
