"""What the command says: colour and tables on a terminal, plain lines in a pipe."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["complain", "say", "show_diff", "show_rows", "start_logging"]

_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _console(*, stderr: bool = False) -> Console:
    # Made when it is used, so that it looks at the streams as they are then.
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def _line(console: Console, text: Text) -> None:
    """Print a line; in a pipe as it stands, since rich would make spaces of tabs."""
    if console.is_terminal:
        console.print(text)
    else:
        console.file.write(f"{text.plain}\n")


def say(text: str, *, stderr: bool = False) -> None:
    """Print a line, and let whoever reads have it at once."""
    console = _console(stderr=stderr)
    _line(console, Text(text))
    console.file.flush()


def complain(text: str) -> None:
    """Say on the error stream what is wrong, as click says it."""
    _line(_console(stderr=True), Text.assemble(("Error: ", "bold red"), text))


def show_rows(titles: Sequence[str], rows: Iterable[Sequence[str]], *, stderr: bool = False) -> None:
    """Print a table; in a pipe its cells, separated by tabs and without the titles."""
    console = _console(stderr=stderr)
    if not console.is_terminal:
        for row in rows:
            _line(console, Text("\t".join(row)))
        return
    table = Table(*titles)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def show_diff(lines: Iterable[str]) -> None:
    """Print a unified diff."""
    console = _console()
    for line in lines:
        _line(console, Text(line.rstrip("\n"), style=_DIFF_STYLES.get(line[:1], "")))


def start_logging(*, verbose: bool) -> None:
    """Let the process's logs go to the error stream; *verbose* shows those for debugging too."""
    console = _console(stderr=True)
    level = logging.DEBUG if verbose else logging.INFO
    if console.is_terminal:
        logging.basicConfig(level=level, format="%(name)s: %(message)s", handlers=[RichHandler(console=console)])
    else:
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "httpcore", "httpx2", "httpcore2", "uvicorn", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
