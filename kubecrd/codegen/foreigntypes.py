"""Types and constraints of other libraries as those of kubecrd."""

from __future__ import annotations

import collections.abc
import datetime as dt
import decimal
import ipaddress
import pathlib
import re
import types
import uuid
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin

import annotated_types as at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .model import Imports

__all__ = ["SCALARS", "Container", "container_of", "foreign_markers", "is_union_type", "text_format"]

SCALARS: Final[Mapping[Any, tuple[str, str]]] = {
    str: ("", "str"),
    int: ("", "int"),
    float: ("", "float"),
    bool: ("", "bool"),
    bytes: ("", "bytes"),
    dt.datetime: ("datetime", "datetime"),
    dt.date: ("datetime", "date"),
    dt.time: ("datetime", "time"),
    dt.timedelta: ("datetime", "timedelta"),
    uuid.UUID: ("uuid", "UUID"),
    **{
        getattr(ipaddress, name): ("ipaddress", name)
        for name in ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface")
    },
}
"""Types that kubecrd has too: the module and the name of each."""

_TEXTS: Final[Mapping[Any, str | None]] = {
    decimal.Decimal: None,
    pathlib.Path: None,
    re.Pattern: None,
    "SecretStr": "password",
    "SecretBytes": "password",
    "EmailStr": "email",
    "NameEmail": None,
    "IPvAnyAddress": None,
    "IPvAnyInterface": None,
    "IPvAnyNetwork": "cidr",
}
"""Types that are text in JSON, by class or by pydantic's name, and their format."""

Container = tuple[str, Any]
"""``list``, ``set``, ``dict`` or the like, and the type of what is in it; None where that is not said."""

_CONTAINERS: Final[Mapping[Any, str]] = {
    **dict.fromkeys(
        (list, collections.abc.Sequence, collections.abc.MutableSequence, collections.abc.Iterable), "list"
    ),
    **dict.fromkeys((set, collections.abc.Set, collections.abc.MutableSet), "set"),
    frozenset: "frozenset",
    **dict.fromkeys((dict, collections.abc.Mapping, collections.abc.MutableMapping), "dict"),
}


def is_union_type(hint: Any) -> bool:
    """Say whether *hint* is a union of types."""
    return get_origin(hint) in {Union, types.UnionType}


def container_of(hint: Any) -> Container | None:
    """Say what kind of container *hint* is; None where it is none."""
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin is tuple:
        return ("list", arguments[0]) if len(arguments) == 2 and arguments[1] is Ellipsis else None
    try:
        word = _CONTAINERS.get(origin)
    except TypeError:  # not hashable: no class
        return None
    return None if word is None else (word, arguments[-1] if arguments else None)


def text_format(hint: Any) -> tuple[bool, str | None]:
    """Say whether *hint* is text in JSON that no scalar of Python stands for, and of which format it is."""
    if isinstance(hint, type) and hint.__module__.partition(".")[0] in {"pydantic", "pydantic_core"}:
        if hint.__name__ in _TEXTS:
            return True, _TEXTS[hint.__name__]
        return (True, "uri") if hint.__name__.endswith(("Url", "Dsn")) else (False, None)
    origin = get_origin(hint) or hint
    known = isinstance(origin, collections.abc.Hashable) and origin in _TEXTS
    return known, None


def foreign_markers(metadata: Iterable[Any], imports: Imports) -> tuple[list[str], list[str]]:
    """Give the markers for constraints, and the names of what has no marker: it is Python alone.

    Args:
        metadata: What stands beside a type.
        imports: Filled with what the markers need.
    """
    found, unknown = list[str](), list[str]()
    for each in _ungrouped(metadata):
        made = list(_marker(each, imports))
        found += made
        if not made and not _says_nothing(each):
            unknown.append(type(each).__name__.lstrip("_"))
    return found, unknown


def _ungrouped(metadata: Iterable[Any]) -> Iterator[Any]:
    for each in metadata:
        if type(each).__name__ == "FieldInfo":
            yield from _ungrouped(each.metadata)
        elif isinstance(each, at.GroupedMetadata):
            yield from _ungrouped(each)
        else:
            yield each


def _says_nothing(constraint: Any) -> bool:
    """Say whether a constraint is about how pydantic works, and not about values."""
    return type(constraint).__name__ in {"Strict", "FailFast", "Discriminator"} or isinstance(constraint, str)


def _marker(constraint: Any, imports: Imports) -> Iterator[str]:
    match constraint:
        case (
            at.Ge(bound)
            | at.Gt(bound)
            | at.Le(bound)
            | at.Lt(bound)
            | at.MultipleOf(bound)
            | at.MinLen(bound)
            | at.MaxLen(bound)
        ):
            yield f"{imports.module('annotated_types', 'at')}.{type(constraint).__name__}({bound!r})"
        case _:
            pattern = getattr(constraint, "pattern", None)
            if pattern is not None:
                text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
                yield f"{imports.use('kubecrd', 'Pattern')}({text!r})"
            for name, word in _BOUNDS.items():
                value = getattr(constraint, name, None)
                if value is not None:
                    yield f"{imports.module('annotated_types', 'at')}.{word}({value!r})"


_BOUNDS: Final = {
    "ge": "Ge",
    "gt": "Gt",
    "le": "Le",
    "lt": "Lt",
    "multiple_of": "MultipleOf",
    "min_length": "MinLen",
    "max_length": "MaxLen",
}
