"""Expressions typed in one after the other, by a person on a terminal or by a program through a pipe."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest
import yaml

from tests.cli.test_cel import MODELS, TYPED, pizza

SECONDS = 30
COMMAND = """
import signal, sys
from kubecrd.cli.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a script inherit that it is ignored
sys.exit(main())
"""


@pytest.fixture
def shop(project):
    project.write("shop/models.py", MODELS)
    project.write("pizza.yaml", yaml.safe_dump(pizza(30, "ham", "egg")))
    project.write("old.yaml", yaml.safe_dump(pizza(40)))
    return project


@pytest.fixture
def session(shop, monkeypatch):
    """Types lines into a pipe."""

    def run(lines, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return shop.run("cel", *arguments)

    return run


def test_each_line_is_evaluated(session):
    outcome = session("self.spec.size\n\n# a comment\nself.spec.size > 10\n", *TYPED)

    assert outcome.code == 0
    assert outcome.out == "value\t30\ntype\tint\ncost\t3\nvalue\ttrue\ntype\tbool\ncost\t4\n"


def test_answers_may_be_json(session):
    outcome = session("1 + 1\n'a'\n", "--output", "json")

    assert [json.loads(line)["value"] for line in outcome.out.splitlines()] == [2, "a"]


def test_a_line_that_fails_ends_nothing_but_is_counted(session):
    outcome = session("self.spec.sise\n1 / 0\n:nonsense\n1\n", *TYPED)

    assert outcome.code == 1
    assert "did you mean 'size'?" in outcome.err
    assert "Error: division by zero\n" in outcome.err
    assert outcome.err.endswith(
        "Error: there is no command :nonsense; choose from cost, help, object, old, path, quit, source, type, vars\n"
    )
    assert outcome.out.startswith("type\tint\n")
    assert "value\t1\n" in outcome.out


@pytest.mark.parametrize(
    ("lines", "out"),
    [
        (":type self.spec\n", "type\tobject\n"),
        ("self.spec.size\n:type\n", "type\tint\n"),
        (
            ":cost self.spec.size\n",
            "cost\t3\nestimate\t3 to 3\ntotal\t3 in one object; the limit is 10,000,000\n",
        ),
        (":path spec.toppings\n:type self\n", "type\tlist(object)\n"),
        (":path spec\n:path\n:type self.kind\n", "type\tstring\n"),
        (":vars\n", "self\tobject\noldSelf\tobject\n"),
        (":path spec.size\n:object\n", "self\t30\n"),
        (":old\n", "oldSelf is not there; name the file that it is in\n"),
        (":old old.yaml\n:path spec.size\n:old\n", "oldSelf\t40\n"),
        (":path spec.size\n:old old.yaml\nself > oldSelf\n", "value\tfalse\ntype\tbool\ncost\t3\n"),
        (":object old.yaml\n:path spec.size\n:object\n", "self\t40\n"),
        (":quit\n1\n", ""),
    ],
)
def test_commands_begin_with_a_colon(session, lines, out):
    outcome = session(lines, *TYPED)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith(out)
    assert bool(outcome.out) is bool(out)


def test_the_python_of_the_last_expression_is_shown(session):
    assert "return v_self['spec']['size']" in session("self.spec.size\n:source\n", *TYPED).out


def test_help_names_every_command(session):
    out = session(":help\n").out

    assert [line.split()[0] for line in out.splitlines()] == [
        "EXPRESSION",
        ":type",
        ":cost",
        ":source",
        ":object",
        ":old",
        ":path",
        ":vars",
        ":help",
        ":quit",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (":type", "there is no expression yet; write one, or write it behind the command"),
        (":path spec.sise", "Invalid value for --path: spec has no field 'sise'; did you mean 'size'?"),
        (":old nowhere.yaml", "Invalid value for FILE: nowhere.yaml: No such file or directory"),
    ],
)
def test_a_command_that_cannot_be_done_is_told_and_changes_nothing(session, line, fault):
    outcome = session(f"{line}\nself.metadata.name\n", *TYPED)

    assert outcome.err == f"Error: {fault}\n"
    assert outcome.out.startswith('value\t"a"\n')


class Terminal:
    """A terminal in which a command runs."""

    def __init__(self, *arguments, cwd, env):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "200", **env},
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def type(self, text):
        os.write(self._ours, text.encode())

    def interrupt(self):
        """Press Ctrl-C until there is a new prompt: readline does not see one that comes while it deals with a key."""
        for _ in range(SECONDS):
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(AssertionError):
                return self.wait_for("cel> ", seconds=1)
        raise AssertionError(f"no prompt came after Ctrl-C; on the screen: {self.text!r}")

    def wait_for(self, pattern, seconds=SECONDS):
        """Read until *pattern* is on the screen, and give all that was read since the last time."""
        end = time.monotonic() + seconds
        while (match := re.search(pattern, self.text)) is None:
            ready, _, _ = select.select([self._ours], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{pattern!r} did not come; on the screen: {self.text!r}"
            try:
                self.text += os.read(self._ours, 65536).decode(errors="replace")
            except OSError as closed:
                raise AssertionError(f"it ended before {pattern!r}: {self.text!r}") from closed
        seen, self.text = self.text[: match.end()], self.text[match.end() :]
        return seen

    def close(self):
        os.close(self._ours)
        self.process.wait(SECONDS)


@pytest.fixture
def terminal(shop, tmp_path):
    opened = []

    def start(*arguments):
        opened.append(Terminal("cel", *arguments, cwd=shop.folder, env={"XDG_STATE_HOME": str(tmp_path / "state")}))
        opened[-1].wait_for("cel> ")
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_on_a_terminal_fields_are_completed_and_lines_remembered(terminal, tmp_path):
    first = terminal(*TYPED)

    first.type("self.spec.si\t > 10\n")
    assert "self.spec.size" in first.wait_for("true")
    first.wait_for("cel> ")
    first.type("self.spec.toppings.all(t, t.\t\t")
    first.wait_for(r"grams +name\s+cel> self\.spec\.toppings\.all\(t, t\.")
    first.interrupt()  # gives up the line, not the session
    first.type("\x04")
    assert first.process.wait(SECONDS) == 0

    assert (tmp_path / "state/kubecrd/cel_history").read_text().splitlines()[-1] == "self.spec.size > 10"
    second = terminal(*TYPED)
    second.type("\x1b[A\n")
    second.wait_for("self.spec.size > 10")
    second.wait_for("true")
    second.type(":quit\n")
    assert second.process.wait(SECONDS) == 0
