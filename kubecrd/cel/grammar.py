"""The grammar of CEL, celpy's extended by ours; and its parser, whose tables come with the package.

Building a parser from a grammar takes a tenth of a second, and importing celpy, where half of the grammar is, another;
loading tables takes a hundredth. `tools/cel_grammar.py` writes them.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

__all__ = ["TABLES", "build_parser", "dump_tables", "load_tables", "parser"]

TABLES: Final = "grammar.json"
"""The file of the package that has the tables."""

_DEFINITION: Final = re.compile(r"^([a-zA-Z_]+)(?:\.\d+)?\s*:", re.MULTILINE)


@cache
def parser() -> lark.Lark:
    """Give the parser of expressions: from the tables, or from the grammars where the tables are not of them."""
    return load_tables(resources.files("kubecrd.cel").joinpath(TABLES).read_text("utf-8")) or build_parser()


def load_tables(text: str) -> lark.Lark | None:
    """Give the parser that `dump_tables` has written.

    Args:
        text: JSON.

    Returns:
        None where it was written by another version of lark, in whose form it is, or from other grammars.
    """
    tables = json.loads(text, object_hook=_with_numbers)
    return lark.Lark.load(tables) if tables["of"] == _fingerprint() else None


def dump_tables(built: lark.Lark) -> str:
    """Write the tables of a parser as JSON."""
    data, memo = built.memo_serialize([TerminalDef, Rule])
    return json.dumps({"of": _fingerprint(), "data": data, "memo": memo}, separators=(",", ":")) + "\n"


def build_parser() -> lark.Lark:
    """Build the parser from the grammars."""
    return lark.Lark(_grammar(), start="expr", parser="lalr", keep_all_tokens=True, maybe_placeholders=False)


def _grammar() -> str:
    """Lay our rules over celpy's."""
    ours = resources.files("kubecrd.cel").joinpath("grammar.lark").read_text("utf-8")
    replaced = {match[1] for match in _DEFINITION.finditer(ours)} | {"RESERVED"}
    # Found without importing celpy, which brings much that parsing does not need.
    celpy = find_spec("celpy")
    assert celpy is not None
    assert celpy.origin is not None
    kept, keep = [], True
    for line in Path(celpy.origin).with_name("cel.lark").read_text("utf-8").splitlines():
        match = _DEFINITION.match(line)
        if match or line.startswith(("%", "//")) or not line.strip():
            keep = match is None or match[1] not in replaced
        if keep:
            kept.append(line)
    return "\n".join([*kept, ours])


def _fingerprint() -> str:
    """Tell what tables are made of."""
    return f"lark {lark.__version__}, grammars {hashlib.sha256(_grammar().encode()).hexdigest()}"


def _with_numbers(entries: dict[str, Any]) -> dict[Any, Any]:
    """Give back to the numbers what JSON has made of them where they are keys."""
    return {int(name) if name.isdecimal() else name: value for name, value in entries.items()}
