"""The JSONPath of printer columns: as much of client-go's as definitions use."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from attrs import frozen

__all__ = ["MISSING", "first_result"]

_STEP: Final = re.compile(
    r"""\.(?P<name>(?:\\.|[^.\[\\])+)
      | \[\s*'(?P<quoted>(?:\\.|[^'\\])*)'\s*\]
      | \[\s*"(?P<double>(?:\\.|[^"\\])*)"\s*\]
      | \[\s*(?P<index>-?\d+)\s*\]
      | \[\s*(?P<start>-?\d*)\s*:\s*(?P<end>-?\d*)\s*(?::\s*(?P<step>-?\d+)\s*)?\]
      | \[\s*(?P<all>\*)\s*\]
      | \[\s*\?\(\s*@(?P<path>[^=!<>]*?)\s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>[^)]*?)\s*)?\)\s*\]""",
    re.VERBOSE,
)
MISSING: Final = object()


@frozen
class _Filter:
    """Keeps the elements of a list in which a path compares to a value."""

    path: str
    operator: str | None
    value: Any

    def keeps(self, item: Any) -> bool:
        found = first_result(self.path, item)
        if self.operator is None:
            return found is not MISSING
        if found is MISSING or isinstance(found, bool) != isinstance(self.value, bool):
            return False
        try:
            return bool(_COMPARE[self.operator](found, self.value))
        except TypeError:
            return False


_COMPARE: Final[dict[str, Any]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_ALL: Final = object()


def first_result(path: str, document: Any) -> Any:
    """Give the first value that *path* leads to; `MISSING` when there is none, or the path is malformed."""
    steps = _steps(path)
    if steps is None:
        return MISSING
    values = [document]
    for step in steps:
        values = [found for value in values for found in _take(step, value)]
    return values[0] if values else MISSING


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Any, ...] | None:
    steps: list[Any] = []
    place = 0
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            return None
        steps.append(_step(match))
        place = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> Any:
    for group in ("name", "quoted", "double"):
        if match[group] is not None:
            name = re.sub(r"\\(.)", r"\1", match[group])
            return _ALL if group == "name" and name == "*" else name
    if match["index"] is not None:
        return int(match["index"])
    if match["all"]:
        return _ALL
    if match["path"] is not None:
        return _Filter(match["path"], match["operator"], _literal(match["value"] or ""))
    return slice(*(int(match[group]) if match[group] else None for group in ("start", "end", "step")))


def _literal(text: str) -> Any:
    if text[:1] in {"'", '"'}:
        return text[1:-1]
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _take(step: Any, value: Any) -> list[Any]:
    match step:
        case str():
            return [value[step]] if isinstance(value, dict) and step in value else []
        case int():
            return [value[step]] if isinstance(value, list) and -len(value) <= step < len(value) else []
        case slice():
            return value[step] if isinstance(value, list) else []
        case _Filter():
            return [item for item in value if step.keeps(item)] if isinstance(value, list) else []
        case _:
            return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
