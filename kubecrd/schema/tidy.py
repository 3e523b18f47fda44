"""The usual object needs no cleaning: nothing unknown in it, no null to drop, no text or number to repair.

One walk tells this, and fills in defaults on its way. It copies nothing but what it changes, where `copied`, `prune`,
`drop_nulls` and `fill_defaults` walk four times. What is not tidy is left to these, which say what they found.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.fielderrors import ABSENT

from .jsonvalues import copied
from .pruning import META_FIELDS
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["tidy_root"]

Filled = Callable[[Any], Any]
"""Gives a list or an object with its defaults, the same one where nothing is missing; or `_UNTIDY`."""

_UNTIDY: Final = object()
"""Something is there that has to be taken out or repaired, or that only the single steps can tell."""

_MOST_INT64: Final = 2**63


def tidy_root(schema: Structural) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    """Make the function that fills the defaults of *schema* into a whole object, if that is all there is to do.

    What it gives shares with the object all that has not changed; None where there is more to do. It does not look into
    the metadata.

    Args:
        schema: The schema of whole objects, without embedded ones. It is prepared when the function is first called.
    """
    made: Filled | None = None

    def filled(value: dict[str, Any]) -> dict[str, Any] | None:
        nonlocal made
        if made is None:
            made = _object(schema, is_root=True)
        found = made(value)
        return None if found is _UNTIDY else found

    return filled


def _of_node(schema: Structural | None) -> Filled:
    if schema is None or not (
        schema.properties or schema.items or schema.additional_properties or schema.preserve_unknown_fields
    ):
        return _undeclared
    of_object, of_list = _object(schema), _list(schema)
    return lambda value: of_object(value) if type(value) is dict else of_list(value)


def _object(schema: Structural, *, is_root: bool = False) -> Filled:
    children = {name: _of_node(child) for name, child in schema.properties.items()}
    nullable = {name for name, child in schema.properties.items() if child.nullable}
    defaults = {name: child.default for name, child in schema.properties.items() if child.default is not ABSENT}
    known = frozenset(children) | META_FIELDS if is_root else frozenset(children)
    if is_root and "metadata" in defaults:
        return _never
    if is_root:
        children["metadata"] = lambda value: value
    others = _others(schema)
    member_of = _member_check(children, nullable, others)

    def filled(value: dict[str, Any]) -> Any:
        keys = value.keys()
        if not keys <= known and (others is None or not _are_plain(keys)):
            return _UNTIDY
        made = value if keys >= defaults.keys() else _with_defaults(value, defaults)
        for key, member in made.items():
            kind = type(member)
            if kind is str:
                if not member.isascii() and copied(member) is not member:
                    return _UNTIDY
            elif kind is int:
                if not -_MOST_INT64 <= member < _MOST_INT64:
                    return _UNTIDY
            elif kind is not bool and kind is not float:
                got = member_of(key, member)
                if got is _UNTIDY:
                    return _UNTIDY
                if got is not member:
                    # The keys stay as they are, so that the walk can go on.
                    made = dict(made) if made is value else made
                    made[key] = got
        return made

    return filled


def _member_check(
    children: dict[str, Filled], nullable: Iterable[str], others: tuple[Filled, bool] | None
) -> Callable[[str, Any], Any]:
    """Judge the members that are null, lists and objects, or nothing that JSON has."""
    of_other, other_nullable = others or (_never, False)

    def judge(key: str, member: Any) -> Any:
        if type(member) is dict or type(member) is list:
            return children.get(key, of_other)(member)
        may_be = member is None and (key in nullable if key in children else other_nullable)
        return None if may_be else _UNTIDY

    return judge


def _others(schema: Structural) -> tuple[Filled, bool] | None:
    """Say how undeclared members are judged, and whether they may be null; None where there may be none."""
    additional = schema.additional_properties
    if isinstance(additional, Structural):
        return _of_node(additional), additional.nullable
    if additional is not None:
        return _undeclared, True
    return (_kept, True) if schema.preserve_unknown_fields else None


def _list(schema: Structural) -> Filled:
    # In the items of a list that preserves its unknown fields, these are preserved as well.
    of_item = _never if schema.preserve_unknown_fields else _of_node(schema.items)
    nullable = schema.items is None or schema.items.nullable

    def filled(value: list[Any]) -> Any:
        made = value
        for index, item in enumerate(value):
            kind = type(item)
            if kind is str:
                if not item.isascii() and copied(item) is not item:
                    return _UNTIDY
            elif kind is dict or kind is list:
                got = of_item(item)
                if got is _UNTIDY:
                    return _UNTIDY
                if got is not item:
                    made = list(value) if made is value else made
                    made[index] = got
            elif (item is None and not nullable) or not _is_plain_scalar(item):
                return _UNTIDY
        return made

    return filled


def _with_defaults(value: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    missing = {key: copy.deepcopy(default) for key, default in defaults.items() if key not in value}
    return {**value, **missing}


def _are_plain(texts: Iterable[Any]) -> bool:
    return all(type(text) is str and (text.isascii() or copied(text) is text) for text in texts)


def _is_plain_scalar(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_MOST_INT64 <= value < _MOST_INT64)
    return kind is bool or kind is float or value is None


def _never(_value: Any) -> Any:
    return _UNTIDY


def _undeclared(value: Any) -> Any:
    """Judge a list or an object of which no schema says anything: its members would be taken out."""
    if type(value) is dict:
        return _UNTIDY if value else value
    return value if all(_is_tidy(item, _undeclared) for item in value) else _UNTIDY


def _kept(value: Any) -> Any:
    """Judge a list or an object that is preserved as it is."""
    if type(value) is dict:
        is_tidy = _are_plain(value) and all(_is_tidy(member, _kept) for member in value.values())
    else:
        is_tidy = all(_is_tidy(item, _kept) for item in value)
    return value if is_tidy else _UNTIDY


def _is_tidy(value: Any, judge: Filled) -> bool:
    if type(value) is dict or type(value) is list:
        return judge(value) is not _UNTIDY
    return _are_plain([value]) if type(value) is str else _is_plain_scalar(value)
