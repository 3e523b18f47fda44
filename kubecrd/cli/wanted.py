"""The definitions that commands write classes for: read, checked, chosen, and turned into modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kubecrd.codegen.package import generate_version, versions_of
from kubecrd.errors import DecodeError, DefinitionError
from kubecrd.schema.acceptance import check_crd, prepare_crd

from .console import counted, progress, say, show_rows
from .documents import Document, read_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kubecrd.codegen.definitions import Style
    from kubecrd.codegen.package import GeneratedVersion, VersionOf

    from .cluster import Cluster

__all__ = [
    "chosen",
    "modules_of",
    "read_definitions",
    "show_generated",
    "style_options",
    "versions_wanted",
]

F = TypeVar("F", bound="Callable[..., Any]")

_KIND: Final = "CustomResourceDefinition"
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def style_options(command: F) -> F:
    """Add ``--kind``, ``--version``, ``--names`` and ``--depth`` to a command."""
    options = [
        click.option("--kind", "kinds", multiple=True, help="Only this kind; may be repeated."),
        click.option("--version", "versions", multiple=True, help="Only this version; may be repeated."),
        click.option(
            "--names",
            type=click.Choice(["short", "path"]),
            default="short",
            show_default=True,
            help="Name classes as shortly as they differ, or by their whole path.",
        ),
        click.option(
            "--depth",
            type=click.IntRange(min=0),
            help="Objects nested deeper stay dict[str, Any]; all get classes by default.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def read_definitions(sources: Sequence[str], cluster: Cluster | None = None) -> list[Document]:
    """Read definitions; documents of other kinds are counted and passed over.

    Args:
        sources: Files, folders, or ``-``; with a cluster, names of definitions, or none for all.
        cluster: Where to read from instead of files.

    Raises:
        BadParameter: a file cannot be read.
    """
    if cluster:
        return [Document("cluster", number, crd) for number, crd in enumerate(cluster.definitions(sources), 1)]
    documents = [each for name in sources for each in read_documents(name)]
    found = [each for each in documents if each.content.get("kind") == _KIND]
    if len(found) < len(documents):
        say(f"{len(documents) - len(found)} documents of other kinds are passed over", stderr=True)
    return found


def chosen(documents: Iterable[Document], kinds: Sequence[str] = ()) -> dict[str, tuple[Mapping[str, Any], str]]:
    """Give the definitions of the wanted *kinds* and the files they are from, by name.

    Raises:
        DefinitionError: the API server would refuse one; it is told with its file, its document and the path in the schema.
    """
    crds: dict[str, tuple[Mapping[str, Any], str]] = {}
    for each in documents:
        names = (each.content.get("spec") or {}).get("names") or {}
        if kinds and names.get("kind") not in kinds:
            continue
        _refuse_wrong(each)
        name = each.content["metadata"]["name"]
        if name in crds:
            say(f"{name} is there twice; what {each.file} says counts", stderr=True)
        crds[name] = (_without_traces(each.content), each.file)
    return crds


def versions_wanted(crds: Iterable[Mapping[str, Any]], versions: Sequence[str] = ()) -> list[VersionOf]:
    """Give the versions to be written.

    Raises:
        BadParameter: there is none.
    """
    found = versions_of(list(crds), versions)
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
    """Leave out what ``kubectl apply`` and the server keep for themselves."""
    annotations = crd["metadata"].get("annotations") or {}
    kept = {name: value for name, value in annotations.items() if name != _LAST_APPLIED}
    metadata = {name: crd["metadata"][name] for name in ("name", "labels") if crd["metadata"].get(name)}
    wanted = {name: crd[name] for name in ("apiVersion", "kind", "spec")}
    return {**wanted, "metadata": {**metadata, **({"annotations": kept} if kept else {})}}


def modules_of(sources: Sequence[VersionOf], style: Style) -> list[tuple[GeneratedVersion, str]]:
    """Write the classes of each version, and give them with their text.

    Raises:
        DefinitionError: no class can say one of them.
    """
    made = []
    with progress("Generating", len(sources)) as told:
        for source in sources:
            told(source.module)
            version = generate_version(source, style)
            made.append((version, version.text()))
    return made


def show_generated(made: Sequence[GeneratedVersion]) -> None:
    """Tell what was generated: a line for each version, and one for all."""
    titles = ("Kind", "Version", "Module", "Classes", "Fields", "Schemas", "Overrides")
    rows = [
        (each.source.kind, each.source.version["name"], each.source.module, *map(str, _counts(each))) for each in made
    ]
    show_rows(titles, rows, stderr=True)
    classes, fields, nodes, overrides = (sum(column) for column in zip(*map(_counts, made), strict=True))
    share = 100 * (1 - overrides / nodes) if nodes else 100.0
    say(
        f"{counted(len(made), 'module')}: {classes} classes with {fields} fields say {share:.2f} % of {nodes} schemas; "
        f"overrides keep {overrides}",
        stderr=True,
    )


def _counts(made: GeneratedVersion) -> tuple[int, int, int, int]:
    classes = made.model.classes
    return len(classes), sum(len(each.fields) for each in classes), made.nodes, made.overrides
