"""When two values of a declared type are equal: lists of a schema by what they are, times by the moment they mean.

Source: kube-apiserver `apiserver/pkg/cel/common/values.go`, with the quirks of 1.36.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .conversions import NumberSet, converter_of
from .values import CelError, equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from .typesystem import Type

__all__ = ["RawList", "RawMap", "differs_from_json", "equality_of", "go_key", "go_keys", "raw"]

_HIDDEN: Final = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration", "bytes"})
"""What JSON has for strings: two of them can differ as strings and be equal."""


def go_key(value: Any) -> tuple[type, Any]:
    """Give what a member of a set is looked up by: Go tells its numbers apart by their types, too."""
    return type(value), value


def go_keys(items: list[Any]) -> set[tuple[type, Any]]:
    """Give what the members of a set of a schema are found by, which is their JSON: 2 is no double there."""
    return set(items.keys) if isinstance(items, NumberSet) else set(map(go_key, items))


class RawMap(dict[Any, Any]):
    """An object whose schema is not known any more: ``oldSelf`` where it is optional, and what is in it."""


class RawList(list[Any]):
    """Likewise a list: it compares and adds up in order, whatever its schema says of it."""


def raw(value: Any) -> Any:
    """Give JSON as a value whose schema is not known."""
    if isinstance(value, dict):
        return RawMap({name: raw(member) for name, member in value.items()})
    return RawList(raw(item) for item in value) if isinstance(value, list) else value


def differs_from_json(kind: Type) -> bool:
    """Say whether JSON of a declared type is not yet all that CEL sees: times, escaped names, null that is absent."""
    if kind.name in _HIDDEN or kind.list_type in {"set", "map"}:
        return True
    if kind.fields is not None:
        return kind.is_open or any(
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
        return isinstance(right, list) and len(left) == len(right) and go_keys(left).issuperset(map(go_key, right))

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
        return lambda left, right: (
            equal(left, right) if isinstance(left, RawList) else isinstance(right, list) and not left and not right
        )
    compare = {"set": are_equal_sets, "map": are_equal_maps}.get(kind.list_type or "")
    if compare is None:
        return are_equal
    return lambda left, right: equal(left, right) if isinstance(left, RawList) else compare(left, right)


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
            if kind.is_open and name not in fields and isinstance(right, RawMap) and not isinstance(left, RawMap):
                raise CelError("no such overload")
            if name not in right:
                if name in fields or isinstance(left, RawMap):
                    return False
                continue  # what the schema does not declare only counts where both have it
            mine, theirs = _read(left, value, convert), _read(right, right[name], convert)
            if not (theirs is None if mine is None else same(mine, theirs)):
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
