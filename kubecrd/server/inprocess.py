"""Reaching an ASGI application in the same event loop, with answers that stream.

httpx's own ``ASGITransport`` collects a whole answer before it gives any of it, so a watch would never begin. Here the
application runs in a task beside the client, and what it sends is handed over piece by piece.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field

from kubecrd.client._httpx import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from types import TracebackType

    from anyio.abc import TaskGroup

    Message = MutableMapping[str, Any]
    App = Callable[
        [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
        Awaitable[None],
    ]

__all__ = ["InProcessTransport"]

_PIECES_AHEAD = 16
"""How many pieces of an answer may wait for a reader; then the application waits, as it would for a socket."""


@define(eq=False)
class _Exchange:
    """One request and its answer, between the task that asks and the task that answers."""

    request: httpx.Request
    send: MemoryObjectSendStream[bytes]
    receive: MemoryObjectReceiveStream[bytes]
    started: anyio.Event = field(factory=anyio.Event)
    gone: anyio.Event = field(factory=anyio.Event)
    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(factory=list)
    complete: bool = False
    error: Exception | None = None
    asked: AsyncIterator[bytes] | None = None
    asked_all: bool = False

    async def run(self, app: App) -> None:
        """Let *app* answer; whatever it raises is raised where the answer is read."""
        with self.scope:
            try:
                await app(self._http_scope(), self._next_message, self._take)
            except Exception as error:
                self.error = error
            finally:
                self.started.set()
                self.send.close()

    def _http_scope(self) -> dict[str, Any]:
        url = self.request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": self.request.method,
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in self.request.headers.raw],
            "server": (url.host, url.port or 80),
            "client": ("127.0.0.1", 0),
        }

    async def _next_message(self) -> Message:
        if self.asked_all:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        if self.asked is None:
            try:
                whole = self.request.content
            except httpx.RequestNotRead:
                self.asked = aiter(self.request.stream)  # type: ignore[arg-type]
            else:
                self.asked_all = True
                return {"type": "http.request", "body": whole, "more_body": False}
        piece = await anext(self.asked, None)
        self.asked_all = piece is None
        return {"type": "http.request", "body": piece or b"", "more_body": not self.asked_all}

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
            self.started.set()
            return
        if piece := message.get("body", b""):
            try:
                await self.send.send(piece)
            except anyio.BrokenResourceError:  # nobody reads any more, as when a socket is closed
                self.gone.set()
        self.complete = not message.get("more_body", False)


class _Answer(httpx.AsyncByteStream):
    """The body of an answer, as it is sent."""

    def __init__(self, exchange: _Exchange, timeout: float) -> None:
        self._exchange = exchange
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            try:
                with anyio.fail_after(self._timeout):
                    piece = await self._exchange.receive.receive()
            except TimeoutError as error:
                raise httpx.ReadTimeout("nothing was sent in time", request=self._exchange.request) from error
            except anyio.EndOfStream:
                break
            yield piece
        if self._exchange.error is not None:
            raise self._exchange.error
        if not self._exchange.complete:
            raise httpx.RemoteProtocolError("the application ended amid its answer", request=self._exchange.request)

    async def aclose(self) -> None:
        self._exchange.gone.set()
        self._exchange.receive.close()
        self._exchange.scope.cancel()


class InProcessTransport(httpx.AsyncBaseTransport):
    """An httpx transport that hands requests to an ASGI application, in this event loop, with streaming.

    ``async with httpx.AsyncClient(transport=InProcessTransport(app), base_url="http://server"):``. The client
    opens and closes the transport; the tasks in which the application answers live that long, and no longer.

    Args:
        app: The application, such as an `ApiServer`.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: TaskGroup | None = None
        self._exit: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(self._tasks.cancel_scope.cancel)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        exit_, self._exit, self._tasks = self._exit, None, None
        if exit_ is not None:
            await exit_.__aexit__(exc_type, exc_value, traceback)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer *request*; the answer begins when the application has sent its headers.

        What the application raises before that is raised here; what it raises later, where the answer is read.

        Raises:
            ReadTimeout: the application did not begin to answer within the request's read timeout.
            RemoteProtocolError: the application ended without an answer.
            RuntimeError: the transport is not open.
        """
        if self._tasks is None:
            raise RuntimeError("the transport is not open; use the client in `async with`")
        timeout = request.extensions.get("timeout", {}).get("read")
        seconds = math.inf if timeout is None else timeout
        exchange = _Exchange(request, *anyio.create_memory_object_stream[bytes](_PIECES_AHEAD))
        answer = _Answer(exchange, seconds)
        self._tasks.start_soon(exchange.run, self._app)
        try:
            with anyio.fail_after(seconds):
                await exchange.started.wait()
        except TimeoutError as error:
            await answer.aclose()
            raise httpx.ReadTimeout("no answer began in time", request=request) from error
        except BaseException:
            await answer.aclose()
            raise
        if not exchange.status:
            await answer.aclose()
            raise exchange.error or httpx.RemoteProtocolError("the application gave no answer", request=request)
        return httpx.Response(exchange.status, headers=exchange.headers, stream=answer, request=request)
