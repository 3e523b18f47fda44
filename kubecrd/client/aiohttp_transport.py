"""The transport over aiohttp, which the extra ``fast`` brings: a fraction of httpx's work for each request.

It is for asyncio only; everything else of the client runs on trio too.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Self

from kubecrd._extras import need
from kubecrd.errors import ConfigError, TimedOutError, TransportError

from ._lines import lines_of
from .tls import ssl_context
from .transport import CONNECT_SECONDS, USER_AGENT, Answer, StreamedAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from kubecrd.resource.request import Request

    from .config import Config

__all__ = ["AiohttpTransport"]

_POOL_SIZE: Final = 100
"""As many connections as httpx keeps; more requests than that wait for one."""


class AiohttpTransport:
    """Sends requests through aiohttp: ``Client(config, transport=AiohttpTransport(config))``.

    Args:
        config: Where the server is, and as whom to speak to it.

    Raises:
        MissingExtraError: the extra ``fast`` is not installed.
        ConfigError: a certificate cannot be read, or the proxy speaks SOCKS, which aiohttp does not.
    """

    def __init__(self, config: Config) -> None:
        self._aiohttp = need("aiohttp", feature="AiohttpTransport", extra="fast", instead="leave it to httpx")
        if config.proxy_url and not config.proxy_url.startswith(("http://", "https://")):
            raise ConfigError("proxy_url: aiohttp speaks to HTTP proxies only; use HttpxTransport for a SOCKS proxy")
        self._config = config
        self._base = config.server.rstrip("/")
        self._tls = ssl_context(config) or True
        self._sessions: AsyncExitStack | None = None
        self._pool: Any = None
        self._streams: Any = None

    async def __aenter__(self) -> Self:
        # aiohttp's sessions belong to the loop in which they are made.
        async with AsyncExitStack() as stack:
            self._pool = await stack.enter_async_context(self._session(limit=_POOL_SIZE))
            # A watch would hold a place in the pool for minutes.
            self._streams = await stack.enter_async_context(self._session(limit=0, force_close=True))
            self._sessions = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of all connections."""
        if self._sessions is not None:
            opened, self._sessions = self._sessions, None
            await opened.aclose()

    async def send(self, request: Request, *, seconds: float) -> Answer:
        """Send *request* and read the whole answer.

        Raises:
            TransportError: no answer came.
            TimedOutError: it did not come in time.
        """
        timeout = self._aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, CONNECT_SECONDS))
        try:
            async with self._asked(self._pool, request, timeout) as response:
                return Answer(response.status, _joined(response.headers), await response.read())
        except (self._aiohttp.ClientError, TimeoutError) as error:
            raise _mapped(error, request) from _cause(error)

    @asynccontextmanager
    async def stream(self, request: Request, *, idle_timeout: float) -> AsyncIterator[StreamedAnswer]:
        """Send *request* and give its answer line by line, on a connection of its own.

        Raises:
            TransportError: no answer came, or it broke off.
            TimedOutError: nothing came in time.
        """
        connect = min(idle_timeout, CONNECT_SECONDS)
        timeout = self._aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=idle_timeout)
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(self._asked(self._streams, request, timeout))
            except (self._aiohttp.ClientError, TimeoutError) as error:
                raise _mapped(error, request) from _cause(error)
            pieces = await stack.enter_async_context(aclosing(self._pieces(response, request)))
            lines = await stack.enter_async_context(aclosing(lines_of(pieces, request)))
            yield StreamedAnswer(response.status, _joined(response.headers), lines)

    async def _pieces(self, response: Any, request: Request) -> AsyncGenerator[bytes, None]:
        try:
            async for piece in response.content.iter_any():
                yield piece
        except (self._aiohttp.ClientError, TimeoutError) as error:
            raise _mapped(error, request) from _cause(error)

    def _session(self, **connector: Any) -> Any:
        return self._aiohttp.ClientSession(
            connector=self._aiohttp.TCPConnector(ssl=self._tls, **connector),
            cookie_jar=self._aiohttp.DummyCookieJar(),
            headers=[("User-Agent", USER_AGENT), *self._config.headers],
        )

    def _asked(self, session: Any, request: Request, timeout: Any) -> Any:
        from yarl import URL

        if session is None:
            raise RuntimeError("AiohttpTransport is not open; use the client in `async with`")
        return session.request(
            request.method,
            URL(self._base + request.target, encoded=True),
            headers={**request.headers, **self._config.credentials.headers()},
            data=request.body,
            timeout=timeout,
            proxy=self._config.proxy_url,
            server_hostname=self._config.tls_server_name,
            allow_redirects=False,
        )


def _joined(headers: Any) -> Mapping[str, str]:
    """Give each header once, as httpx does: a name that comes twice has its values in a list."""
    joined: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _mapped(error: Any, request: Request) -> TransportError:
    text = str(error) if _cause(error) else f"{error.status} {error.message}"
    what = f"{request.verb} {request.path}: {text or type(error).__name__}"
    return TimedOutError(what) if isinstance(error, TimeoutError) else TransportError(what)


def _cause(error: Exception) -> Exception | None:
    """Give what may be shown beside our error: not a proxy's refusal, which shows the proxy's URL with its password."""
    return None if hasattr(error, "request_info") else error
