"""When two values of a declared type are equal: lists of a schema by what they are, times by the moment they mean.

Source: kube-apiserver `apiserver/pkg/cel/common/values.go`, with the quirks of 1.36.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .conversions import converter_of
from .values import CelError, equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from .typesystem import Type

__all__ = ["RawMap", "differs_from_json", "equality_of", "raw"]

_HIDDEN: Final = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration", "bytes"})
"""What JSON has for strings: two of them can differ as strings and be equal."""


class RawMap(dict[Any, Any]):
    """An object whose schema is not known any more: ``oldSelf`` where it is optional, and what is in it."""


def raw(value: Any) -> Any:
    """Give JSON as a value whose schema is not known."""
    if isinstance(value, dict):
        return RawMap({name: raw(member) for name, member in value.items()})
    return [raw(item) for item in value] if isinstance(value, list) else value


def differs_from_json(kind: Type) -> bool:
    """Say whether JSON of a declared type is not yet all that CEL sees: times, escaped names, null that is absent."""
    if kind.name in _HIDDEN or kind.list_type in {"set", "map"}:
        return True
    if kind.fields is not None:
        return any(
            written != declared.name or declared.nullable or differs_from_json(declared.type)
            for written, declared in kind.fields.items()
        )
    return any(map(differs_from_json, kind.parameters))


def equality_of(kind: Type) -> Callable[[Any, Any], bool]:
    """Give what compares a value of *kind* on the left with any other."""
    if not differs_from_json(kind):
        return equal
    if kind.name == "list":
        return _equality_of_lists(kind)
    if kind.name == "map":
        return _equality_of_maps(kind)
    return equal if kind.fields is None else _equality_of_objects(kind)


def _equality_of_lists(kind: Type) -> Callable[[Any, Any], bool]:
    same = equality_of(kind.parameters[0])

    def are_equal(left: Any, right: Any) -> bool:
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(same(*pair) for pair in zip(left, right, strict=True))
        )

    def are_equal_sets(left: Any, right: Any) -> bool:
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(any(same(mine, theirs) for mine in left) for theirs in right)
        )

    def are_equal_maps(left: Any, right: Any) -> bool:
        if not isinstance(right, list) or len(left) != len(right):
            return False
        known = {_key_of(each, kind.list_map_keys): each for each in left}
        return all(
            _key_of(each, kind.list_map_keys) in known and same(known[_key_of(each, kind.list_map_keys)], each)
            for each in right
        )

    if kind.list_type == "set" and kind.parameters[0].name in _HIDDEN:
        # The server looks up times among the strings that it has for keys, and finds none: not even itself is equal.
        return lambda left, right: isinstance(right, list) and not left and not right
    return {"set": are_equal_sets, "map": are_equal_maps}.get(kind.list_type or "", are_equal)


def _key_of(item: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(item.get(name) for name in names)


def _equality_of_maps(kind: Type) -> Callable[[Any, Any], bool]:
    same = equality_of(kind.parameters[1])

    def are_equal(left: Any, right: Any) -> bool:
        return (
            isinstance(right, dict)
            and len(left) == len(right)
            and all(key in right and same(value, right[key]) for key, value in left.items())
        )

    return are_equal


def _equality_of_objects(kind: Type) -> Callable[[Any, Any], bool]:
    assert kind.fields is not None
    fields = {each.name: (converter_of(each.type), equality_of(each.type)) for each in kind.fields.values()}

    def are_equal(left: Any, right: Any) -> bool:
        if not isinstance(right, dict) or len(left) != len(right):
            return False
        for name, value in left.items():
            convert, same = fields.get(name, (None, equal))
            if name not in right:
                if name in fields:
                    return False
                if isinstance(right, RawMap):
                    raise CelError("no such overload")
                continue  # what the schema does not declare only counts where both have it
            if not same(_read(left, value, convert), _read(right, right[name], convert)):
                return False
        return True

    return are_equal


def _read(holder: Any, value: Any, convert: Callable[[Any], Any] | None) -> Any:
    if value is None or convert is None or isinstance(holder, RawMap):
        return value
    try:
        return convert(value)
    except CelError:
        return _UNREADABLE


class _Unreadable:
    """What cannot be read equals nothing, not even itself."""

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


_UNREADABLE: Final = _Unreadable()
