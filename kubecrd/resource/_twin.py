"""The msgspec twin of an attrs class: decoding JSON straight into slots, at the speed of the parser.

msgspec fills attrs classes natively, but takes a field's Python name for its JSON name. So each class gets a private
*twin*: a subclass without slots of its own, in which the very same slot descriptors stand under the JSON names. msgspec
decodes into twins, and one generated pass, `restorer`, sets ``__class__`` back. Nothing is copied.

Not every class can have one: a class with a ``__dict__``, or a union of classes. `TwinError` says so, and the
codec falls back to cattrs.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import msgspec

from ._generated import define_function
from .naming import wire_name
from .typehints import type_hints

__all__ = ["TwinError", "is_container", "plain", "restorer", "twin_of", "twin_type"]

_TWINS: dict[type, type] = {}
_RESTORERS: dict[type, Any] = {}


class TwinError(TypeError):
    """The class cannot have a twin."""


def plain(hint: Any) -> Any:
    """Take markers and aliases off a type: ``Annotated[int, Ge(1)]`` to ``int``."""
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif hasattr(hint, "__value__"):  # `type Port = int` of Python 3.12
            hint = hint.__value__
        elif hasattr(hint, "__supertype__"):  # NewType
            hint = hint.__supertype__
        else:
            return hint


def is_container(hint: Any) -> bool:
    """Say whether *hint* is a list, set, tuple or mapping, for which Go's null means empty."""
    base = plain(hint)
    return (get_origin(base) or base) in {list, dict, set, frozenset, tuple}


def twin_of(cls: type) -> type:
    """Make the twin of *cls*, or give the one it has.

    Raises:
        TwinError: instances have a ``__dict__``, or a field is a union of classes.
    """
    twin = _TWINS.get(cls)
    if twin is None:
        if cls.__dictoffset__:
            raise TwinError(f"{cls.__name__} has a __dict__")
        twin = _TWINS[cls] = type(cls.__name__, (cls,), {"__slots__": (), "__module__": cls.__module__})
        try:
            _name_slots(cls, twin)
        except TwinError:
            del _TWINS[cls]
            raise
    return twin


def _name_slots(cls: type, twin: type) -> None:
    hints = type_hints(cls)
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(cls)
    renamed, annotations = [], {}
    for each in fields:
        name = wire_name(each.name, hints[each.name])
        # A descriptor is found in whichever base declared the slot.
        setattr(twin, name, getattr(cls, each.name))
        renamed.append(each.evolve(name=name, alias=name))
        hint = twin_type(hints[each.name])
        empty_when_null = is_container(hints[each.name]) and each.default is not attrs.NOTHING
        annotations[name] = hint | None if empty_when_null else hint
    twin.__annotations__ = annotations
    twin.__attrs_attrs__ = tuple(renamed)  # type: ignore[attr-defined]


def twin_type(hint: Any) -> Any:
    """Put twins in the place of attrs classes, anywhere in *hint*.

    Raises:
        TwinError: a union has more than one class in it, and only a person can say which is meant; or a class reads
            JSON by itself.
    """
    base = plain(hint)
    if isinstance(base, type) and attrs.has(base) and get_origin(base) is None:
        if hasattr(base, "from_json"):
            raise TwinError(f"{base.__name__} reads JSON by itself")
        return twin_of(base)
    origin, arguments = get_origin(base), get_args(base)
    if origin is None or origin is Literal:
        return base
    members = tuple(twin_type(argument) for argument in arguments)
    if origin in {Union, types.UnionType}:
        if msgspec.Raw in members:  # msgspec takes it only alone; an absent field keeps its default all the same
            return msgspec.Raw
        if sum(1 for each in members if isinstance(each, type) and attrs.has(each)) > 1:
            raise TwinError(f"{base} is a union of classes")
        return Union[members]  # noqa: UP007 - made at run time
    if attrs.has(origin):
        raise TwinError(f"{base} is generic")
    return types.GenericAlias(origin, members) if origin in {list, dict, set, frozenset, tuple} else base


def restorer(cls: type) -> typing.Callable[[Any], None]:
    """Give the function that turns a decoded twin of *cls*, and all twins in it, into what they stand for."""
    made = _RESTORERS.get(cls)
    if made is None:
        names: dict[str, Any] = {"_set": object.__setattr__, "_restorer": restorer}
        source = _restorer_source(cls, names)
        made = _RESTORERS[cls] = define_function("restore", source, names)
    return made  # type: ignore[no-any-return]


def _restorer_source(cls: type, names: dict[str, Any]) -> str:
    lines = ["def restore(o):"]
    lines += [f"    {line}" for line in _restore_object(cls, "o", names, depth=0, seen=(cls,))]
    return "\n".join(lines) + "\n"


def _restore_object(cls: type, var: str, names: dict[str, Any], *, depth: int, seen: tuple[type, ...]) -> list[str]:
    """Print the statements that restore the object in *var*; classes inside are inlined, recursive ones called."""
    key = f"C{len(names)}"
    names[key] = cls
    frozen = getattr(cls, "__setattr__") is not getattr(object, "__setattr__")  # noqa: B009 - mypy binds the direct form
    lines = [f"_set({var}, '__class__', {key})" if frozen else f"{var}.__class__ = {key}"]
    hints = type_hints(cls)
    for each in attrs.fields(cls):
        hint = hints[each.name]
        inner = f"v{depth}"
        body = _restore_value(plain(hint), inner, names, depth=depth + 1, seen=seen)
        empty = is_container(hint) and each.default is not attrs.NOTHING
        if not body and not empty:
            continue
        lines.append(f"{inner} = {var}.{each.name}")
        if empty:
            default = f"D{len(names)}"
            names[default] = _default_of(each)
            store = f"_set({var}, {each.name!r}, {default}())" if frozen else f"{var}.{each.name} = {default}()"
            lines.append(f"if {inner} is None: {store}")
            lines += [f"elif {inner}:", *(f"    {line}" for line in body)] if body else []
        else:
            lines += body
    return lines


def _default_of(field: attrs.Attribute[Any]) -> typing.Callable[[], Any]:
    default: Any = field.default
    if isinstance(default, attrs.Factory) and not default.takes_self:  # type: ignore[arg-type]
        return default.factory  # type: ignore[no-any-return]
    return lambda: default


def _restore_value(hint: Any, var: str, names: dict[str, Any], *, depth: int, seen: tuple[type, ...]) -> list[str]:
    """Print the statements for a value of type *hint* in *var*; none where there can be no twin in it."""
    if isinstance(hint, type) and attrs.has(hint):
        if hint in seen:
            key = f"R{len(names)}"
            names[key] = hint
            return [f"_restorer({key})({var})"]
        return _restore_object(hint, var, names, depth=depth, seen=(*seen, hint))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        classes = [plain(each) for each in arguments if each is not type(None)]
        bodies = [(each, _restore_value(each, var, names, depth=depth, seen=seen)) for each in classes]
        return [line for each, body in bodies if body for line in _when(each, var, body, names, only=len(classes) == 1)]
    if origin in {list, set, frozenset, dict}:
        element = f"v{depth}"
        body = _restore_value(plain(arguments[-1]), element, names, depth=depth + 1, seen=seen)
        items = f"{var}.values()" if origin is dict else var
        return [f"for {element} in {items}:", *(f"    {line}" for line in body)] if body else []
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _restore_value(types.GenericAlias(list, (arguments[0],)), var, names, depth=depth, seen=seen)
    return []


def _when(hint: Any, var: str, body: list[str], names: dict[str, Any], *, only: bool) -> list[str]:
    """Guard *body* so that it runs only when *var* holds what *hint* says."""
    if only:
        return [f"if {var} is not None:", *(f"    {line}" for line in body)]
    key = f"T{len(names)}"
    names[key] = get_origin(hint) or hint
    return [f"if isinstance({var}, {key}):", *(f"    {line}" for line in body)]
