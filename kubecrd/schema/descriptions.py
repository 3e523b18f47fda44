"""Descriptions from docstrings: of the class, and of each attribute."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from functools import cache
from typing import Final

__all__ = ["attribute_docs", "class_doc", "is_section"]

_SECTION: Final = re.compile(r"^(Attributes|Args|Arguments|Parameters|Raises|Example|Examples|Note|Source)s?:?\s*$")
_GOOGLE: Final = re.compile(r"^(\w+)(?: \([^)]*\))?: (.*)$")
_UNDERLINE: Final = re.compile(r"^-{3,}\s*$")
_NUMPY: Final = re.compile(r"^(\w+)(?: : .*)?$")


def is_section(line: str) -> bool:
    """Say whether *line* is the head of a section, with which the description in a docstring ends."""
    return _SECTION.match(line) is not None


def class_doc(cls: type) -> str | None:
    """Give the description of *cls*: its own docstring, without the sections about attributes."""
    doc = vars(cls).get("__doc__")
    if not doc:
        return None
    lines: list[str] = []
    for line in inspect.cleandoc(doc).splitlines():
        if is_section(line):
            break
        lines.append(line)
    return "\n".join(lines).strip() or None


@cache
def attribute_docs(cls: type) -> dict[str, str]:
    """Give the descriptions of the attributes of *cls* and its bases, by Python name.

    The string under an attribute wins over an "Attributes" section of the docstring (Google or NumPy style). Where the
    source is not to be had, as at a prompt, only the sections count.
    """
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        docs |= _section_docs(vars(base).get("__doc__") or "")
        docs |= _string_docs(base)
    return docs


def _string_docs(cls: type) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return {}  # no source: defined at a prompt, or built in
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    docs = {}
    for statement, follower in itertools.pairwise(body):
        match statement, follower:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = inspect.cleandoc(text)
    return docs


def _section_docs(doc: str) -> dict[str, str]:
    lines = inspect.cleandoc(doc).splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip() in {"Attributes:", "Attributes"}), None)
    if start is None:
        return {}
    numpy = start + 1 < len(lines) and _UNDERLINE.match(lines[start + 1]) is not None
    section = lines[start + 2 if numpy else start + 1 :]
    return _numpy_docs(section) if numpy else _google_docs(section)


def _google_docs(lines: list[str]) -> dict[str, str]:
    docs: dict[str, list[str]] = {}
    name = None
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        match = _GOOGLE.match(line[indent:])
        if match:
            name = match[1]
            docs[name] = [match[2]]
        elif name is not None:
            docs[name].append(line.strip())
    return {name: "\n".join(parts).strip() for name, parts in docs.items()}


def _numpy_docs(lines: list[str]) -> dict[str, str]:
    docs: dict[str, list[str]] = {}
    name = None
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1]):
            break
        match = _NUMPY.match(line)
        if match:
            name = match[1]
            docs[name] = []
        elif name is not None:
            docs[name].append(line.strip())
    return {name: "\n".join(parts).strip() for name, parts in docs.items()}
