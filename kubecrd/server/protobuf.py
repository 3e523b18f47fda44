"""Protobuf bodies: the few messages that kubectl sends in this form and no other, read into JSON documents."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ProtobufError", "UnknownMessageError", "parse_protobuf"]

_MAGIC: Final = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class ProtobufError(ValueError):
    """Bytes are not a protobuf message of Kubernetes; the text is the server's."""


class UnknownMessageError(LookupError):
    """A kind is sent whose messages are not known here."""


@frozen
class _Field:
    """What a field of a message is in JSON.

    Attributes:
        name: Its name.
        type: ``text``, ``int``, ``bool``, ``bytes`` or ``time``, or the fields of a message.
        repeated: Whether it is a list.
        map_of: What the values are, where it is a map with texts as keys.
    """

    name: str
    type: str | Mapping[int, _Field] = "text"
    repeated: bool = False
    map_of: str = ""

    @property
    def wire(self) -> int:
        """How it is written."""
        return _VARINT if isinstance(self.type, str) and self.type in {"int", "bool"} else _BYTES


def _texts(*names: str) -> dict[int, _Field]:
    return {number: _Field(name) for number, name in enumerate(names, 1)}


_METADATA: Final = _texts("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion") | {
    7: _Field("generation", "int"),
    8: _Field("creationTimestamp", "time"),
    9: _Field("deletionTimestamp", "time"),
    10: _Field("deletionGracePeriodSeconds", "int"),
    11: _Field("labels", map_of="text"),
    12: _Field("annotations", map_of="text"),
    14: _Field("finalizers", repeated=True),
}
_OBJECT: Final = {1: _Field("metadata", _METADATA)}
_REFERENCE: Final = _texts("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_ATTRIBUTES: Final = _texts("namespace", "verb", "group", "version", "resource", "subresource", "name")
_ACCESS: Final = {
    1: _Field("resourceAttributes", _ATTRIBUTES),
    2: _Field("nonResourceAttributes", _texts("path", "verb")),
}
_TOKEN: Final = {
    1: _Field("audiences", repeated=True),
    3: _Field("boundObjectRef", _texts("kind", "apiVersion", "name", "uid")),
    4: _Field("expirationSeconds", "int"),
}
_MESSAGES: Final[dict[str, dict[int, _Field]]] = {
    "ConfigMap": _OBJECT
    | {
        2: _Field("data", map_of="text"),
        3: _Field("binaryData", map_of="bytes"),
        4: _Field("immutable", "bool"),
    },
    "Secret": _OBJECT
    | {
        2: _Field("data", map_of="bytes"),
        3: _Field("type"),
        4: _Field("stringData", map_of="text"),
        5: _Field("immutable", "bool"),
    },
    "Namespace": _OBJECT | {2: _Field("spec", {1: _Field("finalizers", repeated=True)})},
    "ServiceAccount": _OBJECT
    | {
        2: _Field("secrets", _REFERENCE, repeated=True),
        3: _Field("imagePullSecrets", {1: _Field("name")}, repeated=True),
        4: _Field("automountServiceAccountToken", "bool"),
    },
    "TokenRequest": _OBJECT | {2: _Field("spec", _TOKEN)},
    "SelfSubjectAccessReview": _OBJECT | {2: _Field("spec", _ACCESS)},
    "SelfSubjectRulesReview": _OBJECT | {2: _Field("spec", {1: _Field("namespace")})},
    "SelfSubjectReview": _OBJECT,
    "DeleteOptions": {
        1: _Field("gracePeriodSeconds", "int"),
        2: _Field("preconditions", _texts("uid", "resourceVersion")),
        3: _Field("orphanDependents", "bool"),
        4: _Field("propagationPolicy"),
        5: _Field("dryRun", repeated=True),
    },
}
_UNKNOWN: Final = {1: _Field("typeMeta", _texts("apiVersion", "kind")), 2: _Field("raw", "bytes")}


def parse_protobuf(text: bytes) -> dict[str, Any]:
    """Read a body into the JSON document that it stands for.

    Raises:
        ProtobufError: it is not a message of Kubernetes, or is cut off.
        UnknownMessageError: its kind is not one that is read here.
    """
    if not text.startswith(_MAGIC):
        shown = " ".join(str(byte) for byte in _MAGIC)
        raise ProtobufError(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    envelope = _message(text[len(_MAGIC) :], _UNKNOWN)
    meta = envelope.get("typeMeta") or {}
    kind = meta.get("kind", "")
    if kind not in _MESSAGES:
        raise UnknownMessageError(kind)
    raw = base64.b64decode(envelope.get("raw", ""))
    return {"apiVersion": meta.get("apiVersion", ""), "kind": kind, **_message(raw, _MESSAGES[kind])}


def _message(data: bytes, fields: Mapping[int, _Field]) -> dict[str, Any]:
    """Decode one message; fields that are not known, and empty texts, which proto2 writes out, are left out."""
    found: dict[str, Any] = {}
    for number, wire, value in _wire(data):
        known = fields.get(number)
        if known is None:
            continue
        if wire != known.wire:
            raise ProtobufError(f"proto: wrong wireType = {wire} for field {known.name}")
        if known.map_of:
            entry = _message(value, {1: _Field("key"), 2: _Field("value", known.map_of)})
            found.setdefault(known.name, {})[entry.get("key", "")] = entry.get("value", "")
            continue
        decoded = _value(value, known.type)
        if known.repeated:
            found.setdefault(known.name, []).append(decoded)
        elif decoded not in ("", None):
            found[known.name] = decoded
    return found


def _value(value: Any, kind: str | Mapping[int, _Field]) -> Any:
    if not isinstance(kind, str):
        return _message(value, kind)
    match kind:
        case "int":
            return value - 2**64 if value >= 2**63 else value
        case "bool":
            return bool(value)
        case "bytes":
            return base64.b64encode(value).decode()
        case "time":
            return None  # what a client says of times is not listened to
        case _:
            return value.decode(errors="replace")


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
