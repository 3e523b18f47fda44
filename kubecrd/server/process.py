"""The server on a socket: for kubectl, for other processes, for other languages."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.from_thread
import yaml

from kubecrd._extras import need
from kubecrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
    from pathlib import Path

    from anyio.abc import TaskStatus

    from .app import ApiServer

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["kubeconfig", "running_server", "serve", "write_kubeconfig"]

_GRACE_SECONDS: Final = 5
"""How long requests that are being answered may take when the server stops; watches end at once."""
_IDLE_SECONDS: Final = 90
"""How long a connection may lie idle, as at kube-apiserver; uvicorn's own 5 s races with clients that keep a pool."""
_LAST_PORT: Final = 65535


def _allow_any_status() -> None:
    """Teach uvicorn the status codes from 600 on, which it has no lines for, but with which a webhook may deny."""
    with contextlib.suppress(ImportError):
        from uvicorn.protocols.http.httptools_impl import STATUS_LINE

        for code in range(600, 1000):
            STATUS_LINE.setdefault(code, f"HTTP/1.1 {code} \r\n".encode())


class _Ending:
    """An application whose clients all seem to leave when the server stops, which ends their watches in good order.

    What is not a stream asks for nothing after the request's body, and is answered as always.
    """

    def __init__(self, app: ApiServer, stopping: anyio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        asked_all = False

        async def next_message() -> Message:
            nonlocal asked_all
            if asked_all:
                return await self._disconnected(receive)
            message = await receive()
            asked_all = not message.get("more_body", False)
            return message

        await self._app(scope, next_message, send)

    async def _disconnected(self, receive: Receive) -> Message:
        message: Message = {"type": "http.disconnect"}
        async with anyio.create_task_group() as tasks:

            async def stop() -> None:
                await self._stopping.wait()
                tasks.cancel_scope.cancel()

            tasks.start_soon(stop)
            message = await receive()
            tasks.cancel_scope.cancel()
        return message


def _uvicorn() -> Any:
    return need(
        "uvicorn",
        feature="listening on a socket",
        extra="server",
        instead="reach the server in process through kubecrd.server.inprocess.InProcessTransport",
    )


def _bind(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"{host}:{port}: there is no such port; choose one up to {_LAST_PORT}, or 0 for any free one")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # Python writes the address into its own text; resolvers have numbers of their own.
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise ConfigError(f"{host}:{port}: {why}; choose another port, or 0 for any free one") from error
    # asyncio turns Nagle's algorithm off where a socket says that it is TCP. Without that the second part of each answer
    # waits for the client's delayed acknowledgement, some 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


def _uvicorn_server(app: Any, started: Callable[[], object]) -> Any:
    """Make the uvicorn server that calls *started* once it answers."""
    uvicorn = _uvicorn()
    _allow_any_status()

    class Quiet(uvicorn.Server):  # type: ignore[misc, name-defined]
        """Leaves the signals to us: uvicorn would raise them again when it has stopped."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        log_config=None,  # the logging of a process is its owner's
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return Quiet(config)


async def serve(
    server: ApiServer,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], object] | None = None,
    stop: anyio.Event | None = None,
    signals: bool = False,
) -> None:
    """Answer on a socket until told to stop; watches end then, and requests that are open have 5 s.

    Args:
        server: What answers.
        host: The address to listen on; this machine only, by default.
        port: The port; 0 takes any free one.
        ready: Called with the URL once requests are answered; what it raises ends the serving.
        stop: Ends the serving when it is set.
        signals: Whether SIGINT and SIGTERM end it, a second one at once; only in the main thread.

    Raises:
        ConfigError: the address cannot be listened on.
        MissingExtraError: the extra ``server`` is not installed.
    """
    stopping = anyio.Event()
    with _bind(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listening.getsockname()[1]}"
        running = _uvicorn_server(_Ending(server, stopping), lambda: ready and ready(url))

        def end() -> None:
            running.force_exit = running.should_exit
            running.should_exit = True
            stopping.set()

        async with _alone(), server, anyio.create_task_group() as tasks:
            if stop is not None:
                tasks.start_soon(_end_when, stop, end)
            if signals:
                await tasks.start(_end_on_signal, end)
            await running.serve(sockets=[listening])
            tasks.cancel_scope.cancel()


async def _end_when(stop: anyio.Event, end: Callable[[], None]) -> None:
    await stop.wait()
    end()


async def _end_on_signal(end: Callable[[], None], *, task_status: TaskStatus[None]) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
        task_status.started()
        async for _ in received:
            end()


@contextlib.asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Raise an error that came alone as itself: that tasks were grouped is no business of the caller."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        raise error from None


def kubeconfig(url: str, *, token: str | None = None) -> dict[str, Any]:
    """Give the kubeconfig with which kubectl and every client reach the server at *url*."""
    user = {"token": token} if token else {}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubecrd", "cluster": {"server": url}}],
        "users": [{"name": "kubecrd", "user": user}],
        "contexts": [{"name": "kubecrd", "context": {"cluster": "kubecrd", "user": "kubecrd", "namespace": "default"}}],
        "current-context": "kubecrd",
    }


def write_kubeconfig(path: Path | str, url: str, *, token: str | None = None) -> None:
    """Write the kubeconfig for the server at *url*; only its owner may read it, since it may hold a token.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(file.fileno(), 0o600)  # it may have been there, for all to read
            yaml.safe_dump(kubeconfig(url, token=token), file, sort_keys=False)
    except OSError as error:
        raise ConfigError(f"kubeconfig {str(path)!r}: {error.strerror or error}") from error


@contextlib.contextmanager
def running_server(make: Callable[[], ApiServer] | None = None, *, port: int = 0) -> Iterator[str]:
    """Run a server in a thread of its own, for tests that speak to it from outside; gives its URL.

    Args:
        make: Makes the server, in that thread; a new one in memory by default.
        port: The port; 0 takes any free one.

    Raises:
        ConfigError: the address cannot be listened on.
        MissingExtraError: the extra ``server`` is not installed.
    """
    from .app import ApiServer

    started = threading.Event()
    urls: list[str] = []

    def ready(url: str) -> None:
        urls.append(url)
        started.set()

    with anyio.from_thread.start_blocking_portal() as portal:
        stop = portal.call(anyio.Event)
        served = portal.start_task_soon(lambda: serve((make or ApiServer)(), port=port, ready=ready, stop=stop))
        served.add_done_callback(lambda _: started.set())
        started.wait()
        if not urls:
            served.result()
        try:
            yield urls[0]
        finally:
            portal.call(stop.set)
            served.result()
