"""A user's project in a folder, and the command in it."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from attrs import frozen

import kubecrd
from kubecrd.cli import console
from kubecrd.cli.__main__ import main

MODELS = """
from kubecrd import Resource, custom_resource, kube_schema


@kube_schema
class PizzaSpec:
    size: int


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    '''What is baked.'''

    spec: PizzaSpec


@custom_resource(group="shop.example.com", version="v1", scope="Cluster")
class Oven(Resource):
    '''Where it is baked.'''
"""


@frozen
class Outcome:
    """What a command came to."""

    code: int
    out: str
    err: str


class Project:
    """Modules in the current folder."""

    def __init__(self, folder, capsys):
        self.folder = folder
        self._capsys = capsys

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))

    def run(self, *arguments: str) -> Outcome:
        code = main(arguments)
        return Outcome(code, *self._capsys.readouterr())


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    """A project with two kinds in ``shop.models``; what it imports is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    # How far long work is would be told on a busy machine, and not on another.
    monkeypatch.setattr(console, "_SECONDS_BETWEEN_LINES", math.inf)
    monkeypatch.setenv("PYTHONPATH", str(Path(kubecrd.__file__).parent.parent))
    known = set(sys.modules)
    made = Project(tmp_path, capsys)
    made.write("shop/__init__.py", "")
    made.write("shop/models.py", MODELS)
    yield made
    for name in set(sys.modules) - known:
        if name.partition(".")[0] == "shop":
            del sys.modules[name]
