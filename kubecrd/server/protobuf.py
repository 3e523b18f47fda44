"""Protobuf bodies, as kubectl sends built-in objects in, read into the JSON documents that they stand for.

Which number a field has is in no OpenAPI document; the table of it is derived by ``tools/protobuf_messages.py`` and read when
the first such body comes. A Status is written in this form too, for who accepts no other.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.resource.timestamps import format_micro_time, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["ProtobufError", "UnknownMessageError", "parse_protobuf", "write_status"]

_MAGIC: Final = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIRES: Final = {"int": _VARINT, "bool": _VARINT, "double": _FIXED64}
_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENVELOPE: Final = {1: "TypeMeta", 2: "Raw"}


class ProtobufError(ValueError):
    """Bytes are not a protobuf message of Kubernetes; the text is the server's."""


class UnknownMessageError(LookupError):
    """A kind is sent whose messages are not known here."""


@frozen
class _Field:
    """What a field of a message is in JSON.

    Attributes:
        name: Its name.
        type: ``string``, ``int``, ``bool``, ``bytes``, ``double``, or the name of a message.
        is_list: Whether there may be several.
        is_map: Whether it is a map with texts as keys; *type* is that of the values.
        is_inline: Whether its fields stand in the object itself.
        omits_zero: Whether JSON leaves it out when it is zero, which protobuf writes out.
    """

    name: str
    type: str
    is_list: bool = False
    is_map: bool = False
    is_inline: bool = False
    omits_zero: bool = False

    @classmethod
    def of(cls, text: str) -> _Field:
        """Read an entry of the table, such as ``nodePort? int``."""
        name, *_, kind = text.split(" ")
        return cls(
            name.rstrip("?^"),
            kind.removeprefix("[]"),
            is_list=kind.startswith("[]"),
            is_map=" map " in text,
            is_inline=name.endswith("^"),
            omits_zero=name.endswith("?"),
        )

    @property
    def wire(self) -> int:
        """How it is written."""
        return _BYTES if self.is_map else _WIRES.get(self.type, _BYTES)


@cache
def _table() -> dict[str, dict[str, str]]:
    packed = resources.files("kubecrd.server").joinpath("openapi_v1_36", "messages.json.gz").read_bytes()
    table: dict[str, dict[str, str]] = json.loads(gzip.decompress(packed))
    return table


@cache
def _fields(message: str) -> Mapping[int, _Field]:
    return {int(number): _Field.of(text) for number, text in _table()[message].items()}


def _message_of(api_version: str, kind: str) -> str:
    """Find the message of a kind; options, which go with every group, are in the package that all share."""
    group, _, version = api_version.rpartition("/")
    package = f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}"
    for name in (f"{package}.{kind}", f"{_META}.{kind}"):
        if name in _table():
            return name
    raise UnknownMessageError(kind)


def parse_protobuf(text: bytes) -> dict[str, Any]:
    """Read a body into the JSON document that it stands for.

    Raises:
        ProtobufError: it is not a message of Kubernetes, or is cut off.
        UnknownMessageError: its kind is not one that is read here.
    """
    if not text.startswith(_MAGIC):
        shown = " ".join(str(byte) for byte in _MAGIC)
        raise ProtobufError(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    meta: dict[str, Any] = {}
    raw = b""
    for number, wire, value in _wire(text[len(_MAGIC) :]):
        if number in _ENVELOPE and wire != _BYTES:
            raise ProtobufError(f"proto: wrong wireType = {wire} for field {_ENVELOPE[number]}")
        if number == 1:
            meta = _object(value, {1: _Field("apiVersion", "string"), 2: _Field("kind", "string")})
        elif number == 2:
            raw = value
    message = _message_of(meta.get("apiVersion", ""), meta.get("kind", ""))
    return {**meta, **_object(raw, _fields(message))}


def _object(data: bytes, fields: Mapping[int, _Field]) -> dict[str, Any]:
    """Decode one message; fields that are not known are left out."""
    found: dict[str, Any] = {}
    for number, wire, value in _wire(data):
        known = fields.get(number)
        if known is None:
            continue
        if wire != known.wire:
            raise ProtobufError(f"proto: wrong wireType = {wire} for field {known.name}")
        if known.is_inline:
            found |= _object(value, _fields(known.type))
        elif known.is_map:
            entry = _object(value, {1: _Field("key", "string"), 2: _Field("value", known.type)})
            found.setdefault(known.name, {})[entry.get("key", "")] = entry.get("value", "")
        elif known.is_list:
            found.setdefault(known.name, []).append(_value(value, known.type))
        elif (decoded := _value(value, known.type)) or not known.omits_zero:
            found[known.name] = decoded
    return found


def _value(value: Any, kind: str) -> Any:
    match kind:
        case "string":
            return value.decode(errors="replace")
        case "int":
            return value - 2**64 if value >= 2**63 else value
        case "bool":
            return bool(value)
        case "bytes":
            return base64.b64encode(value).decode()
        case "double":
            return struct.unpack("<d", value)[0]
    special = _SPECIAL.get(kind.rpartition(".")[2])
    return _object(value, _fields(kind)) if special is None else special(_object(value, _fields(kind)))


def _time(message: dict[str, Any], *, form: Callable[[datetime], str]) -> str | None:
    if not message:
        return None  # Go's zero time
    return form(_EPOCH + timedelta(seconds=message.get("seconds", 0), microseconds=message.get("nanos", 0) // 1000))


def _int_or_string(message: dict[str, Any]) -> Any:
    return message.get("strVal", "") if message.get("type") else message.get("intVal", 0)


def _embedded_json(message: dict[str, Any]) -> Any:
    text = base64.b64decode(next(iter(message.values()), ""))
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise ProtobufError(f"json: {error}") from error


_SPECIAL: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "Time": lambda message: _time(message, form=format_time),
    "MicroTime": lambda message: _time(message, form=format_micro_time),
    "IntOrString": _int_or_string,
    "Quantity": lambda message: message.get("string", "0"),
    "RawExtension": _embedded_json,
    "FieldsV1": _embedded_json,
    "ExtraValue": lambda message: message.get("items", []),
}
"""Messages that JSON writes otherwise than as an object of their fields."""


def _wire(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Give number, wire type and value of each field."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in {_FIXED32, _FIXED64}:
            size = 4 if wire == _FIXED32 else 8
        else:
            raise ProtobufError(f"proto: illegal wireType {wire}")
        if at + size > len(data):
            raise ProtobufError("unexpected EOF")
        yield number, wire, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ProtobufError("unexpected EOF")


# --- writing ------------------------------------------------------------------------------------------------------


def write_status(status: Mapping[str, Any]) -> bytes:
    """Write a Status as the server does, which writes empty texts out too.

    Args:
        status: The document.
    """
    metadata = status.get("metadata") or {}
    parts = [
        _part(1, _text_parts(metadata, "selfLink", "resourceVersion", "continue")),
        *(_part(number, _bytes_of(status, name)) for number, name in ((2, "status"), (3, "message"), (4, "reason"))),
        *([_part(5, _details(status["details"]))] if status.get("details") is not None else []),
        _number(6, status.get("code", 0)),
    ]
    meta = _text_parts(status, "apiVersion", "kind")
    return _MAGIC + _part(1, meta) + _part(2, b"".join(parts)) + _part(3, b"") + _part(4, b"")


def _details(details: Mapping[str, Any]) -> bytes:
    causes = [_part(4, _text_parts(cause, "reason", "message", "field")) for cause in details.get("causes") or ()]
    tail = _number(5, details.get("retryAfterSeconds", 0)) + _part(6, _bytes_of(details, "uid"))
    return _text_parts(details, "name", "group", "kind") + b"".join(causes) + tail


def _text_parts(message: Mapping[str, Any], *names: str) -> bytes:
    return b"".join(_part(number, _bytes_of(message, name)) for number, name in enumerate(names, 1))


def _bytes_of(message: Mapping[str, Any], name: str) -> bytes:
    return str(message.get(name) or "").encode()


def _part(number: int, content: bytes) -> bytes:
    return _varint_of(number << 3 | _BYTES) + _varint_of(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint_of(number << 3 | _VARINT) + _varint_of(value)


def _varint_of(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
