"""Files that commands write: only where something changes, or compared with what is there."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from kubecrd.errors import ConfigError

from .console import complain, show_diff, show_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["check_files", "read_file", "show_states", "write_files"]


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


def check_files(files: Mapping[Path, str]) -> int:
    """Print how *files* differ from what is there, and give the exit code: 1 when one does.

    Raises:
        ConfigError: a file cannot be read.
    """
    stale = 0
    for path, text in files.items():
        current = read_file(path)
        if current == text:
            continue
        stale += 1
        before = "/dev/null" if current is None else str(path)
        lines = difflib.unified_diff(
            (current or "").splitlines(keepends=True), text.splitlines(keepends=True), before, str(path)
        )
        show_diff(lines)
    if stale:
        complain(f"{stale} of {len(files)} files are not current; run the same command without --check")
    return 1 if stale else 0


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
