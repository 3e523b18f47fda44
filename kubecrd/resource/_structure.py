"""Reading documents by cattrs: for what people write, where every fault is told with its path, and for unions."""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import enum
import ipaddress
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args, get_origin, is_typeddict

import attrs
import cattrs
import msgspec
from cattrs import AttributeValidationNote, IterableValidationNote
from cattrs.v import format_exception

from kubecrd.errors import DecodeError

from ._unions import class_union, is_text_union, names_of, wire_fields
from .durations import Duration
from .naming import Flatten, has_marker, wire_type
from .timestamps import parse_time
from .typehints import class_of, is_container, is_union, members, plain, required_keys, typed_dict_hints

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TEXT_TYPES", "structure", "structure_part"]

TEXT_TYPES: Final = (
    uuid.UUID,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)
"""Classes that are written as their text, and made of it."""

_NETWORKS: Final = (ipaddress.IPv4Network, ipaddress.IPv6Network)


def structure(document: Any, cls: type) -> Any:
    """Make an instance of *cls* of a JSON document.

    Raises:
        DecodeError: fields do not fit; each fault is told with its path.
    """
    try:
        return _CONVERTER.structure(document, cls)
    except (cattrs.BaseValidationError, KeyError, ValueError, TypeError) as error:
        faults = _faults(error)
        first = faults[0].rpartition(" @ ")[2]
        told = "; ".join(_place_first(fault) for fault in faults)
        raise DecodeError(f"{cls.__name__}: {told}", first.removeprefix("$").removeprefix(".")) from error


def structure_part(value: Any, hint: Any) -> Any:
    """Make a value of the type *hint* of JSON that stands inside of a document which msgspec reads.

    Raises:
        ValueError: it does not fit; msgspec adds where it stands.
    """
    try:
        return _CONVERTER.structure(value, hint)
    except (cattrs.BaseValidationError, KeyError, ValueError, TypeError) as error:
        raise ValueError("; ".join(_place_first(fault) for fault in _faults(error))) from error


def _faults(error: BaseException) -> list[str]:
    return cattrs.transform_error(error, path="$", format_exception=_fault)


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

    def hook(value: Any, kind: Any) -> Any:
        if _is_choice(kind):  # a hook of a class is asked for its subclasses too, such as `StrEnum`
            return _choice(value, kind)
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


def _text(value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        raise _MismatchError(f"{value!r} is not a string")
    # Kubernetes takes a network with host bits, and means the network.
    return kind(value, strict=False) if issubclass(kind, _NETWORKS) else kind(value)


def _date(value: Any, _: Any) -> dt.date:
    return value if type(value) is dt.date else dt.date.fromisoformat(value)


def _is_choice(hint: Any) -> bool:
    return get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, enum.Enum))


def _choice(value: Any, hint: Any) -> Any:
    """Find *value* among those of a ``Literal`` or an ``Enum``; in JSON, 1 and true are two values."""
    options: list[Any] = list(cast("Any", hint)) if isinstance(hint, type) else list(get_args(hint))
    for option in options:
        known = option.value if isinstance(option, enum.Enum) else option
        if type(value) is type(known) and value == known:
            return option
    words = " or ".join(repr(each.value if isinstance(each, enum.Enum) else each) for each in options)
    raise _MismatchError(f"{value!r} is not {words}")


def _items(value: Any, hint: Any) -> Any:
    """Read a list, set or tuple: of a list only, since a text, too, could be walked through."""
    kind, arguments = class_of(plain(hint)), get_args(plain(hint))
    if not isinstance(value, list | tuple | set | frozenset):
        raise _MismatchError(f"{value!r} is not a list")
    hints: list[Any] = [arguments[0] if arguments else Any] * len(value)
    if kind is tuple and arguments[1:] not in {(), (Ellipsis,)}:
        if len(value) != len(arguments):
            raise _MismatchError(f"{value!r} has {len(value)} items, not {len(arguments)}")
        hints = list(arguments)
    made: list[Any] = []
    faults: list[Exception] = []
    for index, (item, item_hint) in enumerate(zip(value, hints, strict=True)):
        try:
            made.append(_CONVERTER.structure(item, item_hint))
        except Exception as error:
            note = IterableValidationNote(f"At {index}", index, item_hint)
            error.__notes__ = [*getattr(error, "__notes__", []), note]
            faults.append(error)
    if faults:
        raise cattrs.IterableValidationError(f"While structuring {hint}", faults, hint)  # pyright: ignore[reportCallIssue] - what __new__ of the group takes
    return kind(made)


def _scalar_union(value: Any, hint: Any) -> Any:
    found = [wire_type(member) for member in members(plain(hint))]
    optional = type(None) in get_args(plain(hint))
    if value is None and optional:
        return None
    if any(_is_scalar(value, member) for member in found):
        only_float = found == [float] or (float in found and str not in found)
        return float(cast("float", value)) if only_float else value
    words = " or ".join(_words(member) for member in found)
    raise _MismatchError(f"{value!r} is not {words}")


def _is_scalar(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return any(type(value) is type(option) and value == option for option in get_args(hint))
    return type(value) is hint or (hint is float and type(value) is int)


def _words(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))


def _is_scalar_union(hint: Any) -> bool:
    base = plain(hint)
    if not is_union(base):
        return False
    found = [plain(member) for member in members(base)]
    return all(member in {str, int, float, bool} or get_origin(member) is Literal for member in found)


def _union_of_classes(value: Any, hint: Any) -> Any:
    if value is None and type(None) in get_args(plain(hint)):
        return None
    union = class_union(hint)
    assert union is not None
    return _CONVERTER.structure(_mapping(value), union.member_of(_mapping(value)))


def _union_of_texts(value: Any, hint: Any) -> Any:
    if value is None and type(None) in get_args(plain(hint)):
        return None
    for member in members(plain(hint)):
        with contextlib.suppress(ValueError, TypeError):
            return _CONVERTER.structure(value, member)
    raise _MismatchError(f"{value!r} is not {' or '.join(_words(plain(member)) for member in members(plain(hint)))}")


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _MismatchError(f"{value!r} is not a mapping")
    return value


class _Fields:
    """Reads the fields of one class: by their JSON names, with what is flattened into them, telling every fault."""

    def __init__(self, cls: Any) -> None:
        self._cls = cls
        self._make = class_of(cls)
        own = wire_fields(cls)
        self._flat = [(each, hint) for each, hint, _ in own if has_marker(hint, Flatten)]
        self._own = [(each, hint, name) for each, hint, name in own if not has_marker(hint, Flatten)]
        known = {name for _, _, name in self._own}.union(*(names_of(hint) for _, hint in self._flat))
        self._known = known | ({"apiVersion", "kind"} if hasattr(cls, "api_resource") else set())

    def __call__(self, value: Any, _: Any) -> Any:
        document = _mapping(value)
        arguments: dict[str, Any] = {}
        faults: list[Exception] = []
        for each, hint, name in self._own:
            if name in document and not self._is_empty(document[name], each, hint):
                self._read(arguments, faults, each, name, document[name], hint)
            elif each.default is attrs.NOTHING:
                faults.append(_at(name, hint, KeyError(name)))
        for each, hint in self._flat:
            found = self._flattened(document, hint)
            if found or each.default is attrs.NOTHING:
                self._read(arguments, faults, each, "", found, hint)
        if faults:
            raise cattrs.ClassValidationError(f"While structuring {self._make.__name__}", faults, self._make)  # pyright: ignore[reportCallIssue] - what __new__ of the group takes
        return self._make(**arguments)

    @staticmethod
    def _is_empty(value: Any, each: attrs.Attribute[Any], hint: Any) -> bool:
        return value is None and each.default is not attrs.NOTHING and is_container(hint)

    @staticmethod
    def _read(
        arguments: dict[str, Any], faults: list[Exception], each: attrs.Attribute[Any], name: str, value: Any, hint: Any
    ) -> None:
        try:
            arguments[each.alias or each.name] = _CONVERTER.structure(value, hint)
        except Exception as error:
            faults.append(_at(name, hint, error) if name else error)

    def _flattened(self, document: dict[str, Any], hint: Any) -> dict[str, Any]:
        if is_container(hint):
            return {name: value for name, value in document.items() if name not in self._known}
        return {name: document[name] for name in names_of(hint) if name in document}


def _at(name: str, hint: Any, error: Exception) -> Exception:
    """Note on *error* which field it is about; `cattrs.transform_error` makes a path of such notes."""
    error.__notes__ = [*getattr(error, "__notes__", []), AttributeValidationNote(f"At {name}", name, hint)]
    return error


def _typed_dict(value: Any, cls: Any) -> dict[str, Any]:
    document = _mapping(value)
    made: dict[str, Any] = {}
    faults: list[Exception] = []
    required = required_keys(cls)
    for name, hint in typed_dict_hints(cls).items():
        if name in document:
            try:
                made[name] = _CONVERTER.structure(document[name], hint)
            except Exception as error:
                faults.append(_at(name, hint, error))
        elif name in required:
            faults.append(_at(name, hint, KeyError(name)))
    if faults:
        raise cattrs.ClassValidationError(f"While structuring {cls.__name__}", faults, class_of(cls))  # pyright: ignore[reportCallIssue] - what __new__ of the group takes
    return made


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    for scalar in (str, int, float, bool):
        converter.register_structure_hook(scalar, _strict(scalar))
    converter.register_structure_hook_func(_is_choice, _choice)
    converter.register_structure_hook_func(
        lambda kind: is_container(kind) and class_of(plain(kind)) is not dict, _items
    )
    converter.register_structure_hook(bytes, _bytes)
    converter.register_structure_hook(msgspec.Raw, lambda value, _: msgspec.Raw(msgspec.json.encode(value)))
    converter.register_structure_hook(dt.datetime, _time)
    converter.register_structure_hook(dt.date, _date)
    converter.register_structure_hook(dt.time, lambda value, _: dt.time.fromisoformat(value))
    converter.register_structure_hook(dt.timedelta, lambda value, _: Duration.from_json(value).timedelta)
    for text_type in TEXT_TYPES:
        converter.register_structure_hook(text_type, _text)
    converter.register_structure_hook_func(_is_scalar_union, _scalar_union)
    converter.register_structure_hook_func(is_text_union, _union_of_texts)
    converter.register_structure_hook_func(lambda kind: class_union(kind) is not None, _union_of_classes)
    converter.register_structure_hook_func(lambda kind: is_typeddict(class_of(kind)), _typed_dict)
    converter.register_structure_hook_factory(
        lambda kind: isinstance(class_of(kind), type) and attrs.has(class_of(kind)), _Fields
    )
    converter.register_structure_hook_func(
        lambda kind: hasattr(kind, "from_json"), lambda value, kind: kind.from_json(value)
    )
    # Names for types, and markers beside them, are looked through before anything else is asked.
    converter.register_structure_hook_func(
        lambda kind: plain(kind) is not kind, lambda value, kind: converter.structure(value, wire_type(kind))
    )
    return converter


_CONVERTER = _converter()
