"""Expressions, typed in one after the other: with completion, history, and commands that begin with a colon."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from attrs import evolve

from kubecrd.cel.completion import completions
from kubecrd.cel.rendering import type_text
from kubecrd.errors import KubeError
from kubecrd.resource.fielderrors import ABSENT
from kubecrd.resource.spelling import did_you_mean

from .celanswers import Answer, show_answer, show_value
from .celscope import Scope, objects_in, only_object
from .console import complain, say, show_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Repl"]

_HELP: Final = (
    ("EXPRESSION", "its value, its type, what it costs"),
    (":type [EXPRESSION]", "its type alone; as all of these, of the last expression if none is given"),
    (":cost [EXPRESSION]", "what it costs, by estimate too, and how limits of the schema change that"),
    (":source [EXPRESSION]", "the Python that is generated for it"),
    (":object [FILE]", "read what self is from FILE; or show it"),
    (":old [FILE]", "read what oldSelf is from FILE; or show it"),
    (":path [PATH]", "the part that self is, such as spec.toppings[0]; or all of it"),
    (":vars", "the variables, with their types"),
    (":help", "this"),
    (":quit", "end, as does the end of the input"),
)
_PARTS: Final = ("value", "type", "cost")
_MOST_HISTORY: Final = 1000
_DELIMITERS: Final = " \t\n.()[]{},+-*/%!=<>&|?:\"'"


class Repl:
    """Reads expressions, and tells what became of each.

    Args:
        scope: What they see at first.
        output: ``text`` or ``json``: how answers are written.
    """

    def __init__(self, scope: Scope, *, output: str = "text") -> None:
        self._scope = scope
        self._output = output
        self._last = ""
        self._failed = False
        self._commands: dict[str, Callable[[str], None]] = {
            "type": self._type,
            "cost": self._cost,
            "source": self._source,
            "object": self._object,
            "old": self._old,
            "path": self._path,
            "vars": self._variables,
            "help": self._help,
        }

    def run(self) -> int:
        """Read to the end, and give the exit code: 1 if something was refused or failed, unless somebody sat there."""
        if not sys.stdin.isatty():
            for line in sys.stdin:
                if not self.take(line):
                    break
            return 1 if self._failed else 0
        say("Expressions are evaluated as the API server does; :help says what else there is.")
        with _line_editing(self.complete):
            while True:
                try:
                    if not self.take(input("cel> ")):
                        return 0
                except EOFError:
                    say("")
                    return 0
                except KeyboardInterrupt:
                    say("")  # the line is given up, not the session

    def take(self, line: str) -> bool:
        """Do what a line says; False when it says to end."""
        line = line.strip()
        if line in {":quit", ":q", ":exit"}:
            return False
        try:
            if line.startswith(":"):
                self._command(line)
            elif line and not line.startswith("#"):
                self._last = line
                self._show(self._scope.answer(line))
        except (click.ClickException, KubeError) as error:
            self._failed = True
            complain(error.format_message() if isinstance(error, click.ClickException) else str(error))
        return True

    def complete(self, line: str) -> list[str]:
        """Give the words that can come at the end of *line*."""
        command, space, rest = line.partition(" ")
        if line.startswith(":") and not space:
            return [f":{name}" for name in (*self._commands, "quit") if f":{name}".startswith(line)]
        text = rest if line.startswith(":") else line
        if command in {":object", ":old", ":path", ":help", ":vars"}:
            return []
        try:
            return [each.word for each in completions(text, self._scope.variables)]
        except KubeError:
            return []

    # --- commands

    def _command(self, line: str) -> None:
        name, _, argument = line[1:].partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise click.UsageError(f"there is no command :{name}; {did_you_mean(name, [*self._commands, 'quit'])}")
        command(argument.strip())

    def _show(self, answer: Answer, *parts: str) -> None:
        self._failed = self._failed or bool(answer.fault)
        show_answer(answer, self._output, parts or _PARTS)

    def _asked(self, text: str) -> Answer:
        text = text or self._last
        if not text:
            raise click.UsageError("there is no expression yet; write one, or write it behind the command")
        self._last = text
        return self._scope.answer(text)

    def _type(self, text: str) -> None:
        self._show(self._asked(text), "type")

    def _cost(self, text: str) -> None:
        self._show(self._asked(text), "cost", "estimate")

    def _source(self, text: str) -> None:
        self._show(self._asked(text), "source")

    def _object(self, name: str) -> None:
        if name:
            document = only_object(objects_in(name), name, self._scope.strategy)
            self._scope = evolve(self._scope, document=document)
            for text in self._scope.warnings():
                say(f"Warning: {text}", stderr=True)
        else:
            self._show_value(self._scope.value, "self")

    def _old(self, name: str) -> None:
        if name:
            self._scope = evolve(self._scope, old=only_object(objects_in(name), name, self._scope.strategy))
        else:
            self._show_value(self._scope.before, "oldSelf")

    def _show_value(self, value: object, name: str) -> None:
        if value is ABSENT:
            say(f"{name} is not there; name the file that it is in")
        else:
            show_value(name, value)

    def _path(self, path: str) -> None:
        scope = evolve(self._scope, path=path)
        scope.schema  # noqa: B018 - a path that leads nowhere is told, and not taken
        self._scope = scope

    def _variables(self, _: str) -> None:
        show_facts((name, type_text(kind)) for name, kind in self._scope.variables.items())

    def _help(self, _: str) -> None:
        for command, meaning in _HELP:
            say(f"{command:<22}{meaning}")


@contextlib.contextmanager
def _line_editing(complete: Callable[[str], list[str]]) -> Iterator[None]:
    """Let ``input`` complete words, and remember lines from one session to the next; without readline it does neither."""
    try:
        import readline
    except ImportError:
        yield
        return
    found: list[str] = []

    def next_word(_word: str, state: int) -> str | None:
        nonlocal found
        if state == 0:
            found = complete(readline.get_line_buffer()[: readline.get_endidx()])
        return found[state] if state < len(found) else None

    history = _history_file()
    with contextlib.suppress(OSError):  # there is none yet
        readline.read_history_file(history)
    readline.set_history_length(_MOST_HISTORY)
    readline.set_completer_delims(_DELIMITERS)
    readline.set_completer(next_word)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a home that cannot be written to costs the history, not the session
            history.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(history)


def _history_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "kubecrd" / "cel_history"
