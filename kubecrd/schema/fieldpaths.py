"""Paths that definitions write, such as ``.spec.size`` or ``.spec['a.b']`` (apiextensions `cel.ValidFieldPath`)."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["FieldPathError", "follow"]

_TOKEN: Final = re.compile(r"[.\[\]]|'(?:.*?[^\\])??'|[^.\[\]]+", re.DOTALL)

_ESCAPE: Final = re.compile(r"\\(.)")
_MEANT: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "'": "'",
    "\\": "\\",
}


class FieldPathError(ValueError):
    """A path does not lead to a field of the schema; the message is the server's."""


def follow(path: str, schema: dict[str, Any], *, allow_brackets: bool = True) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Follow *path* from *schema* down through properties and map values.

    Args:
        path: Names behind dots, or in brackets and single quotes.
        schema: A schema document.
        allow_brackets: Whether ``['name']`` may be used; selectable fields do without.

    Returns:
        The names of the fields passed, and the schema at the end.

    Raises:
        FieldPathError: When the path does not parse, or leads nowhere.
    """
    tokens = _TOKEN.findall(path)
    names: list[str] = []
    while tokens:
        token = tokens.pop(0)
        if token == "[" and not allow_brackets:
            raise FieldPathError("array notation is not allowed")
        if token not in {"[", "."}:
            raise FieldPathError(f"expected [ or . but got: {token}")
        if not tokens:
            raise FieldPathError("unexpected end of JSON path")
        name = tokens.pop(0)
        if token == "[":
            name = _unquoted(name)
            if not tokens:
                raise FieldPathError("unexpected end of JSON path")
            if (closing := tokens.pop(0)) != "]":
                raise FieldPathError(f"expected ] but got {closing}")
        schema = _step(schema, name)
        names.append(name)
    return tuple(names), schema


def _unquoted(token: str) -> str:
    if len(token) < 2 or not (token.startswith("'") and token.endswith("'")):
        raise FieldPathError(f"expected single quoted string but got {token}")
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(escape: re.Match[str]) -> str:
    meant = _MEANT.get(escape[1])
    if meant is None:
        raise FieldPathError(f"invalid escape char {escape[0]}")
    return meant


def _step(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found = schema.get("properties", {}).get(name)
    if found is None and not schema.get("properties"):
        found = schema.get("additionalProperties")
    if found is None:
        raise FieldPathError("does not refer to a valid field")
    # With `additionalProperties: true` nothing is known of the value, and no path leads further.
    return found if isinstance(found, dict) else {}
