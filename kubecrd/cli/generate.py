"""``kubecrd generate``: classes from definitions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import frozen
from rich.console import Console
from rich.progress import track

from kubecrd.codegen.definitions import Style
from kubecrd.codegen.package import exporting_module, generate_version, joined, versions_of
from kubecrd.codegen.printer import GENERATED
from kubecrd.errors import ConfigError, DecodeError, DefinitionError
from kubecrd.schema.acceptance import check_crd, prepare_crd

from .console import say, show_rows
from .documents import Document, read_documents
from .files import check_files, read_file, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubecrd.codegen.package import GeneratedVersion, VersionOf

__all__ = ["generate"]

_KIND = "CustomResourceDefinition"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@frozen
class _Wanted:
    """What of the definitions is wanted, and how it is written."""

    kinds: Sequence[str]
    versions: Sequence[str]
    style: Style
    out: Path
    single: bool


@click.command(short_help="Write classes from definitions.")
@click.argument("sources", metavar="[FILE|NAME]...", nargs=-1)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The package to write; a file with --single."
)
@click.option(
    "--cluster", is_flag=True, help="Read from a cluster; NAME chooses definitions, such as pizzas.example.com."
)
@click.option("--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="The kubeconfig, with --cluster.")
@click.option("--context", help="The kubeconfig's context, with --cluster; the current one by default.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be repeated.")
@click.option("--version", "versions", multiple=True, help="Only this version; may be repeated.")
@click.option(
    "--names",
    type=click.Choice(["short", "path"]),
    default="short",
    show_default=True,
    help="Name classes as shortly as they differ, or by their whole path.",
)
@click.option(
    "--depth", type=click.IntRange(min=0), help="Objects nested deeper stay dict[str, Any]; all get classes by default."
)
@click.option("--single", is_flag=True, help="Write one module instead of a package.")
@click.option("--check", is_flag=True, help="Write nothing; fail with a diff when files are not current.")
@click.option("--force", is_flag=True, help="Overwrite files that were not generated.")
def generate(
    sources: Sequence[str],
    out: Path,
    kubeconfig: Path | None,
    context: str | None,
    kinds: Sequence[str],
    versions: Sequence[str],
    names: Literal["short", "path"],
    depth: int | None,
    *,
    cluster: bool,
    single: bool,
    check: bool,
    force: bool,
) -> int:
    """Write classes from the definitions in FILE, a YAML or JSON file, a folder of such files, or ``-``.

    The package exports each kind in the version that is stored; every version has a module of its own. `kubecrd export`
    of the package gives the definitions back. Documents of other kinds are passed over.

    \b
    Examples:
      kubecrd generate cert-manager.yaml --out certmanager
      kubectl get crd -o yaml | kubecrd generate - --out models --kind Certificate
      kubecrd generate --cluster --out models pizzas.shop.example.com
      kubecrd generate crds/ --out models.py --single --version v1 --depth 4
      kubecrd generate crds/ --out models --check

    Exit codes: 0 done, or current; 1 refused, or not current; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if not cluster and (kubeconfig or context):
        raise click.UsageError("--kubeconfig and --context choose a cluster; say --cluster too")
    if not cluster and not sources:
        raise click.UsageError("name a file, a folder or -, or say --cluster")
    documents = _of_cluster(sources, kubeconfig, context) if cluster else _of_files(sources)
    wanted = _Wanted(kinds, versions, Style(names=names, depth=depth), out, single)
    files, made = _files(_chosen(documents, wanted), wanted)
    if check:
        return check_files(files)
    if not force:
        _refuse_own_files(files)
    write_files(files)
    _show(made)
    return 0


def _of_files(sources: Sequence[str]) -> list[Document]:
    documents = [each for name in sources for each in read_documents(name)]
    found = [each for each in documents if each.content.get("kind") == _KIND]
    if len(found) < len(documents):
        say(f"{len(documents) - len(found)} documents of other kinds are passed over", stderr=True)
    return found


def _of_cluster(names: Sequence[str], kubeconfig: Path | None, context: str | None) -> list[Document]:
    import anyio

    return anyio.run(_read_cluster, names, kubeconfig, context)


async def _read_cluster(names: Sequence[str], kubeconfig: Path | None, context: str | None) -> list[Document]:
    from kubecrd.client.api import Api
    from kubecrd.client.client import Client
    from kubecrd.client.config import Config
    from kubecrd.schema.crd import CustomResourceDefinition

    given = kubeconfig is not None or context is not None
    config = Config.from_kubeconfig(kubeconfig, context=context) if given else Config.infer()
    async with Client(config) as client:
        api = Api(client, CustomResourceDefinition)
        crds = [await api.get(name) for name in names] if names else [each async for each in api.list_all()]
    return [Document("cluster", number, crd.to_dict()) for number, crd in enumerate(crds, 1)]


def _chosen(documents: Sequence[Document], wanted: _Wanted) -> list[VersionOf]:
    """Give the versions to be written; what the API server would refuse is refused with its file and document."""
    crds: dict[str, Mapping[str, Any]] = {}
    for each in documents:
        names = (each.content.get("spec") or {}).get("names") or {}
        if wanted.kinds and names.get("kind") not in wanted.kinds:
            continue
        _refuse_wrong(each)
        name = each.content["metadata"]["name"]
        if name in crds:
            say(f"{name} is there twice; what {each.file} says counts", stderr=True)
        crds[name] = _without_traces(each.content)
    found = versions_of(list(crds.values()), wanted.versions)
    if not found:
        raise click.BadParameter("no definition of the wanted kinds and versions is there", param_hint="FILE")
    return found


def _refuse_wrong(document: Document) -> None:
    where = f"{document.file}, document {document.number}"
    if document.content.get("apiVersion") != "apiextensions.k8s.io/v1":
        raise DefinitionError(
            f"{where}: apiVersion is {document.content.get('apiVersion')!r}; only apiextensions.k8s.io/v1 is read"
        )
    try:
        errors = check_crd(prepare_crd(document.content))
    except DecodeError as error:
        raise DefinitionError(f"{where}: {error}") from error
    if errors:
        raise DefinitionError("\n".join(f"{where}: {error}" for error in errors))


def _without_traces(crd: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what ``kubectl apply`` keeps for itself."""
    annotations = crd["metadata"].get("annotations") or {}
    kept = {name: value for name, value in annotations.items() if name != _LAST_APPLIED}
    return {**crd, "metadata": {**crd["metadata"], "annotations": kept}}


def _files(sources: Sequence[VersionOf], wanted: _Wanted) -> tuple[dict[Path, str], list[GeneratedVersion]]:
    if wanted.single:
        text, made = joined(sources, wanted.style)
        return {wanted.out: text}, made
    console = Console(stderr=True)
    shown = track(sources, "Generating", console=console, transient=True, disable=not console.is_terminal)
    files, made = dict[Path, str](), []
    for source in shown:
        made.append(generate_version(source, wanted.style))
        files[wanted.out / f"{source.module}.py"] = made[-1].text()
    return {wanted.out / "__init__.py": exporting_module(made), **files}, made


def _refuse_own_files(files: Mapping[Path, str]) -> None:
    for path in files:
        text = read_file(path)
        if text and not text.startswith(GENERATED):
            raise ConfigError(f"{path} was not generated, and is not overwritten; choose another --out, or say --force")


def _show(made: Sequence[GeneratedVersion]) -> None:
    titles = ("Kind", "Version", "Module", "Classes", "Schemas", "Overrides")
    rows = [
        (
            each.source.kind,
            each.source.version["name"],
            each.source.module,
            str(len(each.model.classes)),
            str(each.nodes),
            str(each.overrides),
        )
        for each in made
    ]
    show_rows(titles, rows, stderr=True)
