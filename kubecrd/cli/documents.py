"""The documents in YAML files, and what is told of them: a line each, or JSON for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from attrs import asdict, frozen

from kubecrd.errors import DecodeError
from kubecrd.schema.manifests import load_all
from kubecrd.schema.modules import custom_resources

from .console import counted, say, show_rows
from .loading import definitions_of, load_module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["Document", "Finding", "definitions_in", "output_option", "read_documents", "tell"]

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})

output_option = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How findings are written."
)


@frozen
class Document:
    """One document of a file.

    Attributes:
        file: Its name as it was given; ``-`` for the standard input.
        number: Which of the file, from 1 on.
        content: The document.
    """

    file: str
    number: int
    content: dict[str, Any]


@frozen
class Finding:
    """One thing that is wrong with a document.

    Attributes:
        file: Where.
        document: Which of the file, from 1 on.
        field: Which field.
        reason: The kind of fault, such as ``FieldValueInvalid``; ``Warning`` for what is taken all the same.
        message: What is wrong.
        suggestion: What may help; empty where nothing comes to mind.
    """

    file: str
    document: int
    field: str
    reason: str
    message: str
    suggestion: str = ""

    @classmethod
    def of(cls, document: Document, error: FieldError, hints: Sequence[str] = ()) -> Finding:
        """Say where an error is."""
        return cls(document.file, document.number, error.field, error.reason, error.message, "\n".join(hints))

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON; a suggestion is there only if there is one."""
        return {name: value for name, value in asdict(self).items() if value or name != "suggestion"}

    @property
    def text(self) -> str:
        """What is told to people: the message, and on lines of its own what may help."""
        return "\n".join(filter(None, [self.message, self.suggestion]))


def read_documents(name: str) -> Iterator[Document]:
    """Yield the documents of a YAML or JSON file, or of all such files in a folder; empty ones are passed over.

    Raises:
        BadParameter: the file cannot be read, is no YAML, or holds something else than mappings.
    """
    if name != "-" and Path(name).is_dir():
        for path in sorted(each for each in Path(name).iterdir() if each.suffix in _SUFFIXES):
            yield from read_documents(str(path))
        return
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        loaded = load_all(text)
    except OSError as error:
        raise click.BadParameter(f"{name}: {error.strerror or error}", param_hint="FILE") from error
    except (UnicodeDecodeError, DecodeError) as error:
        raise click.BadParameter(f"{name}: {error}", param_hint="FILE") from error
    for number, content in enumerate(loaded, 1):
        if content is None:
            continue
        if content.get("kind") == "List" and isinstance(content.get("items"), list):
            yield from (Document(name, number, item) for item in content["items"])
        else:
            yield Document(name, number, content)


def definitions_in(name: str) -> list[Document]:
    """Give the definitions in a file, or those of a module's custom resources.

    Raises:
        BadParameter: there is no such file or module.
    """
    if name == "-" or Path(name).exists() or Path(name).suffix in _SUFFIXES:
        return [each for each in read_documents(name) if each.content.get("kind") == "CustomResourceDefinition"]
    module = load_module(name)
    documents = [crd.to_dict() for crd in definitions_of(custom_resources(module))]
    return [Document(name, number, content) for number, content in enumerate(documents, 1)]


def tell(findings: Sequence[Finding], output: str, *, checked: int, what: str) -> int:
    """Print *findings*, and give the exit code: 1 when there is an error among them.

    Args:
        findings: What was found.
        output: ``text`` or ``json``.
        checked: How many documents were looked at.
        what: What one of them is, for the summary.
    """
    errors = [each for each in findings if each.reason != "Warning"]
    if output == "json":
        sys.stdout.write(json.dumps([each.to_dict() for each in findings], indent=2) + "\n")
        return 1 if errors else 0
    if findings:
        rows = [(each.file, str(each.document), each.field, each.reason, each.text) for each in findings]
        show_rows(("File", "Document", "Field", "Reason", "Message"), rows)
    warnings = len(findings) - len(errors)
    figures = f"{counted(len(errors), 'error')}, {counted(warnings, 'warning')}"
    say(f"{counted(checked, what)} checked: {figures}", stderr=True)
    return 1 if errors else 0
