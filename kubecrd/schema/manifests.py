"""Documents as YAML that people read: in the order they were made, long texts as blocks, nothing abbreviated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["dump", "dump_all"]

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
