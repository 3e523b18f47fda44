"""``kubecrd server``: the embedded API server on a socket."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from .console import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.server.storage import Store

__all__ = ["announce", "opened_store", "server"]


@click.command(short_help="Run an API server, without a cluster.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port; any free one by default.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder to keep the objects in; by default they go with the process.",
)
@click.option(
    "--kubeconfig", type=click.Path(dir_okay=False, path_type=Path), help="A file to write for kubectl and clients."
)
def server(host: str, port: int, data_dir: Path | None, kubeconfig: Path | None) -> int:
    """Run an API server that answers as kube-apiserver does, until SIGINT or SIGTERM.

    The first line it prints is "Listening on URL"; the kubeconfig is written by then. With --data-dir no acknowledged
    write is lost, however the process ends.

    \b
    Examples:
      kubecrd server
      kubecrd server --port 8001 --kubeconfig kc &
      kubectl --kubeconfig kc get namespaces
      kubecrd server --data-dir ~/.local/share/shop

    Exit codes: 0 ended by a signal; 1 the port, a folder or a file cannot be used; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from kubecrd.server.app import ApiServer
    from kubecrd.server.process import serve

    with opened_store(data_dir) as store:
        ready = partial(announce, kubeconfig=kubeconfig)
        anyio.run(partial(serve, ApiServer(store), host=host, port=port, ready=ready, signals=True))
    return 0


def announce(url: str, *, kubeconfig: Path | None) -> None:
    """Say where the server is, once the kubeconfig for it is written.

    Raises:
        ConfigError: the file cannot be written.
    """
    from kubecrd.server.process import write_kubeconfig

    if kubeconfig is not None:
        write_kubeconfig(kubeconfig, url)
    say(f"Listening on {url}")
    if kubeconfig is not None:
        say(f"Try: kubectl --kubeconfig {shlex.quote(str(kubeconfig))} get namespaces")


@contextmanager
def opened_store(data_dir: Path | None) -> Iterator[Store]:
    """Open the store in a folder, or one in memory.

    Raises:
        ConfigError: the folder cannot be used.
    """
    from kubecrd.server.sqlite import SqliteJournal
    from kubecrd.server.storage import Store

    store = Store(None if data_dir is None else SqliteJournal(data_dir))
    try:
        yield store
    finally:
        store.close()
