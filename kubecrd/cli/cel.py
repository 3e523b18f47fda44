"""``kubecrd cel``: an expression, evaluated on an object, or checked against a schema; or one after the other, typed in."""

from __future__ import annotations

import click

from .celanswers import DEFAULT_PARTS, show_answer
from .celscope import Scope, find_definition, objects_in, only_object
from .console import say

__all__ = ["cel"]


@click.command(short_help="Evaluate CEL expressions, on objects and on schemas.")
@click.argument("expression", required=False)
@click.option("--object", "object_file", metavar="FILE", help="The object that self is.")
@click.option("--old", "old_file", metavar="FILE", help="What it was before: oldSelf.")
@click.option("--crd", "source", metavar="FILE|MODULE", help="Where the definition is that gives the types.")
@click.option("--kind", help="Which of its kinds; that of the object by default.")
@click.option("--version", help="In which version; by default the one that is stored.")
@click.option("--path", default="", metavar="PATH", help="The part that self is, such as spec.toppings[0].")
@click.option("--optional-old-self", is_flag=True, help="Let oldSelf be an optional, as a rule may say.")
@click.option("--source", "shows_source", is_flag=True, help="Show the Python that is generated, too.")
@click.option("--repl", is_flag=True, help="Read expressions, one a line; so it is without EXPRESSION.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What is written."
)
def cel(
    expression: str | None,
    object_file: str | None,
    old_file: str | None,
    source: str | None,
    kind: str | None,
    version: str | None,
    path: str,
    optional_old_self: bool,  # noqa: FBT001 - click gives it by name
    shows_source: bool,  # noqa: FBT001
    repl: bool,  # noqa: FBT001
    output: str,
) -> int:
    """Evaluate EXPRESSION as the API server does, without one: its value, its type, what it costs.

    With --crd, types come from the definition, as those of a rule that stands at --path: what the server would refuse is
    refused in its words, with what may help below them. Without, anything goes, and errors come when it runs. Without
    --object, only type and cost are shown, unless EXPRESSION is a constant.

    \b
    Examples:
      kubecrd cel '[3, 1, 2].sort()'
      kubecrd cel 'self.spec.size > 10' --object pizza.yaml
      kubecrd cel 'self.all(t, t.grams <= 500)' --crd shop.models --kind Pizza --path spec.toppings
      kubecrd cel 'self.size >= oldSelf.size' --crd crds/ --object new.yaml --old old.yaml --path spec
      kubecrd cel --crd shop.models --object pizza.yaml          expressions, typed in, with completion

    Exit codes: 0 the value is not false, or there is nothing to evaluate; 1 it is false, the evaluation failed, or the
    expression is refused; 2 wrong usage. Of expressions that are read, 1 tells that one was refused or failed.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if source is None and (kind or version):
        raise click.UsageError("--kind and --version choose a definition; say with --crd where it is")
    scope = _scope(source, kind, version, path, object_file, old_file, optional_old_self=optional_old_self)
    for text in scope.warnings():
        say(f"Warning: {text}", stderr=True)
    if repl or expression is None:
        from .repl import Repl

        return Repl(scope, output=output).run()
    answer = scope.answer(expression)
    show_answer(answer, output, (*DEFAULT_PARTS, "source") if shows_source else DEFAULT_PARTS)
    return 0 if answer.holds else 1


def _scope(
    source: str | None,
    kind: str | None,
    version: str | None,
    path: str,
    object_file: str | None,
    old_file: str | None,
    *,
    optional_old_self: bool,
) -> Scope:
    objects = [] if object_file is None else objects_in(object_file)
    strategy = None
    if source is not None:
        if kind is None and len(objects) == 1:
            kind = objects[0].get("kind")
        strategy = find_definition(source, kind, version)
    document = None if object_file is None else only_object(objects, object_file, strategy)
    old = None if old_file is None else only_object(objects_in(old_file), old_file, strategy)
    scope = Scope(strategy, path, document, old, optional_old_self)
    scope.schema  # noqa: B018 - a path that leads nowhere is told at once
    return scope
