"""Macros: calls that are syntax. ``has``, the comprehensions, and the two of optionals."""

from __future__ import annotations

from typing import Final

from .issues import Issue
from .syntax import Call, Expression, Ident, Macro, Select

__all__ = ["expand"]

_NAMELESS: Final = {
    "filter": "argument is not an identifier",
    "map": "argument is not an identifier",
    "optFlatMap": "optFlatMap() variable name must be a simple identifier",
    "optMap": "optMap() variable name must be a simple identifier",
    "sortBy": "argument is not an identifier",
}


class _ShapeError(ValueError):
    """A macro has an argument of the wrong shape.

    Attributes:
        position: Of the argument.
    """

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


def expand(call: Call, issues: list[Issue]) -> Expression:
    """Give what *call* stands for: the call itself unless it is a macro.

    Args:
        call: As it was parsed.
        issues: Where it is noted that an argument has the wrong shape; the call then stays what it is.
    """
    try:
        return _expanded(call)
    except _ShapeError as error:
        issues.append(Issue(error.position, str(error)))
        return call


def _expanded(call: Call) -> Expression:
    if call.target is None:
        return _has(call) if call.function == "has" and len(call.arguments) == 1 else call
    count = len(call.arguments)
    match call.function, count:
        case (("all" | "exists" | "exists_one" | "filter"), 2):
            return _macro(call, 1, condition=1)
        case (("all" | "exists" | "exists_one" | "existsOne"), 3):
            return _macro(call, 2, condition=2)
        case "map", 2:
            return _macro(call, 1, result=1)
        case "map", 3:
            return _macro(call, 1, condition=1, result=2)
        case (("transformList" | "transformMap" | "transformMapEntry"), 3):
            return _macro(call, 2, result=2)
        case (("transformList" | "transformMap" | "transformMapEntry"), 4):
            return _macro(call, 2, condition=2, result=3)
        case "sortBy", 2:
            return _macro(call, 1, result=1)
        case (("optMap" | "optFlatMap"), 2):
            return _macro(call, 1, result=1)
        case _:
            return call


def _has(call: Call) -> Expression:
    argument = call.arguments[0]
    if not isinstance(argument, Select):
        raise _ShapeError(argument.position, "invalid argument to has() macro")
    return Select(position=call.position, operand=argument.operand, field=argument.field, test=True)


def _macro(call: Call, variables: int, *, condition: int | None = None, result: int | None = None) -> Expression:
    names = []
    for argument in call.arguments[:variables]:
        if not isinstance(argument, Ident) or argument.name.startswith("."):
            raise _ShapeError(argument.position, _NAMELESS.get(call.function, "argument must be a simple name"))
        names.append(argument.name)
    if len(set(names)) < len(names):
        raise _ShapeError(call.arguments[1].position, f"duplicate variable name: {names[1]}")
    assert call.target is not None
    return Macro(
        position=call.position,
        name=call.function,
        range=call.target,
        variables=tuple(names),
        condition=None if condition is None else call.arguments[condition],
        result=None if result is None else call.arguments[result],
    )
