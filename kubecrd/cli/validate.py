"""``kubecrd validate``: the API server's verdict on objects in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from kubecrd.errors import DecodeError, DefinitionError, RequestError
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
@click.option("--subresource", type=click.Choice(["status"]), help="What of the objects is written; needs --old.")
@output_option
def validate(
    files: Sequence[str], sources: Sequence[str], old: str | None, subresource: str | None, output: str
) -> int:
    """Validate the objects in FILE as the API server does, without one: schema, defaults, CEL rules, metadata.

    Objects of kinds that no definition is given for are passed over, with a warning. With --old, objects are
    compared with those of the same name there: transition rules run, and what was wrong before may stay. Those that
    are not there are new.

    \b
    Examples:
      kubecrd validate pizza.yaml --crd crds/
      kubecrd validate new.yaml --old stored.yaml --crd shop.models --output json
      kubectl get pizzas -o yaml | kubecrd validate - --crd crds/      what a stricter definition would refuse
      kubecrd validate new.yaml --old stored.yaml --subresource status --crd shop.models

    Exit codes: 0 all would be taken; 1 one would be refused; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if subresource and old is None:
        raise click.UsageError("--subresource writes to stored objects; say with --old where they are")
    found = [_validator(each) for source in sources for each in definitions_in(source)]
    if not found:
        raise click.BadParameter(f"no definition is in {', '.join(sources)}", param_hint="--crd")
    validators = {(validator.group, validator.kind): validator for validator in found}
    stored = {} if old is None else {_key(each.content): each.content for each in read_documents(old)}
    documents = [document for file in files for document in read_documents(file)]
    findings = [
        finding
        for document in documents
        for finding in _findings(document, validators, stored, "status" if subresource else "")
    ]
    return tell(findings, output, checked=len(documents), what="object")


def _validator(document: Document) -> ObjectValidator:
    try:
        return ObjectValidator(document.content)
    except (DecodeError, DefinitionError) as error:
        text = f"{document.file}: document {document.number}: {error}; `kubecrd check` says what is wrong with it"
        raise click.BadParameter(text, param_hint="--crd") from error


def _key(content: Mapping[str, Any]) -> _Key:
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    group = str(content.get("apiVersion", "")).rpartition("/")[0]
    return group, str(content.get("kind")), str(metadata.get("namespace") or "default"), str(metadata.get("name"))


def _findings(
    document: Document,
    validators: Mapping[tuple[str, str], ObjectValidator],
    stored: Mapping[_Key, dict[str, Any]],
    subresource: Literal["", "status"],
) -> Iterator[Finding]:
    key = _key(document.content)
    of_group = {kind: validator for (group, kind), validator in validators.items() if group == key[0]}
    if key[1] not in of_group and len(of_group) != 1:
        # Of a group that is known, it is a misspelt kind.
        known = f"; of its group there are {', '.join(sorted(of_group))}" if of_group else ""
        message = f"no definition is given for {key[1]} of {key[0] or 'the core group'}{known}"
        yield Finding(document.file, document.number, "kind", "NotFound" if of_group else "Warning", message)
        return
    validator = of_group.get(key[1]) or next(iter(of_group.values()))
    old = stored.get(key) or stored.get((key[0], validator.kind, *key[2:]))
    if subresource and old is None:
        yield Finding(
            document.file, document.number, "", "NotFound", f"{key[1]} {key[3]!r} is not among the old objects"
        )
        return
    try:
        unknown = validator.unknown_fields(document.content)
        for path in unknown:
            yield Finding(document.file, document.number, path, "Warning", "unknown field, which is dropped")
        for fault in validator.verdict(document.content, old, subresource=subresource):
            yield Finding.of(document, fault)
        for text in validator.warnings(document.content, old, subresource=subresource)[len(unknown) :]:
            path, _, message = text.partition(": ")
            yield Finding(document.file, document.number, path, "Warning", message)
    except (DecodeError, RequestError) as error:
        yield Finding(document.file, document.number, getattr(error, "path", ""), "BadRequest", str(error))
