"""The values of CEL as people read them, which is how an expression writes them, and as JSON for programs."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any, Final

from .conversions import format_double, format_duration, format_timestamp
from .library.formats import NamedFormat
from .values import Duration, Optional, Timestamp, TypeValue, UInt, type_name

if TYPE_CHECKING:
    from .typesystem import Type

__all__ = ["as_json", "as_text", "type_text"]

_MADE_BY: Final = {
    "kubernetes.NamedFormat": "format.named",
    "kubernetes.Quantity": "quantity",
    "kubernetes.Semver": "semver",
    "kubernetes.URL": "url",
    "net.CIDR": "cidr",
    "net.IP": "ip",
}


def as_text(value: Any) -> str:
    """Write *value* as an expression that gives it, where there is one."""
    match value:
        case None | bool():
            return json.dumps(value)
        case UInt():
            return f"{int(value)}u"
        case int():
            return str(value)
        case float():
            return _double(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bytes():
            return f"b{json.dumps(value.decode('latin-1'))}".replace("\\u00", "\\x")
        case list():
            return f"[{', '.join(map(as_text, value))}]"
        case dict():
            return f"{{{', '.join(f'{as_text(key)}: {as_text(member)}' for key, member in value.items())}}}"
        case Duration():
            return f'duration("{format_duration(value)}")'
        case Timestamp():
            return f'timestamp("{format_timestamp(value)}")'
        case Optional(values=()):
            return "optional.none()"
        case Optional(values=(inner,)):
            return f"optional.of({as_text(inner)})"
        case TypeValue():
            return value.name
        case _:
            made_by = _MADE_BY.get(type_name(value), type_name(value))
            return f"{made_by}({json.dumps(_plain(value))})"


def as_json(value: Any) -> Any:
    """Give *value* as JSON, as the API server would write it in an object.

    Bytes become base64; times and durations, and doubles that JSON has no number for, become text; an optional becomes
    what is in it, or null.
    """
    match value:
        case None | bool() | str():
            return value
        case float():
            return value if math.isfinite(value) else format_double(value)
        case int():
            return int(value)
        case bytes():
            return base64.b64encode(value).decode()
        case list():
            return [as_json(item) for item in value]
        case dict():
            return {_key(key): as_json(member) for key, member in value.items()}
        case Duration():
            return format_duration(value)
        case Timestamp():
            return format_timestamp(value)
        case Optional(values=values):
            return as_json(values[0]) if values else None
        case TypeValue():
            return value.name
        case _:
            return _plain(value)


def type_text(kind: Type) -> str:
    """Write a type for people: what a schema declares is an object, whatever name it has inside of CEL."""
    if kind.fields is not None:
        return "object"
    if not kind.parameters:
        return str(kind)
    return f"{kind.name}({', '.join(map(type_text, kind.parameters))})"


def _plain(value: Any) -> str:
    return value.name if isinstance(value, NamedFormat) else str(value)


def _double(value: float) -> str:
    if not math.isfinite(value):
        return f'double("{format_double(value)}")'
    text = format_double(value)
    return text if set(text) & set(".e") else f"{text}.0"


def _key(key: Any) -> str:
    return key if isinstance(key, str) else as_text(key)
