"""``kubecrd add``: other people's kinds in one's own project, and a lock file that says where they came from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import evolve, frozen

from kubecrd.codegen.lock import LockedDefinition, LockedModule, digest, digest_of_definition
from kubecrd.codegen.package import GeneratedVersion
from kubecrd.errors import ConfigError, DefinitionError

from .about import own_version
from .cluster import chosen_cluster, cluster_options
from .drift import IN_NO_FILE, check_lock, init_text, lock_option, read_lock
from .files import read_file, refuse_own_files, remove_files, show_states, write_files
from .wanted import chosen, modules_of, read_definitions, show_generated, style_options, versions_wanted

if TYPE_CHECKING:
    from kubecrd.codegen.lock import Lock

    from .cluster import Cluster

__all__ = ["add"]


@frozen
class _Piece:
    """A definition that is to be put into a package, and how; its entry says no modules yet."""

    entry: LockedDefinition
    crd: Mapping[str, Any]


@click.command(short_help="Put other people's kinds into a project.")
@click.argument("sources", metavar="[FILE|NAME]...", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The package to write; that of the last time, or `kinds` in the project's own package, by default.",
)
@cluster_options("Read from a cluster; NAME chooses definitions, such as pizzas.example.com.")
@style_options
@click.option("--update", is_flag=True, help="Read the sources of the lock file again, and write what has changed.")
@click.option("--remove", is_flag=True, help="Take the definitions NAME out of the project.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the project is not what the lock file says.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited, or not generated.")
@lock_option
def add(
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
    update: bool,
    remove: bool,
    check: bool,
    force: bool,
) -> int:
    """Put classes for the definitions in FILE into the project, and note in kubecrd.lock where they came from.

    The lock file has the hash of each definition and of each module: --check, as `kubecrd generate --check` does, tells when
    a definition has changed, a module was edited, or this kubecrd writes it otherwise. Commit it with the modules.

    \b
    Examples:
      kubecrd add cert-manager.yaml --kind Certificate
      kubecrd add --cluster certificates.cert-manager.io --out shop/kinds
      kubecrd add --check
      kubecrd add --update
      kubecrd add --remove certificates.cert-manager.io

    Exit codes: 0 done, or current; 1 refused, or not current; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    cluster = chosen_cluster(is_cluster=is_cluster, kubeconfig=kubeconfig, context=context)
    _refuse_usage(sources, cluster, update=update, remove=remove, check=check)
    if check:
        return check_lock(lock)
    project = _Project(lock, read_lock(lock), force=force)
    if remove:
        return project.remove(sources)
    if update:
        return project.put(list(project.pieces(cluster)))
    style = {"names": names, "depth": depth, "versions": tuple(versions)}
    package = project.relative(out or project.usual_package())
    found = chosen(read_definitions(sources, cluster), kinds)
    return project.put([project.piece(crd, file, package=package, **style) for crd, file in found.values()])


def _refuse_usage(sources: Sequence[str], cluster: Cluster | None, *, update: bool, remove: bool, check: bool) -> None:
    if update + remove + check > 1:
        raise click.UsageError("--update, --remove and --check are three things; say one of them")
    if (update or check) and sources:
        raise click.UsageError("--update and --check are about the whole lock file, and take no FILE")
    if remove and not sources:
        raise click.UsageError("name the definitions to remove, such as certificates.cert-manager.io")
    if not (update or check or cluster or sources):
        raise click.UsageError("name a file, a folder or -, or say --cluster, --update or --check")


class _Project:
    """A lock file, and the packages beside it."""

    def __init__(self, path: Path, lock: Lock, *, force: bool) -> None:
        self._path, self._lock, self._force = path, lock, force
        self._root = path.parent

    def relative(self, path: Path | str) -> str:
        """Give *path* from the folder of the lock file on."""
        return Path(os.path.relpath(path, self._root)).as_posix()

    def usual_package(self) -> Path:
        """Give the package of the last time, or ``kinds`` in the project's own package."""
        packages = self._lock.packages()
        if len(packages) == 1:
            return self._root / next(iter(packages))
        if packages:
            raise click.UsageError(f"there are several packages, {', '.join(sorted(packages))}; say which with --out")
        text = read_file(self._root / "pyproject.toml")
        try:
            name = (tomllib.loads(text or "").get("project") or {}).get("name", "")
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(
                f"{self._root / 'pyproject.toml'}: {error}; say with --out where the classes go"
            ) from error
        own = name.replace("-", "_").replace(".", "_").lower()
        places = [self._root / "src" / own, self._root / own] if own else []
        return next((each for each in places if each.is_dir()), self._root) / "kinds"

    def piece(self, crd: Mapping[str, Any], file: str, *, package: str, **style: Any) -> _Piece:
        """Give what is to be put into *package*."""
        source = file if file in IN_NO_FILE else self.relative(file)
        name = crd["metadata"]["name"]
        sha256 = digest_of_definition(crd)
        return _Piece(
            LockedDefinition(
                name=name, source=source, sha256=sha256, generator=own_version(), package=package, **style
            ),
            crd,
        )

    def pieces(self, cluster: Cluster | None) -> Iterable[_Piece]:
        """Read all sources again.

        Raises:
            ConfigError: a source cannot be read, or a definition is no longer in it.
        """
        definitions = list(self._lock.definitions.values())
        if any(each.source == "cluster" for each in definitions) and cluster is None:
            raise ConfigError(f"{self._path}: some definitions are from a cluster; say --cluster")
        if any(each.source == "-" for each in definitions):
            raise ConfigError(
                f"{self._path}: some definitions were piped in; add them again instead: "
                f"{', '.join(each.name for each in definitions if each.source == '-')}"
            )
        read: dict[str, Mapping[str, tuple[Mapping[str, Any], str]]] = {}
        for source in sorted({each.source for each in definitions}):
            here = [each.name for each in definitions if each.source == source]
            documents = (
                read_definitions(here, cluster) if source == "cluster" else read_definitions([str(self._root / source)])
            )
            read[source] = chosen(documents)
        for each in definitions:
            if each.name not in read[each.source]:
                raise ConfigError(f"{each.source}: {each.name} is no longer here; say --remove {each.name}")
            crd, _ = read[each.source][each.name]
            yield _Piece(evolve(each, sha256=digest_of_definition(crd), generator=own_version(), modules=()), crd)

    def put(self, pieces: Sequence[_Piece]) -> int:
        """Write the modules of *pieces*, and the lock file.

        Raises:
            ConfigError: a file was edited, or belongs to somebody else.
            DefinitionError: a module of another definition has the same name.
        """
        if not pieces:
            raise click.BadParameter("no definition of the wanted kinds is there", param_hint="FILE")
        made, entries, files = list[GeneratedVersion](), list[LockedDefinition](), dict[Path, str]()
        for alike in _grouped(pieces):
            entry = alike[0].entry
            written = modules_of(versions_wanted((each.crd for each in alike), entry.versions), entry.style)
            made += [version for version, _ in written]
            for each in alike:
                own = [(version, text) for version, text in written if version.source.crd is each.crd]
                entries.append(evolve(each.entry, modules=tuple(_module(version, text) for version, text in own)))
                files |= {self._root / entry.package / f"{version.source.module}.py": text for version, text in own}
        self._write(self._lock.with_definitions(entries), files)
        show_generated(made)
        return 0

    def remove(self, names: Sequence[str]) -> int:
        """Take definitions out of the project.

        Raises:
            BadParameter: one is not in the lock file.
            ConfigError: a module of theirs was edited.
        """
        gone = [each for each in self._lock.definitions.values() if each.name in names]
        unknown = sorted({*names} - {each.name for each in gone})
        if unknown:
            raise click.BadParameter(f"{', '.join(unknown)}: not in {self._path}", param_hint="NAME")
        self._write(self._lock.without(gone), {})
        return 0

    def _write(self, lock: Lock, files: Mapping[Path, str]) -> None:
        _refuse_clashes(lock)
        inits = {
            self._root / package / "__init__.py": init_text(definitions)
            for package, definitions in lock.packages().items()
        }
        left = {*_files_of(self._lock, self._root)} - {*_files_of(lock, self._root)}
        if not self._force:
            self._refuse_edited({*files, *inits, *left})
        states = write_files({**inits, **files, self._path: lock.text()})
        remove_files(left)
        show_states(
            {
                **{file: state for file, state in states.items() if state != "unchanged"},
                **dict.fromkeys(left, "removed"),
            }
        )

    def _refuse_edited(self, files: set[Path]) -> None:
        known = _files_of(self._lock, self._root)
        for file in sorted(files & {*known}):
            text = read_file(file)
            if text is not None and digest(text) != known[file]:
                raise ConfigError(f"{file} was edited; what it adds belongs into a module of your own, or say --force")
        refuse_own_files(sorted(files - {*known}))


def _grouped(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Put together what is written in one way into one package, so that kinds of one name are told apart."""
    groups: dict[Any, list[_Piece]] = {}
    for each in pieces:
        entry = each.entry
        groups.setdefault((entry.package, entry.names, entry.depth, entry.versions), []).append(each)
    return list(groups.values())


def _module(version: GeneratedVersion, text: str) -> LockedModule:
    return LockedModule(
        file=f"{version.source.module}.py",
        version=version.source.version["name"],
        root=version.root,
        export=version.source.name,
        sha256=digest(text),
    )


def _files_of(lock: Lock, root: Path) -> dict[Path, str]:
    """Give the files that *lock* knows, each with the hash it should have."""
    found = {}
    for package, definitions in lock.packages().items():
        found[root / package / "__init__.py"] = digest(init_text(definitions))
        found |= {root / package / module.file: module.sha256 for each in definitions for module in each.modules}
    return found


def _refuse_clashes(lock: Lock) -> None:
    for package, definitions in lock.packages().items():
        owners: dict[str, str] = {}
        for each in definitions:
            for module in each.modules:
                owner = owners.setdefault(module.file, each.name)
                if owner != each.name:
                    raise DefinitionError(
                        f"{package}/{module.file} would be of {owner} and of {each.name}; "
                        f"put one of them into another package with --out"
                    )
