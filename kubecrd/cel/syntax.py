"""The syntax tree of a CEL expression, with positions; the checker notes types and overloads in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from .typesystem import Type

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = [
    "Call",
    "CreateList",
    "CreateMap",
    "CreateStruct",
    "Expression",
    "Ident",
    "Literal",
    "Macro",
    "Select",
    "walk",
]


@define(eq=False, kw_only=True)
class Expression:
    """Any node.

    Attributes:
        position: Offset in the text that errors point at: the operator of a binary call, the dot of a select, ….
        type: What the checker found; None before.
    """

    position: int
    type: Type | None = field(default=None, repr=False)

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        yield from ()


@define(eq=False, kw_only=True)
class Literal(Expression):
    """A constant: None, bool, int, `UInt`, float, str or bytes."""

    value: Any


@define(eq=False, kw_only=True)
class Ident(Expression):
    """A name; a leading dot is part of it."""

    name: str


@define(eq=False, kw_only=True)
class Select(Expression):
    """``operand.field``; with *test* it is ``has(operand.field)``, with *optional* ``operand.?field``."""

    operand: Expression
    field: str
    test: bool = False
    optional: bool = False

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        yield self.operand


@define(eq=False, kw_only=True)
class Call(Expression):
    """A function, an operator (``_+_``), or a method when there is a target.

    Attributes:
        function: Its name.
        target: What stands before the dot; None for a global function.
        arguments: In order.
        overloads: The ids that the checker chose.
        namespaced: Whether the target turned out to be part of the name, as in ``optional.of(x)``.
    """

    function: str
    target: Expression | None = None
    arguments: list[Expression]
    overloads: tuple[str, ...] = ()

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        if self.target is not None:
            yield self.target
        yield from self.arguments


@define(eq=False, kw_only=True)
class CreateList(Expression):
    """``[a, ?b]``; *optional* has the indices of the elements with a question mark."""

    elements: list[Expression]
    optional: frozenset[int] = frozenset()

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        yield from self.elements


@define(eq=False, kw_only=True)
class CreateMap(Expression):
    """``{k: v, ?k: v}``; *optional* has the indices of the entries with a question mark."""

    entries: list[tuple[Expression, Expression]]
    optional: frozenset[int] = frozenset()

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        for key, value in self.entries:
            yield key
            yield value


@define(eq=False, kw_only=True)
class CreateStruct(Expression):
    """``Name{field: v}``; *positions* are those of the colons, which errors of a field point at."""

    name: str
    fields: list[tuple[str, Expression]]
    positions: list[int]

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        yield from (value for _, value in self.fields)


@define(eq=False, kw_only=True)
class Macro(Expression):
    """A comprehension: ``range.all(x, predicate)`` and its relatives.

    Attributes:
        name: ``all``, ``exists``, ``exists_one``, ``map``, ``filter``, ``transformList``, ``transformMap``, ….
        range: What is gone through.
        variables: One, or two (index or key, and value).
        condition: The predicate; None for a map without one.
        result: What each element becomes; None for predicates.
    """

    name: str
    range: Expression
    variables: tuple[str, ...]
    condition: Expression | None = None
    result: Expression | None = None

    def children(self) -> Iterator[Expression]:
        """Yield the nodes directly below."""
        yield self.range
        yield from (part for part in (self.condition, self.result) if part is not None)


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield *expression* and every node below it."""
    yield expression
    for child in expression.children():
        yield from walk(child)
