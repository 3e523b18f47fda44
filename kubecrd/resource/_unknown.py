"""The fields of a document that a class does not know, kept when an object is written back."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Union, get_args, get_origin

import attrs

from ._twin import plain
from .naming import wire_name
from .typehints import type_hints

__all__ = ["keep_unknown"]


def keep_unknown(document: dict[str, Any], source: dict[str, Any], cls: type) -> None:
    """Add to *document*, in place, what *source* has and *cls* does not know, at every depth.

    Elements of lists are matched by position, and only while the lists are equally long: where elements were added or
    removed nobody can say which unknown fields belong where.
    """
    known = _known(cls)
    for name, value in source.items():
        if name not in known:
            document.setdefault(name, value)
        elif name in document and known[name] is not None:
            _keep_in_value(document[name], value, known[name])


def _keep_in_value(value: Any, source: Any, hint: Any) -> None:
    if isinstance(hint, type):
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


@cache
def _known(cls: type) -> dict[str, Any]:
    """Map the JSON names of *cls* to what can have unknown fields inside: a class, (list, …), (dict, …), or None."""
    if not attrs.has(cls):
        return {}
    hints = type_hints(cls)
    fields = {wire_name(each.name, hints[each.name]): _inside(hints[each.name]) for each in attrs.fields(cls)}
    return {"apiVersion": None, "kind": None, **fields} if hasattr(cls, "api_resource") else fields


def _inside(hint: Any) -> Any:
    base = plain(hint)
    if isinstance(base, type) and get_origin(base) is None:
        # A class that reads JSON by itself keeps what it does not know by itself.
        return base if attrs.has(base) and not hasattr(base, "from_json") else None
    origin, arguments = get_origin(base), get_args(base)
    if origin in {Union, types.UnionType}:
        members = [each for each in arguments if each is not type(None)]
        return _inside(members[0]) if len(members) == 1 else None
    if origin in {list, dict}:
        element = _inside(arguments[-1])
        return (origin, element) if element is not None else None
    return None
