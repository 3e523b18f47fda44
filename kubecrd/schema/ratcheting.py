"""What an update may leave wrong: errors in parts that have not changed (KEP-4008, apiextensions `ratcheting.go`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.resource.fielderrors import ABSENT

from .jsonvalues import equal
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Ratchet", "correlated_item"]

_TYPE_META: Final = frozenset({"apiVersion", "kind"})


@frozen
class _Pair:
    """A part of the new value, and the part of the old one that stands for it."""

    schema: Structural
    value: Any
    old: Any

    def step(self, step: str | int) -> _Pair | None:
        """Go one step down in both; None where the parts below have nothing to do with each other."""
        if isinstance(step, int):
            return self._item(step)
        if not (isinstance(self.value, dict) and isinstance(self.old, dict)):
            return None
        schema = self.schema.properties.get(step)
        if schema is None and isinstance(self.schema.additional_properties, Structural):
            schema = self.schema.additional_properties
        if schema is None or step not in self.value or step not in self.old:
            return None
        return _Pair(schema, self.value[step], self.old[step])

    def _item(self, index: int) -> _Pair | None:
        if self.schema.items is None or not (isinstance(self.value, list) and isinstance(self.old, list)):
            return None
        item = self.value[index]
        old = correlated_item(self.schema, self.old, item)
        return None if old is ABSENT else _Pair(self.schema.items, item, old)


def correlated_item(schema: Structural, old_items: Sequence[Any], item: Any) -> Any:
    """Find the old item with the keys of *item*, or `ABSENT`; only items of map lists have keys to be known by."""
    if schema.list_type != "map" or not isinstance(item, dict):
        return ABSENT
    keys = {key: item[key] for key in schema.list_map_keys if key in item}
    for old in old_items:
        if isinstance(old, dict) and equal(keys, {key: old[key] for key in schema.list_map_keys if key in old}):
            return old
    return ABSENT


class Ratchet:
    """Compares a new value with an old one, node by node.

    Args:
        schema: What both are instances of.
        value: The new value.
        old: The old value.
        whole_object: Whether they are whole objects, whose apiVersion and kind never ratchet.
    """

    def __init__(self, schema: Structural, value: Any, old: Any, *, whole_object: bool) -> None:
        self._root = _Pair(schema, value, old)
        self._whole_object = whole_object

    def forgives(self, path: Sequence[str | int]) -> bool:
        """Whether an error at *path* is old news: its node, or one above it, is as it was."""
        pair: _Pair | None = self._root
        steps = list(path)
        if steps and self._whole_object and steps[0] in _TYPE_META:
            steps = []
        for step in [*steps, None]:
            if pair is None:
                return False
            if equal(pair.value, pair.old):
                return True
            pair = None if step is None else pair.step(step)
        return False
