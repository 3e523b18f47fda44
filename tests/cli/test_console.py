"""Colour and tables where somebody looks; plain lines where a program reads."""

from __future__ import annotations

import pytest

from kubecrd.cli.console import complain, progress, say, show_diff, show_rows


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_in_a_pipe_lines_are_what_was_said(capsys):
    say("[bold]not markup[/] " + "long " * 100)
    complain("a\tb [red]")
    show_rows(("File", "State"), [("a", "written"), ("b[0]", "unchanged")])
    show_diff(["--- a\n", "+\tb\n"])

    out, err = capsys.readouterr()
    assert out == "[bold]not markup[/] " + "long " * 100 + "\na\twritten\nb[0]\tunchanged\n--- a\n+\tb\n"
    assert err == "Error: a\tb [red]\n"


def test_on_a_terminal_rows_are_a_table(terminal, capsys):
    show_rows(("File", "State"), [("a[0].yaml", "written")])

    out = capsys.readouterr().out
    assert "a[0].yaml" in out
    assert "┃" in out
    assert "File" in out


def test_on_a_terminal_a_diff_and_errors_have_colours(terminal, capsys):
    show_diff(["+new\n", "-old\n", " same\n"])
    complain("wrong")

    out, err = capsys.readouterr()
    assert out.splitlines() == ["\x1b[32m+new\x1b[0m", "\x1b[31m-old\x1b[0m", " same"]
    assert err == "\x1b[1;31mError: \x1b[0mwrong\n"


def test_long_work_is_told_in_a_pipe_every_other_second(capsys):
    now = iter([0.0, 0.5, 2.5, 2.5, 3.0, 9.0, 9.0])

    with progress("Generating", 4, clock=lambda: next(now)) as told:
        for name in ("a", "b", "c", "d"):
            told(name)

    assert capsys.readouterr().err == "Generating b, 2 of 4\nGenerating d, 4 of 4\n"


def test_on_a_terminal_long_work_is_a_bar_that_goes_away(terminal, capsys):
    with progress("Generating", 2) as told:
        told("pizza_v1")
        told("oven_v1")

    out, err = capsys.readouterr()
    assert out == ""
    assert "Generating oven_v1" in err
    assert "2/2" in err
    assert err.endswith("\x1b[2K")
