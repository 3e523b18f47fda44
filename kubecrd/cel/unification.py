"""How types are made to fit: what the type variables of one expression stand for, and what they must not stand for.

Source: cel-go `checker/types.go` and `checker/mapping.go`. There is one set of variables for a whole expression, so that
what one call learns of an empty list holds in the next; a call that does not fit leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .typesystem import DYN, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Unifier", "fits", "is_less_specific"]

_SCALARS: Final = frozenset({"bool", "int", "uint", "double", "string", "bytes"})
_NEVER_NULL: Final = _SCALARS | {"list", "map", "type"}


def is_less_specific(one: Type, other: Type) -> bool:
    """Say whether *one* is what *other* is, or says less than it."""
    if one.name == "dyn" or one.is_parameter:
        return True
    if other.name == "dyn" or other.is_parameter or one.name != other.name:
        return False
    if one.name == "type":
        return True
    return len(one.parameters) == len(other.parameters) and all(map(is_less_specific, one.parameters, other.parameters))


def _most_general(one: Type, other: Type) -> Type:
    return one if is_less_specific(one, other) else other


class Unifier:
    """The type variables of one expression."""

    def __init__(self) -> None:
        self._bound: dict[str, Type] = {}
        self._count = 0

    def fresh(self) -> Type:
        """Give a type variable that stands for nothing yet."""
        self._count += 1
        return Type(f"<_var{self._count - 1}>")

    def instances(self, types: Sequence[Type]) -> list[Type]:
        """Put fresh variables for the type parameters in the signature of an overload."""
        fresh: dict[str, Type] = {}
        return [self._instance(each, fresh) for each in types]

    def _instance(self, kind: Type, fresh: dict[str, Type]) -> Type:
        if kind.is_parameter:
            if kind.name not in fresh:
                fresh[kind.name] = self.fresh()
            return fresh[kind.name]
        if not kind.parameters:
            return kind
        return Type(kind.name, tuple(self._instance(each, fresh) for each in kind.parameters))

    def assignable(self, found: Sequence[Type], wanted: Sequence[Type]) -> bool:
        """Say whether values of *found* can stand where *wanted* are asked for, and bind variables so that they can."""
        before = dict(self._bound)
        if len(found) == len(wanted) and all(map(self._fits, found, wanted)):
            return True
        self._bound = before
        return False

    def substitute(self, kind: Type, *, final: bool = False) -> Type:
        """Put what variables stand for in their place; if it is *final*, free ones become dyn."""
        bound = self._bound.get(kind.name) if kind.is_parameter else None
        if bound is not None:
            return self.substitute(bound, final=final)
        if kind.is_parameter:
            return DYN if final else kind
        if not kind.parameters:
            return kind
        parameters = tuple(self.substitute(each, final=final) for each in kind.parameters)
        same = all(mine is theirs for mine, theirs in zip(parameters, kind.parameters, strict=True))
        return kind if same else Type(kind.name, parameters)

    def _fits(self, one: Type, other: Type) -> bool:
        if other.is_parameter:
            fits, is_bound = self._stands_for(one, other)
            if fits or is_bound:
                return fits
        if one.is_parameter:
            return self._stands_for(other, one)[0]
        if one.is_dyn or other.is_dyn:
            return True
        if one.name == "null_type":
            return _is_nullable(other)
        if other.name == "null_type":
            return _is_nullable(one)
        one, other = _unwrapped(one), _unwrapped(other)
        if one.name == "type":
            return other.name == "type"
        if one.name != other.name or len(one.parameters) != len(other.parameters):
            return False
        return all(map(self._fits, one.parameters, other.parameters))

    def _stands_for(self, kind: Type, variable: Type) -> tuple[bool, bool]:
        """Say whether *variable* can stand for *kind*, and whether it stands for something already."""
        if kind == variable:
            return True, True
        bound = self._bound.get(variable.name)
        if bound is not None:
            if kind == bound:
                return True, True
            if not self._fits(kind, bound):
                return False, True
            general = _most_general(kind, bound)
            if self._is_free_of(variable, general):
                self._bound[variable.name] = general
            return True, True
        if self._is_free_of(variable, kind):
            self._bound[variable.name] = kind
            return True, False
        return False, False

    def _is_free_of(self, variable: Type, kind: Type) -> bool:
        """Say whether *variable* does not occur in *kind*, also not in what the variables there stand for."""
        if kind == variable:
            return False
        if kind.is_parameter:
            bound = self._bound.get(kind.name)
            return bound is None or self._is_free_of(variable, bound)
        return all(self._is_free_of(variable, each) for each in kind.parameters)


def _is_nullable(kind: Type) -> bool:
    return kind.name not in _NEVER_NULL


def _unwrapped(kind: Type) -> Type:
    """Take the wrapper messages of protocol buffers for what they wrap."""
    return kind.parameters[0] if kind.name == "wrapper" else kind


def fits(wanted: Type, found: Type) -> bool:
    """Say whether a value of *found* can stand where *wanted* is asked for."""
    unifier = Unifier()
    return unifier.assignable([found], unifier.instances([wanted]))
