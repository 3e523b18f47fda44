"""``kubecrd check``: what the API server says to definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kubecrd.errors import DecodeError
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.acceptance_formats import format_warnings
from kubecrd.schema.crddecoding import decode_crd
from kubecrd.schema.rulehints import rule_hints

from .documents import Document, Finding, definitions_in, output_option, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["check"]


@click.command(short_help="Say of definitions what the API server would say.")
@click.argument("sources", metavar="FILE|MODULE...", nargs=-1, required=True)
@click.option("--old", metavar="FILE|MODULE", help="The definitions as they are installed: then this is an update.")
@output_option
def check(sources: Sequence[str], old: str | None, output: str) -> int:
    """Check CustomResourceDefinitions as the API server does, without one: its errors and its warnings.

    A source is a YAML file, ``-`` for the standard input, or a module whose custom resources are meant. With --old,
    definitions are compared with those of the same name there: some fields cannot change, and a version in which
    objects are stored must stay. What an upgrade breaks for users, `kubecrd compare` says.

    \b
    Examples:
      kubecrd check crds/*.yaml
      kubecrd check shop.models --output json
      kubectl get crds -o yaml | kubecrd check shop.models --old -

    Exit codes: 0 all would be taken; 1 one would be refused; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    documents = [document for source in sources for document in definitions_in(source)]
    if not documents:
        raise click.BadParameter(f"no definition is in {', '.join(sources)}", param_hint="FILE|MODULE")
    installed = {} if old is None else {_name(each.content): each for each in definitions_in(old)}
    findings = [finding for document in documents for finding in _findings(document, installed)]
    return tell(findings, output, checked=len(documents), what="definition")


def _name(content: Mapping[str, Any]) -> str:
    metadata = content.get("metadata")
    return str(metadata.get("name")) if isinstance(metadata, dict) else ""


def _findings(document: Document, installed: Mapping[str, Document]) -> Iterator[Finding]:
    there = installed.get(_name(document.content))
    try:
        old = None if there is None else prepare_crd(there.content)
        crd = prepare_crd(document.content, old)
        unknown = decode_crd(document.content)[1]
        faults = check_crd(crd, old)
    except DecodeError as error:
        yield Finding(document.file, document.number, error.path, "BadRequest", str(error))
        return
    for path in unknown:
        yield Finding(document.file, document.number, path, "Warning", "unknown field, which is dropped")
    for fault in faults:
        yield Finding.of(document, fault, rule_hints(crd, fault))
    for warning in [] if faults else format_warnings(crd, old):
        yield Finding(document.file, document.number, "", "Warning", warning)
