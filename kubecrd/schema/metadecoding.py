"""Metadata as the API server decodes it: into the fields of ObjectMeta and back, so that unknown ones vanish."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import DecodeError

from .jsonvalues import json_type

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decode_metadata", "decode_micro_time", "decode_time"]

_FOUND: Final = {"boolean": "bool", "integer": "number"}


def decode_metadata(
    metadata: Any, path: str = "metadata", *, drop_malformed: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Give metadata with the known fields only, empty ones left out, and the paths of the unknown ones.

    Args:
        metadata: What stands in the object; None counts as empty.
        path: Where it stands, for the paths of unknown fields.
        drop_malformed: Whether fields of a wrong type vanish too, as they do when an object is read from storage.

    Raises:
        DecodeError: With Go's words, when a field has a wrong type.
    """
    if metadata is None:
        return {}, []
    if not isinstance(metadata, dict):
        if drop_malformed:
            return {}, []
        raise DecodeError(f"json: cannot unmarshal {_go_type(metadata)} into Go value of type v1.ObjectMeta", path)
    unknown: list[str] = []
    if not drop_malformed:
        return _struct(metadata, "ObjectMeta", _OBJECT_META, path, unknown), unknown
    found: dict[str, Any] = {}
    for key, value in sorted(metadata.items()):
        try:
            found |= _struct({key: value}, "ObjectMeta", _OBJECT_META, path, unknown)
        except DecodeError:
            # Written before the field had its type: the server serves the object without it.
            continue
    return found, unknown


def _go_type(value: Any) -> str:
    found = json_type(value)
    return _FOUND.get(found, found)


def _mismatch(value: Any, struct_field: str, wanted: str) -> DecodeError:
    return DecodeError(f"json: cannot unmarshal {_go_type(value)} into Go struct field {struct_field} of type {wanted}")


class _Fields(dict[str, Any]):
    """The fields of a Go struct: how to decode each."""


def _struct(
    document: dict[str, Any], struct_field: str, fields: _Fields, path: str, unknown: list[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    # The server writes JSON with sorted keys before it reads it: so unknown fields come in this order.
    for key in sorted(document):
        value = document[key]
        decode = fields.get(key)
        if decode is None:
            unknown.append(f"{path}.{key}")
        elif value is not None:
            decoded = decode(value, f"{struct_field}.{key}", f"{path}.{key}", unknown)
            # A pointer in Go, which is left out only where it is nil.
            pointer = isinstance(decoded, bool) or key == "deletionGracePeriodSeconds"
            if pointer or decoded not in ("", 0, [], {}, None):
                found[key] = decoded
    return found


def _text(wanted: str = "string") -> Callable[[Any, str, str, list[str]], Any]:
    def decode(value: Any, struct_field: str, _path: str, _unknown: list[str]) -> Any:
        if not isinstance(value, str):
            raise _mismatch(value, struct_field, wanted)
        return value

    return decode


def _integer(value: Any, struct_field: str, _path: str, _unknown: list[str]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, float):
            raise DecodeError(
                f"json: cannot unmarshal number {value!r} into Go struct field {struct_field} of type int64"
            )
        raise _mismatch(value, struct_field, "int64")
    return value


def _flag(value: Any, struct_field: str, _path: str, _unknown: list[str]) -> Any:
    if not isinstance(value, bool):
        raise _mismatch(value, struct_field, "bool")
    return value


_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def _moment(text: str) -> datetime | None:
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _time(value: Any, _struct_field: str, _path: str, _unknown: list[str]) -> Any:
    return decode_time(value)


def decode_time(value: Any) -> str:
    """Read a meta/v1 Time, and write it as the server does: in whole seconds of UTC.

    Raises:
        DecodeError: it is none; with Go's words.
    """
    moment = _moment(_time_text(value))
    if moment is None:
        raise DecodeError(f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse {_unparsed(value)}')
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def decode_micro_time(value: Any) -> str:
    """Read a meta/v1 MicroTime, which has exactly six digits after the second.

    Raises:
        DecodeError: it is none; with Go's words.
    """
    text = _time_text(value)
    moment = _moment(text) if re.search(r"\.\d{6}(?:Z|[+-]\d\d:\d\d)$", text) else None
    if moment is None:
        raise DecodeError(
            f'parsing time "{value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse {_unparsed(text, _MICRO_LAYOUT)}'
        )
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time_text(value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError(f"json: cannot unmarshal {_go_type(value)} into Go value of type string")
    return value


_LAYOUT: Final = (
    (r"\d{4}", "2006"), ("-", "-"), (r"\d\d", "01"), ("-", "-"), (r"\d\d", "02"), ("T", "T"),
    (r"\d\d", "15"), (":", ":"), (r"\d\d", "04"), (":", ":"), (r"\d\d(?:\.\d+)?", "05"), ("Z|[+-]\\d\\d:\\d\\d", "Z07:00"),
)  # fmt: skip
_MICRO_LAYOUT: Final = (*_LAYOUT[:-2], (r"\d\d", "05"), (r"\.\d{6}", ".000000"), _LAYOUT[-1])


def _unparsed(value: str, layout: tuple[tuple[str, str], ...] = _LAYOUT) -> str:
    """Say at which element of the layout Go's `time.Parse` stops."""
    rest = value
    for pattern, element in layout:
        found = re.match(pattern, rest)
        if found is None:
            return f'"{rest}" as "{element}"'
        rest = rest[found.end() :]
    return f'"{rest}" as ""'


def _map(value: Any, struct_field: str, _path: str, _unknown: list[str]) -> Any:
    if not isinstance(value, dict):
        raise _mismatch(value, struct_field, "map[string]string")
    for member in value.values():
        if not isinstance(member, str | None):
            raise _mismatch(member, struct_field, "string")
    return {key: member or "" for key, member in value.items()}


def _texts(value: Any, struct_field: str, _path: str, _unknown: list[str]) -> Any:
    if not isinstance(value, list):
        raise _mismatch(value, struct_field, "[]string")
    for item in value:
        if not isinstance(item, str | None):
            raise _mismatch(item, struct_field, "string")
    return [item or "" for item in value]


def _structs(wanted: str, fields: _Fields, always: tuple[str, ...] = ()) -> Callable[[Any, str, str, list[str]], Any]:
    """Decode a list of structs; *always* names the fields that Go writes even when they are empty."""

    def decode(value: Any, struct_field: str, path: str, unknown: list[str]) -> Any:
        if not isinstance(value, list):
            raise _mismatch(value, struct_field, f"[]{wanted}")
        # Messages name the innermost struct, and all fields on the way to it.
        _, _, stack = struct_field.partition(".")
        inner = f"{wanted.removeprefix('v1.')}.{stack}"
        items = []
        for index, item in enumerate(value):
            if not isinstance(item, dict | None):
                raise _mismatch(item, struct_field, wanted)
            decoded = _struct(item or {}, inner, fields, f"{path}[{index}]", unknown)
            items.append(dict.fromkeys(always, "") | decoded)
        return items

    return decode


def _anything(value: Any, _struct_field: str, _path: str, _unknown: list[str]) -> Any:
    return value


_OWNER_REFERENCE: Final = _Fields(
    apiVersion=_text(),
    kind=_text(),
    name=_text(),
    uid=_text("types.UID"),
    controller=_flag,
    blockOwnerDeletion=_flag,
)
_MANAGED_FIELDS_ENTRY: Final = _Fields(
    manager=_text(),
    operation=_text("v1.ManagedFieldsOperationType"),
    apiVersion=_text(),
    time=_time,
    fieldsType=_text(),
    fieldsV1=_anything,
    subresource=_text(),
)
_OBJECT_META: Final = _Fields(
    name=_text(),
    generateName=_text(),
    namespace=_text(),
    selfLink=_text(),
    uid=_text("types.UID"),
    resourceVersion=_text(),
    generation=_integer,
    creationTimestamp=_time,
    deletionTimestamp=_time,
    deletionGracePeriodSeconds=_integer,
    labels=_map,
    annotations=_map,
    ownerReferences=_structs("v1.OwnerReference", _OWNER_REFERENCE, ("apiVersion", "kind", "name", "uid")),
    finalizers=_texts,
    managedFields=_structs("v1.ManagedFieldsEntry", _MANAGED_FIELDS_ENTRY),
)
