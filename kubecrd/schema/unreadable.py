"""What rules see of a value that its schema does not hold for: the parts of the wrong type are errors once they are read.

Source: kube-apiserver `apiserver/pkg/cel/common/values.go`, UnstructuredToVal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.values import CelError

from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["readable_parts"]

_GO_TYPES: Final = {
    bool: "bool",
    dict: "map[string]interface {}",
    float: "float64",
    int: "int64",
    list: "[]interface {}",
    str: "string",
}
_WANTED: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "array": ((list,), "an array for the provided schema with type=array"),
    "boolean": ((bool,), "bool, got {}"),
    "integer": ((int,), "int, got {}"),
    "number": ((int, float), "float, got {}"),
    "object": ((dict,), "a map for the provided schema with type=object"),
    "string": ((str,), "string, got {}"),
}


def readable_parts(schema: Structural, value: Any) -> Any:
    """Give *value* with a `CelError` for each part that rules cannot read.

    Args:
        schema: Of the value.
        value: JSON.
    """
    if value is None:
        return None if schema.nullable else CelError("invalid data, got null for schema with nullable=false")
    if schema.int_or_string:
        fits = type(value) in {int, str}
        return value if fits else CelError("invalid data, expected XIntOrString value to be either a string or integer")
    types, wanted = _WANTED.get(schema.type or "", ((object,), ""))
    if wanted and type(value) not in types:
        return CelError(f"invalid data, expected {wanted.format(_GO_TYPES[type(value)])}")
    if isinstance(value, list) and schema.items is not None:
        items = schema.items
        return [readable_parts(items, item) for item in value]
    return _members(schema, value) if isinstance(value, dict) else value


def _members(schema: Structural, value: dict[str, Any]) -> dict[str, Any]:
    child_of: Callable[[str], Any] = schema.properties.get
    additional = schema.additional_properties

    def member(name: str, found: Any) -> Any:
        child = child_of(name) or additional
        # Rules take null for a field that is not there.
        return readable_parts(child, found) if isinstance(child, Structural) and found is not None else found

    return {name: member(name, found) for name, found in value.items()}
