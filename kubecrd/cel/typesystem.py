"""The types of CEL: scalars, lists, maps, declared objects, type parameters; and how they unify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

__all__ = [
    "ANY_LIST",
    "BOOL",
    "BYTES",
    "DOUBLE",
    "DURATION",
    "DYN",
    "ERROR",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "UINT",
    "Field",
    "Type",
    "list_of",
    "map_of",
    "optional_of",
    "parse_type",
    "type_of",
]


@frozen(eq=False)
class Field:
    """A field of a declared object.

    Attributes:
        name: In JSON; the name in expressions is its key among the fields, which may be escaped.
        type: What it holds.
        nullable: Whether JSON may have null there, which counts as absent.
        required: Whether it is always there.
    """

    name: str
    type: Type
    nullable: bool = False
    required: bool = False


@frozen
class Type:
    """A type; two are equal when they have the same name and parameters.

    Attributes:
        name: Such as ``int``, ``list``, ``kubernetes.URL``; ``<T>`` for a type parameter.
        parameters: Of a list one, of a map two.
        fields: Of a declared object, by the name in expressions; None for everything else.
        list_type: For lists from a schema, how they compare and add up: ``set``, ``map`` or None.
        list_map_keys: For ``map`` lists, the fields that tell items apart.
        is_declared: Whether it is the type of values from a schema, which are not built in the expression.
        is_open: For declared objects, whether they may hold fields that they do not declare.
        longest: What its schema lets it be at most, in what `size` counts: every valid value keeps to that; None if
            it sets no limit.
        max_elements: The longest it can be, in what `size` counts; None where that is not known.
    """

    name: str
    parameters: tuple[Type, ...] = ()
    fields: Mapping[str, Field] | None = field(default=None, eq=False, repr=False)
    list_type: str | None = field(default=None, eq=False, repr=False)
    list_map_keys: tuple[str, ...] = field(default=(), eq=False, repr=False)
    is_declared: bool = field(default=False, eq=False, repr=False)
    is_open: bool = field(default=False, eq=False, repr=False)
    longest: int | None = field(default=None, eq=False, repr=False)
    max_elements: int | None = field(default=None, eq=False, repr=False)

    @property
    def is_parameter(self) -> bool:
        """Whether it stands for another type."""
        return self.name.startswith("<")

    @property
    def is_dyn(self) -> bool:
        """Whether nothing is known of it."""
        return self.name in {"dyn", "!error!"}

    def __str__(self) -> str:
        name = _SHOWN.get(self.name, self.name).strip("<>")
        if not self.parameters:
            return name
        return f"{name}({', '.join(map(str, self.parameters))})"


_SHOWN: Final = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "null_type": "null",
}

BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
NULL: Final = Type("null_type")
DYN: Final = Type("dyn")
ERROR: Final = Type("!error!")
TIMESTAMP: Final = Type("google.protobuf.Timestamp")
DURATION: Final = Type("google.protobuf.Duration")
ANY_LIST: Final = Type("list", (DYN,))


def list_of(element: Type) -> Type:
    """Give the type of a list."""
    return Type("list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """Give the type of a map."""
    return Type("map", (key, value))


def optional_of(value: Type) -> Type:
    """Give the type of a value that may not be there."""
    return Type("optional_type", (value,))


def type_of(value: Type) -> Type:
    """Give the type of a type."""
    return Type("type", (value,))


def parse_type(text: str) -> Type:
    """Read a type as the function table writes it, such as ``map(<K>, list(string))``."""
    name, bracket, rest = text.partition("(")
    if not bracket:
        return Type(text)
    parts, depth, start = [], 0, 0
    inner = rest[:-1]
    for place, letter in enumerate(inner):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(inner[start:place])
            start = place + 1
    parts.append(inner[start:])
    return Type(name, tuple(parse_type(part.strip()) for part in parts))
