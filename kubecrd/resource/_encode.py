"""From attrs objects to JSON documents: one generated function a class, which does what one would write by hand."""

from __future__ import annotations

import base64
import datetime as dt
import enum
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import msgspec
from attrs import frozen

from ._generated import define_function
from ._unions import wire_fields
from .durations import Duration
from .metadata import OMIT_EMPTY
from .naming import Flatten, Nullable, has_marker
from .timestamps import Microseconds, format_micro_time, format_time
from .typehints import is_union, plain

__all__ = ["encoder_of", "to_json"]

_ENCODERS: dict[type, Any] = {}
_PLAIN_TYPES = (str, int, float, bool, type(None))


@frozen
class _FieldPlan:
    """What to emit for one field: under which name, by which expression, and when to leave it out."""

    name: str
    wire: str
    expression: str
    omit_none: bool
    omit_empty: bool
    flat: bool


def encoder_of(cls: type) -> Any:
    """Give the function that turns an instance of *cls* into a dict."""
    made = _ENCODERS.get(cls)
    if made is None:
        names: dict[str, Any] = {
            "_json": to_json,
            "_time": format_time,
            "_micro": format_micro_time,
            "_bytes": _base64,
            "_encoder": encoder_of,
        }
        plans = [_plan(each, hint, wire, names) for each, hint, wire in wire_fields(cls)]
        made = _ENCODERS[cls] = define_function("encode", _source(cls, plans), names)
    return made


def _source(cls: type, plans: list[_FieldPlan]) -> str:
    lines = ["def encode(o):", "    d = {}"]
    resource = getattr(cls, "api_resource", None)
    if resource is not None:
        lines.append(f"    d['apiVersion'] = {resource.api_version!r}; d['kind'] = {resource.kind!r}")
    for plan in sorted(plans, key=lambda plan: plan.flat):
        # What is flattened gives way to the fields of the class itself.
        flat = f"d |= {{k: f for k, f in {plan.expression}.items() if k not in d}}"
        put = flat if plan.flat else f"d[{plan.wire!r}] = {plan.expression}"
        lines.append(f"    v = o.{plan.name}")
        condition = "v" if plan.omit_empty else "v is not None" if plan.omit_none else ""
        lines.append(f"    if {condition}: {put}" if condition else f"    {put}")
    return "\n".join([*lines, "    return d"]) + "\n"


def _plan(field: attrs.Attribute[Any], hint: Any, wire: str, names: dict[str, Any]) -> _FieldPlan:
    nullable = has_marker(hint, Nullable)
    base = plain(hint)
    optional = type(None) in get_args(base) or base in {Any, object} or isinstance(base, TypeVar)
    return _FieldPlan(
        name=field.name,
        wire=wire,
        expression=_expression(hint, "v", names, nullable=nullable),
        omit_none=(optional or field.default is None) and not nullable,
        omit_empty=bool(field.metadata.get(OMIT_EMPTY)),
        flat=has_marker(hint, Flatten),
    )


def _expression(hint: Any, var: str, names: dict[str, Any], *, nullable: bool = False) -> str:
    """Print what turns the value in *var* into JSON, as short as its type allows."""
    base = plain(hint)
    if base is dt.datetime and has_marker(hint, Microseconds):
        return f"_micro({var})"
    origin, arguments = get_origin(base), get_args(base)
    if is_union(base):
        members = [each for each in arguments if each is not type(None)]
        if all(_is_plain(member) for member in members):
            return var
        if len(members) == 1:
            inner = _expression(members[0], var, names)
            return f"None if {var} is None else {inner}" if nullable else inner
        return f"_json({var})"
    if _is_plain(base):
        return var
    if isinstance(base, type):
        return _class_expression(base, var, names)
    element = f"{var}_"
    match origin:
        case _ if origin is list or (origin is tuple and arguments[1:] == (Ellipsis,)):
            inner = _expression(arguments[0], element, names, nullable=True)
            return f"list({var})" if inner == element else f"[{inner} for {element} in {var}]"
        case _ if origin is dict and plain(arguments[0]) is str:
            inner = _expression(arguments[1], element, names, nullable=True)
            return f"dict({var})" if inner == element else f"{{k: {inner} for k, {element} in {var}.items()}}"
        case _:
            return f"_json({var})"


def _class_expression(base: type, var: str, names: dict[str, Any]) -> str:
    if base is dt.datetime:
        return f"_time({var})"
    if base is bytes:
        return f"_bytes({var})"
    if attrs.has(base) and not hasattr(base, "to_json"):
        key = f"C{len(names)}"
        names[key] = base
        # The encoder is looked up when it runs, so that classes may refer to each other.
        return f"_encoder({key})({var})"
    if issubclass(base, enum.Enum):
        return f"{var}.value"
    return f"_json({var})"


def _is_plain(hint: Any) -> bool:
    base = plain(hint)
    return base in _PLAIN_TYPES or get_origin(base) is Literal


def _order(item: Any) -> Any:
    """Order the items of a set by what they are; objects by their text, since nothing else orders them."""
    return item if isinstance(item, str | int | float) else msgspec.json.encode(item, order="sorted")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def to_json(value: Any) -> Any:
    """Turn any value into JSON by what it is at run time; classes of one's own have a method ``to_json``."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, _PLAIN_TYPES):
        return value
    if hasattr(value, "to_json"):
        return value.to_json()
    if attrs.has(type(value)):
        return encoder_of(type(value))(value)
    match value:
        case dict():
            return {to_json(key): to_json(item) for key, item in value.items()}
        case list() | tuple():
            return [to_json(item) for item in value]
        case set() | frozenset():
            return sorted((to_json(item) for item in value), key=_order)
        case dt.datetime():
            return format_time(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return Duration(value).to_json()
        case bytes():
            return _base64(value)
        case msgspec.Raw():
            return msgspec.json.decode(value)
        case _:
            return str(value)
