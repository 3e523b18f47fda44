"""YAML 1.1 as the API server reads it: go-yaml's idea of booleans and numbers, and its words for errors."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import yaml
from attrs import field, frozen
from yaml.scanner import ScannerError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ParsedYaml", "YamlError", "parse_yaml", "parse_yaml_documents"]


class YamlError(ValueError):
    """A text is not YAML, or holds what JSON cannot; the message is go-yaml's."""


@frozen
class ParsedYaml:
    """A YAML document, as JSON.

    Attributes:
        document: What it holds; of repeated keys the last one.
        duplicates: Repeated keys, such as ``line 7: key "a" already set in map``.
    """

    document: Any
    duplicates: tuple[str, ...] = field(default=())


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Gives nodes whose plain scalars are not resolved: PyYAML knows other booleans and numbers than go-yaml.

    The C loader is libyaml itself, of which go-yaml is a port: so they find the same faults in the same words.
    """

    yaml_implicit_resolvers: Final[dict[str, Any]] = {}


def parse_yaml(text: bytes) -> ParsedYaml:
    """Read the first document of *text*; an empty one is None.

    Raises:
        YamlError: it is not YAML, or has no form in JSON.
    """
    return next(_documents(text.decode(errors="replace")), ParsedYaml(None))


def parse_yaml_documents(text: str) -> list[ParsedYaml]:
    """Read all documents of *text*, as ``kubectl`` does with a file.

    Raises:
        YamlError: it is not YAML, or has no form in JSON.
    """
    return list(_documents(text))


def _documents(text: str) -> Iterator[ParsedYaml]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            reader = _Reader()
            document = reader.value(loader.get_node())
            yield ParsedYaml(document, tuple(reader.duplicates))
    except yaml.MarkedYAMLError as error:
        raise YamlError(_fault(error)) from None
    except yaml.YAMLError as error:
        raise YamlError(f"yaml: {error}") from None
    finally:
        loader.dispose()


def _fault(error: yaml.MarkedYAMLError) -> str:
    """Word a fault as go-yaml does, with its idea of the line: counted from 0 where the parser stumbled."""
    line = 0
    for mark in (error.context_mark, error.problem_mark):
        if mark is not None and mark.line:
            line = mark.line + isinstance(error, ScannerError)
            break
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{error.problem or 'unknown problem parsing YAML content'}"


_TRUE: Final = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE: Final = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_INFINITE: Final = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_INTEGER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE_AS_INTEGER: Final = 1e21


class _Reader:
    """Turns nodes into JSON values."""

    def __init__(self) -> None:
        self.duplicates: list[str] = []
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _finite(_scalar(node))
        if id(node) in self._open:
            raise YamlError("yaml: anchor value contains itself")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item) for item in node.value]
            assert isinstance(node, yaml.MappingNode)
            return self._mapping(node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        nulls: list[Any] = []
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value == "<<" and not key_node.style:
                for source in self._sources(value_node):
                    merged.update(source)
                continue
            raw = _scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else self.value(key_node)
            value = self.value(value_node)
            if raw is None:
                nulls.append(value)
                continue
            key = _key(raw)
            if key in own:
                self.duplicates.append(f"line {key_node.start_mark.line + 1}: key {_shown(raw)} already set in map")
            own[key] = value
        if nulls:
            # Go keeps one entry for the key nil, and stumbles over it in the end.
            shown = f'"{nulls[-1]}"' if isinstance(nulls[-1], str) else nulls[-1]
            raise YamlError(f"unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}")
        return {**merged, **own}

    def _sources(self, node: yaml.Node) -> Iterator[dict[str, Any]]:
        value = self.value(node)
        sources = value if isinstance(value, list) else [value]
        for source in reversed(sources):
            if not isinstance(source, dict):
                raise YamlError("yaml: map merge requires map or sequence of maps as the value")
            yield source


def _scalar(node: yaml.ScalarNode) -> Any:
    """Resolve a scalar as go-yaml does: only plain ones, and those with a tag of their own, are more than text."""
    tag = node.tag.rpartition(":")[2]
    if node.style and tag == "str":
        return node.value
    return _plain(node.value) if tag in {"str", "int", "float", "bool", "null"} else node.value


def _plain(text: str) -> Any:
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        return _integer(digits)
    if _FLOAT.fullmatch(digits):
        return float(digits)
    if match := _INFINITE.fullmatch(text):
        return -math.inf if match[1] == "-" else math.inf
    return math.nan if text in {".nan", ".NaN", ".NAN"} else text


def _integer(digits: str) -> int | float:
    body = digits.lstrip("+-").lower()
    if body.startswith("0") and body != "0" and body[1] in "01234567":
        body = f"0o{body[1:]}"
    number = int(body, 0) * (-1 if digits.startswith("-") else 1)
    return number if -(2**63) <= number < 2**64 else float(number)


def _finite(value: Any) -> Any:
    """Write a number as JSON would: whole ones without fraction."""
    if not isinstance(value, float):
        return value
    if math.isinf(value) or math.isnan(value):
        shown = "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
        raise YamlError(f"json: unsupported value: {shown}")
    return int(value) if value.is_integer() and abs(value) < _WHOLE_AS_INTEGER else value


def _key(raw: Any) -> str:
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case int() | float():
            return str(_finite(raw))
        case _:
            raise YamlError(f"yaml: invalid map key: {raw!r}")


def _shown(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return f'"{raw}"' if isinstance(raw, str) else str(raw)
