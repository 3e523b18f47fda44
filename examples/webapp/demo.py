"""The whole way in one run: classes, definition, verdicts, a controller, kubectl; on an embedded API server.

    python -m examples.webapp.demo [--keep]

With ``--keep`` the server stays up, and the kubectl command to look around is printed.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import yaml
from rich.console import Console
from rich.table import Table

from kubecrd import Api, Client, Config, CustomResourceDefinition, DynamicObject, KubeError, Resource
from kubecrd.errors import StatusError
from kubecrd.k8s.apps.v1 import Deployment
from kubecrd.k8s.core.v1 import ConfigMap, Service
from kubecrd.resource.patches import MergePatch
from kubecrd.runtime.waiting import wait_for
from kubecrd.schema.manifests import dump
from kubecrd.server.app import ApiServer
from kubecrd.server.process import serve, write_kubeconfig

FOLDER = Path(__file__).parent
console = Console(highlight=False, soft_wrap=True)


def title(text: str) -> None:
    """Say what comes next."""
    console.print(f"\n[bold cyan]{text}[/]")


def told(text: str, *, good: bool = True) -> None:
    """Say what came of it."""
    console.print(f"  [{'green' if good else 'yellow'}]{'✓' if good else '✗'}[/] {text}")


def read(name: str) -> dict[str, Any]:
    """Read one of the YAML files beside this one."""
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return document


async def main(*, keep: bool) -> None:
    """Run the demonstration."""
    with tempfile.TemporaryDirectory(prefix="webapp-") as folder:
        os.environ["WEBAPP_ZONE_FILE"] = str(Path(folder) / "zone.txt")
        stop, up = anyio.Event(), anyio.Event()
        urls: list[str] = []

        def ready(url: str) -> None:
            urls.append(url)
            up.set()

        async def run_server() -> None:
            await serve(ApiServer(), ready=ready, stop=stop)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_server)
            await up.wait()
            kubeconfig = Path(folder) / "kubeconfig"
            write_kubeconfig(kubeconfig, urls[0])
            async with Client(Config.from_kubeconfig(kubeconfig)) as client:
                await demonstrate(client, urls[0], kubeconfig, keep=keep)
            stop.set()


async def demonstrate(client: Client, url: str, kubeconfig: Path, *, keep: bool) -> None:
    """Show each part in turn."""
    title("1. An API server, without a cluster")
    told(f"listening on {url}, kubeconfig in {kubeconfig}")
    await install(client)
    await show_verdicts(client)
    await operate(client, kubeconfig, keep=keep)


async def install(client: Client) -> None:
    """Derive the definition from the class, and install it."""
    from .models import WebApp

    title("2. The definition, derived from examples/webapp/models.py")
    crd = WebApp.crd()
    lines = dump(crd.to_dict()).splitlines()
    told(f"{crd.metadata.name}: {len(lines)} lines of YAML, as `kubecrd export examples.webapp.models` writes them")
    definitions = Api(client, CustomResourceDefinition)
    await definitions.create(crd)

    def is_established(found: CustomResourceDefinition | None) -> bool:
        return found is not None and found.status is not None and found.status.is_true("Established")

    await wait_for(definitions, str(crd.metadata.name), is_established, seconds=5)
    told("installed and established")


async def show_verdicts(client: Client) -> None:
    """Apply the files: three are taken, one the schema refuses, one a CEL rule."""
    title("3. Objects: the server's own verdict on each file")
    for name in ("shop.yaml", "blog.yaml", "worker.yaml", "refused-by-schema.yaml", "refused-by-rule.yaml"):
        await apply_file(client, name)


async def apply_file(client: Client, name: str) -> None:
    """Create what a file says, or change it when it is there, as kubectl does; and show the answer."""
    from .models import WebApp

    wanted = DynamicObject.from_dict(read(name), WebApp.api_resource)
    apps = Api(client, WebApp.api_resource)
    try:
        if await apps.get_opt(str(wanted.metadata.name)) is None:
            app = await apps.create(wanted)
        else:
            app = await apps.patch(str(wanted.metadata.name), MergePatch(wanted.data))
        told(f"{name}: webapp {app.metadata.name} is at generation {app.metadata.generation}")
    except StatusError as error:
        told(f"{name}: refused with {error.status.code} {error.status.reason}", good=False)
        for cause in error.status.details.causes if error.status.details else ():
            console.print(f"      {cause.field}: {cause.message}", markup=False)


async def operate(client: Client, kubeconfig: Path, *, keep: bool) -> None:
    """Start the controllers, change things, and watch what becomes of them."""
    from .cluster import kubelet
    from .operator import controller

    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        for each in (controller, kubelet):

            async def run(which: Any = each) -> None:
                await which.run(client, stop=stop)

            tasks.start_soon(run)
        await follow(client)
        await show_table(client)
        if keep:
            title("The server stays up; press Ctrl-C to end it")
            console.print(f"  kubectl --kubeconfig {kubeconfig} get webapps,deployments,services,configmaps")
            await anyio.sleep_forever()
        stop.set()


async def follow(client: Client) -> None:
    """Change an object, try to change what is fixed, delete one."""
    from .models import WebApp
    from .operator import ZONE_FILE
    from .zone import Zone

    apps = Api(client, WebApp)
    title("4. The controller at work")
    for name in ("shop", "blog", "worker"):
        app = await wait_for(apps, name, is_ready, seconds=5)
        assert app is not None
        assert app.status is not None
        told(f"{name}: {app.status.conditions[0].message}")
    told(f"zone file: {', '.join(f'{host} -> {target}' for host, target in Zone(ZONE_FILE).records().items())}")

    title("5. A change, and one that a transition rule refuses")
    await apps.patch("shop", MergePatch({"spec": {"replicas": 5}}))
    await wait_for(apps, "shop", lambda app: is_ready(app) and app is not None and app.spec.replicas == 5, seconds=5)
    told("shop: replicas 3 -> 5, and 5 are ready")
    await apply_file(client, "refused-update.yaml")

    title("6. A deletion: finalizer, children, and what is outside")
    await apps.delete("blog")
    await wait_for(apps, "blog", lambda app: app is None, seconds=5)
    told("blog: the finalizer has run, the object is gone")
    await gone(client, "blog")
    told("its Deployment, Service and ConfigMap are collected")
    told(f"zone file: {', '.join(Zone(ZONE_FILE).records()) or '(empty)'}")


def is_ready(app: Any) -> bool:
    """Say whether the condition Ready is true, and about the present spec."""
    conditions = app.status.conditions if app is not None and app.status is not None else []
    return any(
        each.type == "Ready" and each.status == "True" and each.observed_generation == app.metadata.generation
        for each in conditions
    )


async def gone(client: Client, name: str) -> None:
    """Return when the children of the WebApp *name* are gone."""
    for kind in (Deployment, Service, ConfigMap):
        await wait_for(Api(client, kind), name, lambda child: child is None, seconds=5)


async def show_table(client: Client) -> None:
    """Print what exists."""
    from .models import WebApp

    title("7. What there is")
    table = Table("Kind", "Name", "Generation", "Replicas", "Ready", "Owner")
    for kind in (WebApp, Deployment, Service, ConfigMap):
        for found in await Api(client, kind).list():
            table.add_row(kind.api_resource.kind, found.metadata.name, *counts(found), owners(found))
    console.print(table)


def counts(found: Resource) -> tuple[str, str, str]:
    """Give generation, replicas asked for and replicas ready, as far as *found* has them."""
    spec, status = getattr(found, "spec", None), getattr(found, "status", None)
    figures = found.metadata.generation, getattr(spec, "replicas", None), getattr(status, "ready_replicas", None)
    generation, wanted, ready = ("" if figure is None else str(figure) for figure in figures)
    return generation, wanted, ready


def owners(found: Resource) -> str:
    """Say what *found* goes with."""
    return ", ".join(f"{owner.kind}/{owner.name}" for owner in found.metadata.owner_references)


def cli() -> int:
    """Read the arguments; the exit code is 0 when everything was as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave the server up and print how to look around")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    code = 0
    try:
        anyio.run(partial(main, keep=options.keep))
    except* KubeError as errors:
        code = 1
        for error in errors.exceptions:
            console.print(f"[red]{error}[/]")
    except* KeyboardInterrupt:
        console.print("ended")
    return code


if __name__ == "__main__":
    sys.exit(cli())
