"""What macros stand for: loops with an accumulator, as cel-go's parser writes them, for those who look at them in general.

The interpreter plans the same loops from steps of its own (`planner.py`).

Source: cel-go `parser/macro.go`, `cel/library.go`, `ext/comprehensions.go`, `ext/lists.go`.
"""

from __future__ import annotations

from typing import Final

from attrs import define, evolve

from .syntax import Call, CreateList, CreateMap, Expression, Ident, Literal, Macro
from .typesystem import BOOL, DYN, INT, Type, list_of, optional_of

__all__ = ["SORT_KEYS", "Comprehension", "expanded"]

_ACCUMULATOR: Final = "@result"
_SORTED: Final = "@__sortBy_input__"

SORT_KEYS: Final = "@sortByAssociatedKeys"


@define(eq=False, kw_only=True)
class Comprehension(Expression):
    """A loop over a range, or, where it binds, a name for the first value of its accumulator.

    Attributes:
        range: What is gone through.
        variables: One, or two (index or key, and value); none where it binds.
        accumulator: Its name.
        first: Its value before the loop.
        condition: Whether to go on.
        step: Its next value.
        result: What the loop gives.
    """

    range: Expression
    variables: tuple[str, ...]
    accumulator: str
    first: Expression
    condition: Expression
    step: Expression
    result: Expression

    @property
    def binds(self) -> bool:
        """Whether it never loops."""
        return not self.variables


def expanded(macro: Macro) -> Expression:
    """Give what *macro*, which is checked, stands for."""
    return _Writer(macro).expression()


class _Writer:
    def __init__(self, macro: Macro) -> None:
        self._macro = macro
        self._type = macro.type or DYN

    def expression(self) -> Expression:
        match self._macro.name:
            case "all":
                return self._loop(self._true(), self._strictly(self._accumulated(BOOL)), self._both("_&&_", "and"))
            case "exists":
                negated = self._call("!_", "logical_not", BOOL, self._accumulated(BOOL))
                return self._loop(self._literal(False, BOOL), self._strictly(negated), self._both("_||_", "or"))
            case "exists_one" | "existsOne":
                return self._exists_one()
            case "filter":
                return self._gathered(self._listed(self._ident(self._macro.variables[0], self._element)))
            case "map" | "transformList":
                return self._gathered(self._listed(self._made))
            case "transformMap":
                key = self._ident(self._macro.variables[0], self._key)
                return self._inserted("@mapInsert_map_key_value", key, self._made)
            case "transformMapEntry":
                return self._inserted("@mapInsert_map_map", self._made)
            case "optMap":
                return self._optional(self._call("optional.of", "optional_of", self._type, self._bound_value()))
            case "optFlatMap":
                return self._optional(self._bound_value())
            case _:
                return self._sorted()

    # --- parts

    @property
    def _made(self) -> Expression:
        assert self._macro.result is not None
        return self._macro.result

    @property
    def _asked(self) -> Expression:
        assert self._macro.condition is not None
        return self._macro.condition

    @property
    def _key(self) -> Type:
        ranged = self._macro.range.type or DYN
        return ranged.parameters[0] if ranged.name == "map" else INT if ranged.name == "list" else DYN

    @property
    def _element(self) -> Type:
        ranged = self._macro.range.type or DYN
        return ranged.parameters[0] if ranged.parameters else DYN

    def _call(self, function: str, overload: str, kind: Type, *arguments: Expression) -> Call:
        return Call(
            position=self._macro.position, type=kind, function=function, arguments=[*arguments], overloads=(overload,)
        )

    def _method(
        self, function: str, overloads: tuple[str, ...], kind: Type, target: Expression, *more: Expression
    ) -> Call:
        return Call(
            position=self._macro.position,
            type=kind,
            function=function,
            target=target,
            arguments=[*more],
            overloads=overloads,
        )

    def _literal(self, value: object, kind: Type) -> Literal:
        return Literal(position=self._macro.position, type=kind, value=value)

    def _true(self) -> Literal:
        return self._literal(True, BOOL)

    def _ident(self, name: str, kind: Type) -> Ident:
        return Ident(position=self._macro.position, type=kind, name=name)

    def _accumulated(self, kind: Type) -> Ident:
        return self._ident(_ACCUMULATOR, kind)

    def _strictly(self, value: Expression) -> Call:
        return self._call("@not_strictly_false", "not_strictly_false", BOOL, value)

    def _loop(
        self, first: Expression, condition: Expression, step: Expression, result: Expression | None = None
    ) -> Comprehension:
        return Comprehension(
            position=self._macro.position,
            type=self._type,
            range=self._macro.range,
            variables=self._macro.variables,
            accumulator=_ACCUMULATOR,
            first=first,
            condition=condition,
            step=step,
            result=result or self._accumulated(first.type or DYN),
        )

    # --- macros

    def _both(self, operator: str, word: str) -> Call:
        return self._call(operator, f"logical_{word}", BOOL, self._accumulated(BOOL), self._asked)

    def _chosen(self, condition: Expression, yes: Expression, no: Expression) -> Call:
        return self._call("_?_:_", "conditional", no.type or DYN, condition, yes, no)

    def _exists_one(self) -> Comprehension:
        one = self._call("_+_", "add_int64", INT, self._accumulated(INT), self._literal(1, INT))
        found = self._call("_==_", "equals", BOOL, self._accumulated(INT), self._literal(1, INT))
        step = self._chosen(self._asked, one, self._accumulated(INT))
        return self._loop(self._literal(0, INT), self._true(), step, found)

    def _gathered(self, step: Expression, first: Expression | None = None) -> Comprehension:
        if self._macro.condition is not None:
            step = self._chosen(self._macro.condition, step, self._accumulated(self._type))
        empty = first or CreateList(position=self._macro.position, type=self._type, elements=[])
        return self._loop(empty, self._true(), step)

    def _listed(self, element: Expression) -> Call:
        single = CreateList(position=self._macro.position, type=list_of(element.type or DYN), elements=[element])
        return self._call("_+_", "add_list", self._type, self._accumulated(self._type), single)

    def _inserted(self, overload: str, *more: Expression) -> Comprehension:
        step = self._call("cel.@mapInsert", overload, self._type, self._accumulated(self._type), *more)
        return self._gathered(step, CreateMap(position=self._macro.position, type=self._type, entries=[]))

    def _bind(self, name: str, value: Expression, result: Expression) -> Comprehension:
        nothing = CreateList(position=self._macro.position, type=list_of(DYN), elements=[])
        return Comprehension(
            position=self._macro.position,
            type=result.type,
            range=nothing,
            variables=(),
            accumulator=name,
            first=value,
            condition=self._literal(False, BOOL),
            step=self._ident(name, value.type or DYN),
            result=result,
        )

    def _bound_value(self) -> Comprehension:
        value = self._method("value", ("optional_value",), self._element, self._macro.range)
        return self._bind(self._macro.variables[0], value, self._made)

    def _optional(self, present: Expression) -> Call:
        has_value = self._method("hasValue", ("optional_hasValue",), BOOL, self._macro.range)
        none = self._call("optional.none", "optional_none", optional_of(DYN))
        return self._chosen(has_value, present, none)

    def _sorted(self) -> Comprehension:
        ranged = self._macro.range.type or DYN
        key = self._made.type or DYN
        keys = evolve(self._macro, name="map", type=list_of(key), range=self._ident(_SORTED, ranged))
        kinds = _SORT_KINDS if key.is_dyn else (key.name,)
        overloads = tuple(f"list_{kind}_sortByAssociatedKeys" for kind in kinds)
        call = self._method(SORT_KEYS, overloads, self._type, self._ident(_SORTED, ranged), expanded(keys))
        return self._bind(_SORTED, self._macro.range, call)


_SORT_KINDS: Final = (
    *("bool", "bytes", "double", "int", "string", "uint"),
    *("google.protobuf.Duration", "google.protobuf.Timestamp"),
)
