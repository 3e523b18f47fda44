"""``kubecrd generate k8s``: classes of the built-in kinds of a version of Kubernetes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from kubecrd.codegen.builtin import SHIPPED_VERSION, builtin_files, shipped_documents
from kubecrd.codegen.openapi import read_documents, version_of
from kubecrd.errors import ConfigError

from .cluster import chosen_cluster, cluster_options
from .console import progress, say
from .files import check_files, refuse_own_files, write_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .cluster import Cluster

__all__ = ["generate_k8s"]

_VERSION: Final = re.compile(r"v[1-9][0-9]*\.[0-9]+")


@click.command(name="k8s", short_help="Write classes of the built-in kinds.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The package to write.")
@click.option(
    "--version", help=f"Of Kubernetes, such as v1.32; what the documents say, or {SHIPPED_VERSION}, by default."
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of OpenAPI v3 documents, one a group and version.",
)
@cluster_options("Read the documents that a cluster gives at /openapi/v3.")
@click.option("--check", is_flag=True, help="Write nothing; fail with a diff when files are not current.")
@click.option("--force", is_flag=True, help="Overwrite files that were not generated.")
def generate_k8s(
    out: Path,
    version: str | None,
    folder: Path | None,
    kubeconfig: Path | None,
    context: str | None,
    *,
    is_cluster: bool,
    check: bool,
    force: bool,
) -> int:
    """Write classes of the built-in kinds of a version of Kubernetes, a module for each group and version.

    kubecrd.k8s has those of the version that comes with kubecrd. This writes those of another one, from documents as
    Kubernetes' repository has them in api/openapi-spec/v3, or a cluster at /openapi/v3. Versions live side by side, each in
    its own package.

    \b
    Examples:
      kubecrd generate k8s --version v1.32 --from kubernetes/api/openapi-spec/v3 --out shop/k8s_1_32
      kubecrd generate k8s --cluster --out shop/k8s
      kubecrd generate k8s --cluster --out shop/k8s --check

    Exit codes: 0 done, or current; 1 refused, or not current; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    cluster = chosen_cluster(is_cluster=is_cluster, kubeconfig=kubeconfig, context=context)
    if cluster and folder:
        raise click.UsageError("--from and --cluster are two places to read from; say one of them")
    if version and not _VERSION.fullmatch(version):
        raise click.BadParameter(f"{version!r} is no version of Kubernetes; write it as v1.32", param_hint="--version")
    found, documents = _documents(version, folder, cluster)
    with progress("Generating") as told:
        named = builtin_files(documents, package=".".join(out.parts), version=found, told=told)
    files = {out / path: text for path, text in named.items()}
    if check:
        return check_files(files)
    if not force:
        refuse_own_files(files)
    write_files(files)
    say(_summary(named, found, out), stderr=True)
    return 0


def _documents(
    version: str | None, folder: Path | None, cluster: Cluster | None
) -> tuple[str, Collection[Mapping[str, Any]]]:
    """Give the version of Kubernetes and its documents.

    Raises:
        ConfigError: the documents of that version are not here, are of another one, or do not say of which they are.
    """
    documents: Collection[Mapping[str, Any]]
    if cluster:
        said, documents = cluster.openapi()
        where = "the cluster"
    elif folder:
        documents = list(read_documents(folder).values())
        said, where = version_of(documents) or version or "", str(folder)
    else:
        said, documents, where = SHIPPED_VERSION, shipped_documents(), "what comes with kubecrd"
    if not said:
        raise ConfigError(f"{where}: the documents do not say of which version they are; say --version")
    if version and version != said:
        raise ConfigError(
            f"{where} is of Kubernetes {said}, not {version}; "
            f"for the documents of {version} say --from FOLDER, one such as api/openapi-spec/v3 on Kubernetes' branch "
            f"release-{version[1:]}, or --cluster where a cluster of that version is at hand"
        )
    return said, documents


def _summary(files: Mapping[str, str], version: str, out: Path) -> str:
    modules = [text for path, text in files.items() if not path.endswith("__init__.py")]
    classes = sum(len(re.findall(r"^class ", text, re.MULTILINE)) for text in modules)
    kinds = sum(len(re.findall(r"^@resource_view\b", text, re.MULTILINE)) for text in modules)
    return f"Kubernetes {version}: {len(modules)} modules, {classes} classes, {kinds} of them kinds, in {out}"
