"""What an update may leave wrong: errors in parts that have not changed (KEP-4008, apiextensions `ratcheting.go`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.resource.fielderrors import ABSENT

from .jsonvalues import equal
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Correlation", "Ratchet", "correlated_item"]

_TYPE_META: Final = frozenset({"apiVersion", "kind"})


@frozen
class Correlation:
    """A part of a new value, and the part of the old one that stands for it (apiserver `CorrelatedObject`).

    Attributes:
        schema: What both are instances of.
        value: The new part.
        old: The old part.
    """

    schema: Structural
    value: Any
    old: Any

    def step(self, step: str | int) -> Correlation | None:
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
        return Correlation(schema, self.value[step], self.old[step])

    def _item(self, index: int) -> Correlation | None:
        if self.schema.items is None or not (isinstance(self.value, list) and isinstance(self.old, list)):
            return None
        item = self.value[index]
        old = correlated_item(self.schema, self.old, item)
        return None if old is ABSENT else Correlation(self.schema.items, item, old)

    @property
    def is_unchanged(self) -> bool:
        """Whether the new part is the old one, as the server tells it.

        The items of a map list may have moved. An object with members that the schema does not declare, as
        preserved ones, counts as changed.
        """
        value, old = self.value, self.old
        if isinstance(value, dict) and isinstance(old, dict):
            return len(value) == len(old) and self._are_unchanged(value)
        if isinstance(value, list) and isinstance(old, list) and self.schema.list_type == "map":
            return len(value) == len(old) and self._are_unchanged(range(len(value)))
        return equal(value, old)

    def _are_unchanged(self, steps: Iterable[str | int]) -> bool:
        children = (self.step(step) for step in steps)
        return all(child is not None and child.is_unchanged for child in children)


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
    """

    def __init__(self, schema: Structural, value: Any, old: Any) -> None:
        self._root = Correlation(schema, value, old)

    def forgives(self, path: Sequence[str | int]) -> bool:
        """Whether an error at *path* is old news: its node, or one above it, is as it was."""
        pair: Correlation | None = self._root
        steps = list(path)
        if steps and steps[0] in _TYPE_META:
            steps = []
        for step in [*steps, None]:
            if pair is None:
                return False
            if pair.is_unchanged:
                return True
            pair = None if step is None else pair.step(step)
        return False
