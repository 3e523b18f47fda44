"""Merging, comparing and cutting values by their merge types (structured-merge-diff)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from kubecrd.resource.fielderrors import ABSENT

from .fieldset import FIELD, Element, FieldSet, Path
from .typedvalues import ItemError, item_element, same
from .typeschema import ListShape, MapShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .typeschema import Type

__all__ = ["Comparison", "compare", "merge", "without"]

_TWICE: Final = 2


# --- merge


def merge(live: Any, applied: Any, type_: Type) -> Any:
    """Give *live* with *applied* merged into it; what *applied* does not mention stays.

    Raises:
        ItemError: an item of a set or map list cannot be told apart, or is applied twice.
    """
    merged = _merge(live, applied, type_)
    return None if merged is ABSENT else merged


def _merge(live: Any, applied: Any, type_: Type) -> Any:
    if applied is ABSENT and type_.map is None and type_.list is None:
        return live
    shape = type_.shape_of(live if applied is ABSENT else applied)
    if isinstance(shape, MapShape):
        return _merge_maps(live, applied, shape)
    if isinstance(shape, ListShape):
        return _merge_lists(live, applied, shape)
    return live if applied is ABSENT else applied


def _merge_maps(live: Any, applied: Any, shape: MapShape) -> Any:
    mine = live if isinstance(live, dict) else {}
    theirs = applied if isinstance(applied, dict) else {}
    if shape.atomic or not (mine or theirs):
        return live if applied is ABSENT else applied
    merged: dict[str, Any] = {}
    fields, rest = shape.fields, shape.rest
    for name, value in mine.items():
        other = theirs.get(name, ABSENT)
        type_ = fields.get(name, rest)
        merged[name] = value if other is ABSENT or type_ is None else _merge(value, other, type_)
    for name, value in theirs.items():
        if name not in mine:
            type_ = fields.get(name, rest)
            merged[name] = value if type_ is None else _merge(ABSENT, value, type_)
    return {name: value for name, value in merged.items() if value is not ABSENT} or ABSENT


def _merge_lists(live: Any, applied: Any, shape: ListShape) -> Any:
    mine = live if isinstance(live, list) else []
    theirs = applied if isinstance(applied, list) else []
    if shape.atomic or not (mine or theirs):
        return live if applied is ABSENT else applied
    return _ItemMerger(mine, theirs, shape).merge() or ABSENT


@final
class _ItemMerger:
    """Merges the items of two set or map lists, in the order that both sides ask for as far as it goes."""

    def __init__(self, live: list[Any], applied: list[Any], shape: ListShape) -> None:
        self._shape = shape
        self._items = live
        self._live = [item_element(shape, item) for item in live]
        self._applied = [item_element(shape, item) for item in applied]
        # An item that is live twice is merged with nothing: nobody can say which of them is meant.
        self._by_live: dict[Element, Any] = {}
        for element, item in zip(self._live, live, strict=True):
            self._by_live[element] = ABSENT if element in self._by_live else item
        self._by_applied = dict(zip(self._applied, applied, strict=True))
        if len(self._by_applied) < len(applied):
            raise ItemError("duplicate entries in an applied list")
        self._out: list[Any] = []
        self._done: set[Element] = set()
        self._shared = iter([element for element in self._applied if element in self._by_live])
        self._turn = next(self._shared, None)

    def merge(self) -> list[Any]:
        left = right = 0
        while left < len(self._live) or right < len(self._applied):
            left, right = self._step(left, right)
        return self._out

    def _step(self, left: int, right: int) -> tuple[int, int]:
        live, applied = self._live, self._applied
        if left < len(live) and right < len(applied):
            element = live[left]
            if element == applied[right]:
                self._emit(element)
                self._turn = next(self._shared, None)
                return left + 1, right + 1
            if element in self._by_applied and self._turn is not None and self._turn != element:
                return left + 1, right
        if left < len(live):
            element = live[left]
            if element not in self._by_applied:
                self._out.append(self._items[left])
                return left + 1, right
            if element in self._done:
                left += 1
        if right < len(applied):
            self._emit(applied[right])
            if self._turn == applied[right]:
                self._turn = next(self._shared, None)
            right += 1
        return left, right

    def _emit(self, element: Element) -> None:
        self._done.add(element)
        item = _merge(self._by_live.get(element, ABSENT), self._by_applied[element], self._shape.item)
        if item is not ABSENT:
            self._out.append(item)


# --- compare


@final
class Comparison:
    """What differs between two values.

    Attributes:
        added: Paths that are only in the new value.
        modified: Leaves that have another value.
        removed: Paths that are only in the old value.
    """

    __slots__ = ("added", "modified", "removed")

    def __init__(self, added: FieldSet, modified: FieldSet, removed: FieldSet) -> None:
        self.added = added
        self.modified = modified
        self.removed = removed

    def without_trees(self, paths: FieldSet) -> Comparison:
        """Give the differences outside *paths* and all below them."""
        if not paths:
            return self
        return Comparison(*(each.without_trees(paths) for each in (self.added, self.modified, self.removed)))


def compare(old: Any, new: Any, type_: Type) -> Comparison:
    """Say what differs between two whole objects.

    Raises:
        ItemError: an item of a set or map list cannot be told apart.
    """
    comparer = _Comparer()
    comparer.compare(old, new, type_, ())
    return Comparison(comparer.added, comparer.modified, comparer.removed)


@final
class _Comparer:
    def __init__(self) -> None:
        self.added = FieldSet()
        self.modified = FieldSet()
        self.removed = FieldSet()

    def compare(self, old: Any, new: Any, type_: Type, path: Path) -> None:
        if old is new:
            return
        new_shape = type_.shape_of(old if new is ABSENT else new)
        old_shape = new_shape if old is ABSENT or new is ABSENT else type_.shape_of(old)
        # Two shapes, as a scalar that has become an object: both are walked, each sees nothing of the other.
        is_leaf = self._walk(old, new, new_shape, path)
        if old_shape is not new_shape:
            self._walk(old, new, old_shape, path)
        if not is_leaf and path:
            if old is ABSENT:
                self.added.insert(path)
            elif new is ABSENT:
                self.removed.insert(path)

    def _walk(self, old: Any, new: Any, shape: MapShape | ListShape | str | None, path: Path) -> bool:
        """Compare by one shape; say whether it was a leaf."""
        if isinstance(shape, MapShape):
            mine = old if isinstance(old, dict) else {}
            theirs = new if isinstance(new, dict) else {}
            if not shape.atomic and (mine or theirs):
                zeros = shape.zeros if old is not ABSENT and new is not ABSENT else {}
                self._members(mine, theirs, shape, zeros, path)
                return False
        elif isinstance(shape, ListShape):
            items = old if isinstance(old, list) else []
            others = new if isinstance(new, list) else []
            if not shape.atomic and (items or others):
                self._items(items, others, shape, path)
                return False
        self._leaf(old, new, path)
        return True

    def _leaf(self, old: Any, new: Any, path: Path) -> None:
        if not path:
            return
        if old is ABSENT:
            self.added.insert(path)
        elif new is ABSENT:
            self.removed.insert(path)
        elif not same(old, new):
            self.modified.insert(path)

    def _members(
        self, old: dict[str, Any], new: dict[str, Any], shape: MapShape, zeros: dict[str, Any], path: Path
    ) -> None:
        fields, elements, rest = shape.fields, shape.elements, shape.rest
        for name, value in old.items():
            other = new.get(name, zeros.get(name, ABSENT))
            type_ = fields.get(name, rest)
            if value is not other and type_ is not None:
                self.compare(value, other, type_, (*path, elements.get(name) or (FIELD, name)))
        for name, other in new.items():
            if name not in old and not (other is None and shape.typed):
                type_ = fields.get(name, rest)
                if type_ is not None:
                    absent = zeros.get(name, ABSENT)
                    self.compare(absent, other, type_, (*path, elements.get(name) or (FIELD, name)))

    def _items(self, old: list[Any], new: list[Any], shape: ListShape, path: Path) -> None:
        mine, theirs = _by_element(old, shape), _by_element(new, shape)
        for element in {**mine, **theirs}:
            before: Sequence[Any] = mine.get(element, ())
            after: Sequence[Any] = theirs.get(element, ())
            here = (*path, element)
            if len(before) < _TWICE and len(after) < _TWICE:
                self.compare(before[0] if before else ABSENT, after[0] if after else ABSENT, shape.item, here)
            elif len(before) >= _TWICE and len(after) >= _TWICE:
                if not same(list(before), list(after)):
                    self.modified.insert(here)
            elif len(after) >= _TWICE:
                # What is there twice is owned as a whole; what was owned of the one that there was is no more.
                if before:
                    self.compare(before[0], ABSENT, shape.item, here)
                self.added.insert(here)
            else:
                self.removed.insert(here)
                if after:
                    self.compare(ABSENT, after[0], shape.item, here)


def _by_element(items: list[Any], shape: ListShape) -> dict[Element, list[Any]]:
    found: dict[Element, list[Any]] = {}
    for item in items:
        found.setdefault(item_element(shape, item), []).append(item)
    return found


# --- cut


def without(value: Any, paths: FieldSet, type_: Type) -> Any:
    """Give *value* without *paths*; a container that loses all it had stays, empty.

    Raises:
        ItemError: an item of a set or map list cannot be told apart.
    """
    if not paths:
        return value
    shape = type_.shape_of(value)
    if isinstance(shape, MapShape):
        if not isinstance(value, dict) or shape.atomic:
            return value
        return _cut_map(value, paths, shape)
    if isinstance(shape, ListShape):
        if not isinstance(value, list) or shape.atomic:
            return value
        return _cut_list(value, paths, shape)
    return value


def _cut_map(value: dict[str, Any], paths: FieldSet, shape: MapShape) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, member in value.items():
        element = (FIELD, name)
        if element in paths.members:
            continue
        below = paths.children.get(element)
        type_ = shape.fields.get(name, shape.rest)
        kept[name] = member if below is None or type_ is None else without(member, below, type_)
    return kept


def _cut_list(value: list[Any], paths: FieldSet, shape: ListShape) -> list[Any]:
    kept: list[Any] = []
    for item in value:
        element = item_element(shape, item)
        if element in paths.members:
            continue
        below = paths.children.get(element)
        kept.append(item if below is None else without(item, below, shape.item))
    return kept
