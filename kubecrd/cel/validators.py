"""What is looked at after the types are right: literals that cannot be what they are taken for, and constants that fail.

The API server refuses both when a rule is created, though neither is a matter of types.
"""

from __future__ import annotations

from typing import Any, Final

from .conversions import parse_duration, parse_timestamp
from .issues import Issue
from .library import FUNCTIONS
from .library.formatting import clauses, refusal
from .library.regexes import compiled
from .syntax import Call, CreateList, Expression, Literal, walk
from .values import CelError

__all__ = ["fold_constants", "literal_issues"]

_CONVERSIONS: Final = frozenset({"int", "uint", "double", "bool", "string", "bytes", "duration", "timestamp"})
_PATTERNS: Final = frozenset({"matches", "find", "findAll"})
_UNKNOWN: Final = object()


def literal_issues(expression: Expression) -> list[Issue]:
    """List the literals that are no duration, no time, no pattern, where one is called for."""
    issues = []
    for node in walk(expression):
        if isinstance(node, Call) and node.function == "format":
            issues += _format_issues(node)
        if isinstance(node, Call) and node.arguments and isinstance(node.arguments[0], Literal):
            literal = node.arguments[0]
            if not _is_fine(node.function, literal.value):
                issues.append(Issue(literal.position, f"invalid {node.function} argument"))
    return issues


def _format_issues(node: Call) -> list[Issue]:
    """List what is wrong with a format that stands there with its arguments, as far as their types say."""
    if not (isinstance(node.target, Literal) and isinstance(node.target.value, str)):
        return []
    if not (node.arguments and isinstance(node.arguments[0], CreateList)):
        return []
    values = node.arguments[0].elements
    try:
        verbs = [clause.verb for clause in clauses(node.target.value) if clause.verb]
    except CelError as error:
        return [Issue(node.position, str(error))]
    for number, verb in enumerate(verbs):
        if number >= len(values):
            return [Issue(node.position, f"index {number} out of range")]
        kind = values[number].type
        refused = "" if kind is None or kind.is_dyn or kind.is_parameter else refusal(verb, kind.name)
        if refused:
            return [Issue(values[number].position, refused)]
    if len(values) > len(verbs):
        message = f"too many arguments supplied to string.format (expected {len(verbs)}, got {len(values)})"
        return [Issue(node.position, message)]
    return []


def _is_fine(function: str, value: Any) -> bool:
    try:
        match function, value:
            case "duration", str():
                parse_duration(value)
            case "duration", int():
                return False
            case "timestamp", str():
                parse_timestamp(value)
            # The validator takes the first argument for the pattern, which it is in `text.matches(pattern)` only.
            case "matches", str():
                compiled(value)
    except CelError:
        return False
    return True


def fold_constants(expression: Expression) -> None:
    """Convert constants and compile constant patterns, as the API server does before it evaluates anything.

    Raises:
        CelError: one of them fails.
    """
    _fold(expression)


def _fold(node: Expression) -> Any:
    """Give the value of *node* if it is constant; whatever is below it is folded in any case."""
    values = [_fold(child) for child in node.children()]
    match node:
        case Literal():
            return node.value
        case CreateList() if not node.optional and not any(value is _UNKNOWN for value in values):
            return values
        case Call() if node.function in _CONVERSIONS and len(values) == 1 and values[0] is not _UNKNOWN:
            return FUNCTIONS[node.function](values[0])
        case Call() if node.function in _PATTERNS and len(values) > 1 and isinstance(values[1], str):
            compiled(values[1])
    return _UNKNOWN
