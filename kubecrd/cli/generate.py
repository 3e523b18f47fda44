"""``kubecrd generate``: classes from definitions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kubecrd.codegen.definitions import Style
from kubecrd.codegen.package import exporting_module, joined

from .cluster import chosen_cluster, cluster_options
from .console import progress
from .drift import check_lock, lock_option
from .files import check_files, refuse_own_files, write_files
from .generate_k8s import generate_k8s
from .wanted import chosen, modules_of, read_definitions, show_generated, style_options, versions_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubecrd.codegen.package import GeneratedVersion, VersionOf

__all__ = ["generate"]


class _Generate(click.Command):
    """``generate k8s`` is a command of its own; a folder of that name is ``./k8s``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["k8s"]:
            return generate_k8s.make_context(f"{info_name} k8s", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=_Generate, short_help="Write classes from definitions.")
@click.argument("sources", metavar="[FILE|NAME]...", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help="The package to write; a file with --single.")
@cluster_options("Read from a cluster; NAME chooses definitions, such as pizzas.example.com.")
@style_options
@click.option("--single", is_flag=True, help="Write one module instead of a package.")
@click.option("--check", is_flag=True, help="Write nothing; fail with a diff when files are not current.")
@click.option("--force", is_flag=True, help="Overwrite files that were not generated.")
@lock_option
def generate(
    sources: Sequence[str],
    out: Path | None,
    kubeconfig: Path | None,
    context: str | None,
    kinds: Sequence[str],
    versions: Sequence[str],
    names: Literal["short", "path"],
    depth: int | None,
    lock: Path,
    *,
    is_cluster: bool,
    single: bool,
    check: bool,
    force: bool,
) -> int:
    """Write classes from the definitions in FILE, a YAML or JSON file, a folder of such files, or ``-``.

    The package exports each kind in the version that is stored; every version has a module of its own. `kubecrd export`
    of the package gives the definitions back. Documents of other kinds are passed over.

    With --check alone, the modules that `kubecrd add` put into the project are looked at instead.

    \b
    Examples:
      kubecrd generate cert-manager.yaml --out certmanager
      kubectl get crd -o yaml | kubecrd generate - --out models --kind Certificate
      kubecrd generate --cluster --out models pizzas.shop.example.com
      kubecrd generate crds/ --out models.py --single --version v1 --depth 4
      kubecrd generate crds/ --out models --check
      kubecrd generate k8s --help                       the built-in kinds of a version of Kubernetes

    Exit codes: 0 done, or current; 1 refused, or not current; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    cluster = chosen_cluster(is_cluster=is_cluster, kubeconfig=kubeconfig, context=context)
    if check and not sources and not cluster and out is None:
        return check_lock(lock)
    if not cluster and not sources:
        raise click.UsageError("name a file, a folder or -, or say --cluster")
    if out is None:
        raise click.UsageError("say with --out where the classes go")
    style = Style(names=names, depth=depth)
    crds = chosen(read_definitions(sources, cluster), kinds)
    found = versions_wanted((crd for crd, _ in crds.values()), versions)
    files, made = (_single if single else _package)(found, style, out)
    if check:
        return check_files(files)
    if not force:
        refuse_own_files(files)
    write_files(files)
    show_generated(made)
    return 0


def _single(sources: Sequence[VersionOf], style: Style, out: Path) -> tuple[dict[Path, str], list[GeneratedVersion]]:
    with progress("Generating", len(sources)) as told:
        text, made = joined(sources, style, told=told)
    return {out: text}, made


def _package(sources: Sequence[VersionOf], style: Style, out: Path) -> tuple[dict[Path, str], list[GeneratedVersion]]:
    made = modules_of(sources, style)
    files = {out / f"{version.source.module}.py": text for version, text in made}
    versions = [version for version, _ in made]
    return {out / "__init__.py": exporting_module([each.export for each in versions]), **files}, versions
