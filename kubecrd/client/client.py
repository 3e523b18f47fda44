"""A connection to a server: sends requests, tries again where that is safe, and tells failures as errors."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import anyio

from kubecrd.errors import StatusError, TransportError

from .config import Config
from .failures import failure_of, warnings_in
from .httpx_transport import HttpxTransport
from .retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType

    from kubecrd.resource.request import Request

    from ._httpx import httpx
    from .transport import StreamedAnswer, Transport

__all__ = ["Client"]

_logger = logging.getLogger(__name__)

_OK = range(200, 300)
_UNAUTHORIZED = 401


class Client:
    """Speaks to one server; use it in ``async with``.

    Args:
        config: Where the server is; by default what `Config.infer` finds.
        transport: An HTTP library of one's own, or an httpx transport such as one that reaches a server in this process.
        retry: Which failures are tried again.
        timeout: Seconds until a request must be answered; 30 by default. Watches have their own.
        on_warning: Told what the server warns of, such as an unknown field; by default it is logged.

    Raises:
        ConfigError: no configuration was found, or it cannot be used.
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        transport: Transport | httpx.AsyncBaseTransport | None = None,
        retry: RetryPolicy | None = None,
        timeout: float = 30.0,
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        if config is None:
            config = Config.infer() if transport is None else Config(server="http://in-process")
        self.config = config
        self._retry = retry or RetryPolicy()
        self._timeout = timeout
        self._on_warning = on_warning or _log_warning
        own = transport is not None and hasattr(transport, "stream")
        self._transport: Any = transport if own else HttpxTransport(config, inner=transport)  # type: ignore[arg-type]
        self._open: AsyncExitStack | None = None

    @property
    def namespace(self) -> str:
        """Where namespaced requests go that name no other."""
        return self.config.namespace

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if hasattr(self._transport, "__aenter__"):
                await stack.enter_async_context(self._transport)
            else:
                stack.push_async_callback(self._transport.aclose)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._open is not None
        opened, self._open = self._open, None
        await opened.__aexit__(kind, error, traceback)

    async def send(self, request: Request) -> bytes:
        """Send *request* and give the body of its answer.

        Raises:
            StatusError: the server answered with a failure; the subclass says which.
            TransportError: no answer came.
        """
        started, tried = anyio.current_time(), 0
        while True:
            tried += 1
            try:
                return await self._send_once(request)
            except (StatusError, TransportError) as error:
                elapsed = anyio.current_time() - started
                delay = self._retry.delay(request.verb, tried, elapsed, error)
                if delay is None:
                    raise
            _logger.debug("%s %s: again in %.2f s, after try %d", request.verb, request.path, delay, tried)
            await anyio.sleep(delay)

    async def _send_once(self, request: Request) -> bytes:
        answer = await self._transport.send(request, seconds=self._timeout)
        if answer.status == _UNAUTHORIZED and self._refreshed():
            answer = await self._transport.send(request, seconds=self._timeout)
        self._warn(answer.headers)
        if answer.status not in _OK:
            raise StatusError.of(failure_of(request, answer.status, answer.headers, answer.body))
        return bytes(answer.body)

    @asynccontextmanager
    async def stream(self, request: Request, *, idle_timeout: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send *request* and give its answer line by line; the status is looked at first.

        Args:
            request: What to send.
            idle_timeout: Seconds without a byte after which the stream counts as dead.

        Raises:
            StatusError: the server answered with a failure.
            TransportError: no answer came, or it broke off.
        """
        answer: StreamedAnswer
        async with self._transport.stream(request, idle_timeout=idle_timeout) as answer:
            self._warn(answer.headers)
            if answer.status not in _OK:
                if answer.status == _UNAUTHORIZED:
                    self._refreshed()  # for the next try, which a watcher makes by itself
                body = b"\n".join([line async for line in answer.lines])
                raise StatusError.of(failure_of(request, answer.status, answer.headers, body))
            yield answer.lines

    def _refreshed(self) -> bool:
        refresh = getattr(self.config.credentials, "refresh", None)
        return refresh is not None and bool(refresh())

    def _warn(self, headers: Mapping[str, str]) -> None:
        if "warning" in headers:
            for text in warnings_in(headers):
                self._on_warning(text)


def _log_warning(text: str) -> None:
    _logger.warning("the server warns: %s", text)
