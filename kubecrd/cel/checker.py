"""Which type every part of an expression has, and which overloads every call means.

The rules are cel-go's: overloads are chosen by unification, several that fit make the result dyn where they differ,
dyn fits everywhere. Errors have its words and positions; after one, the part is of the error type, which fits everywhere
too, so that one mistake is told once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .environment import TYPE_NAMES, functions
from .issues import Issue
from .syntax import Call, CreateList, CreateMap, CreateStruct, Expression, Ident, Literal, Macro, Select
from .typesystem import (
    BOOL,
    BYTES,
    DOUBLE,
    DYN,
    ERROR,
    INT,
    NULL,
    STRING,
    UINT,
    Substitution,
    Type,
    list_of,
    map_of,
    optional_of,
    type_of,
)
from .values import UInt

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check", "fits"]

_LITERALS: Final[tuple[tuple[type, Type], ...]] = (
    (bool, BOOL),
    (UInt, UINT),
    (int, INT),
    (float, DOUBLE),
    (str, STRING),
    (bytes, BYTES),
)


def fits(wanted: Type, found: Type) -> bool:
    """Say whether a value of *found* can stand where *wanted* is asked for."""
    return Substitution().unify(wanted, found)


def check(expression: Expression, variables: Mapping[str, Type]) -> list[Issue]:
    """Note types and overloads in *expression*, and give what is wrong with it.

    Args:
        expression: As `parse` gives it; its nodes are filled in.
        variables: What may be used, by name.
    """
    checker = _Checker(variables)
    checker.check(expression)
    return checker.issues


class _Checker:
    def __init__(self, variables: Mapping[str, Type]) -> None:
        self.issues: list[Issue] = []
        self._variables = dict(variables)
        self._mixed_lists = 0

    def check(self, node: Expression) -> Type:
        match node:
            case Literal():
                found = self._literal(node)
            case Ident():
                found = self._ident(node)
            case Select():
                found = self._select(node)
            case Call():
                found = self._call(node)
            case CreateList():
                found = self._list(node)
            case CreateMap():
                found = self._map(node)
            case CreateStruct():
                found = self._wrong(node.position, f"undeclared reference to '{node.name}' (in container '')")
            case Macro():
                found = self._macro(node)
            case _:
                raise TypeError(f"{type(node).__name__} is no expression")
        node.type = found
        return found

    def _wrong(self, position: int, message: str) -> Type:
        self.issues.append(Issue(position, message))
        return ERROR

    def _literal(self, node: Literal) -> Type:
        return next((known for kind, known in _LITERALS if isinstance(node.value, kind)), NULL)

    def _ident(self, node: Ident) -> Type:
        name = node.name.removeprefix(".")
        found = self._variables.get(name)
        if found is not None:
            return found
        if name in TYPE_NAMES:
            return type_of(TYPE_NAMES[name])
        return self._wrong(node.position, f"undeclared reference to '{name}' (in container '')")

    def _select(self, node: Select) -> Type:
        name = _qualified(node)
        if name is not None and name in TYPE_NAMES and name.split(".")[0] not in self._variables:
            return type_of(TYPE_NAMES[name])
        operand = self.check(node.operand)
        found = self._field(node, operand)
        return BOOL if node.test and found is not ERROR else found

    def _field(self, node: Select, operand: Type) -> Type:
        if operand.is_dyn:
            return operand
        if operand.name == "optional_type":
            return optional_of(self._field(node, operand.parameters[0]))
        if operand.name == "map":
            return operand.parameters[1]
        if operand.fields is None:
            return self._wrong(node.position, f"type '{operand}' does not support field selection")
        declared = operand.fields.get(node.field) or operand.fields.get(f"__{node.field}__")
        if declared is None:
            return self._wrong(node.position, f"undefined field '{node.field}'")
        return declared.type

    def _call(self, node: Call) -> Type:
        self._resolve_namespace(node)
        if node.function == "_?._":
            return self._optional_select(node)
        self._mixed_lists += node.function == "format"
        arguments = [self.check(child) for child in node.children()]
        self._mixed_lists -= node.function == "format"
        name = node.function.removeprefix(".")
        overloads = functions().get(name)
        if overloads is None:
            return self._wrong(node.position, f"undeclared reference to '{name}' (in container '')")
        if any(argument is ERROR for argument in arguments):
            return ERROR
        found: list[tuple[str, Type]] = []
        for overload in overloads:
            if overload.member != (node.target is not None) or len(overload.arguments) != len(arguments):
                continue
            substitution = Substitution()
            if all(map(substitution.unify, overload.arguments, arguments)):
                found.append((overload.id, substitution.apply(overload.result)))
        if not found:
            return self._no_overload(node, name, arguments)
        node.overloads = tuple(id_ for id_, _ in found)
        results = {result for _, result in found}
        return self._listed(node, found[0][1], arguments) if len(results) == 1 else DYN

    def _listed(self, node: Call, result: Type, arguments: list[Type]) -> Type:
        """Keep what is known of an operand, how lists compare or which fields objects have, in the result."""
        if node.function == "_+_" and arguments[0] == result:
            return arguments[0]
        if node.function == "_?_:_" and arguments[1] == result:
            return arguments[1]
        if node.function in {"_[_]", "orValue", "value"}:
            inner = arguments[0].parameters[-1] if arguments[0].parameters else DYN
            return inner if inner == result else result
        return result

    def _no_overload(self, node: Call, name: str, arguments: list[Type]) -> Type:
        if node.target is None:
            applied = f"({', '.join(map(str, arguments))})"
        else:
            applied = f"{arguments[0]}.({', '.join(map(str, arguments[1:]))})"
        return self._wrong(node.position, f"found no matching overload for '{name}' applied to '{applied}'")

    def _resolve_namespace(self, node: Call) -> None:
        """Take the target into the name where both together are a function, as in ``optional.of(x)``."""
        prefix = None if node.target is None else _qualified(node.target)
        if prefix is None or prefix.split(".")[0] in self._variables:
            return
        if f"{prefix}.{node.function}" in functions():
            node.function = f"{prefix}.{node.function}"
            node.target = None

    def _optional_select(self, node: Call) -> Type:
        operand, field = node.arguments
        self.check(field)
        inner = self.check(operand)
        assert isinstance(field, Literal)
        select = Select(position=node.position, operand=operand, field=str(field.value))
        found = self._field(select, inner)
        node.overloads = ("select_optional_field",)
        return found if found.name == "optional_type" or found is ERROR else optional_of(found)

    def _list(self, node: CreateList) -> Type:
        types = []
        for number, element in enumerate(node.elements):
            found = self.check(element)
            types.append(self._without_optional(element, found) if number in node.optional else found)
        return list_of(self._joined(types, node.elements))

    def _map(self, node: CreateMap) -> Type:
        keys, values = [], []
        for number, (key, value) in enumerate(node.entries):
            keys.append(self.check(key))
            found = self.check(value)
            values.append(self._without_optional(value, found) if number in node.optional else found)
        key_type = self._joined(keys, [key for key, _ in node.entries])
        return map_of(key_type, self._joined(values, [value for _, value in node.entries]))

    def _without_optional(self, node: Expression, found: Type) -> Type:
        if found.name == "optional_type":
            return found.parameters[0]
        if found.is_dyn:
            return DYN
        return self._wrong(node.position, f"expected type 'optional_type({found})' but found '{found}'")

    def _joined(self, types: list[Type], nodes: list[Expression]) -> Type:
        if not types:
            return DYN
        first = types[0]
        for found, node in zip(types[1:], nodes[1:], strict=True):
            if found == first or first is ERROR or found is ERROR:
                continue
            if self._mixed_lists or first.is_dyn or found.is_dyn:
                return DYN
            if not fits(first, found) or NULL in {first, found}:
                return self._wrong(node.position, f"expected type '{first}' but found '{found}'")
        return first

    def _macro(self, node: Macro) -> Type:
        ranged = self.check(node.range)
        if node.name in {"optMap", "optFlatMap"}:
            return self._optional_macro(node, ranged)
        kinds = self._variables_of(node, ranged)
        if kinds is None:
            shown = str(ranged)
            return self._wrong(
                node.range.position,
                f"expression of type '{shown}' cannot be range of a comprehension (must be list, map, or dynamic)",
            )
        hidden = dict(self._variables)
        self._variables |= dict(zip(node.variables, kinds, strict=True))
        found = self._body(node, ranged, kinds)
        self._variables = hidden
        return found

    def _variables_of(self, node: Macro, ranged: Type) -> tuple[Type, ...] | None:
        two = len(node.variables) > 1
        if ranged.is_dyn:
            return (DYN, DYN) if two else (DYN,)
        if ranged.name == "list":
            return (INT, ranged.parameters[0]) if two else ranged.parameters
        if ranged.name == "map":
            return ranged.parameters if two else ranged.parameters[:1]
        return None

    def _body(self, node: Macro, ranged: Type, kinds: tuple[Type, ...]) -> Type:
        condition = BOOL if node.condition is None else self.check(node.condition)
        if node.condition is not None and not fits(BOOL, condition):
            self._not_a_predicate(node, condition, kinds)
        result = DYN if node.result is None else self.check(node.result)
        match node.name:
            case "map" | "transformList":
                return list_of(result)
            case "filter":
                return ranged if ranged.name == "list" else list_of(kinds[0])
            case "transformMap":
                return map_of(ranged.parameters[0] if ranged.name == "map" else INT, result)
            case "transformMapEntry":
                return result
            case "sortBy":
                return ranged if ranged.name == "list" else list_of(DYN)
            case _:
                return BOOL

    def _not_a_predicate(self, node: Macro, condition: Type, kinds: tuple[Type, ...]) -> None:
        assert node.condition is not None
        if node.name in {"all", "exists"}:
            self._wrong(node.condition.position, f"expected type 'bool' but found '{condition}'")
            return
        built = "int" if node.name in {"exists_one", "existsOne"} else str(list_of(kinds[0]))
        self._wrong(
            node.position, f"found no matching overload for '_?_:_' applied to '({condition}, {built}, {built})'"
        )

    def _optional_macro(self, node: Macro, ranged: Type) -> Type:
        if ranged.name != "optional_type" and not ranged.is_dyn:
            return self._wrong(node.position, f"found no matching overload for 'hasValue' applied to '{ranged}.()'")
        hidden = dict(self._variables)
        self._variables[node.variables[0]] = ranged.parameters[0] if ranged.parameters else DYN
        assert node.result is not None
        found = self.check(node.result)
        self._variables = hidden
        return found if node.name == "optFlatMap" else optional_of(found)


def _qualified(node: Any) -> str | None:
    match node:
        case Ident(name=name):
            return str(name.removeprefix("."))
        case Select(operand=operand, field=field, test=False):
            before = _qualified(operand)
            return None if before is None else f"{before}.{field}"
        case _:
            return None
