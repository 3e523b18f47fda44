"""``kubecrd adopt``: decorated classes from those of pydantic, msgspec, dataclasses or attrs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from attrs import evolve

from kubecrd.codegen.adoption import Identity, identity_of
from kubecrd.codegen.adoption import adopt as adopted
from kubecrd.codegen.foreign import is_foreign
from kubecrd.codegen.printer import format_source, print_module
from kubecrd.codegen.trial import run_module

from .console import say
from .files import refuse_own_files, write_files
from .loading import load_object

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["adopt"]


@click.command(short_help="Write decorated classes for those of pydantic, msgspec or dataclasses.")
@click.argument("names", metavar="MODULE:CLASS...", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The module to write; the standard output by default.",
)
@click.option("--group", help="The API group, where the class does not say it.")
@click.option("--version", help="The version of the kind, where the class does not say it.")
@click.option("--kind", help="The kind; the name of the class, without Spec, by default.")
@click.option(
    "--scope", type=click.Choice(["Namespaced", "Cluster"]), help="Where objects live, where the class does not say it."
)
@click.option(
    "--camel-case",
    "is_camel_case",
    is_flag=True,
    help="Names without an alias are camelCase in JSON; else as in Python.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def adopt(
    names: Sequence[str],
    out: Path | None,
    group: str | None,
    version: str | None,
    kind: str | None,
    scope: Literal["Namespaced", "Cluster"] | None,
    *,
    is_camel_case: bool,
    force: bool,
) -> int:
    """Write the decorated classes that mean the same as CLASS, a pydantic model, a msgspec struct, a dataclass or an attrs class.

    A class of cloudcoil, kubex or lightkube says which kind it is; for others say --group and --version. A class without
    apiVersion, metadata, spec and status becomes the spec of the kind. Without a kind it becomes a part of kinds.

    Constraints, aliases, defaults, descriptions, enums, unions and nested classes come along. Python that the API server
    cannot run, such as validators, stays behind, and a comment says so.

    \b
    Examples:
      kubecrd adopt shop.models:PizzaSpec --group shop.example.com --version v1
      kubecrd adopt shop.models:Pizza --out shop/kinds.py

    Exit codes: 0 done; 1 refused; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if (group is None) != (version is None):
        raise click.UsageError("--group and --version belong together")
    if kind and len(names) > 1:
        raise click.UsageError("--kind is of one class; adopt the others by themselves")
    classes = {}
    for name in names:
        cls = _class(name)
        found = identity_of(cls)
        if group is not None and version is not None:
            found = Identity(
                group=group, version=version, kind=cls.__name__.removesuffix("Spec") or cls.__name__, scope="Namespaced"
            )
        if found is not None:
            found = evolve(found, kind=kind or found.kind, scope=scope or found.scope)
        classes[cls] = found
    model = adopted(classes, is_camel_case=is_camel_case)
    run_module(model, "adopted")
    text = format_source(print_module(model))
    if out is None:
        click.echo(text, nl=False)
        return 0
    files = {out: text}
    if not force:
        refuse_own_files(files)
    write_files(files)
    fields = sum(len(each.fields) for each in model.classes)
    say(f"{len(model.classes)} classes with {fields} fields, in {out}", stderr=True)
    return 0


def _class(name: str) -> type:
    _, found = load_object(name)
    if not is_foreign(found):
        raise click.BadParameter(
            f"{name} is no pydantic model, msgspec struct, dataclass or attrs class", param_hint="MODULE:CLASS"
        )
    cls: type = found
    return cls
