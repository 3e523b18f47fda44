"""Which types the macros have: those of the loops that they stand for.

A macro stays one node of the tree, but is checked call by call as cel-go checks what it makes of it, for which calls do
not fit is told in the words of those.

Source: cel-go `checker/checker.go`, `parser/macro.go`, `ext/comprehensions.go`, `ext/lists.go`, `cel/library.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .typesystem import BOOL, DYN, ERROR, INT, Type, list_of, map_of

if TYPE_CHECKING:
    from .checker import Checker
    from .syntax import Expression, Macro

__all__ = ["ComprehensionChecker"]


class ComprehensionChecker:
    """Checks macros.

    Args:
        checker: What checks the expression that they are in.
    """

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def check(self, node: Macro) -> Type:
        """Find the type of *node*, and of all that is below it."""
        if node.name in {"optMap", "optFlatMap"}:
            return self._optional(node)
        ranged = self._checker.unifier.substitute(self._checker.check(node.range))
        kinds = self._variables(node, ranged)
        hidden = dict(self._checker.variables)
        self._checker.variables |= dict(zip(node.variables, kinds, strict=True))
        found = self._loop(node, kinds)
        self._checker.variables = hidden
        if node.name == "sortBy":
            found = self._checker.call(node.position, "@sortByAssociatedKeys", [ranged, found], member=True)
        return self._checker.unifier.substitute(found)

    def _variables(self, node: Macro, ranged: Type) -> tuple[Type, ...]:
        two = len(node.variables) > 1
        if ranged.name == "list":
            return (INT, ranged.parameters[0]) if two else ranged.parameters
        if ranged.name == "map":
            return ranged.parameters if two else ranged.parameters[:1]
        if ranged.is_dyn or ranged.is_parameter:
            self._checker.unifier.assignable([DYN], [ranged])
            return (DYN, DYN) if two else (DYN,)
        must = "(must be list, map, or dynamic)"
        self._checker.wrong(
            node.range.position, f"expression of type '{ranged}' cannot be range of a comprehension {must}"
        )
        return (ERROR, ERROR) if two else (ERROR,)

    def _loop(self, node: Macro, kinds: tuple[Type, ...]) -> Type:
        """Find the type of what a loop gives, whose variables are of these *kinds*."""
        match node.name:
            case "all" | "exists":
                return self._predicate(node)
            case "exists_one" | "existsOne":
                return self._one(node)
            case "filter":
                return self._filter(node, kinds)
            case "map" | "sortBy" | "transformList":
                return self._map(node)
            case _:
                return self._entries(node, kinds)

    def _part(self, node: Expression | None) -> Type:
        assert node is not None
        return self._checker.check(node)

    def _predicate(self, node: Macro) -> Type:
        """``all`` and ``exists``: ``result && predicate``."""
        found = self._part(node.condition)
        assert node.condition is not None
        self._checker.expect(node.condition, found, BOOL)
        return BOOL

    def _one(self, node: Macro) -> Type:
        """``exists_one``: ``predicate ? result + 1 : result``, and whether that is 1."""
        self._checker.call(node.position, "_?_:_", [self._part(node.condition), INT, INT])
        return BOOL

    def _filter(self, node: Macro, kinds: tuple[Type, ...]) -> Type:
        """``predicate ? result + [element] : result``."""
        condition = self._part(node.condition)
        return self._gathered(node, condition, list_of(kinds[0]))

    def _map(self, node: Macro) -> Type:
        """``map``, ``transformList`` and the keys of ``sortBy``: ``result + [what becomes of it]``."""
        condition = None if node.condition is None else self._part(node.condition)
        return self._gathered(node, condition, list_of(self._part(node.result)))

    def _gathered(self, node: Macro, condition: Type | None, added: Type) -> Type:
        result = list_of(self._checker.unifier.fresh())
        step = self._checker.call(node.position, "_+_", [result, added])
        self._when(node, condition, step, result)
        return result

    def _when(self, node: Macro, condition: Type | None, step: Type, result: Type) -> None:
        if condition is not None:
            self._checker.call(node.position, "_?_:_", [condition, step, result])

    def _entries(self, node: Macro, kinds: tuple[Type, ...]) -> Type:
        """``transformMap`` and ``transformMapEntry``: entries are inserted into the result."""
        condition = None if node.condition is None else self._part(node.condition)
        found = self._part(node.result)
        result = map_of(self._checker.unifier.fresh(), self._checker.unifier.fresh())
        added = [kinds[0], found] if node.name == "transformMap" else [found]
        step = self._checker.call(node.position, "cel.@mapInsert", [result, *added])
        self._when(node, condition, step, result)
        return result

    def _optional(self, node: Macro) -> Type:
        """``optMap``: ``o.hasValue() ? optional.of(what becomes of o.value()) : optional.none()``."""
        checker = self._checker
        before = len(checker.issues)
        ranged = checker.check(node.range)
        checker.repeat_issues(before)  # the value is looked at twice, and so are its faults
        present = checker.call(node.position, "hasValue", [ranged], member=True)
        value = checker.call(node.position, "value", [ranged], member=True)
        hidden = dict(checker.variables)
        checker.variables[node.variables[0]] = value
        found = self._part(node.result)
        checker.variables = hidden
        if node.name == "optMap":
            found = checker.call(node.position, "optional.of", [found])
        none = checker.call(node.position, "optional.none", [])
        return checker.call(node.position, "_?_:_", [present, found, none])
