"""The JSONPath of printer columns, as client-go reads it: ``util/jsonpath``, with missing keys allowed.

A path that does not parse, and one that fails on an object (an index out of range, a filter that compares a
number to a text), are two things: the first ends the columns of a definition, the second empties one cell.
"""

from __future__ import annotations

import operator as operators
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MISSING", "first_result", "is_path"]

MISSING: Final = object()
_ALL: Final = object()
_DESCENT: Final = object()

_FIELD: Final = re.compile(r"\.((?:\\.|[^\s.,\[\]$@{}\\])*)")
_AFTER_DESCENT: Final = re.compile(r"\.\.([A-Za-z0-9_](?:\\.|[^\s.,\[\]$@{}\\])*)?")
_QUOTED: Final = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_FILTER: Final = re.compile(rf"""\[\?\(((?:{_QUOTED}|[^)'"])*)\)\]""")
_BRACKET: Final = re.compile(r"\[([^\]\n]*)\]")
_COMPARISON: Final = re.compile(r"([^!<>=]+)([!<>=]+)(.+)", re.DOTALL)
_KEY: Final = re.compile(r"'([^']*)'")
_SLICE: Final = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_NUMBER: Final = re.compile(r"[-+]?[\d.eE]+")


_EQUALITIES: Final[dict[str, Callable[[Any, Any], bool]]] = {"==": operators.eq, "!=": operators.ne}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    **_EQUALITIES,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


class _PathError(Exception):
    """A path is malformed, or cannot be followed in an object."""


@frozen
class _Literal:
    """A value written in a filter."""

    value: Any


@frozen
class _Unknown:
    """A bare word in a filter, which parses and is nothing that could be compared."""


@frozen
class _Union:
    """Several brackets, whose results come one after another."""

    parts: tuple[tuple[Any, ...], ...]


@frozen
class _Filter:
    """Keeps the elements of a list in which a path leads somewhere, or compares to a value."""

    left: tuple[Any, ...]
    operator: str
    right: tuple[Any, ...]


def first_result(path: str, document: Any) -> Any:
    """Give the first value that *path* leads to; `MISSING` when there is none, or the path cannot be followed."""
    steps = _steps(path)
    if steps is None:
        return MISSING
    try:
        values = _follow(steps, [document])
    except _PathError:
        return MISSING
    return values[0] if values else MISSING


def is_path(path: str) -> bool:
    """Say whether *path* parses."""
    return _steps(path) is not None


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Any, ...] | None:
    try:
        return _parse(path)
    except _PathError:
        return None


def _parse(path: str) -> tuple[Any, ...]:
    steps: list[Any] = []
    place = 0
    while place < len(path):
        found, place = _step(path, place)
        if found[:1] == [_DESCENT] == steps[-1:]:
            raise _PathError("invalid multiple recursive descent")
        steps += found
    return tuple(steps)


def _step(path: str, place: int) -> tuple[list[Any], int]:
    """Read one step at *place*; with it where the next one begins."""
    if match := _AFTER_DESCENT.match(path, place):
        return [_DESCENT, *([_field(match[1])] if match[1] else [])], match.end()
    if match := _FIELD.match(path, place):
        return [_field(match[1])], match.end()
    if match := _FILTER.match(path, place):
        return [_filter(match[1])], match.end()
    if match := _BRACKET.match(path, place):
        return _bracket(match[1]), match.end()
    if path[place] in " @$":
        return [], place + 1
    raise _PathError(f"unrecognized character in action: {path[place]}")


def _field(text: str) -> Any:
    return _ALL if text == "*" else text.replace("\\", "")


def _bracket(text: str) -> list[Any]:
    parts = text.split(",")
    if len(parts) > 1:
        return [_Union(tuple(tuple(_bracket(part.strip(" "))) for part in parts))]
    if text == "*":
        return [slice(None)]
    if match := _KEY.fullmatch(text):
        # What is quoted is a path of its own: its dots lead on where they are not escaped.
        return list(_parse("." + match[1]))
    match = _SLICE.fullmatch(text)
    if match is None:
        raise _PathError(f"invalid array index {text}")
    first, *rest = (part and part.removeprefix(":") for part in match.groups())
    try:
        numbers = [int(part) if part else None for part in (first, *rest)]
    except ValueError:
        raise _PathError(f"array index {text} is not a number") from None
    return [numbers[0] or 0 if match[2] is None else slice(*numbers)]


def _filter(text: str) -> _Filter:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        return _Filter(_parse(text), "exists", ())
    return _Filter(_operand(match[1]), match[2], _operand(match[3]))


def _operand(text: str) -> tuple[Any, ...]:
    text = text.strip(" ")
    if re.fullmatch(_QUOTED, text, re.DOTALL):
        return (_Literal(re.sub(r"\\(.)", r"\1", text[1:-1])),)
    if text in {"true", "false"}:
        return (_Literal(text == "true"),)
    if _NUMBER.fullmatch(text):
        try:
            return (_Literal(int(text)),)
        except ValueError:
            return (_Literal(_float(text)),)
    return (_Unknown(),) if text[:1].isalnum() else _parse(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _PathError(f"cannot parse number {text}") from None


def _follow(steps: tuple[Any, ...], values: list[Any]) -> list[Any]:
    for step in steps:
        values = [found for value in values for found in _take(step, value)]
    return values


def _take(step: Any, value: Any) -> list[Any]:
    match step:
        case str():
            return [value[step]] if isinstance(value, dict) and step in value else []
        case int() | slice():
            return _elements(step, value)
        case _Filter():
            if not isinstance(value, list):
                raise _PathError("not a list, and cannot be filtered")
            return [item for item in value if _keeps(step, item)]
        case _Union():
            return [found for part in step.parts for found in _follow(part, [value])]
        case _Literal():
            return [step.value]
        case _Unknown():
            raise _PathError("unrecognized identifier")
        case _:
            return _descendants(value) if step is _DESCENT else _children(value)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _descendants(value: Any) -> list[Any]:
    """Give *value* and all that is in it, as far as that has something in it."""
    children = _children(value)
    return [value, *(found for child in children for found in _descendants(child))] if children else []


def _elements(step: int | slice, value: Any) -> list[Any]:
    """Give the elements that an index or a slice means; unlike Python's, it must not reach beyond the list."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _PathError("not a list")
    length = len(value)
    if isinstance(step, int):
        start, end, stride = step, step + 1 or length, 1
    else:
        start, end = step.start or 0, length if step.stop is None else step.stop
        stride = 1 if step.step is None else step.step
    start, end = (edge + length if edge < 0 else edge for edge in (start, end))
    if start == end:
        return []
    if not 0 <= start < length or not start < end <= length:
        raise _PathError(f"array index out of bounds: index {start}, length {length}")
    if stride <= 0:
        raise _PathError("step must be > 0")
    found: list[Any] = value[start:end:stride]
    return found


def _keeps(test: _Filter, item: Any) -> bool:
    if test.operator == "exists":
        try:
            return bool(_follow(test.left, [item]))
        except _PathError:
            return False
    sides = [_follow(side, [item]) for side in (test.left, test.right)]
    if not all(sides):
        return False
    if any(len(side) > 1 for side in sides):
        raise _PathError("can only compare one element at a time")
    return _compare(test.operator, sides[0][0], sides[1][0])


def _compare(operator: str, left: Any, right: Any) -> bool:
    """Compare as Go does, where an integer is no float and only equality knows truth values."""
    if type(left) is not type(right) or not isinstance(left, str | int | float):
        raise _PathError("incompatible types for comparison")
    compare = (_EQUALITIES if isinstance(left, bool) else _COMPARISONS).get(operator)
    if compare is None:
        raise _PathError(f"unrecognized filter operator {operator}")
    return compare(left, right)
