"""What the annotations of a class mean, looked up once, while the names they use are still in reach."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NotRequired,
    Protocol,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
)
from weakref import WeakKeyDictionary

from kubecrd.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "class_of",
    "is_container",
    "is_union",
    "members",
    "plain",
    "required_keys",
    "type_hints",
    "typed_dict_hints",
    "unalias",
]

_RESOLVED: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


def type_hints(cls: Any, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the annotations of *cls* and its bases as types, with their ``Annotated`` markers.

    Args:
        cls: Any class, or a generic one with its arguments, such as ``Reference[Pizza]``.
        names: What the annotations may use beside the globals of their modules: the local names
            of a function in which the class is defined. Needed at the first call only, which remembers the answer.

    Raises:
        DefinitionError: an annotation names something that is not defined.
    """
    origin = get_origin(cls)
    if origin is not None:
        given = dict(zip(origin.__parameters__, get_args(cls), strict=False))
        return {name: _given(hint, given) for name, hint in type_hints(origin).items()}
    known = _RESOLVED.get(cls)
    if known is not None:
        return known
    try:
        hints = typing.get_type_hints(cls, localns=_names(cls, names), include_extras=True)
    except NameError as error:
        raise DefinitionError(
            f"{cls.__name__}: an annotation uses {error.name!r}, which is not defined here; "
            f"define it before the class, or import it outside of `if TYPE_CHECKING`"
        ) from error
    # The arguments that a class gives to its generic bases are known only here.
    for base, given in _bases(cls, {}):
        hints |= {name: _given(hint, given) for name, hint in hints.items() if _declares(cls, name) is base}
    _RESOLVED[cls] = hints
    return hints


def _names(cls: type, names: Mapping[str, Any] | None) -> dict[str, Any]:
    """Collect the names in reach; bases come first, since each may be of another module."""
    reach: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = sys.modules.get(base.__module__)
        reach |= vars(module) if module and base.__module__ != "builtins" else {}
    return {**reach, **(names or {}), cls.__name__: cls}


def _bases(cls: type, given: Mapping[Any, Any]) -> typing.Iterator[tuple[type, dict[Any, Any]]]:
    """Yield the generic bases of *cls*, each with what stands for its type variables."""
    for base in vars(cls).get("__orig_bases__", cls.__bases__):
        origin = get_origin(base)
        if origin in {None, Generic, Protocol}:
            if isinstance(base, type) and base is not object:
                yield from _bases(base, {})
            continue
        inner = dict(zip(origin.__parameters__, (_given(each, given) for each in get_args(base)), strict=False))
        yield origin, inner
        yield from _bases(origin, inner)


def _declares(cls: type, name: str) -> type | None:
    """Say which of *cls* and its bases has the annotation that counts for *name*."""
    return next((base for base in cls.__mro__ if name in inspect.get_annotations(base)), None)


def _given(hint: Any, given: Mapping[Any, Any]) -> Any:
    """Put what is *given* in the place of type variables, anywhere in *hint*."""
    if isinstance(hint, TypeVar):
        return given.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not parameters or isinstance(hint, type):
        return hint
    return hint[tuple(given.get(each, each) for each in parameters)]


def typed_dict_hints(cls: Any) -> dict[str, Any]:
    """Give the types of the members of a `TypedDict`, without ``Required`` and ``NotRequired``."""
    hints = type_hints(cls)
    return {name: get_args(hint)[0] if _is_qualified(hint) else hint for name, hint in hints.items()}


def _is_qualified(hint: Any) -> bool:
    return get_origin(hint) in {Required, NotRequired}


def required_keys(cls: Any) -> frozenset[str]:
    """Give the members that a `TypedDict` must have, whether its annotations are text or not."""
    found = set(class_of(cls).__required_keys__)
    for name, hint in type_hints(cls).items():
        if _is_qualified(hint):
            (found.add if get_origin(hint) is Required else found.discard)(name)
    return frozenset(found)


def class_of(hint: Any) -> Any:
    """Give the class of a generic one with its arguments, ``list`` of ``list[str]``; anything else as it is."""
    origin: Any = get_origin(hint)
    return hint if origin is None else origin


def unalias(hint: Any) -> Any:
    """Look through one name for a type, ``type Port = int`` (or `TypeAliasType`) or a `NewType`, or ``Final``.

    Anything else is given as it is.
    """
    origin = get_origin(hint)
    if origin is Final:
        return get_args(hint)[0]
    if type(origin).__name__ == "TypeAliasType":  # a generic alias with its arguments
        return _given(origin.__value__, dict(zip(origin.__type_params__, get_args(hint), strict=False)))
    if type(hint).__name__ == "TypeAliasType":
        return hint.__value__
    return hint.__supertype__ if type(hint).__name__ == "NewType" else hint


def plain(hint: Any) -> Any:
    """Take markers and aliases off a type: ``Annotated[int, Ge(1)]`` to ``int``."""
    while True:
        inner = get_args(hint)[0] if get_origin(hint) is Annotated else unalias(hint)
        if inner is hint:
            return hint
        hint = inner


def is_union(hint: Any) -> bool:
    """Say whether *hint*, which is plain, is a union: ``X | Y`` or `Union`."""
    return get_origin(hint) in {Union, types.UnionType}


def members(hint: Any) -> tuple[Any, ...]:
    """Give the members of a plain union without None, those of aliases for unions one by one; of another type, itself."""
    if not is_union(hint):
        return () if hint in {None, type(None)} else (hint,)
    found: list[Any] = []
    for member in get_args(hint):
        inner = plain(member)
        found += members(inner) if is_union(inner) or inner in {None, type(None)} else [member]
    return tuple(found)


def is_container(hint: Any) -> bool:
    """Say whether *hint* is a list, set, tuple or mapping, for which Go's null means empty."""
    base = plain(hint)
    return get_origin(base) is not Literal and (get_origin(base) or base) in {list, dict, set, frozenset, tuple}
