"""The transport over httpx: requests share a pool, watches have connections of their own."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from kubecrd.errors import TimedOutError, TransportError

from ._httpx import httpx
from ._lines import lines_of
from .tls import ssl_context
from .transport import CONNECT_SECONDS, USER_AGENT, Answer, StreamedAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from kubecrd.resource.request import Request

    from .config import Config

__all__ = ["HttpxTransport"]


class HttpxTransport:
    """Sends requests through httpx, or httpx2 where that is installed.

    Args:
        config: Where the server is, and as whom to speak to it.
        inner: An httpx transport to use instead of the network, such as one that reaches a server in this process.

    Raises:
        ConfigError: a certificate cannot be read.
    """

    def __init__(self, config: Config, *, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._config = config
        self._extensions = {"sni_hostname": config.tls_server_name} if config.tls_server_name else {}
        headers = [("User-Agent", USER_AGENT), *config.headers]
        options: dict[str, Any] = {"base_url": config.server, "headers": headers, "trust_env": False}
        if inner is None:
            options |= {"verify": ssl_context(config) or True, "proxy": config.proxy_url}
        else:
            options["transport"] = inner
        self._pool = httpx.AsyncClient(**options)
        # A watch would hold a place in the pool for minutes. In process there is nothing to hold.
        unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._streams = self._pool if inner is not None else httpx.AsyncClient(**options, limits=unlimited)

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        if self._streams is not self._pool:
            await self._streams.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of all connections."""
        if self._streams is not self._pool:
            await self._streams.__aexit__(None, None, None)
        await self._pool.__aexit__(None, None, None)

    async def send(self, request: Request, *, seconds: float) -> Answer:
        """Send *request* and read the whole answer.

        Raises:
            TransportError: no answer came.
            TimedOutError: it did not come in time.
        """
        try:
            response = await self._pool.send(self._built(request, seconds))
        except httpx.HTTPError as error:
            raise _mapped(error, request) from error
        return Answer(response.status_code, response.headers, response.content)

    @asynccontextmanager
    async def stream(self, request: Request, *, idle_timeout: float) -> AsyncIterator[StreamedAnswer]:
        """Send *request* and give its answer line by line, on a connection of its own.

        Raises:
            TransportError: no answer came, or it broke off.
            TimedOutError: nothing came in time.
        """
        try:
            response = await self._streams.send(self._built(request, idle_timeout), stream=True)
        except httpx.HTTPError as error:
            raise _mapped(error, request) from error
        try:
            async with aclosing(lines_of(_pieces(response, request), request)) as lines:
                yield StreamedAnswer(response.status_code, response.headers, lines)
        finally:
            await response.aclose()

    def _built(self, request: Request, seconds: float) -> Any:
        headers = {**request.headers, **self._config.credentials.headers()}
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        return self._pool.build_request(
            request.method,
            request.target,
            headers=headers,
            content=request.body,
            timeout=timeout,
            extensions=dict(self._extensions),
        )


async def _pieces(response: Any, request: Request) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in response.aiter_bytes():
            yield piece
    except httpx.HTTPError as error:
        raise _mapped(error, request) from error


def _mapped(error: httpx.HTTPError, request: Request) -> TransportError:
    what = f"{request.verb} {request.path}: {str(error) or type(error).__name__}"
    return TimedOutError(what) if isinstance(error, httpx.TimeoutException) else TransportError(what)
