"""Files that commands write: only where something changes, or compared with what is there."""

from __future__ import annotations

import difflib
import shutil
from typing import TYPE_CHECKING

from kubecrd.codegen.model import GENERATED
from kubecrd.errors import ConfigError

from .console import complain, show_diff, show_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = [
    "check_files",
    "read_file",
    "refuse_own_files",
    "remove_files",
    "show_states",
    "write_files",
]


def write_files(files: Mapping[Path, str]) -> dict[Path, str]:
    """Write *files* where they differ, and say of each whether it was ``written`` or ``unchanged``.

    Raises:
        ConfigError: a file or its folder cannot be written.
    """
    states = {}
    for path, text in files.items():
        current = read_file(path)
        if current != text:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                raise ConfigError(f"{path}: {error.strerror or error}") from error
        states[path] = "unchanged" if current == text else "written"
    return states


def check_files(files: Mapping[Path, str], left: Collection[Path] = ()) -> int:
    """Print how *files* differ from what is there, and give the exit code: 1 when one does.

    Args:
        files: What should be there.
        left: What should be there no longer.

    Raises:
        ConfigError: a file cannot be read.
    """
    wanted: dict[Path, str | None] = {**files, **dict.fromkeys(sorted(left))}
    stale = 0
    for path, text in wanted.items():
        current = read_file(path)
        if current == text:
            continue
        stale += 1
        before, after = ("/dev/null" if each is None else str(path) for each in (current, text))
        lines = difflib.unified_diff(
            (current or "").splitlines(keepends=True), (text or "").splitlines(keepends=True), before, after
        )
        show_diff(lines)
    if stale:
        complain(f"{stale} of {len(wanted)} files are not current; run the same command without --check")
    return 1 if stale else 0


def refuse_own_files(files: Collection[Path]) -> None:
    """Refuse to overwrite what was not generated.

    Raises:
        ConfigError: one of *files* was not, or cannot be read.
    """
    for path in files:
        text = read_file(path)
        if text and not text.startswith(GENERATED):
            raise ConfigError(f"{path} was not generated, and is not overwritten; choose another --out, or say --force")


def remove_files(paths: Collection[Path]) -> None:
    """Remove files, and the folders that are empty afterwards.

    Raises:
        ConfigError: one cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
            if not any(each for each in path.parent.iterdir() if each.name != "__pycache__"):
                shutil.rmtree(path.parent)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error


def show_states(states: Mapping[Path, str]) -> None:
    """Print what became of each file."""
    show_rows(("File", "State"), ((str(path), state) for path, state in states.items()), stderr=True)


def read_file(path: Path) -> str | None:
    """Give what is in a file; None when there is none.

    Raises:
        ConfigError: it cannot be read, or is no text.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
