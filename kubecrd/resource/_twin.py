"""The msgspec twin of an attrs class: decoding JSON straight into slots, at the speed of the parser.

msgspec fills attrs classes natively, but takes a field's Python name for its JSON name. So each class gets a private
*twin*: a subclass without slots of its own, in which the very same slot descriptors stand under the JSON names. msgspec
decodes into twins, and one generated pass, `restorer`, sets ``__class__`` back. Nothing is copied.

Not every class can have one: a class with a ``__dict__``, with converters, or with flattened fields. `TwinError` says
so, and cattrs reads it; where it stands inside of another, and where a union stands, only that part is left to cattrs.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import types
import typing
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs
import msgspec

from ._generated import define_function
from ._unions import class_union, is_text_union
from .naming import Flatten, Skip, has_marker, wire_name, wire_type
from .typehints import class_of, is_container, is_union, plain, type_hints

__all__ = ["TwinError", "plain", "restorer", "twin_of", "twin_type"]

_READ_HERE: Final = frozenset({dt.timedelta, ipaddress.IPv4Network, ipaddress.IPv6Network})
_TWINS: dict[Any, type] = {}
_RESTORERS: dict[Any, Any] = {}


class TwinError(TypeError):
    """The class cannot have a twin."""


class _Anything(type):
    """The class of stand-ins for what cattrs reads: msgspec takes whatever their ``from_json`` makes."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


def _read_by_cattrs(hint: Any) -> type:
    def from_json(value: Any) -> Any:
        from ._structure import structure_part

        return structure_part(value, hint)

    return _Anything(str(hint), (), {"from_json": staticmethod(from_json)})


def twin_of(cls: Any) -> type:
    """Make the twin of *cls*, or give the one it has.

    Args:
        cls: An attrs class; or a generic one with its arguments, such as ``Reference[Pizza]``.

    Raises:
        TwinError: instances have a ``__dict__``, or a field needs what msgspec does not do.
    """
    twin = _TWINS.get(cls)
    if twin is None:
        hindrance = _hindrance(cls)
        if hindrance:
            raise TwinError(f"{cls.__name__} {hindrance}")
        origin = class_of(cls)
        twin = _TWINS[cls] = type(cls.__name__, (origin,), {"__slots__": (), "__module__": cls.__module__})
        _name_slots(cls, twin)
    return twin


def _hindrance(cls: Any) -> str:
    """Say why *cls* cannot have a twin; empty when it can."""
    origin, hints = class_of(cls), type_hints(cls)
    if hasattr(origin, "from_json"):
        return "reads JSON by itself"
    if origin.__dictoffset__:
        return "has a __dict__"
    for each in attrs.fields(origin):
        if each.converter is not None:
            return f"converts {each.name}, which msgspec does not"
        if has_marker(hints[each.name], Flatten):
            return f"has the fields of {each.name} among its own"
    return ""


def _has_twin(hint: Any) -> bool:
    return _is_attrs(hint) and not _hindrance(hint)


def _is_attrs(hint: Any) -> bool:
    base = class_of(hint)
    return isinstance(base, type) and attrs.has(base)


def _name_slots(cls: Any, twin: type) -> None:
    hints = type_hints(cls)
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(class_of(cls))
    renamed, annotations = [], {}
    for each in fields:
        hint = hints[each.name]
        # A skipped field has a name that no document has, so that its default is filled in.
        name = f"\0{each.name}" if has_marker(hint, Skip) else wire_name(each.name, hint)
        # A descriptor is found in whichever base declared the slot.
        setattr(twin, name, getattr(twin, each.name))
        renamed.append(each.evolve(name=name, alias=name))
        annotation = Any if has_marker(hint, Skip) else twin_type(hint)
        empty_when_null = is_container(hint) and each.default is not attrs.NOTHING
        annotations[name] = annotation | None if empty_when_null else annotation
    twin.__annotations__ = annotations
    twin.__attrs_attrs__ = tuple(renamed)  # type: ignore[attr-defined]


def twin_type(hint: Any) -> Any:
    """Put twins in the place of attrs classes, anywhere in *hint*; and stand-ins in the place of what cattrs reads."""
    base = wire_type(hint)
    if _is_attrs(base):
        return twin_of(base) if _has_twin(base) else _read_by_cattrs(base)
    # msgspec takes ISO 8601 for a timedelta, and does not know our names in a TypedDict.
    if base in _READ_HERE or typing.is_typeddict(class_of(base)):
        return _read_by_cattrs(base)
    origin, arguments = get_origin(base), get_args(base)
    if origin is None or origin is Literal:
        return base
    if is_union(base):
        return _twin_of_union(base)
    members = tuple(twin_type(argument) for argument in arguments)
    return types.GenericAlias(origin, members) if origin in {list, dict, set, frozenset, tuple} else base


def _twin_of_union(base: Any) -> Any:
    if class_union(base) is not None or is_text_union(base):
        made = _read_by_cattrs(base)
        return made | None if type(None) in get_args(base) else made
    members = tuple(twin_type(argument) for argument in get_args(base))
    # msgspec takes Raw only alone; an absent field keeps its default all the same.
    return msgspec.Raw if msgspec.Raw in members else Union[members]  # noqa: UP007 - made at run time


def restorer(cls: Any) -> typing.Callable[[Any], None]:
    """Give the function that turns a decoded twin of *cls*, and all twins in it, into what they stand for."""
    made = _RESTORERS.get(cls)
    if made is None:
        names: dict[str, Any] = {"_set": object.__setattr__, "_restorer": restorer}
        source = _restorer_source(cls, names)
        made = _RESTORERS[cls] = define_function("restore", source, names)
    return made  # type: ignore[no-any-return]


def _restorer_source(cls: Any, names: dict[str, Any]) -> str:
    lines = ["def restore(o):"]
    lines += [f"    {line}" for line in _restore_object(cls, "o", names, depth=0, seen=(cls,))]
    return "\n".join(lines) + "\n"


def _restore_object(cls: Any, var: str, names: dict[str, Any], *, depth: int, seen: tuple[Any, ...]) -> list[str]:
    """Print the statements that restore the object in *var*; classes inside are inlined, recursive ones called."""
    key, origin = f"C{len(names)}", class_of(cls)
    names[key] = origin
    frozen = getattr(origin, "__setattr__") is not getattr(object, "__setattr__")  # noqa: B009 - mypy binds the direct form
    lines = [f"_set({var}, '__class__', {key})" if frozen else f"{var}.__class__ = {key}"]
    hints = type_hints(cls)
    for each in attrs.fields(origin):
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


def _restore_value(hint: Any, var: str, names: dict[str, Any], *, depth: int, seen: tuple[Any, ...]) -> list[str]:
    """Print the statements for a value of type *hint* in *var*; none where there can be no twin in it."""
    if _is_attrs(hint):
        if not _has_twin(hint):
            return []
        if hint in seen:
            key = f"R{len(names)}"
            names[key] = hint
            return [f"_restorer({key})({var})"]
        return _restore_object(hint, var, names, depth=depth, seen=(*seen, hint))
    origin, arguments = get_origin(hint), get_args(hint)
    if class_union(hint) is not None:
        return []
    if is_union(hint):
        classes = [plain(each) for each in arguments if each is not type(None)]
        bodies = [(each, _restore_value(each, var, names, depth=depth, seen=seen)) for each in classes]
        return [line for each, body in bodies if body for line in _when(each, var, body, names, only=len(classes) == 1)]
    if origin in {list, set, frozenset, dict}:
        element = f"v{depth}"
        body = _restore_value(plain(arguments[-1]), element, names, depth=depth + 1, seen=seen)
        items = f"{var}.values()" if origin is dict else var
        return [f"for {element} in {items}:", *(f"    {line}" for line in body)] if body else []
    if origin is tuple and len({*arguments} - {Ellipsis}) == 1:
        return _restore_value(types.GenericAlias(list, (arguments[0],)), var, names, depth=depth, seen=seen)
    return []


def _when(hint: Any, var: str, body: list[str], names: dict[str, Any], *, only: bool) -> list[str]:
    """Guard *body* so that it runs only when *var* holds what *hint* says."""
    if only:
        return [f"if {var} is not None:", *(f"    {line}" for line in body)]
    key = f"T{len(names)}"
    names[key] = class_of(hint)
    return [f"if isinstance({var}, {key}):", *(f"    {line}" for line in body)]
