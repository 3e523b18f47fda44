"""``kubecrd compare``: what an upgrade of definitions breaks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click
from attrs import asdict

from kubecrd.schema.compatibility import compare_crds
from kubecrd.schema.schemachanges import Change

from .console import counted, say, show_rows
from .documents import definitions_in, output_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["compare"]


@click.command(short_help="Say what an upgrade of definitions breaks.")
@click.argument("sources", metavar="[OLD] NEW", nargs=-1, required=True)
@click.option("--cluster", is_flag=True, help="Take what is installed in the cluster for OLD.")
@click.option("--kubeconfig", type=click.Path(dir_okay=False, path_type=Path), help="With --cluster: the kubeconfig.")
@click.option("--context", help="With --cluster: the kubeconfig's context; the current one by default.")
@output_option
def compare(
    sources: tuple[str, ...], kubeconfig: Path | None, context: str | None, output: str, *, cluster: bool
) -> int:
    """Compare the definitions in OLD with those in NEW, each a YAML file, ``-``, or a module.

    \b
    Examples:
      git show main:crds/pizzas.yaml | kubecrd compare - shop.models
      kubecrd compare --cluster shop.models --context production

    Exit codes: 0 nothing breaks; 1 something does, or the cluster does not answer; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    _check_usage(sources, cluster=cluster, chosen=kubeconfig is not None or context is not None)
    after = {each.content["metadata"]["name"]: each.content for each in definitions_in(sources[-1])}
    if cluster:
        before = anyio.run(_installed, after.keys(), kubeconfig, context)
    else:
        before = {each.content["metadata"]["name"]: each.content for each in definitions_in(sources[0])}
        if not before:
            raise click.BadParameter(f"no definition is in {sources[0]}", param_hint="OLD")
    return _tell(_changes(before, after), output, compared=len(before))


def _check_usage(sources: tuple[str, ...], *, cluster: bool, chosen: bool) -> None:
    if chosen and not cluster:
        raise click.UsageError("--kubeconfig and --context choose a cluster; add --cluster")
    if len(sources) != (1 if cluster else 2):
        what = "NEW alone, since OLD is in the cluster" if cluster else "OLD and NEW, or --cluster and NEW"
        raise click.UsageError(f"name {what}")


async def _installed(names: Iterable[str], kubeconfig: Path | None, context: str | None) -> dict[str, dict[str, Any]]:
    """Read those of the definitions that the cluster has."""
    from kubecrd.client.api import Api
    from kubecrd.client.client import Client
    from kubecrd.client.config import Config
    from kubecrd.schema.crd import CustomResourceDefinition

    given = kubeconfig is not None or context is not None
    config = Config.from_kubeconfig(kubeconfig, context=context) if given else Config.infer()
    async with Client(config) as client:
        api = Api(client, CustomResourceDefinition)
        found = {name: await api.get_opt(name) for name in names}
    return {name: crd.to_dict() for name, crd in found.items() if crd is not None}


def _changes(before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]) -> Iterable[tuple[str, Change]]:
    for name, definition in before.items():
        if name in after:
            yield from ((name, change) for change in compare_crds(definition, after[name]))
        else:
            yield name, Change("breaking", "", "the definition is gone, and all its objects with it")


def _tell(changes: Iterable[tuple[str, Change]], output: str, *, compared: int) -> int:
    found = list(changes)
    breaking = sum(change.severity == "breaking" for _, change in found)
    if output == "json":
        told = [{"definition": name, **asdict(change)} for name, change in found]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return 1 if breaking else 0
    if found:
        rows = [(change.severity, name, change.path, change.message) for name, change in found]
        show_rows(("Severity", "Definition", "Where", "What"), rows)
    figures = f"{counted(breaking, 'breaking change')}, {counted(len(found) - breaking, 'warning')}"
    say(f"{counted(compared, 'definition')} compared: {figures}", stderr=True)
    return 1 if breaking else 0
