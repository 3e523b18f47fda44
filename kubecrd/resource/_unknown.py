"""The fields of a document that a class does not know, kept when an object is written back."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs

from ._unions import ClassUnion, class_union, wire_fields
from .naming import Flatten, has_marker
from .typehints import class_of, is_container, is_union, members, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["keep_unknown", "unknown_in"]


def keep_unknown(document: dict[str, Any], source: dict[str, Any], cls: Any) -> None:
    """Add to *document*, in place, what *source* has and *cls* does not know, at every depth.

    Elements of lists are matched by position, and only while the lists are equally long: where elements were added or
    removed nobody can say which unknown fields belong where.
    """
    if not attrs.has(class_of(cls)) or _holds_the_rest(cls):
        return
    known = _known(cls)
    for name, value in source.items():
        if name not in known:
            document.setdefault(name, value)
        elif name in document and known[name] is not None:
            _keep_in_value(document[name], value, known[name])


def _keep_in_value(value: Any, source: Any, hint: Any) -> None:
    if isinstance(hint, ClassUnion):
        with contextlib.suppress(ValueError, AttributeError):  # of no member, or no object: nothing is known of it
            member = hint.member_of(value)
            if hint.member_of(source) is member:
                keep_unknown(value, source, member)
        return
    if not isinstance(hint, tuple):
        if isinstance(value, dict) and isinstance(source, dict):
            keep_unknown(value, source, hint)
        return
    container, element = hint
    if container is list and isinstance(value, list) and isinstance(source, list) and len(value) == len(source):
        for mine, theirs in zip(value, source, strict=True):
            _keep_in_value(mine, theirs, element)
    elif container is dict and isinstance(value, dict) and isinstance(source, dict):
        for key in value.keys() & source.keys():
            _keep_in_value(value[key], source[key], element)


def unknown_in(source: dict[str, Any], cls: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what *source* has and *cls* does not know, such as ``spec.containers[0].color``."""
    if not attrs.has(class_of(cls)) or _holds_the_rest(cls):
        return
    known = _known(cls)
    for name, value in source.items():
        here = f"{path}.{name}".removeprefix(".")
        if name not in known:
            yield here
        elif known[name] is not None:
            yield from _unknown_in_value(value, known[name], here)


def _unknown_in_value(value: Any, hint: Any, path: str) -> Iterator[str]:
    if isinstance(hint, ClassUnion):
        member = None
        with contextlib.suppress(ValueError, AttributeError):  # of no member, or no object: nothing is known of it
            member = hint.member_of(value)
        if member is not None:
            yield from unknown_in(value, member, path)
    elif not isinstance(hint, tuple):
        if isinstance(value, dict):
            yield from unknown_in(value, hint, path)
    elif hint[0] is list and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _unknown_in_value(each, hint[1], f"{path}[{number}]")
    elif hint[0] is dict and isinstance(value, dict):
        for key, each in value.items():
            yield from _unknown_in_value(each, hint[1], f"{path}[{key}]")


@cache
def _known(cls: Any) -> dict[str, Any]:
    """Map the JSON names of *cls* to what can have unknown fields inside: a class, (list, …), (dict, …), or None."""
    found: dict[str, Any] = {"apiVersion": None, "kind": None} if hasattr(cls, "api_resource") else {}
    for _, hint, name in wire_fields(cls):
        if not has_marker(hint, Flatten):
            found[name] = _inside(hint)
        elif not is_container(hint):
            for member in members(plain(hint)):
                found |= _known(plain(member))
    return found


@cache
def _holds_the_rest(cls: Any) -> bool:
    """Say whether a field of *cls* holds whatever no other field knows, so that nothing is unknown."""
    return any(has_marker(hint, Flatten) and is_container(hint) for _, hint, _ in wire_fields(cls))


def _inside(hint: Any) -> Any:
    base = plain(hint)
    origin, arguments = get_origin(base), get_args(base)
    if isinstance(origin or base, type) and attrs.has(origin or base):
        # A class that reads JSON by itself keeps what it does not know by itself.
        return None if hasattr(base, "from_json") else base
    if is_union(base):
        found = members(base)
        return _inside(found[0]) if len(found) == 1 else class_union(base)
    if origin in {list, dict}:
        element = _inside(arguments[-1])
        return (origin, element) if element is not None else None
    return None
