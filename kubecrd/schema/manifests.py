"""Documents as YAML: written for people, in the order they were made; read as the API server and ``kubectl`` do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from kubecrd.errors import DecodeError

from .goyaml import YamlError, parse_yaml_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["dump", "dump_all", "load_all"]

_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes block style, indents lists, and repeats what is equal instead of referring to it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - PyYAML's
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and not any(line.endswith(" ") for line in text.splitlines()) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dump(document: Mapping[str, Any]) -> str:
    """Write one document."""
    return yaml.dump(
        dict(document), Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True, default_flow_style=False
    )


def dump_all(documents: Iterable[Mapping[str, Any]]) -> str:
    """Write several documents into one file."""
    return "---\n".join(dump(document) for document in documents)


def load_all(text: str) -> list[dict[str, Any] | None]:
    """Read the documents of a YAML or JSON text, None where one is empty; their types are those the API server sees.

    ``on`` and ``yes`` are booleans, ``0o17`` is a number, and a date is text, as for ``kubectl``; PyYAML alone would
    give a date. A repeated key counts as what it says last.

    Raises:
        DecodeError: it is not YAML, or a document is no mapping.
    """
    documents = _json_documents(text) if text.lstrip().startswith("{") else None
    if documents is None:
        try:
            documents = [parsed.document for parsed in parse_yaml_documents(text)]
        except YamlError as error:
            raise DecodeError(str(error)) from error
    for number, document in enumerate(documents, 1):
        if document is not None and not isinstance(document, dict):
            raise DecodeError(f"document {number} is no mapping")
    return documents


def _json_documents(text: str) -> list[Any] | None:
    """Read JSON, in which 1.0 is no integer; None where a text only begins like JSON, as YAML may."""
    try:
        return [json.loads(text)]
    except ValueError:
        return None
