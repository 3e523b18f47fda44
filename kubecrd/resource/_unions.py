"""Unions: which member of ``Http | Git`` a document is, by its tag or by the fields that it has."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin

import attrs
from attrs import frozen

from .naming import Flatten, Skip, has_marker, wire_name
from .typehints import class_of, is_container, is_union, members, plain, type_hints

__all__ = ["ClassUnion", "class_union", "is_text_union", "names_of", "required_fields", "wire_fields"]

_TEXT_UNIONS: Final = tuple(
    map(
        frozenset,
        (
            (ipaddress.IPv4Address, ipaddress.IPv6Address),
            (ipaddress.IPv4Network, ipaddress.IPv6Network),
            (ipaddress.IPv4Interface, ipaddress.IPv6Interface),
            (dt.datetime, dt.date),
        ),
    )
)
"""Types that are written as text of different forms, so that a text says which is meant."""


@frozen
class ClassUnion:
    """A union of attrs classes.

    Attributes:
        members: The classes, in order.
        tag: The JSON name of the field that says which one a document is; empty where the fields themselves say it.
        tagged: The class of each value of the tag.
    """

    members: tuple[Any, ...]
    tag: str = ""
    tagged: Mapping[Any, Any] = attrs.field(factory=dict)

    def member_of(self, document: Mapping[str, Any]) -> Any:
        """Say which class *document* is of.

        Raises:
            ValueError: it is of none.
        """
        if not self.tag:
            return self._member_with_fields_of(document)
        if self.tag not in document:
            raise ValueError(f"required field {self.tag!r} is missing; it is one of {_listed(self.tagged)}")
        value = document[self.tag]
        if isinstance(value, str | int) and value in self.tagged:
            return self.tagged[value]
        raise ValueError(f"{self.tag}: {value!r} is not one of {_listed(self.tagged)}")

    def _member_with_fields_of(self, document: Mapping[str, Any]) -> Any:
        for member in self.members:
            if required_fields(member) <= document.keys():
                return member
        wanted = (f"{_name(each)} (with {', '.join(sorted(required_fields(each)))})" for each in self.members)
        raise ValueError(f"is none of {', '.join(wanted)}")


def class_union(hint: Any) -> ClassUnion | None:
    """Give the union of classes that *hint* is, None when it is none."""
    base = plain(hint)
    found = tuple(plain(member) for member in members(base)) if is_union(base) else ()
    if len(found) < 2 or not all(attrs.has(class_of(each)) for each in found):
        return None
    for name in _fields(found[0]):
        tags = [_tags(each, name) for each in found]
        tagged = {value: each for each, values in zip(found, tags, strict=True) for value in values}
        if all(tags) and len(tagged) == sum(map(len, tags)):
            return ClassUnion(found, name, tagged)
    return ClassUnion(found)


def _tags(cls: Any, name: str) -> tuple[Any, ...]:
    """Give the values that the field called *name* in JSON can have, when they stand in a ``Literal``."""
    base = plain(_fields(cls).get(name))
    return get_args(base) if get_origin(base) is Literal else ()


def is_text_union(hint: Any) -> bool:
    """Say whether *hint* is a union of types that are written as text of different forms."""
    return is_union(plain(hint)) and frozenset(map(plain, members(plain(hint)))) in _TEXT_UNIONS


def wire_fields(cls: Any) -> list[tuple[attrs.Attribute[Any], Any, str]]:
    """Give the fields of *cls* that are in JSON, each with its type and its JSON name."""
    hints = type_hints(cls)
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(class_of(cls))
    return [
        (each, hints[each.name], wire_name(each.name, hints[each.name]))
        for each in fields
        if not has_marker(hints[each.name], Skip)
    ]


def names_of(hint: Any) -> set[str]:
    """Give the JSON names of all fields of the classes in *hint*: one, a union of some, or None of them."""
    if is_container(hint):
        return set()
    found: set[str] = set()
    for member in members(plain(hint)):
        for _, inner, name in wire_fields(plain(member)):
            found |= names_of(inner) if has_marker(inner, Flatten) else {name}
    return found


def required_fields(cls: Any) -> set[str]:
    """Give the JSON names of the fields of *cls* that have no default."""
    found: set[str] = set()
    for each, hint, name in wire_fields(cls):
        if each.default is attrs.NOTHING:
            found |= {name} if not has_marker(hint, Flatten) else _required_of_flattened(hint)
    return found


def _required_of_flattened(hint: Any) -> set[str]:
    found = [required_fields(plain(member)) for member in members(plain(hint))] if not is_container(hint) else []
    return set.intersection(*found) if found else set()


def _fields(cls: Any) -> dict[str, Any]:
    return {name: hint for _, hint, name in wire_fields(cls)}


def _listed(values: Mapping[Any, Any]) -> str:
    return ", ".join(map(repr, values))


def _name(cls: Any) -> str:
    return getattr(cls, "__name__", str(cls))
