"""The functions of strings; places and lengths are in code points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.operators import show
from kubecrd.cel.values import CelError, equal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]

_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# What Go's strings.TrimSpace takes for space; Python's strip would take the separators 0x1c to 0x1f too.
_SPACE: Final = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_QUOTED: Final = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        '"': '\\"',
    }
)


def _text(value: Any, function: str) -> str:
    if not isinstance(value, str):
        raise CelError(f"no such overload: {function}")
    return value


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        raise CelError("no such overload")
    return value


def char_at(text: str, place: int) -> str:
    """Give the character at *place*, empty just behind the end."""
    if not 0 <= place <= len(_text(text, "charAt")):
        raise CelError(f"index out of range: {place}")
    return text[place : place + 1]


def index_of(value: Any, part: Any, start: int = 0) -> int:
    """Find *part* in a string or a list, from *start* on."""
    if isinstance(value, list):
        return next((place for place, item in enumerate(value) if equal(item, part)), -1)
    _text(value, "indexOf")
    if not part:
        return start
    if start < 0:
        raise CelError(f"index out of range: {start}")
    return int(value.find(part, start))


def last_index_of(value: Any, part: Any, start: int | None = None) -> int:
    """Find the last *part* in a string or a list, beginning at *start* or before."""
    if isinstance(value, list):
        return next((place for place in reversed(range(len(value))) if equal(value[place], part)), -1)
    _text(value, "lastIndexOf")
    if start is None:
        return int(value.rfind(part))
    if not part:
        return start
    if start < 0:
        raise CelError(f"index out of range: {start}")
    return -1 if start >= len(value) else int(value.rfind(part, 0, start + len(part)))


def join(items: list[Any], separator: str = "") -> str:
    """Put strings together."""
    for item in items:
        if not isinstance(item, str):
            raise CelError(f"join: invalid input: {0 if item is None else show(item)}")
    return separator.join(items)


def replace(text: str, old: str, new: str, count: int = -1) -> str:
    """Replace *old* by *new*, *count* times or wherever it stands."""
    return _text(text, "replace").replace(old, new, count)


def split(text: str, separator: str, limit: int = -1) -> list[str]:
    """Split at *separator* into at most *limit* parts; at every character where it is empty."""
    _text(text, "split")
    if limit == 0:
        return []
    if not separator:
        letters = list(text)
        return letters if limit < 0 or limit >= len(letters) else [*letters[: limit - 1], "".join(letters[limit - 1 :])]
    return text.split(separator, limit - 1 if limit > 0 else -1)


def substring(text: str, start: int, end: int | None = None) -> str:
    """Give the characters from *start* to before *end*."""
    length = len(_text(text, "substring"))
    if end is None:
        if not 0 <= start <= length:
            raise CelError(f"index out of range: {start}")
        return text[start:]
    if start > end:
        raise CelError(f"invalid substring range. start: {start}, end: {end}")
    if not 0 <= start <= length:
        raise CelError(f"index out of range: {start}")
    if not 0 <= end <= length:
        raise CelError(f"index out of range: {end}")
    return text[start:end]


def quote(text: str) -> str:
    """Quote a string, with escapes for what cannot be printed."""
    return f'"{text.translate(_QUOTED)}"'


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "charAt": char_at,
    "contains": lambda text, part: _plain(part) in _plain(text),
    "endsWith": lambda text, part: _plain(text).endswith(_plain(part)),
    "indexOf": index_of,
    "join": join,
    "lastIndexOf": last_index_of,
    "lowerAscii": lambda text: _text(text, "lowerAscii").translate(_LOWER),
    "replace": replace,
    "split": split,
    "startsWith": lambda text, part: _plain(text).startswith(_plain(part)),
    "strings.quote": quote,
    "substring": substring,
    "trim": lambda text: _text(text, "trim").strip(_SPACE),
    "upperAscii": lambda text: _text(text, "upperAscii").translate(_UPPER),
}
