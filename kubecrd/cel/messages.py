"""The messages of protocol buffers that an expression may build, as in ``google.protobuf.Duration{seconds: 5}``.

Kubernetes declares no messages of its own; these belong to CEL itself. Each is a CEL value as soon as it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from .conversions import FIRST_MOMENT, LAST_MOMENT
from .typesystem import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, UINT, Type, list_of, map_of
from .values import INT_MAX, INT_MIN, CelError, Duration, Timestamp, UInt

__all__ = ["MESSAGES", "Message"]

_NANOSECONDS: Final = 10**9


@frozen
class Message:
    """What is known of a message.

    Attributes:
        type: What it is in CEL.
        fields: What may be given, by name.
        build: Makes the value of what was given.
    """

    type: Type
    fields: Mapping[str, Type]
    build: Callable[[Mapping[str, Any]], Any]


def _duration(given: Mapping[str, Any]) -> Duration:
    nanoseconds = given.get("seconds", 0) * _NANOSECONDS + given.get("nanos", 0)
    return Duration(max(INT_MIN, min(INT_MAX, nanoseconds)))


def _timestamp(given: Mapping[str, Any]) -> Timestamp:
    nanoseconds = given.get("seconds", 0) * _NANOSECONDS + given.get("nanos", 0)
    if not FIRST_MOMENT <= nanoseconds <= LAST_MOMENT:
        raise CelError("timestamp overflow")
    return Timestamp(nanoseconds)


def _value(given: Mapping[str, Any]) -> Any:
    return next(iter(given.values()), None)


def _wrapper(kind: Type, default: Any) -> Message:
    return Message(Type("wrapper", (kind,)), {"value": kind}, lambda given: given.get("value", default))


_INT = _wrapper(INT, 0)
_UINT = _wrapper(UINT, UInt(0))
_DOUBLE = _wrapper(DOUBLE, 0.0)
_SPAN = {"seconds": INT, "nanos": INT}
_STRUCT = map_of(STRING, DYN)
_LIST = list_of(DYN)
_ONE_OF = {
    "null_value": NULL,
    "number_value": DOUBLE,
    "string_value": STRING,
    "bool_value": BOOL,
    "struct_value": _STRUCT,
    "list_value": _LIST,
}

MESSAGES: Final[Mapping[str, Message]] = {
    "google.protobuf.BoolValue": _wrapper(BOOL, default=False),
    "google.protobuf.BytesValue": _wrapper(BYTES, b""),
    "google.protobuf.DoubleValue": _DOUBLE,
    "google.protobuf.Duration": Message(DURATION, _SPAN, _duration),
    "google.protobuf.FloatValue": _DOUBLE,
    "google.protobuf.Int32Value": _INT,
    "google.protobuf.Int64Value": _INT,
    "google.protobuf.ListValue": Message(_LIST, {"values": _LIST}, lambda given: given.get("values", [])),
    "google.protobuf.StringValue": _wrapper(STRING, ""),
    "google.protobuf.Struct": Message(_STRUCT, {"fields": _STRUCT}, lambda given: given.get("fields", {})),
    "google.protobuf.Timestamp": Message(TIMESTAMP, _SPAN, _timestamp),
    "google.protobuf.UInt32Value": _UINT,
    "google.protobuf.UInt64Value": _UINT,
    "google.protobuf.Value": Message(DYN, _ONE_OF, _value),
}
"""By name."""
