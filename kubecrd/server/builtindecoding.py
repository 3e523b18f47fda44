"""Reading objects of built-in kinds as Go does: by the types of their fields, dropping fields that are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import DecodeError
from kubecrd.resource.quantity import Quantity
from kubecrd.schema.metadecoding import decode_micro_time, decode_time

from .configmaps import check_base64

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decode_known"]

Json = dict[str, Any]

_GO_TYPES: Final = {"string": "string", "boolean": "bool", "integer": "int64", "number": "float64"}
_INT32: Final = 2**31


@frozen
class _Place:
    """Where the decoder is, in the words of Go's `encoding/json` and in those of field paths.

    Attributes:
        struct: Name of the innermost struct.
        fields: Names of the fields on the way, without indices and keys.
        path: With them.
    """

    struct: str
    fields: str = ""
    path: str = ""

    def field(self, name: str) -> _Place:
        fields = f"{self.fields}.{name}" if self.fields else name
        return evolve(self, fields=fields, path=f"{self.path}.{name}" if self.path else name)

    def item(self, index: int | str) -> _Place:
        return evolve(self, path=f"{self.path}[{index}]")

    def mismatch(self, value: Any, wanted: str) -> DecodeError:
        where = f"{self.struct}.{self.fields}"
        return DecodeError(
            f"json: cannot unmarshal {_found(value, wanted)} into Go struct field {where} of type {wanted}"
        )


def decode_known(obj: Json, name: str, components: Json) -> tuple[Json, list[str]]:
    """Give *obj* without its metadata and without the fields that its type does not have, and the paths of those.

    Args:
        obj: What a client has sent.
        name: Of the schema.
        components: All schemas, by name.

    Raises:
        DecodeError: a value has a wrong type.
    """
    unknown: list[str] = []
    rest = {key: value for key, value in obj.items() if key != "metadata"}
    decoded = _struct(rest, components[name], components, _Place(name.rpartition(".")[2]), unknown)
    return decoded, unknown


def _struct(value: Json, schema: Json, components: Json, place: _Place, unknown: list[str]) -> Json:
    properties, required = schema.get("properties", {}), schema.get("required") or ()
    decoded = {}
    for name, member in value.items():
        inner = place.field(name)
        if name not in properties:
            unknown.append(inner.path)
        elif member is not None and not (member == _left_out(properties[name]) and name not in required):
            decoded[name] = _value(member, properties[name], components, inner, unknown)
    return decoded


def _left_out(schema: Json) -> list[Any] | Json | None:
    """Give the empty value that Go leaves out where it is optional: of lists and maps, but not of structs."""
    if schema.get("type") == "array":
        return []
    return {} if "additionalProperties" in schema else None


def _value(value: Any, schema: Json, components: Json, place: _Place, unknown: list[str]) -> Any:
    name, schema = _resolved(schema, components)
    if value is None:
        return None
    decode = _DECODERS.get(name)
    if decode is not None:
        return decode(value)
    match schema.get("type"):
        case "array":
            if not isinstance(value, list):
                raise place.mismatch(value, _go_type(schema, components))
            items = schema.get("items", {})
            return [_value(item, items, components, place.item(at), unknown) for at, item in enumerate(value)]
        case "object":
            return _object(value, name, schema, components, place, unknown)
        case _:
            _check_plain(value, schema, place)
            return value


def _quantity(value: Any) -> str:
    """Read an amount, and write it as the server does.

    Raises:
        DecodeError: it is none.
    """
    try:
        return str(Quantity.from_json(value))
    except ValueError:
        raise DecodeError(_NO_QUANTITY) from None


_NO_QUANTITY: Final = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_DECODERS: Final[dict[str, Callable[[Any], Any]]] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": decode_micro_time,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": decode_time,
}
"""Types that have a decoder of their own in Go."""


def _object(value: Any, name: str, schema: Json, components: Json, place: _Place, unknown: list[str]) -> Any:
    values = schema.get("additionalProperties")
    if not schema.get("properties") and not isinstance(values, dict):
        return value
    if not isinstance(value, dict):
        raise place.mismatch(value, _go_type(schema, components, name))
    if schema.get("properties"):
        return _struct(
            value, schema, components, evolve(place, struct=name.rpartition(".")[2] or place.struct), unknown
        )
    return {key: _value(member, values or {}, components, place.item(key), unknown) for key, member in value.items()}


def _check_plain(value: Any, schema: Json, place: _Place) -> None:
    """Hold a plain value to its type.

    Raises:
        DecodeError: it has another one, or is a number too large.
    """
    match schema.get("type"):
        case "string":
            fits = isinstance(value, str)
        case "boolean":
            fits = isinstance(value, bool)
        case "integer":
            fits = isinstance(value, int) and not isinstance(value, bool)
            if fits and schema.get("format") == "int32" and not -_INT32 <= value < _INT32:
                raise place.mismatch(value, "int32")
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return
    if not fits:
        raise place.mismatch(value, _go_type(schema, {}))
    if schema.get("format") == "byte":
        check_base64({"": value})


def _go_type(schema: Json, components: Json, name: str = "") -> str:
    if not name:
        name, schema = _resolved(schema, components)
    kind = schema.get("type")
    if kind == "array":
        return f"[]{_go_type(schema.get('items', {}), components)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map[string]{_go_type(schema['additionalProperties'], components)}"
    if name:
        return ".".join(name.split(".")[-2:])
    if schema.get("format") in {"int32", "int64"}:
        return str(schema["format"])
    return "[]uint8" if schema.get("format") == "byte" else _GO_TYPES.get(str(kind), "interface {}")


def _found(value: Any, wanted: str) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            # Go shows a number that has the right type but not the right size.
            unfit = wanted.startswith(("int", "float")) and (isinstance(value, float) or abs(value) >= _INT32)
            return f"number {value}" if unfit else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _resolved(schema: Json, components: Json) -> tuple[str, Json]:
    """Follow a reference, and give the name it has; kube-openapi wraps it in ``allOf`` where a default stands beside it."""
    for part in schema.get("allOf", ()):
        schema = part
    reference = schema.get("$ref")
    if not reference:
        return "", schema
    name = str(reference).rpartition("/")[2]
    return name, components[name]
