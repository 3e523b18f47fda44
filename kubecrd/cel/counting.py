"""The Python of an expression that counts what it costs, exactly, as long as nothing fails.

It is made of the same parts as the function that does not count (`compiler.py`), put into statements where a price depends
on a size or on how far a loop or an ``&&`` came. Where something fails, or is too rare to be worth it, it raises, and the
reference is asked.
"""

from __future__ import annotations

from math import ceil
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from .compiler import Generator
from .costs import LIST_COST, MAP_COST, formula_of
from .interpreter import UNKNOWN
from .planner import constant_of, is_attribute
from .syntax import Call, CreateList, CreateMap, Expression, Ident, Macro, Select
from .typesystem import DYN
from .values import CostLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CountingGenerator", "UncountableError"]

_INDENT: Final = "    "
_LONGEST_SHORT: Final = 10
"""A comparison with a text that is no longer costs one, unless one of the two is empty."""


class UncountableError(Exception):
    """The expression has a part that only the reference can count."""


@frozen
class _Part:
    """A part of a loop: its value, what it costs besides what its lines count, and these lines."""

    value: str
    price: int
    lines: list[str]


class CountingGenerator(Generator):
    """Prints statements that count, and an expression for the value.

    Args:
        names: Filled with the globals that the source uses.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(names)
        self._names |= {"CostLimitError": CostLimitError, "ceil": ceil, "length_hint": length_hint}
        self._lines: list[str] = []
        self._depth = 1
        self._owed = 0
        self._temporaries = 0
        self._renamed: dict[str, str] = {}
        self._atoms: set[str] = set()

    def body(self, node: Expression) -> list[str]:
        """Print the lines of the function that gives the value of *node* and its cost.

        Args:
            node: Checked.

        Raises:
            UncountableError: only the reference can count it.
        """
        value = self.emit(node)
        # What is paid in any case is paid first.
        begin = [f"{_INDENT}c = {self._owed}"] if self._lines else []
        self._line(f"return {value}, {'c' if begin else self._owed}")
        return begin + self._lines

    # --- lines, temporaries, costs

    def _line(self, text: str) -> None:
        self._lines.append(_INDENT * self._depth + text)

    def _named(self, value: str) -> str:
        if value.isidentifier() or value in self._atoms:
            return value
        name = self._temporary()
        self._line(f"{name} = {value}")
        return name

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def _settle(self) -> None:
        if self._owed:
            self._line(f"c += {self._owed}")
        self._owed = 0

    def _block(self, head: str, fill: Callable[[], None]) -> None:
        """Print *head* and below it what *fill* prints, which pays for itself."""
        self._line(head)
        self._depth += 1
        before, self._owed = self._owed, 0
        start = len(self._lines)
        fill()
        self._settle()
        if len(self._lines) == start:
            self._line("pass")
        self._owed = before
        self._depth -= 1

    # --- attributes

    def emit(self, node: Expression) -> str:
        """Print *node*, and pay for it."""
        if constant_of(node) is not UNKNOWN:
            value = super().emit(node)
            self._atoms.add(value)
            return value
        if not is_attribute(node):
            return super().emit(node)
        value = self._part(node)
        self._owed += _price_of_root(node)
        return value

    def _variable(self, name: str) -> str:
        return self._renamed.get(name, f"v_{name}")

    def _part(self, node: Expression) -> str:
        """Print an attribute without paying for its root, which whatever it is part of does once."""
        match node:
            case Ident():
                return self._variable(node.name.removeprefix("."))
            case Select() if not node.optional and (node.operand.type or DYN).name != "optional_type":
                self._owed += 1
                return self._select_from(node, self._inner(node.operand))
            case Call(function="_[_]") if (node.arguments[0].type or DYN).name in _CONTAINERS:
                self._owed += 1
                container, place = node.arguments
                return self._combined(node, [self._inner(container), self._branch(place)])
            case Call(function="_?_:_"):
                return self._chosen(node)
            case Select(test=False) | Call(function="_?._" | "_[?_]"):
                return self._optional_part(node)
            case _:
                raise UncountableError

    def _optional_part(self, node: Select | Call) -> str:
        """Print a step to what may not be there, which is paid for if it is."""
        operand, *places = node.children()
        if places and (operand.type or DYN).name == "optional_type" and constant_of(places[0]) is UNKNOWN:
            raise UncountableError  # where the operand is not there, nobody looks for a place
        inner = self._inner(operand)
        if isinstance(node, Select):
            found = self._named(self._select_from(node, inner))
        else:
            found = self._named(self._combined(node, [inner, *map(self._branch, places)]))
        self._line(f"if {found}.values: c += 1")
        return found

    def _inner(self, node: Expression) -> str:
        return self._part(node) if is_attribute(node) and constant_of(node) is UNKNOWN else self.emit(node)

    _branch = _inner

    def _chosen(self, node: Call) -> str:
        condition, *branches = node.arguments
        chosen = self._temporary()
        head = f"if {self._bool(self.emit(condition), condition.type or DYN)}:"
        for branch in branches:
            self._block(head, lambda branch=branch: self._line(f"{chosen} = {self._branch(branch)}"))  # type: ignore[misc]
            head = "else:"
        return chosen

    # --- calls

    def _call(self, node: Call) -> str:
        if node.function in {"_&&_", "_||_"}:
            return self._logical(node)
        if node.function in {"or", "orValue"}:
            return self._alternative(node)
        name = node.function.removeprefix(".")
        overload = node.overloads[0] if len(node.overloads) == 1 else ""
        arguments = list(node.children())
        kinds = [child.type or DYN for child in arguments]
        if len(arguments) > 2:
            return self._priced(node, name, overload, [self.emit(child) for child in arguments])
        if overload in {"equals", "not_equals"} and all(kind.name in _UNITS for kind in kinds):
            emitted = [self.emit(child) for child in arguments]
            self._owed += 1
            return self._combined(node, emitted)
        if overload in _MIN_PRICED and all(kind.name == "string" for kind in kinds):
            return self._compared(node, arguments)
        if overload == "in_list":
            return self._contained(node, arguments)
        return self._priced(node, name, overload, [self.emit(child) for child in arguments])

    def _priced(self, node: Call, name: str, overload: str, emitted: list[str]) -> str:
        formula = formula_of(name, overload)
        if formula is None:
            self._owed += 1
            return self._combined(node, emitted)
        inline = _INLINE.get(overload)
        if inline is not None:
            emitted = [self._named(each) for each in emitted]
            sizes = map(self._size, node.children(), emitted)
            self._line(f"c += {inline.format(*sizes)}")
            return self._combined(node, emitted)
        emitted = [self._named(each) for each in emitted]
        result = self._named(self._combined(node, emitted))
        price = f"price_{len(self._names)}"
        self._names[price] = formula
        self._line(f"c += {price}(({', '.join(emitted)},), {result})")
        return result

    def _compared(self, node: Call, arguments: list[Expression]) -> str:
        constants = [constant_of(each) for each in arguments]
        known = [len(each) for each in constants if each is not UNKNOWN]
        emitted = [self.emit(each) for each in arguments]
        if known and not min(known):
            return self._combined(node, emitted)
        if len(known) == 1 and known[0] <= _LONGEST_SHORT:
            place = 0 if constants[0] is UNKNOWN else 1
            emitted[place] = self._named(emitted[place])
            self._line(f"if {emitted[place]}: c += 1")
            return self._combined(node, emitted)
        emitted = [self._named(each) for each in emitted]
        left, right = (self._length(each) for each in emitted)
        self._line(f"c += ceil(({left} if {left} < {right} else {right}) * 0.1)")
        return self._combined(node, emitted)

    def _size(self, node: Expression, value: str) -> str:
        constant = constant_of(node)
        return f"len({value})" if constant is UNKNOWN else str(len(constant))

    def _length(self, value: str) -> str:
        name = self._temporary()
        self._line(f"{name} = len({value})")
        return name

    def _contained(self, node: Call, arguments: list[Expression]) -> str:
        emitted = [self.emit(each) for each in arguments]
        constant = constant_of(arguments[1])
        if constant is not UNKNOWN and all(isinstance(each, bool | int | float | str) for each in constant):
            return self._combined(node, emitted)
        emitted[1] = self._named(emitted[1])
        self._line(f"c += len({emitted[1]})")
        return self._combined(node, emitted)

    def _logical(self, node: Call) -> str:
        left, right = node.arguments
        result = self._temporary()
        self._line(f"{result} = {self._bool(self.emit(left), left.type or DYN)}")

        def rest() -> None:
            self._line(f"{result} = {self._bool(self.emit(right), right.type or DYN)}")

        self._block(f"if {result}:" if node.function == "_&&_" else f"if not {result}:", rest)
        return result

    def _alternative(self, node: Call) -> str:
        """``or`` and ``orValue``: the other is only looked at if there is nothing."""
        value, other = node.children()
        there, result = self._named(self.emit(value)), self._temporary()
        kept = f"{result} = {there}.values[0]" if node.function == "orValue" else f"{result} = {there}"
        self._block(f"if {there}.values:", lambda: self._line(kept))
        self._block("else:", lambda: self._line(f"{result} = {self.emit(other)}"))
        return result

    # --- literals

    def _list(self, node: CreateList) -> str:
        self._owed += LIST_COST
        return super()._list(node)

    def _map(self, node: CreateMap) -> str:
        self._owed += MAP_COST
        return super()._map(node)

    # --- comprehensions

    def _macro(self, node: Macro) -> str:
        emitter = self._macros.get(node.name)
        if emitter is None:
            raise UncountableError
        items = self._named(self.emit(node.range))
        hidden = dict(self._renamed)
        for name in node.variables:
            self._renamed[name] = f"{self._temporary()}_{name}"
        result = emitter(self, node, items)
        self._renamed = hidden
        return result

    def _loop(self, node: Macro, source: str, fill: Callable[[], None]) -> None:
        """Print a loop over *source*, an iterator, that stops where the limit is passed."""

        def whole() -> None:
            fill()
            self._settle()
            self._line("if c > limit: raise CostLimitError(c)")

        self._block(f"for {self._targets(node)} in {self._over(node, source)}:", whole)

    def _targets(self, node: Macro) -> str:
        return ", ".join(self._renamed[name] for name in node.variables)

    def _over(self, node: Macro, source: str) -> str:
        two = len(node.variables) > 1
        return f"enumerate({source})" if two and (node.range.type or DYN).name == "list" else source

    def _source(self, node: Macro, items: str) -> str:
        """Print what is gone through as an iterator, which can tell how much is left."""
        kind = (node.range.type or DYN).name
        if kind == "dyn" and len(node.variables) == 1:
            self._line(f"items_of({items})")
        elif kind not in {"list", "map"}:
            raise UncountableError
        return self._named(f"iter({items}.items())" if kind == "map" and len(node.variables) > 1 else f"iter({items})")

    def _predicate(self, node: Macro) -> str:
        assert node.condition is not None
        return self._bool(self.emit(node.condition), node.condition.type or DYN)

    def _captured(self, emit: Callable[[], str], depth: int = 1) -> _Part:
        """Print a part of a loop aside, *depth* blocks further in, and say what it costs each time."""
        lines, self._lines = self._lines, []
        before, self._owed = self._owed, 0
        self._depth += depth
        value = emit()
        part = _Part(value, self._owed, self._lines)
        self._depth -= depth
        self._lines, self._owed = lines, before
        return part

    def _placed(self, part: _Part) -> str:
        """Print a part that was captured, and pay for it."""
        self._lines += part.lines
        self._owed += part.price
        return part.value

    def _quantified(self, node: Macro, items: str) -> str:
        """``all`` and ``exists``: both stop at the first element that decides."""
        wants = node.name == "exists"
        each, hit = (4, 3) if wants else (3, 2)
        source = self._source(node, items)
        result = self._temporary()
        self._owed += 1
        part = self._captured(lambda: self._predicate(node))
        if not part.lines:
            word = "any" if wants else "all"
            self._line(f"{result} = {word}({part.value} for {self._targets(node)} in {self._over(node, source)})")
            self._line(f"{result}_left = length_hint({source})")
            self._line(f"c += (len({items}) - {result}_left) * {part.price + each}")
            self._line(f"if {result}_left: c += {hit}")
            return result
        self._line(f"{result} = {not wants}")

        def decide() -> None:
            self._line(f"{result} = {wants}")
            self._line(f"if length_hint({source}): c += {hit}")
            self._line("break")

        def fill() -> None:
            predicate = self._placed(part)
            self._owed += each
            self._settle()
            self._block(f"if {predicate}:" if wants else f"if not {predicate}:", decide)

        self._loop(node, source, fill)
        return result

    def _exists_one(self, node: Macro, items: str) -> str:
        source = self._source(node, items)
        found = self._temporary()
        self._owed += 2
        part = self._captured(lambda: self._predicate(node))
        if not part.lines:
            over = self._over(node, source)
            self._line(f"{found} = sum([1 for {self._targets(node)} in {over} if {part.value}])")
            self._line(f"c += len({items}) * {part.price} + {found} * 2")
            return f"({found} == 1)"
        self._line(f"{found} = 0")

        def fill() -> None:
            self._block(f"if {self._placed(part)}:", lambda: self._line(f"{found} += 1; c += 2"))

        self._loop(node, source, fill)
        return f"({found} == 1)"

    def _gathered(self, node: Macro, items: str) -> str:
        """``map``, ``filter`` and ``transformList``."""
        source = self._source(node, items)
        self._owed += 1
        condition = None if node.condition is None else self._captured(lambda: self._predicate(node))
        element = self._element(node, 1 if condition is None else 2)
        result = self._temporary()
        if not element.lines and (condition is None or not condition.lines):
            head = f"for {self._targets(node)} in {self._over(node, source)}"
            when, price = ("", 0) if condition is None else (f" if {condition.value}", condition.price)
            self._line(f"{result} = [{element.value} {head}{when}]")
            self._line(f"c += len({result}) * {element.price} + len({items}) * {price}")
            return result
        self._line(f"{result} = []")

        def append() -> None:
            self._line(f"{result}.append({self._placed(element)})")

        def fill() -> None:
            if condition is None:
                append()
            else:
                self._block(f"if {self._placed(condition)}:", append)

        self._loop(node, source, fill)
        return result

    def _element(self, node: Macro, depth: int) -> _Part:
        """Print what each element becomes; the price is that of adding it to the list too."""
        if node.result is None:
            return _Part(self._renamed[node.variables[0]], LIST_COST + 3, [])
        result = node.result
        part = self._captured(lambda: self.emit(result), depth)
        added = 2 if constant_of(result) is not UNKNOWN else LIST_COST + 2
        return evolve(part, price=part.price + added)

    _macros: Final[dict[str, Callable[[CountingGenerator, Macro, str], str]]] = {
        "all": _quantified,
        "exists": _quantified,
        "exists_one": _exists_one,
        "existsOne": _exists_one,
        "filter": _gathered,
        "map": _gathered,
        "transformList": _gathered,
    }


_CONTAINERS: Final = frozenset({"dyn", "list", "map"})

_MIN_PRICED: Final = frozenset(
    ["equals", "not_equals", "less_string", "less_equals_string", "greater_string", "greater_equals_string"]
)

_UNITS: Final = frozenset(["bool", "int", "uint", "double", "google.protobuf.Timestamp", "google.protobuf.Duration"])
"""Types whose values are of size 1."""

_INLINE: Final = {
    "starts_with_string": "ceil({0} * 0.1)",
    "ends_with_string": "ceil({0} * 0.1)",
    "add_string": "ceil(({0} + {1}) * 0.1)",
    "contains_string": "ceil({0} * 0.1) * ceil({1} * 0.1)",
    "matches_string": "ceil(({0} + 1) * 0.1) * ceil({1} * 0.25)",
}
"""Prices by sizes; in floating point as in Go, where 70 * 0.1 is more than 7."""


def _price_of_root(node: Expression) -> int:
    match node:
        case Select(test=True):
            return 0
        case Select():
            return _price_of_root(node.operand)
        case Call(function="_?_:_"):
            return 0
        case Call(function="_[_]" | "_[?_]" | "_?._"):
            return _price_of_root(node.arguments[0])
        case _:
            return 1
