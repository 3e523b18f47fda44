"""Which type every part of an expression has, and which overloads every call means.

The rules are cel-go's: overloads are chosen by unification, several that fit make the result dyn where they differ,
dyn fits everywhere. Errors have its words and positions; after one, the part is of the error type, which fits everywhere
too, so that one mistake is told once.

Source: cel-go `checker/checker.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .comprehensions import ComprehensionChecker
from .environment import DECLARED_TYPE_NAMES, TYPE_NAMES, functions
from .issues import MOST_ISSUES, Issue
from .messages import MESSAGES
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
    Type,
    list_of,
    map_of,
    optional_of,
    type_of,
)
from .unification import Unifier, is_less_specific
from .values import UInt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .environment import Overload

__all__ = ["Checker", "check"]

_LITERALS: Final[tuple[tuple[type, Type], ...]] = (
    (bool, BOOL),
    (UInt, UINT),
    (int, INT),
    (float, DOUBLE),
    (str, STRING),
    (bytes, BYTES),
)
_LOGIC: Final = frozenset({"_&&_", "_||_"})


def check(expression: Expression, variables: Mapping[str, Type]) -> list[Issue]:
    """Note types and overloads in *expression*, and give what is wrong with it.

    Args:
        expression: As `parse` gives it; its nodes are filled in.
        variables: What may be used, by name.
    """
    checker = Checker(variables)
    checker.check(expression)
    checker.finish()
    return checker.issues


class Checker:
    """The check of one expression.

    Args:
        variables: What may be used, by name.

    Attributes:
        issues: What is wrong.
        variables: As they are in the scope that is being checked.
        unifier: What the type variables of the expression stand for.
    """

    def __init__(self, variables: Mapping[str, Type]) -> None:
        self.issues: list[Issue] = []
        self.variables = dict(variables)
        self.unifier = Unifier()
        self._declares = bool(variables)
        self._seen: list[Expression] = []
        self._comprehensions = ComprehensionChecker(self)

    def check(self, node: Expression) -> Type:
        """Find the type of *node*, and of all that is below it."""
        node.type = self._type_of(node)
        self._seen.append(node)
        return node.type

    def finish(self) -> None:
        """Put what type variables turned out to stand for in their place, and dyn where that is nothing."""
        for node in self._seen:
            if node.type is not None and (node.type.parameters or node.type.is_parameter):
                node.type = self.unifier.substitute(node.type, final=True)

    def wrong(self, position: int, message: str) -> Type:
        """Note that something is wrong; the type of that is the error type."""
        self.issues.append(Issue(position, message))
        return ERROR

    def repeat_issues(self, start: int) -> None:
        """Note once more what was noted since there were *start* issues, as far as so many are told."""
        self.issues += self.issues[start : start + MOST_ISSUES]

    def expect(self, node: Expression, found: Type, wanted: Type) -> bool:
        """Say, and note if not, whether *node* fits where *wanted* is asked for."""
        if self.unifier.assignable([found], [wanted]):
            return True
        self.wrong(node.position, f"expected type '{wanted}' but found '{found}'")
        return False

    def resolve(self, name: str, arguments: Sequence[Type], *, member: bool = False) -> tuple[Type, tuple[str, ...]]:
        """Give the result of a call, and the overloads that fit; none where it does not fit."""
        result: Type | None = None
        chosen = []
        for overload in functions().get(name, ()):
            if overload.member != member:
                continue
            found = self._result(overload, arguments)
            if found is None:
                continue
            chosen.append(overload.id)
            if result is None:
                result = found
            elif result.name != "dyn" and found != result:
                result = DYN
        return (ERROR if result is None else result), tuple(chosen)

    def call(self, position: int, name: str, arguments: Sequence[Type], *, member: bool = False) -> Type:
        """As `resolve`, and note if nothing fits."""
        result, chosen = self.resolve(name, arguments, member=member)
        return result if chosen else self.no_overload(position, name, arguments, member=member)

    def no_overload(self, position: int, name: str, arguments: Sequence[Type], *, member: bool = False) -> Type:
        """Note that a call does not fit."""
        shown = [str(self.unifier.substitute(each, final=True)) for each in arguments]
        applied = f"{shown[0]}.({', '.join(shown[1:])})" if member else f"({', '.join(shown)})"
        return self.wrong(position, f"found no matching overload for '{name}' applied to '{applied}'")

    def undeclared(self, position: int, name: str) -> Type:
        """Note that there is nothing of this name."""
        return self.wrong(position, f"undeclared reference to '{name}' (in container '')")

    def _type_of(self, node: Expression) -> Type:
        match node:
            case Literal():
                return next((known for kind, known in _LITERALS if isinstance(node.value, kind)), NULL)
            case Ident():
                return self._named(node.name) or self.undeclared(node.position, node.name)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case CreateList():
                return self._list(node)
            case CreateMap():
                return self._map(node)
            case CreateStruct():
                return self._struct(node)
            case Macro():
                return self._comprehensions.check(node)
            case _:
                raise TypeError(f"{type(node).__name__} is no expression")

    def _named(self, name: str) -> Type | None:
        name = name.removeprefix(".")
        found = self.variables.get(name)
        if found is not None:
            return found
        known = TYPE_NAMES.get(name) or (DECLARED_TYPE_NAMES.get(name) if self._declares else None)
        if known is not None:
            return type_of(known)
        return type_of(MESSAGES[name].type) if name in MESSAGES else None

    # --- fields

    def _select(self, node: Select) -> Type:
        name = _qualified(node)
        named = self._named(name) if name is not None else None
        if named is not None:
            return named
        found = self._field(node, node.operand, node.field, optional=False)
        return BOOL if node.test else self.unifier.substitute(found)

    def _optional_select(self, node: Call) -> Type:
        operand, field = node.arguments
        assert isinstance(field, Literal)
        self.check(field)
        node.overloads = ("select_optional_field",)
        return self.unifier.substitute(self._field(node, operand, str(field.value), optional=True))

    def _field(self, node: Expression, operand: Expression, name: str, *, optional: bool) -> Type:
        target = self.unifier.substitute(self.check(operand))
        if target.name == "optional_type":
            target, optional = target.parameters[0], True
        found = self._member(node.position, target, name)
        return optional_of(found) if optional else found

    def _member(self, position: int, target: Type, name: str) -> Type:
        if target.name == "map":
            return target.parameters[1]
        if target.is_parameter:
            self.unifier.assignable([DYN], [target])
            return DYN
        if target.fields is None and target.name.startswith("kubernetes."):
            # Declared as an object, though there is none of that name.
            return self.wrong(position, f"unexpected failed resolution of '{target.name}'")
        if target.fields is None:
            if not target.is_dyn:
                self.wrong(position, f"type '{target}' does not support field selection")
            return DYN
        declared = target.fields.get(name) or target.fields.get(f"__{name}__")
        return self.wrong(position, f"undefined field '{name}'") if declared is None else declared.type

    # --- calls

    def _call(self, node: Call) -> Type:
        if node.function == "_?._":
            return self._optional_select(node)
        types = [self.check(argument) for argument in node.arguments]
        self._resolve_namespace(node)
        name = node.function.removeprefix(".")
        if node.target is not None:
            types.insert(0, self.check(node.target))
        if name not in functions():
            return self.undeclared(node.position, node.function)
        if name in _LOGIC:
            return self._logic(node, types)
        result, node.overloads = self.resolve(name, types, member=node.target is not None)
        if not node.overloads:
            return self.no_overload(node.position, name, types, member=node.target is not None)
        return _listed(node, result, types)

    def _result(self, overload: Overload, arguments: Sequence[Type]) -> Type | None:
        if len(overload.arguments) != len(arguments):
            return None
        wanted, result = overload.arguments, overload.result
        if overload.is_generic:
            *wanted_, result = self.unifier.instances([*wanted, result])
            wanted = tuple(wanted_)
        return self.unifier.substitute(result) if self.unifier.assignable(arguments, wanted) else None

    def _logic(self, node: Call, types: list[Type]) -> Type:
        fits = [self.expect(child, found, BOOL) for child, found in zip(node.arguments, types, strict=True)]
        node.overloads = ("logical_and" if node.function == "_&&_" else "logical_or",)
        return BOOL if all(fits) else ERROR

    def _resolve_namespace(self, node: Call) -> None:
        """Take the target into the name where both together are a function, as in ``optional.of(x)``."""
        prefix = None if node.target is None else _qualified(node.target)
        if prefix is not None and f"{prefix.removeprefix('.')}.{node.function}" in functions():
            node.function = f"{prefix.removeprefix('.')}.{node.function}"
            node.target = None

    # --- literals of several parts

    def _list(self, node: CreateList) -> Type:
        joined: Type | None = None
        for number, element in enumerate(node.elements):
            found = self._entry(element, optional=number in node.optional)
            joined = self._joined(joined, found)
        return list_of(joined or self.unifier.fresh())

    def _map(self, node: CreateMap) -> Type:
        keys: Type | None = None
        values: Type | None = None
        for number, (key, value) in enumerate(node.entries):
            keys = self._joined(keys, self.check(key))
            values = self._joined(values, self._entry(value, optional=number in node.optional))
        return map_of(keys or self.unifier.fresh(), values or self.unifier.fresh())

    def _entry(self, node: Expression, *, optional: bool) -> Type:
        found = self.check(node)
        if not optional:
            return found
        if found.name == "optional_type":
            return found.parameters[0]
        if found.name != "dyn":
            self.wrong(node.position, f"expected type 'optional_type({found})' but found '{found}'")
        return found

    def _joined(self, before: Type | None, found: Type) -> Type:
        """Give what is both: elements that differ make a list of dyn, which is looked at after the types are right."""
        if before is None:
            return found
        if not self.unifier.assignable([before], [found]):
            return DYN
        return before if is_less_specific(before, found) else found

    def _struct(self, node: CreateStruct) -> Type:
        name = node.name.removeprefix(".")
        if name not in MESSAGES:
            return self._not_a_message(node)
        message = MESSAGES[name]
        for position, (field, value) in zip(node.positions, node.fields, strict=True):
            found = self.check(value)
            wanted = message.fields.get(field)
            if wanted is None:
                self.wrong(position, f"undefined field '{field}'")
            elif not self.unifier.assignable([wanted], [found]):
                shown = f"'{field}' is '{wanted}' but provided type is '{found}'"
                self.wrong(position, f"expected type of field {shown}")
        return message.type

    def _not_a_message(self, node: CreateStruct) -> Type:
        found = self._named(node.name)
        if found is None:
            return self.undeclared(node.position, node.name)
        for _, value in node.fields:
            self.check(value)
        if found.name != "type":
            return self.wrong(node.position, f"'{found.name}' is not a type")
        return self.wrong(node.position, f"'{found.parameters[0].name}' is not a message type")


def _listed(node: Call, result: Type, arguments: list[Type]) -> Type:
    """Keep how lists of a schema compare in the result of adding to one."""
    return arguments[0] if node.function == "_+_" and arguments[0] == result else result


def _qualified(node: Any) -> str | None:
    match node:
        case Ident(name=name):
            return str(name)
        case Select(operand=operand, field=field, test=False):
            before = _qualified(operand)
            return None if before is None else f"{before}.{field}"
        case _:
            return None
