"""``kubecrd run``: controllers, or any function that takes a client, against a cluster or an embedded server."""

from __future__ import annotations

import inspect
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from kubecrd.schema.modules import custom_resources

from .console import start_logging
from .loading import definitions_of, load_object
from .server import announce, opened_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anyio.abc import TaskStatus

    from kubecrd.client.client import Client
    from kubecrd.schema.crd import CustomResourceDefinition
    from kubecrd.server.storage import Store

    Job = Callable[[Client], Awaitable[object]]

__all__ = ["run"]


@click.command(short_help="Run controllers, on a cluster or a server that is brought along.")
@click.argument("target", metavar="MODULE:NAME")
@click.option("--embedded", is_flag=True, help="Bring an API server along, with the definitions of MODULE installed.")
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The kubeconfig to use; with --embedded, where to write the one of the server.",
)
@click.option("--context", help="The kubeconfig's context; the current one by default.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="With --embedded: the port to listen on.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --embedded: a folder to keep the objects in.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log what is of use when debugging, too.")
def run(
    target: str,
    kubeconfig: Path | None,
    context: str | None,
    port: int,
    data_dir: Path | None,
    *,
    embedded: bool,
    verbose: bool,
) -> int:
    """Run what NAME is in MODULE, until it ends, or SIGINT or SIGTERM come.

    NAME is a Controller, a list or tuple of controllers, or an async function that takes a Client.

    \b
    Examples:
      kubecrd run shop.operator:controller
      kubecrd run shop.operator:controllers --context kind-shop
      kubecrd run shop.operator:controller --embedded --kubeconfig kc

    Exit codes: 0 it has ended; 1 it failed, or there is no server; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    _check_options(embedded=embedded, context=context, port=port, data_dir=data_dir)
    module, found = load_object(target)
    job, kinds = _job(target, found)
    start_logging(verbose=verbose)
    if not embedded:
        anyio.run(_run_on_cluster, job, kubeconfig, context)
        return 0
    known = custom_resources(module, imported=True)
    known += [kind for kind in kinds if "__kube_definition__" in vars(kind) and kind not in known]
    with opened_store(data_dir) as store:
        ready = partial(announce, kubeconfig=kubeconfig)
        anyio.run(_run_embedded, job, definitions_of(known), store, port, ready)
    return 0


def _check_options(*, embedded: bool, context: str | None, port: int, data_dir: Path | None) -> None:
    if embedded and context is not None:
        raise click.UsageError("--context chooses a cluster; leave it out, or leave out --embedded")
    if not embedded and (port or data_dir is not None):
        raise click.UsageError("--port and --data-dir are of the embedded server; add --embedded")


def _job(target: str, found: Any) -> tuple[Job, list[type]]:
    """Say what is to be run, and which kinds it is about."""
    from kubecrd.runtime.controller import Controller, run_until_signal

    controllers = [found] if isinstance(found, Controller) else found
    if (
        isinstance(controllers, list | tuple)
        and controllers
        and all(isinstance(each, Controller) for each in controllers)
    ):
        return lambda client: run_until_signal(client, *controllers), [each.kind for each in controllers]
    if inspect.iscoroutinefunction(found):
        return partial(_until_signal, found), []
    raise click.BadParameter(
        f"{target} is of type {type(found).__name__}; "
        "name a Controller, a list or tuple of controllers, or an async function that takes a Client",
        param_hint="MODULE:NAME",
    )


async def _until_signal(function: Job, client: Client) -> None:
    """Await *function*, and cancel it when a signal says so."""
    async with anyio.create_task_group() as tasks:

        async def listen(*, task_status: TaskStatus[None]) -> None:
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
                task_status.started()
                async for _ in received:
                    tasks.cancel_scope.cancel()

        await tasks.start(listen)
        await function(client)
        tasks.cancel_scope.cancel()


async def _run_on_cluster(job: Job, kubeconfig: Path | None, context: str | None) -> None:
    from kubecrd.client.client import Client
    from kubecrd.client.config import Config

    given = kubeconfig is not None or context is not None
    config = Config.from_kubeconfig(kubeconfig, context=context) if given else Config.infer()
    async with Client(config) as client:
        await job(client)


async def _run_embedded(
    job: Job,
    definitions: list[CustomResourceDefinition],
    store: Store,
    port: int,
    ready: Callable[[str], None],
) -> None:
    """Run *job* against a server of its own, which ends after it."""
    from kubecrd.client.client import Client
    from kubecrd.client.config import Config
    from kubecrd.server.app import ApiServer
    from kubecrd.server.process import serve
    from kubecrd.testing.installing import install_definition

    urls: list[str] = []
    up, stop = anyio.Event(), anyio.Event()

    def started(url: str) -> None:
        urls.append(url)
        up.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(serve, ApiServer(store), port=port, ready=started, stop=stop))
        await up.wait()
        async with Client(Config(server=urls[0])) as client:
            for definition in definitions:
                await install_definition(client, definition)
            ready(urls[0])
            await job(client)
        stop.set()
