"""Reading documents by cattrs: for what people write, where every fault is told with its path, and for unions."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import ipaddress
import types
import uuid
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import attrs
import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn, override
from cattrs.v import format_exception

from kubecrd.errors import DecodeError

from ._twin import is_container, plain
from .naming import wire_name
from .timestamps import parse_time
from .typehints import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["structure"]


def structure(document: Any, cls: type) -> Any:
    """Make an instance of *cls* of a JSON document.

    Raises:
        DecodeError: fields do not fit; each fault is told with its path.
    """
    try:
        return _CONVERTER.structure(document, cls)
    except (cattrs.BaseValidationError, KeyError, ValueError, TypeError) as error:
        faults = cattrs.transform_error(error, path="$", format_exception=_fault)
        first = faults[0].rpartition(" @ ")[2]
        told = "; ".join(_place_first(fault) for fault in faults)
        raise DecodeError(f"{cls.__name__}: {told}", first.removeprefix("$").removeprefix(".")) from error


def _place_first(fault: str) -> str:
    text, _, path = fault.rpartition(" @ ")
    place = path.removeprefix("$").removeprefix(".")
    return f"{place}: {text}" if place else text


def _fault(error: BaseException, hint: Any) -> str:
    match error:
        case KeyError():
            return f"required field {error.args[0]!r} is missing"
        case _MismatchError():
            return str(error)
        case ValueError() | TypeError():
            return str(error) or f"is not a valid {hint}"
        case _:
            return format_exception(error, hint)


class _MismatchError(ValueError):
    """A value is of another JSON type than the field."""


_WORDS = {str: "a string", int: "an integer", float: "a number", bool: "a boolean", list: "a list", dict: "a mapping"}


def _strict(expected: type) -> Callable[[Any, Any], Any]:
    """Make a hook that takes only values of the JSON type: cattrs itself would turn 3 into "3"."""

    def hook(value: Any, _: Any) -> Any:
        fits = type(value) is expected or (expected is float and type(value) is int)
        if not fits:
            raise _MismatchError(f"{value!r} is not {_WORDS[expected]}")
        return float(value) if expected is float else value

    return hook


def _bytes(value: Any, _: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError) as error:
        raise _MismatchError(f"{value!r} is not base64") from error


def _time(value: Any, _: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):  # YAML has times of its own
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return parse_time(value)


def _scalar_union(value: Any, hint: Any) -> Any:
    members = [plain(member) for member in get_args(plain(hint))]
    if type(value) not in members:
        members = [member for member in members if member is not type(None)]
        words = " or ".join(_WORDS.get(member, getattr(member, "__name__", str(member))) for member in members)
        raise _MismatchError(f"{value!r} is not {words}")
    return value


def _is_scalar_union(hint: Any) -> bool:
    base = plain(hint)
    if get_origin(base) not in {Union, types.UnionType}:
        return False
    members = [plain(member) for member in get_args(base)]
    return all(member in {str, int, float, bool, type(None)} for member in members)


def _by_json_names(cls: type) -> Any:
    """Make the hook of an attrs class: JSON names instead of Python ones, null where a container has a default is empty."""
    hints = type_hints(cls)
    fields = attrs.fields(cls)
    renames = {each.name: override(rename=wire_name(each.name, hints[each.name])) for each in fields}
    hook: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, _CONVERTER, **renames)  # type: ignore[arg-type]
    drop = {
        wire_name(each.name, hints[each.name])
        for each in fields
        if each.default is not attrs.NOTHING and is_container(hints[each.name])
    }

    def structure_class(document: Any, kind: Any) -> Any:
        if not isinstance(document, dict):
            raise _MismatchError(f"{document!r} is not a mapping")
        return hook({key: value for key, value in document.items() if value is not None or key not in drop}, kind)

    return structure_class


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    for scalar in (str, int, float, bool):
        converter.register_structure_hook(scalar, _strict(scalar))
    converter.register_structure_hook(bytes, _bytes)
    converter.register_structure_hook(msgspec.Raw, lambda value, _: msgspec.Raw(msgspec.json.encode(value)))
    converter.register_structure_hook(dt.datetime, _time)
    for text_type in (uuid.UUID, ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network):
        converter.register_structure_hook(text_type, lambda value, kind: kind(value))
    converter.register_structure_hook_func(_is_scalar_union, _scalar_union)
    converter.register_structure_hook_func(
        lambda kind: hasattr(kind, "from_json"), lambda value, kind: kind.from_json(value)
    )
    converter.register_structure_hook_factory(
        lambda kind: (
            isinstance(kind, type) and get_origin(kind) is None and attrs.has(kind) and not hasattr(kind, "from_json")
        ),
        _by_json_names,
    )
    return converter


_CONVERTER = _converter()
