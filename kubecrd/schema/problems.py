"""What is wrong with a definition: where, what, and what would be right. All of it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from kubecrd.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Problem", "refuse"]


@frozen
class Problem:
    """One thing that is wrong.

    Attributes:
        where: Class and field, such as ``PizzaSpec.size``.
        wrong: What is wrong.
        right: What would be right; empty where *wrong* says it.
    """

    where: str
    wrong: str
    right: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.wrong}" + (f"; {self.right}" if self.right else "")


def refuse(problems: Iterable[Problem]) -> None:
    """Raise what *problems* there are.

    Raises:
        DefinitionError: there is at least one; each has a line.
    """
    lines = list(dict.fromkeys(map(str, problems)))
    if lines:
        raise DefinitionError("\n".join(lines))
