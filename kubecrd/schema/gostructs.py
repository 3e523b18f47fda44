"""JSON read into Go structs and written again: what is refused, what is unknown, what vanishes when it is empty.

A `Struct` names the fields of a Go type with their JSON names; `Struct.decode` does to a document what the API server's
decoder and encoder do together. Messages are those of `encoding/json` (sigs.k8s.io/json).
"""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol

from attrs import define, field, frozen

from kubecrd.errors import DecodeError
from kubecrd.resource.gotext import number

from .jsonvalues import json_type

__all__ = ["Decoding", "Field", "Free", "ListOf", "MapOf", "Scalar", "Struct"]

_GO_NAMES: Final = {"boolean": "bool", "integer": "number"}


@define
class Decoding:
    """Where decoding stands.

    Attributes:
        struct: Name of the Go struct that has the field being read.
        stack: JSON names of the fields down to it, without map keys and indexes.
        path: Path for warnings about unknown fields, with map keys and indexes.
        unknown: Paths of the unknown fields found so far; None where none are looked for.
    """

    struct: str = ""
    stack: tuple[str, ...] = ()
    path: str = ""
    unknown: list[str] | None = field(factory=list)

    def mismatch(self, value: Any, wanted: str, *, show: bool = False) -> DecodeError:
        """Say that *value* does not fit the Go type *wanted*."""
        found = json_type(value)
        name = _GO_NAMES.get(found, found)
        if show:
            name = f"number {_literal(value)}"
        place = f"Go struct field {self.struct}.{'.'.join(self.stack)}" if self.stack else "Go value"
        return DecodeError(f"json: cannot unmarshal {name} into {place} of type {wanted}", self.path)

    def member(self, struct: str, name: str) -> Decoding:
        """Step into a field of a struct."""
        path = f"{self.path}.{name}" if self.path else name
        return Decoding(struct, (*self.stack, name), path, self.unknown)

    def inside(self, step: str) -> Decoding:
        """Step into a list or a map, which Go's messages do not show."""
        return Decoding(self.struct, self.stack, f"{self.path}{step}", self.unknown)

    def apart(self, name: str) -> Decoding:
        """Step into a part that has a decoder of its own, so that messages begin anew and unknown fields pass."""
        return Decoding("", (), f"{self.path}.{name}", None)


class Type(Protocol):
    """A Go type that JSON is read into."""

    @property
    def go_name(self) -> str:
        """The type's name in messages."""
        ...

    def decode(self, value: Any, at: Decoding, /) -> Any:
        """Read *value*, which is not null; raises `DecodeError` if it does not fit."""
        ...


def _literal(value: Any) -> str:
    """Give a number as it was most probably written, since Go shows the text: ``1.0``, ``9223372036854775808``."""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}" if _MOST_EXACT < abs(value) < _MOST_DIGITS else repr(value)
    return number(value, least_exponent=-6, most_exponent=21)


@frozen
class Scalar:
    """A string, bool, or number.

    Attributes:
        go_name: ``string``, ``bool``, ``int32``, ``int64``, ``float64`` or ``[]uint8``, which is base64 in JSON.
    """

    go_name: str

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read a scalar."""
        found = json_type(value)
        match self.go_name:
            case "bool":
                fits = found == "boolean"
            case "float64":
                if found in {"integer", "number"}:
                    return _float(value)
                fits = False
            case "int32" | "int64":
                return self._integer(value, found, at)
            case "[]uint8":
                return self._base64(value, found, at)
            case _:
                fits = found == "string"
        if not fits:
            raise at.mismatch(value, self.go_name)
        return value

    def _integer(self, value: Any, found: str, at: Decoding) -> int:
        bits = int(self.go_name.removeprefix("int")) - 1
        if found == "integer" and -(2**bits) <= value < 2**bits:
            return int(value)
        raise at.mismatch(value, self.go_name, show=found in {"integer", "number"})

    def _base64(self, value: Any, found: str, at: Decoding) -> str:
        if found != "string":
            raise at.mismatch(value, self.go_name)
        text = str(value)
        try:
            base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise DecodeError(f"illegal base64 data at input byte {_bad_byte(text)}", at.path) from None
        return text


_MOST_EXACT: Final = 2**53
_MOST_DIGITS: Final = 1e21
"""Larger ones nobody writes out."""


def _float(value: float) -> float:
    """Give what a float64 holds of a number; a large integer loses digits, a small one stays readable."""
    as_float = float(value)
    return int(as_float) if as_float.is_integer() and abs(as_float) <= _MOST_EXACT else as_float


_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _bad_byte(text: str) -> int:
    """Find the byte that Go's decoder names: the first odd one, or the begin of the last, incomplete group of four."""
    odd = next((index for index, char in enumerate(text.rstrip("=")) if char not in _BASE64), None)
    return len(text) - len(text) % 4 if odd is None else odd


@frozen
class Free:
    """Any JSON value, kept as it is."""

    go_name: str = "v1.JSON"

    def decode(self, value: Any, _at: Decoding) -> Any:
        """Keep the value."""
        return value


@frozen
class ListOf:
    """A slice; null items become empty ones."""

    item: Type

    @property
    def go_name(self) -> str:
        """The slice's type."""
        return f"[]{self.item.go_name}"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read a list."""
        if not isinstance(value, list):
            raise at.mismatch(value, self.go_name)
        return [
            _zero(self.item) if item is None else self.item.decode(item, at.inside(f"[{index}]"))
            for index, item in enumerate(value)
        ]


@frozen
class MapOf:
    """A map with string keys."""

    member: Type

    @property
    def go_name(self) -> str:
        """The map's type."""
        return f"map[string]{self.member.go_name}"

    def decode(self, value: Any, at: Decoding) -> Any:
        """Read an object of equal members."""
        if not isinstance(value, dict):
            raise at.mismatch(value, self.go_name)
        return {
            key: _zero(self.member) if member is None else self.member.decode(member, at.inside(f".{key}"))
            for key, member in value.items()
        }


def _zero(go_type: Type) -> Any:
    match go_type:
        case Scalar("string"):
            return ""
        case Free():
            return None
        case ListOf():
            return []
        case _:
            return go_type.decode({}, Decoding(unknown=None))


@frozen
class Field:
    """One field of a struct.

    Attributes:
        type: Its Go type.
        when: ``set`` for pointers, which are written when they are not null; ``full`` for ``omitempty``; ``always``.
        zero: What stands for a missing ``always`` field.
        apart: Whether the part has a decoder of its own in Go.
    """

    type: Type
    when: Literal["set", "full", "always"] = "full"
    zero: Any = None
    apart: bool = False


_EMPTY: Final[tuple[Any, ...]] = ("", 0, [], {})


@define
class Struct:
    """A Go struct.

    Attributes:
        name: Its name, such as ``CustomResourceDefinitionSpec``.
        fields: Its fields by JSON name, in the order in which they are declared.
        package: What stands before the name in messages.
    """

    name: str
    fields: Mapping[str, Field] = field(factory=dict)
    package: str = "v1."

    @property
    def go_name(self) -> str:
        """The type's name in messages."""
        return f"{self.package}{self.name}"

    def decode(self, value: Any, at: Decoding) -> dict[str, Any]:
        """Read an object: known fields only, empty ones left out as Go leaves them out."""
        if not isinstance(value, dict):
            raise at.mismatch(value, self.go_name)
        found: dict[str, Any] = {}
        for key, member in value.items():
            declared = self.fields.get(key)
            if declared is None:
                if at.unknown is not None:
                    at.unknown.append(f"{at.path}.{key}" if at.path else key)
            elif member is not None:
                found[key] = declared.type.decode(
                    member, at.apart(key) if declared.apart else at.member(self.name, key)
                )
        return {
            key: found[key] if key in found else copy.deepcopy(declared.zero)
            for key, declared in self.fields.items()
            if declared.when == "always"
            or (found.get(key) is not None and not (declared.when == "full" and _is_empty(found[key])))
        }


def _is_empty(value: Any) -> bool:
    return value is False or (not isinstance(value, bool) and value in _EMPTY)
