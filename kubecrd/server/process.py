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

from kubecrd.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .app import ApiServer

__all__ = ["kubeconfig", "running_server", "serve", "write_kubeconfig"]

_GRACE_SECONDS: Final = 1
"""How long open watches may go on when the server stops: their clients come back by themselves."""


def _uvicorn() -> Any:
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(
            "the embedded server needs uvicorn to listen on a socket; pip install 'kubecrd-toolkit[server]', "
            "or reach it in process through kubecrd.server.inprocess.InProcessTransport"
        ) from error
    return uvicorn


def _bind(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise ConfigError(
            f"{host}:{port}: {error.strerror or error}; choose another port, or 0 for any free one"
        ) from error


async def serve(
    server: ApiServer,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], None] = lambda _: None,
    stop: anyio.Event | None = None,
    signals: bool = False,
) -> None:
    """Answer on a socket until told to stop; connections that are open then get a second to end.

    Args:
        server: What answers.
        host: The address to listen on; this machine only, by default.
        port: The port; 0 takes any free one.
        ready: Called with the URL once requests are answered.
        stop: Ends the serving when it is set.
        signals: Whether SIGINT and SIGTERM end it; only in the main thread.

    Raises:
        ConfigError: the address cannot be listened on.
        MissingExtraError: the extra ``server`` is not installed.
    """
    uvicorn = _uvicorn()
    with _bind(host, port) as listening:
        url = f"http://{host}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            server, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=_GRACE_SECONDS
        )

        class Quiet(uvicorn.Server):  # type: ignore[misc, name-defined]
            """Leaves the signals to us: uvicorn would raise them again when it has stopped."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                ready(url)

        running = Quiet(config)

        async def stop_when(event: anyio.Event) -> None:
            await event.wait()
            running.should_exit = True

        async def stop_on_signal() -> None:
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
                async for _ in received:
                    running.should_exit = True

        async with server, anyio.create_task_group() as tasks:
            if stop is not None:
                tasks.start_soon(stop_when, stop)
            if signals:
                tasks.start_soon(stop_on_signal)
            await running.serve(sockets=[listening])
            tasks.cancel_scope.cancel()


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
            yaml.safe_dump(kubeconfig(url, token=token), file, sort_keys=False)
    except OSError as error:
        raise ConfigError(f"kubeconfig {str(path)!r}: {error.strerror or error}") from error


@contextlib.contextmanager
def running_server(make: Callable[[], ApiServer] | None = None, *, port: int = 0) -> Iterator[str]:
    """Run a server in a thread of its own, for tests that speak to it from outside; gives its URL.

    Args:
        make: Makes the server, in that thread; a new one in memory by default.
        port: The port; 0 takes any free one.
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
