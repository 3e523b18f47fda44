"""What an expression can cost, before it runs: from the sizes that its variables are declared to have at most.

The API server refuses rules whose estimate is too high, so the number has to be the server's, not the best one: it can be
below what the rule costs when it runs, and far above.

Source: cel-go `checker/cost.go`; for the sizes, apiextensions-apiserver `pkg/apiserver/schema/cel/compilation.go`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import frozen

from .bounds import NOTHING, ONE, UNBOUNDED, UNKNOWN, Bounds, fixed
from .callbounds import Operand, bounds_of_call
from .costs import LIST_COST, MAP_COST, MESSAGE_COST
from .expansion import Comprehension, expanded
from .paths import INDICES, ITEMS, KEYS, NOWHERE, VALUES, Path
from .syntax import Call, CreateList, CreateMap, CreateStruct, Expression, Ident, Literal, Macro, Select
from .typesystem import DYN, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["estimate"]

_SCALARS: Final = frozenset(["bool", "double", "int", "uint", "google.protobuf.Duration", "google.protobuf.Timestamp"])


def estimate(tree: Expression, root: Type | None = None) -> Bounds:
    """Give what *tree* can cost.

    Args:
        tree: Checked.
        root: What the variable is declared to be, with the sizes of its parts; None if there is none. As the server does,
            every variable is taken for this one.
    """
    return _Estimator(root).cost(tree)


@frozen
class _Entries:
    """The sizes of the keys and the values of a list or map that the expression itself makes."""

    is_list: bool
    key: Bounds
    value: Bounds

    def union(self, other: _Entries) -> _Entries:
        return _Entries(self.is_list, self.key.union(other.key), self.value.union(other.value))


@frozen
class _Local:
    """A variable of a loop."""

    path: Path
    size: Bounds | None
    entries: _Entries | None = None


class _Estimator:
    def __init__(self, root: Type | None) -> None:
        self._root = root
        self._paths: dict[Expression, Path] = {}
        self._sizes: dict[Expression, Bounds] = {}
        self._entries: dict[Expression, _Entries] = {}
        self._costs: dict[Macro, Bounds] = {}
        self._locals: dict[str, _Local] = {}

    # --- costs

    def cost(self, node: Expression) -> Bounds:
        match node:
            case Ident():
                return self._ident(node)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case Comprehension():
                return self._bind(node) if node.binds else self._loop(node)
            case Macro():
                return self._macro(node)
            case CreateList():
                return self._list(node)
            case CreateMap():
                return self._map(node)
            case CreateStruct():
                return self._sum(node.children()).plus(fixed(MESSAGE_COST))
            case _:
                return NOTHING

    def _sum(self, nodes: Iterable[Expression]) -> Bounds:
        total = NOTHING
        for node in nodes:
            total = total.plus(self.cost(node))
        return total

    def _ident(self, node: Ident) -> Bounds:
        local = self._locals.get(node.name)
        self._paths[node] = Path.of(node.name) if local is None else local.path
        return ONE

    def _select(self, node: Select) -> Bounds:
        if node.operand.type is None:
            # The name of a type, such as google.protobuf.Duration: one identifier, whatever the dots.
            self._paths[node] = Path.of(node.field)
            return ONE
        cost = self.cost(node.operand)
        if node.test:
            return cost
        self._paths[node] = self._path_of(node.operand).then(node.field)
        kind = node.operand.type
        return cost.plus(ONE) if kind.name == "map" or kind.fields is not None else cost

    def _macro(self, node: Macro) -> Bounds:
        cost = self._costs.get(node)
        if cost is None:
            # Of optMap, the range stands there twice; looking at it twice would take ages where such calls are chained.
            written = expanded(node)
            cost = self._costs[node] = self.cost(written)
            self._copy(node, written)
        return cost

    def _list(self, node: CreateList) -> Bounds:
        cost = self._sum(node.elements)
        self._entries[node] = _Entries(True, ONE, self._together(node.elements))
        return cost.plus(fixed(LIST_COST))

    def _map(self, node: CreateMap) -> Bounds:
        cost = self._sum(node.children())
        keys = self._together([key for key, _ in node.entries])
        self._entries[node] = _Entries(False, keys, self._together([value for _, value in node.entries]))
        return cost.plus(fixed(MAP_COST))

    def _together(self, nodes: list[Expression]) -> Bounds:
        if not nodes:
            return NOTHING
        size = Bounds(UNBOUNDED, 0)
        for node in nodes:
            size = size.union(self._size_or_unknown(node))
        return size

    # --- calls

    def _call(self, node: Call) -> Bounds:
        function = node.function.removeprefix(".")
        if function == "dyn":
            cost = self.cost(node.arguments[0])
            self._copy(node, node.arguments[0])
            return cost.plus(ONE)
        costs, arguments = [], []
        for argument in node.arguments:
            costs.append(self.cost(argument))
            arguments.append(self._operand(argument))
        if not node.overloads:
            return NOTHING
        before = NOTHING
        target = None
        if node.target is not None:
            before = self.cost(node.target)
            target = self._operand(node.target)
        cost, size = Bounds(UNBOUNDED, 0), None
        for overload in node.overloads:
            found = bounds_of_call(function, overload, target, arguments)
            cost = cost.union(found.cost.plus(_of_arguments(overload, costs)))
            size = self._result_size(node, overload, size, found.size)
        if size is not None:
            self._sizes[node] = size
        return before.plus(cost)

    def _result_size(self, node: Call, overload: str, size: Bounds | None, found: Bounds | None) -> Bounds | None:
        if found is not None:
            size = found if size is None else size.union(found)
        match overload:
            case "conditional":
                self._join_entries(node, *node.arguments[1:])
            case "add_string" | "add_bytes" | "add_list":
                self._join_entries(node, *node.arguments)
            case "index_list" | "index_map":
                entries = self._entries_of(node.arguments[0])
                size = None if entries is None else entries.value
                step = ITEMS if overload == "index_list" else VALUES
                self._paths[node] = self._path_of(node.arguments[0]).then(step)
        return self._size_of(node) if size is None else size

    def _join_entries(self, node: Expression, one: Expression, other: Expression) -> None:
        first, second = self._entries_of(one), self._entries_of(other)
        if first is not None and second is not None:
            self._entries[node] = first.union(second)

    # --- loops

    def _loop(self, node: Comprehension) -> Bounds:
        cost = self.cost(node.range).plus(self.cost(node.first))
        hidden = dict(self._locals)
        self._locals[node.accumulator] = self._named(node.first)
        self._enter(node)
        each = self.cost(node.condition).plus(self.cost(node.step))
        for name in node.variables:
            self._restore(name, hidden)
        cost = cost.plus(self.cost(node.result))
        self._locals = hidden
        rounds = self._size_or_unknown(node.range)
        self._describe(node, rounds)
        return cost.plus(rounds.times(each))

    def _describe(self, node: Comprehension, rounds: Bounds) -> None:
        """Note the size of what a loop gives: a scalar's, or as many elements as there were rounds."""
        if isinstance(node.first, Literal):
            self._sizes[node] = ONE
        elif isinstance(node.first, CreateList | CreateMap):
            self._sizes[node] = rounds
            entries = self._entries_of(node.step)
            if entries is not None:
                self._entries[node] = entries

    def _restore(self, name: str, hidden: dict[str, _Local]) -> None:
        if name in hidden:
            self._locals[name] = hidden[name]
        else:
            self._locals.pop(name, None)

    def _enter(self, node: Comprehension) -> None:
        """Name the elements of the range."""
        entries = self._entries_of(node.range)
        is_list = (node.range.type or DYN).name == "list" if entries is None else entries.is_list
        path = self._path_of(node.range)
        first, *second = node.variables
        if second or not is_list:
            step = INDICES if is_list else KEYS
            self._locals[first] = _Local(path.then(step), None if entries is None else entries.key)
        if second or is_list:
            step = ITEMS if is_list else VALUES
            name = second[0] if second else first
            self._locals[name] = _Local(path.then(step), None if entries is None else entries.value)

    def _bind(self, node: Comprehension) -> Bounds:
        cost = self.cost(node.range).plus(self.cost(node.first))
        hidden = dict(self._locals)
        self._locals[node.accumulator] = self._named(node.first)
        cost = cost.plus(self.cost(node.result))
        self._locals = hidden
        self._copy(node, node.result)
        return cost

    def _named(self, value: Expression) -> _Local:
        return _Local(self._path_of(value), self._size_of(value), self._entries_of(value))

    # --- sizes

    def _operand(self, node: Expression) -> Operand:
        return Operand(node, self._size_of(node), partial(self._element_size, self._path_of(node)))

    def _element_size(self, path: Path) -> Bounds:
        declared = self._declared([*path, ITEMS]) if path else None
        return UNKNOWN if declared is None else declared

    def _size_or_unknown(self, node: Expression) -> Bounds:
        size = self._size_of(node)
        return UNKNOWN if size is None else size

    def _size_of(self, node: Expression) -> Bounds | None:
        size = self._sizes.get(node)
        if size is not None:
            return size
        match node:
            case Literal():
                return fixed(len(node.value)) if isinstance(node.value, str | bytes) else ONE
            case CreateList():
                return fixed(len(node.elements))
            case CreateMap():
                return fixed(len(node.entries))
        size = self._declared(self._path_of(node))
        if size is not None:
            self._sizes[node] = size
            return size
        if _is_scalar(node.type or DYN):
            return ONE
        local = self._locals.get(node.name) if isinstance(node, Ident) else None
        return None if local is None else local.size

    def _declared(self, path: Iterable[str]) -> Bounds | None:
        """Look up the size that the part at *path* is declared to have; whatever the variable, the root is the one."""
        steps = iter(path)
        kind = None if next(steps, None) is None else self._root
        for step in steps:
            kind = None if kind is None else _stepped(kind, step)
        return None if kind is None or kind.max_elements is None else Bounds(0, kind.max_elements)

    def _path_of(self, node: Expression) -> Path:
        if isinstance(node, Ident):
            local = self._locals.get(node.name)
            if local is not None:
                return local.path
        return self._paths.get(node, NOWHERE)

    def _entries_of(self, node: Expression) -> _Entries | None:
        found = self._entries.get(node)
        if found is None and isinstance(node, Ident):
            local = self._locals.get(node.name)
            return None if local is None else local.entries
        return found

    def _copy(self, node: Expression, source: Expression) -> None:
        """Note of *node* what is known of *source*."""
        size, entries = self._size_of(source), self._entries_of(source)
        if size is not None:
            self._sizes[node] = size
        if entries is not None:
            self._entries[node] = entries


def _of_arguments(overload: str, costs: list[Bounds]) -> Bounds:
    """Give what the arguments of a call cost, of which operators with branches leave out some."""
    match overload:
        case "logical_and" | "logical_or":
            return Bounds(costs[0].least, costs[0].plus(costs[1]).most)
        case "conditional":
            return costs[0].plus(costs[1].union(costs[2]))
    total = NOTHING
    for cost in costs:
        total = total.plus(cost)
    return total


def _stepped(kind: Type, step: str) -> Type | None:
    """Give the type of a part of a value of *kind*; None where there is none of that name."""
    if step in {ITEMS, VALUES}:
        return kind.parameters[-1] if kind.name in {"list", "map"} else None
    if step == KEYS:
        return kind.parameters[0] if kind.name == "map" else None
    field = (kind.fields or {}).get(step)
    return None if field is None else field.type


def _is_scalar(kind: Type) -> bool:
    while kind.name == "optional_type":
        kind = kind.parameters[0]
    return kind.name in _SCALARS
