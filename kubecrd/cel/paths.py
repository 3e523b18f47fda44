"""Where in a variable a value comes from, as the estimate of costs keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INDICES", "ITEMS", "KEYS", "NOWHERE", "VALUES", "Path"]

ITEMS: Final = "@items"
INDICES: Final = "@indices"
VALUES: Final = "@values"
KEYS: Final = "@keys"


class Path:
    """The steps from a variable to a part of it: fields, and what stands for the elements of a list or a map.

    The API server keeps paths in Go slices and appends to them, so that two paths with the same beginning can lie in the
    same memory, and the later one changes the last step of the earlier. The estimate of a rule such as
    ``self.items.all(x, x.tags.all(t, t != x.name))`` depends on that: the loop over the tags is taken to be as long as the
    name. Since rules are refused by the server's number, paths here share memory in the same way.

    Args:
        memory: The steps, and free places behind them.
        length: How many of them are steps.
    """

    __slots__ = ("_length", "_memory")

    def __init__(self, memory: list[str], length: int) -> None:
        self._memory = memory
        self._length = length

    @classmethod
    def of(cls, variable: str) -> Path:
        """Give the path of a variable itself."""
        return cls([variable], 1)

    def then(self, step: str) -> Path:
        """Give the path that is one step longer; it is written into the same memory where that has a free place."""
        length = self._length
        memory = self._memory
        if length == len(memory):
            memory = [*memory, *[""] * max(length, 1)]  # twice as large, as Go grows slices
        memory[length] = step
        return Path(memory, length + 1)

    def __iter__(self) -> Iterator[str]:
        return iter(self._memory[: self._length])

    def __len__(self) -> int:
        return self._length


NOWHERE: Final = Path([], 0)
"""The path of what is no part of a variable."""
