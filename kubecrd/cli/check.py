"""``kubecrd check``: what the API server says to definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kubecrd.errors import DecodeError
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.acceptance_formats import format_warnings

from .documents import Document, Finding, definitions_in, output_option, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check"]


@click.command(short_help="Say of definitions what the API server would say.")
@click.argument("sources", metavar="FILE|MODULE...", nargs=-1, required=True)
@output_option
def check(sources: Sequence[str], output: str) -> int:
    """Check CustomResourceDefinitions as the API server does, without one: its errors and its warnings.

    A source is a YAML file, ``-`` for the standard input, or a module whose custom resources are meant.

    \b
    Examples:
      kubecrd check crds/*.yaml
      kubecrd check shop.models --output json

    Exit codes: 0 all would be taken; 1 one would be refused; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    documents = [document for source in sources for document in definitions_in(source)]
    findings = [finding for document in documents for finding in _findings(document)]
    return tell(findings, output, checked=len(documents), what="definitions")


def _findings(document: Document) -> Iterator[Finding]:
    try:
        crd = prepare_crd(document.content)
    except DecodeError as error:
        yield Finding(document.file, document.number, "", "BadRequest", str(error))
        return
    for fault in check_crd(crd):
        yield Finding.of(document, fault)
    for warning in format_warnings(crd, None):
        yield Finding(document.file, document.number, "", "Warning", warning)
