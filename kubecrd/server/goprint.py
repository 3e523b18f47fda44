"""Values as Go's `%v`, `%#v` and `%T` print them, where the API server's messages show a whole value."""

from __future__ import annotations

from typing import Any

from kubecrd.resource.gotext import number, quoted

__all__ = ["plain", "source", "type_name"]

_LARGE = 21


def plain(value: Any) -> str:
    """Print JSON *value* as `%v` does: ``map[a:1 b:x]``, ``[x y]``, ``<nil>``, strings bare."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case dict():
            return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
        case list():
            return "[" + " ".join(map(plain, value)) + "]"
        case _:
            return number(value, most_exponent=_LARGE)


def source(value: Any) -> str:
    """Print JSON *value* as `%#v` does: ``map[string]interface {}{"a":1}``."""
    match value:
        case None:
            return "interface {}(nil)"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case dict():
            members = ", ".join(f"{quoted(key)}:{source(value[key])}" for key in sorted(value))
            return f"map[string]interface {{}}{{{members}}}"
        case list():
            return f"[]interface {{}}{{{', '.join(map(source, value))}}}"
        case _:
            return number(value, most_exponent=_LARGE)


def type_name(value: Any) -> str:
    """Name the Go type of JSON *value* as `%T` does."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "int64"
        case float():
            return "float64"
        case dict():
            return "map[string]interface {}"
        case _:
            return "[]interface {}"
