"""``kubecrd compare``: what an upgrade of definitions breaks."""

from __future__ import annotations

import json
import sys

import click
from attrs import asdict

from kubecrd.schema.compatibility import Change, compare_crds

from .console import say, show_rows
from .documents import definitions_in, output_option

__all__ = ["compare"]


@click.command(short_help="Say what an upgrade of definitions breaks.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@output_option
def compare(old: str, new: str, output: str) -> int:
    """Compare the definitions in OLD with those in NEW, each a YAML file, ``-``, or a module.

    \b
    Examples:
      git show main:crds/pizzas.yaml | kubecrd compare - shop.models
      kubectl get crd pizzas.shop.example.com -o yaml | kubecrd compare - crds/pizzas.yaml

    Exit codes: 0 nothing breaks; 1 something does; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    before = {each.content["metadata"]["name"]: each.content for each in definitions_in(old)}
    after = {each.content["metadata"]["name"]: each.content for each in definitions_in(new)}
    if not before:
        raise click.BadParameter(f"no definition is in {old}", param_hint="OLD")
    changes: list[tuple[str, Change]] = []
    for name, definition in before.items():
        if name in after:
            changes += [(name, change) for change in compare_crds(definition, after[name])]
        else:
            changes.append((name, Change("breaking", "", "the definition is gone, and all its objects with it")))
    if output == "json":
        sys.stdout.write(
            json.dumps([{"definition": name, **asdict(change)} for name, change in changes], indent=2) + "\n"
        )
    elif changes:
        rows = [(change.severity, name, change.path, change.message) for name, change in changes]
        show_rows(("Severity", "Definition", "Where", "What"), rows)
    breaking = sum(change.severity == "breaking" for _, change in changes)
    if output == "text":
        say(
            f"{len(before)} definitions compared: {breaking} breaking changes, {len(changes) - breaking} warnings",
            stderr=True,
        )
    return 1 if breaking else 0
