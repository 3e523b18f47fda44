"""Whether the modules that were added to a project still are what their definitions give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from attrs import frozen

from kubecrd.codegen.lock import Lock, digest, digest_of_definition
from kubecrd.codegen.package import exporting_module, generate_version, versions_of

from .about import own_version
from .console import complain, progress, say, show_rows
from .documents import read_documents
from .files import read_file
from .wanted import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubecrd.codegen.lock import LockedDefinition

__all__ = ["IN_NO_FILE", "check_lock", "init_text", "lock_option", "read_lock"]

IN_NO_FILE: Final = frozenset({"cluster", "-"})
"""Sources that cannot be read again by themselves."""

lock_option = click.option(
    "--lock",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("kubecrd.lock"),
    show_default=True,
    help="The lock file of `kubecrd add`; paths in it begin where it is.",
)


@frozen
class _Drift:
    """One file that is not what it should be."""

    file: Path
    state: str


def read_lock(path: Path) -> Lock:
    """Read the lock file; where there is none, nothing is locked.

    Raises:
        ConfigError: it cannot be read, or is none.
    """
    text = read_file(path)
    return Lock() if text is None else Lock.read(text, str(path))


def init_text(definitions: list[LockedDefinition]) -> str:
    """Give ``__init__.py`` of the package with these definitions."""
    return exporting_module(module.exported for each in definitions for module in each.modules)


def check_lock(path: Path) -> int:
    """Compare the project with its lock file, tell what differs, and give the exit code: 1 when something does.

    Args:
        path: The lock file.

    Raises:
        BadParameter: there is none.
        ConfigError: a file cannot be read.
    """
    if not path.exists():
        raise click.BadParameter(f"{path} is not there; `kubecrd add` writes it", param_hint="--lock")
    lock, root = read_lock(path), path.parent
    known: dict[str, Mapping[str, Any] | None] = {}
    drifts, files = list[_Drift](), 0
    with progress("Comparing", len(lock.definitions)) as told:
        for package, definitions in lock.packages().items():
            files += 1 + sum(len(each.modules) for each in definitions)
            drifts += _drift_of_init(root / package / "__init__.py", definitions)
            for each in definitions:
                told(each.name)
                drifts += _drift_of(each, root, known)
    if drifts:
        show_rows(("File", "State"), [(str(each.file), each.state) for each in drifts])
        complain(
            f"{len({each.file for each in drifts})} of {files} files are not current; "
            f"`kubecrd add --update` writes them again, with --force also over what was edited"
        )
        return 1
    say(f"{files} files are current", stderr=True)
    return 0


def _drift_of_init(file: Path, definitions: list[LockedDefinition]) -> Iterator[_Drift]:
    text = read_file(file)
    if text != init_text(definitions):
        yield _Drift(file, "missing" if text is None else "edited by hand")


def _drift_of(locked: LockedDefinition, root: Path, known: dict[str, Mapping[str, Any] | None]) -> Iterator[_Drift]:
    crd = _definition(locked, root, known)
    is_same = crd is not None and digest_of_definition(crd) == locked.sha256
    written = _written(locked, crd) if crd is not None and is_same else {}
    for module in locked.modules:
        file = root / locked.package / module.file
        text = read_file(file)
        if text is None:
            yield _Drift(file, "missing")
        elif digest(text) != module.sha256:
            yield _Drift(file, "edited by hand")
        if crd is not None and not is_same:
            yield _Drift(file, f"{locked.name} has changed in {locked.source}")
        elif is_same and digest(written.get(module.file, "")) != module.sha256:
            yield _Drift(file, f"kubecrd {own_version()} writes it otherwise than {locked.generator}")
        elif crd is None and locked.generator != own_version():
            yield _Drift(file, f"written by kubecrd {locked.generator}, and this is {own_version()}")


def _definition(
    locked: LockedDefinition, root: Path, known: dict[str, Mapping[str, Any] | None]
) -> Mapping[str, Any] | None:
    """Give what the source says now; None where it cannot be asked."""
    if locked.source in IN_NO_FILE or not (root / locked.source).exists():
        if locked.source not in known:
            why = "is not here" if locked.source not in IN_NO_FILE else "is no file"
            say(f"{locked.source} {why}; what it says now is not compared", stderr=True)
            known[locked.source] = None
        return None
    if locked.source not in known:
        documents = [
            each
            for each in read_documents(str(root / locked.source))
            if each.content.get("kind") == "CustomResourceDefinition"
        ]
        known[locked.source] = {name: crd for name, (crd, _) in chosen(documents).items()}
    # A definition that is no longer there has changed to nothing.
    found = known[locked.source] or {}
    crd: Mapping[str, Any] = found.get(locked.name, {})
    return crd


def _written(locked: LockedDefinition, crd: Mapping[str, Any]) -> dict[str, str]:
    """Write the modules as this version does, under the names that they have."""
    names = {each.version: each.file for each in locked.modules}
    found = {}
    for source in versions_of([crd], locked.versions):
        made = generate_version(source, locked.style)
        found[names.get(source.version["name"], f"{source.module}.py")] = made.text()
    return found
