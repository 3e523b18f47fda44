"""Descriptions from docstrings and comments: of the class, and of each attribute."""

from __future__ import annotations

import ast
import inspect
import itertools
import linecache
import re
import sys
from functools import cache
from typing import Any, Final

__all__ = ["attribute_docs", "class_doc", "is_section", "with_shorter_descriptions"]

_SECTION: Final = re.compile(r"^(Attributes|Args|Arguments|Parameters|Raises|Example|Examples|Note|Source)s?:?\s*$")
_OF_ATTRIBUTES: Final = frozenset(
    f"{name}{colon}" for name in ("Args", "Arguments", "Parameters", "Attributes") for colon in ("", ":")
)
"""Heads of sections about attributes, which are arguments of the class too."""
_GOOGLE: Final = re.compile(r"^(\w+)(?: \([^)]*\))?: (.*)$")
_UNDERLINE: Final = re.compile(r"^-{3,}\s*$")
_NUMPY: Final = re.compile(r"^(\w+)(?: : .*)?$")
_FIELD_LIST: Final = re.compile(r"^:(?:ivar|cvar|var|param|attr)(?: [^:]*?)? ?(\w+):\s*(.*)$")
_OTHER_FIELD: Final = re.compile(r"^:\w+[^:]*:")
_DIRECTIVE: Final = re.compile(r"^\.\. attribute:: (\w+)\s*$")
_COMMENT: Final = re.compile(r"^\s*#: ?(.*)$")
_DATA: Final = frozenset({"default", "enum", "example", "x-kubernetes-validations"})


def is_section(line: str) -> bool:
    """Say whether *line* is the head of a section, with which the description in a docstring ends."""
    return any(each.match(line) is not None for each in (_SECTION, _FIELD_LIST, _OTHER_FIELD, _DIRECTIVE))


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

    The string under an attribute wins over a ``#:`` comment at it, and that over the docstring: an "Attributes" or
    "Args" section in Google or NumPy style, ``:ivar name:`` fields, ``.. attribute::`` directives. Where the source
    is not to be had, as at a prompt, only the docstring counts.
    """
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ in {"builtins", "typing"}:
            continue
        docs |= _docstring_docs(vars(base).get("__doc__") or "")
        docs |= _source_docs(base)
    return docs


# --- in the source


def _source_docs(cls: type) -> dict[str, str]:
    filename = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if filename is None:
        return {}  # defined at a prompt, or built in
    lines, classes = _classes_in(filename)
    found = classes.get(cls.__qualname__, ())
    names = set(vars(cls).get("__annotations__", ()))
    # The same name may be defined several times, as in the branches of an `if`: the fields tell which it is.
    node = next((each for each in reversed(found) if set(_annotated(each)) == names), None)
    if node is None:
        return {}
    docs = {name: text for name, each in _annotated(node).items() if (text := _comment_of(each, lines))}
    for statement, follower in itertools.pairwise(node.body):
        match statement, follower:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = inspect.cleandoc(text)
    return docs


@cache
def _classes_in(filename: str) -> tuple[list[str], dict[str, list[ast.ClassDef]]]:
    """Read a file once: its lines, and its classes by qualified name, in order."""
    lines = linecache.getlines(filename)
    classes: dict[str, list[ast.ClassDef]] = {}
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return lines, classes  # changed on the disk since it was imported
    _collect(tree, "", classes)
    return lines, classes


def _collect(node: ast.AST, prefix: str, classes: dict[str, list[ast.ClassDef]]) -> None:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name):
                classes.setdefault(f"{prefix}{name}", []).append(child)
                _collect(child, f"{prefix}{name}.", classes)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                _collect(child, f"{prefix}{name}.<locals>.", classes)
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                _collect(child, prefix, classes)


def _annotated(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    return {
        each.target.id: each
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _comment_of(node: ast.AnnAssign, lines: list[str]) -> str:
    """Give the ``#:`` comment that stands behind an attribute, or above it."""
    last = lines[(node.end_lineno or node.lineno) - 1].encode()
    behind = _COMMENT.match(last[node.end_col_offset :].decode())
    if behind:
        return behind[1].strip()
    above: list[str] = []
    for line in reversed(lines[: node.lineno - 1]):
        match = _COMMENT.match(line)
        if match is None:
            break
        above.insert(0, match[1].rstrip())
    return "\n".join(above).strip()


# --- in the docstring


def _docstring_docs(doc: str) -> dict[str, str]:
    lines = inspect.cleandoc(doc).splitlines()
    docs = _field_docs(lines)
    for start, line in enumerate(lines):
        if line.strip() not in _OF_ATTRIBUTES:
            continue
        numpy = start + 1 < len(lines) and _UNDERLINE.match(lines[start + 1]) is not None
        section = lines[start + 2 if numpy else start + 1 :]
        docs |= _numpy_docs(section) if numpy else _google_docs(section)
    return docs


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
    return _joined(docs)


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
    return _joined(docs)


def _field_docs(lines: list[str]) -> dict[str, str]:
    """Read ``:ivar name: text`` and ``.. attribute:: name``, each with the lines that are indented below it."""
    docs: dict[str, list[str]] = {}
    name = None
    for line in lines:
        match = _FIELD_LIST.match(line) or _DIRECTIVE.match(line)
        if match:
            name = match[1]
            docs[name] = list(match.groups()[1:])
        elif line[:1].strip():
            name = None
        elif name is not None and not _OTHER_FIELD.match(line.strip()):
            docs[name].append(line.strip())
    return _joined(docs)


def _joined(docs: dict[str, list[str]]) -> dict[str, str]:
    return {name: "\n".join(parts).strip() for name, parts in docs.items()}


# --- shorter


def with_shorter_descriptions(schema: Any, most: int) -> Any:
    """Give *schema* with descriptions of at most *most* characters: whole sentences, else whole words; 0 for none."""
    if isinstance(schema, list):
        return [with_shorter_descriptions(each, most) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "description" and isinstance(value, str):
            if most:
                made[key] = _shortened(value, most)
        elif key == "properties":
            # A field may be called description.
            made[key] = {name: with_shorter_descriptions(each, most) for name, each in value.items()}
        else:
            made[key] = value if key in _DATA else with_shorter_descriptions(value, most)
    return made


def _shortened(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    sentences = list(re.finditer(r"[.!?](?=\s)", text[: most + 1]))
    if sentences:
        return text[: sentences[-1].end()]
    words = text[: max(most - 1, 0)]
    if not text[len(words)].isspace() and " " in words:
        words = words[: words.rfind(" ")]
    return f"{words.rstrip()}…"
