"""The command itself: its help, its exit codes, and how errors are told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kubecrd.cli.__main__ import main


@pytest.mark.parametrize("command", [[], ["export"], ["server"], ["run"]])
def test_every_help_has_examples_that_begin_with_the_command(project, command):
    outcome = project.run(*command, "--help")

    assert outcome.code == 0
    examples = outcome.out.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 2
    assert " ".join(["kubecrd", *command]) in examples[0]


def test_the_version_is_told(project):
    outcome = project.run("--version")

    assert (outcome.code, outcome.out[:17]) == (0, "kubecrd, version ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command 'nonsense'."),
        (["export"], "Missing argument 'MODULE...'."),
        (["server", "--port", "70000"], "Invalid value for '--port': 70000 is not in the range 0<=x<=65535."),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(project, arguments, message):
    outcome = project.run(*arguments)

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].startswith(f"Error: {message}")


@pytest.mark.parametrize("library", ["click", "rich"])
def test_a_missing_library_is_named_with_the_extra_that_brings_it(library, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, library, None)

    code = main(["--help"])

    assert code == 2
    assert capsys.readouterr().err == (
        f"Error: the kubecrd command needs {library}, which is not installed; pip install 'kubecrd-toolkit[cli]'\n"
    )


def test_a_class_that_is_wrong_is_told_without_a_traceback(project):
    project.write(
        "shop/wrong.py",
        """
        from typing import Annotated
        from kubecrd import ListMap, kube_schema

        @kube_schema
        class Topping:
            name: str

        @kube_schema
        class Spec:
            toppings: Annotated[list[Topping], ListMap("id")]
        """,
    )

    outcome = project.run("export", "shop.wrong")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == ("Error: Spec.toppings: ListMap('id'), but the items have no field 'id'; choose from name\n")


def test_python_runs_the_package_as_the_command(project):
    done = subprocess.run(
        [sys.executable, "-m", "kubecrd", "export", "shop.models"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == project.run("export", "shop.models").out


def test_a_reader_that_has_seen_enough_is_no_error(project):
    kinds = "\n".join(
        f"Kind{n} = custom_resource(group='g{n}.example.com', version='v1', kind='Pizza')"
        "(type('Pizza', (Resource,), {'__annotations__': {'spec': PizzaSpec}}))"
        for n in range(60)
    )
    project.write("shop/many.py", f"from shop.models import *\n{kinds}\n")

    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m kubecrd export shop.many | head -1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("apiVersion: apiextensions.k8s.io/v1\n", "")
