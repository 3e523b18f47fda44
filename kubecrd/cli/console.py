"""What the command says: colour and tables on a terminal, plain lines in a pipe."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["complain", "counted", "progress", "say", "show_diff", "show_facts", "show_rows", "start_logging"]

_VALUE_STYLES = {"true": "bold green", "false": "bold red"}
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


def counted(number: int, what: str) -> str:
    """Write how many there are, such as ``1 error`` or ``2 errors``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what they stand for, one a line; in a pipe with a tab between the two."""
    console = _console()
    for name, text in facts:
        if console.is_terminal:
            style = _VALUE_STYLES.get(text, "") if name == "value" else ""
            _line(console, Text.assemble((f"{name:<10}", "dim"), (text, style)))
        else:
            _line(console, Text(f"{name}\t{text}"))


def show_diff(lines: Iterable[str]) -> None:
    """Print a unified diff."""
    console = _console()
    for line in lines:
        _line(console, Text(line.rstrip("\n"), style=_DIFF_STYLES.get(line[:1], "")))


@contextmanager
def progress(
    what: str, total: int | None = None, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[str], None]]:
    """Tell on the error stream how far long work is: by a bar on a terminal, else by a line every other second.

    Gives a function that is called with the name of each part before the work on it begins.

    Args:
        what: What is done, such as ``Generating``.
        total: How many parts there are; None where that is not known.
        clock: Gives seconds.
    """
    console = _console(stderr=True)
    if not console.is_terminal:
        yield _lines(what, total, clock)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)

        def tell(name: str) -> None:
            bar.update(task, description=f"{what} {name}")
            bar.advance(task)

        yield tell


_SECONDS_BETWEEN_LINES: Final = 2.0


def _lines(what: str, total: int | None, clock: Callable[[], float]) -> Callable[[str], None]:
    last, number = clock(), 0

    def tell(name: str) -> None:
        nonlocal last, number
        number += 1
        if clock() - last >= _SECONDS_BETWEEN_LINES:
            last = clock()
            say(f"{what} {name}, {number}{f' of {total}' if total else ''}", stderr=True)

    return tell


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
