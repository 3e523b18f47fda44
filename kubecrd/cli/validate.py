"""``kubecrd validate``: the API server's verdict on objects in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kubecrd.errors import DecodeError
from kubecrd.schema.verdict import ObjectValidator

from .documents import Document, Finding, definitions_in, output_option, read_documents, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["validate"]

_Key = tuple[str, str, str, str]


@click.command(short_help="Say of objects what the API server would say.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--crd", "sources", metavar="FILE|MODULE", multiple=True, required=True, help="Where the definitions are."
)
@click.option("--old", metavar="FILE", help="The objects as they are stored: then this is an update.")
@output_option
def validate(files: Sequence[str], sources: Sequence[str], old: str | None, output: str) -> int:
    """Validate the objects in FILE as the API server does, without one: schema, defaults, CEL rules, metadata.

    Objects of kinds that no definition is given for are passed over, with a warning. With --old, objects are
    compared with those of the same name there: transition rules run, and what was wrong before may stay.

    \b
    Examples:
      kubecrd validate pizza.yaml --crd crds/
      kubecrd validate new.yaml --old stored.yaml --crd shop.models --output json

    Exit codes: 0 all would be taken; 1 one would be refused; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    validators = {
        (each.content["spec"]["group"], each.content["spec"]["names"]["kind"]): ObjectValidator(each.content)
        for source in sources
        for each in definitions_in(source)
    }
    if not validators:
        raise click.BadParameter(f"no definition is in {', '.join(sources)}", param_hint="--crd")
    stored = {} if old is None else {_key(each.content): each.content for each in read_documents(old)}
    documents = [document for file in files for document in read_documents(file)]
    findings = [finding for document in documents for finding in _findings(document, validators, stored)]
    return tell(findings, output, checked=len(documents), what="objects")


def _key(content: Mapping[str, Any]) -> _Key:
    metadata = content.get("metadata") or {}
    group = str(content.get("apiVersion", "")).rpartition("/")[0]
    return group, str(content.get("kind")), str(metadata.get("namespace") or "default"), str(metadata.get("name"))


def _findings(
    document: Document, validators: Mapping[tuple[str, str], ObjectValidator], stored: Mapping[_Key, dict[str, Any]]
) -> Iterator[Finding]:
    key = _key(document.content)
    validator = validators.get(key[:2])
    if validator is None:
        message = f"no definition is given for {key[1]} of {key[0] or 'the core group'}"
        yield Finding(document.file, document.number, "kind", "Warning", message)
        return
    try:
        for path in validator.unknown_fields(document.content):
            yield Finding(document.file, document.number, path, "Warning", "unknown field, which is dropped")
        for fault in validator.verdict(document.content, stored.get(key)):
            yield Finding.of(document, fault)
    except DecodeError as error:
        yield Finding(document.file, document.number, error.path, "BadRequest", str(error))
