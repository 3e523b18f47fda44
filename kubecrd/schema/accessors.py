"""Fields of plain JSON objects, looked up by path as apimachinery's `unstructured` helpers do."""

from __future__ import annotations

from typing import Any, Final

from kubecrd.errors import DecodeError
from kubecrd.resource.gotext import number

from .jsonvalues import json_type

__all__ = ["nested"]

_GO_TYPES: Final = {
    "null": "<nil>",
    "boolean": "bool",
    "integer": "int64",
    "number": "float64",
    "string": "string",
    "array": "[]interface {}",
    "object": "map[string]interface {}",
}


def nested(obj: dict[str, Any], path: str, wanted: str) -> Any:
    """Follow a path of member names; None if it leads nowhere.

    Args:
        obj: The object.
        path: Names with dots before or between them.
        wanted: The JSON type that must be there.

    Raises:
        DecodeError: In the words of apimachinery's `unstructured` helpers, when something of another type is there.
    """
    value: Any = obj
    walked = ""
    for step in path.removeprefix(".").split("."):
        if not isinstance(value, dict):
            # The helpers name the path down to the member that they cannot look up.
            raise _accessor_error(f"{walked}.{step}", value, "map[string]interface {}")
        if step not in value:
            return None
        value = value[step]
        walked = f"{walked}.{step}"
    if json_type(value) != wanted:
        raise _accessor_error(walked, value, _GO_TYPES[wanted])
    return value


def _accessor_error(path: str, value: Any, wanted: str) -> DecodeError:
    found = _GO_TYPES[json_type(value)]
    return DecodeError(f"{path} accessor error: {_go_value(value)} is of the type {found}, expected {wanted}", path)


def _go_value(value: Any) -> str:
    """Print a JSON value as Go's `%v`."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case str():
            return value
        case dict():
            return f"map[{' '.join(f'{key}:{_go_value(value[key])}' for key in sorted(value))}]"
        case _:
            return f"[{' '.join(_go_value(item) for item in value)}]"
