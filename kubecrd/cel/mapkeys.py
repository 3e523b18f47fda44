"""Keys of map literals that Python would take for others, or for none at all: CEL tells 1, 1.0, 1u and true apart.

Go has them as values of different types, and a list or a map as the one that it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .values import UInt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["is_apart", "map_of_entries"]


class _Int(int):
    def __hash__(self) -> int:
        return hash(("int", int(self)))


class _UInt(UInt):
    __slots__ = ()

    def __hash__(self) -> int:
        return hash(("uint", int(self)))


class _Double(float):
    def __hash__(self) -> int:
        return hash(("double", float(self)))


class _List(list[Any]):
    def __hash__(self) -> int:  # type: ignore[override]
        return self.source

    source = 0


class _Map(dict[Any, Any]):
    def __hash__(self) -> int:  # type: ignore[override]
        return self.source

    source = 0


def map_of_entries(entries: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Give the map of a literal; of equal keys of one type the last one counts.

    Args:
        entries: Its keys and values.
    """
    listed = list(entries)
    kinds = {type(key) for key, _ in listed}
    if len(kinds) == 1 and not kinds & {list, dict}:
        return dict(listed)
    return {_apart(key): value for key, value in listed}


def is_apart(key: Any) -> bool:
    """Say whether a number is a key that Python does not find by the number alone."""
    return isinstance(key, _Int | _UInt | _Double)


def _apart(key: Any) -> Any:
    match key:
        case bool():
            return key
        case UInt():
            return _UInt(key)
        case int():
            return _Int(key)
        case float():
            return _Double(key)
        case list() | dict():
            kept = _List(key) if isinstance(key, list) else _Map(key)
            kept.source = id(key)
            return kept
        case _:
            return key
