"""What an expression may use: the functions of one Kubernetes version, and the variables of one place."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from attrs import Factory, field, frozen

from .typesystem import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, UINT, Type, parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DECLARED_TYPE_NAMES", "TYPE_NAMES", "Overload", "functions"]


def _is_generic(kind: Type) -> bool:
    return kind.is_parameter or any(map(_is_generic, kind.parameters))


@frozen
class Overload:
    """One signature of a function.

    Attributes:
        id: Its name in cel-go, such as ``list_size``.
        member: Whether it is a method; the target is then the first argument.
        arguments: What it takes.
        result: What it gives.
        is_generic: Whether there are type parameters in it.
    """

    id: str
    member: bool
    arguments: tuple[Type, ...]
    result: Type
    is_generic: bool = field(init=False, default=Factory(lambda self: self._has_parameters(), takes_self=True))

    def _has_parameters(self) -> bool:
        return any(map(_is_generic, (*self.arguments, self.result)))


@cache
def functions() -> Mapping[str, tuple[Overload, ...]]:
    """Give the overloads of every function and operator of Kubernetes 1.36, by name."""
    table = json.loads(resources.files("kubecrd.cel").joinpath("overloads.json").read_text("utf-8"))
    return {
        name: tuple(
            Overload(id_, member, tuple(map(parse_type, arguments)), parse_type(result))
            for id_, member, arguments, result in rows
        )
        for name, rows in table.items()
    }


TYPE_NAMES: Final[Mapping[str, Type]] = {
    "bool": BOOL,
    "bytes": BYTES,
    "double": DOUBLE,
    "google.protobuf.Duration": DURATION,
    "google.protobuf.Timestamp": TIMESTAMP,
    "int": INT,
    "list": Type("list", (DYN,)),
    "map": Type("map", (DYN, DYN)),
    "net.CIDR": Type("net.CIDR"),
    "net.IP": Type("net.IP"),
    "null_type": NULL,
    "optional_type": Type("optional_type"),
    "string": STRING,
    "type": Type("type"),
    "uint": UINT,
}
"""The types that an expression can name, as in ``type(x) == int``."""

DECLARED_TYPE_NAMES: Final[Mapping[str, Type]] = {"duration": DURATION, "timestamp": TIMESTAMP}
"""More of them, where the variables are of declared types: the server finds its own names of scalars there too."""
