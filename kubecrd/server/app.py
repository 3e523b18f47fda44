"""The API server: an ASGI application, and the background work that goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self, final

import anyio

from .kinds import Kinds

if TYPE_CHECKING:
    from types import TracebackType

    from .storage import Store

__all__ = ["ApiServer"]

Message = MutableMapping[str, Any]


@final
class ApiServer:
    """A Kubernetes API server that answers as kube-apiserver does, as an ASGI application.

    It serves any number of requests at once on one event loop. Definitions are established, dependents are
    collected and namespaces emptied by background work that runs inside ``async with server:``; an ASGI server
    that sends lifespan events does that too. Outside, requests are answered, but nothing happens by itself.

    Args:
        store: Where objects are kept; in memory when it is not given.
        token: The bearer token that clients must show; None lets everybody do everything.

    Attributes:
        kinds: What is served now.
        store: Where objects are kept.
    """

    def __init__(self, store: Store | None = None, *, token: str | None = None) -> None:
        from .storage import Store  # noqa: PLC0415

        self.kinds = Kinds()
        self.store = Store() if store is None else store
        self._token = token
        self._running: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(tasks.cancel_scope.cancel)
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._running is not None
        await self._running.__aexit__(kind, error, traceback)
        self._running = None

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one connection, as ASGI has it: ``http`` requests and the ``lifespan``."""
        raise NotImplementedError
