"""What is looked at after the types are right: literals that cannot be what they are taken for, and constants that fail.

The API server refuses both when a rule is created, though neither is a matter of types.
"""

from __future__ import annotations

from typing import Any, Final

from .interpreter import UNKNOWN
from .issues import MOST_ISSUES, Issue
from .library import FUNCTIONS
from .library.formatting import clauses, refusal
from .library.regexes import compiled
from .planner import constant_of
from .syntax import Call, CreateList, CreateMap, Expression, Literal, Macro, walk
from .typesystem import DYN, STRING, Type
from .values import CelError

__all__ = ["check_patterns", "literal_issues"]

_PATTERNS: Final = frozenset({"matches", "find", "findAll"})


def literal_issues(expression: Expression) -> list[Issue]:
    """List what is wrong with literals: no duration, no time, no pattern where one is called for, or mixed elements."""
    issues: list[Issue] = []
    _look(expression, issues, mixed=False)
    return issues


def _look(node: Expression, issues: list[Issue], *, mixed: bool) -> None:
    """Look at *node* and below; in the arguments of a format elements may be *mixed*."""
    match node:
        case Call(function="format"):
            issues += _format_issues(node)
            mixed = True
        case CreateList() if not mixed:
            issues += _mixed(node.elements, node.optional, first_only=True)
        case CreateMap() if not mixed:
            issues += _mixed_entries(node)
    if isinstance(node, Call) and node.arguments and isinstance(node.arguments[0], Literal):
        literal = node.arguments[0]
        if not _is_fine(node.function, literal.value):
            issues.append(Issue(literal.position, f"invalid {node.function} argument"))
    for child in node.children():
        start = len(issues)
        _look(child, issues, mixed=mixed)
        if isinstance(node, Macro) and node.name in {"optMap", "optFlatMap"} and child is node.range:
            issues += issues[start : start + MOST_ISSUES]  # what they stand for has it twice


def _mixed_entries(node: CreateMap) -> list[Issue]:
    keys = [key for key, _ in node.entries]
    values = [value for _, value in node.entries]
    return _mixed(keys, frozenset()) + _mixed(values, node.optional)


def _mixed(nodes: list[Expression], optional: frozenset[int], *, first_only: bool = False) -> list[Issue]:
    """List the elements that are of another type than the first one."""
    issues = []
    wanted: Type | None = None
    for number, node in enumerate(nodes):
        found = node.type or DYN
        if number in optional:
            found = found.parameters[0] if found.parameters else DYN
        wanted = wanted or found
        if found != wanted:
            issues.append(Issue(node.position, f"expected type '{wanted}' but found '{found}'"))
            if first_only:
                break
    return issues


def _format_issues(node: Call) -> list[Issue]:
    """List what is wrong with a format that stands there with its arguments, as far as their types say."""
    if not (isinstance(node.target, Literal) and isinstance(node.target.value, str)):
        return []
    if not (node.arguments and isinstance(node.arguments[0], CreateList)):
        return []
    values = node.arguments[0].elements
    used = 0
    try:
        for clause in clauses(node.target.value, len(values)):
            if clause.verb:
                refused = _refusal(clause.verb, values[used].type)
                if refused:
                    return [Issue(values[used].position, refused)]
                used += 1
    except CelError as error:
        return [Issue(node.position, str(error))]
    if len(values) > used:
        message = f"too many arguments supplied to string.format (expected {used}, got {len(values)})"
        return [Issue(node.position, message)]
    return []


def _refusal(verb: str, kind: Type | None) -> str:
    # A string may be the name of a number that has no digits.
    if kind is None or kind.is_dyn or (kind == STRING and verb in {"f", "e"}):
        return ""
    return refusal(verb, kind.name)


def _is_fine(function: str, value: Any) -> bool:
    try:
        match function, value:
            case (("duration" | "timestamp"), _):
                FUNCTIONS[function](value)
            # The validator takes the first argument for the pattern, which it is in `text.matches(pattern)` only.
            case "matches", str():
                compiled(value)
    except CelError:
        return False
    return True


def check_patterns(expression: Expression) -> None:
    """Compile the patterns that are constant, as the API server does before it evaluates anything.

    Raises:
        CelError: one of them is none, or a constant in it cannot be converted.
    """
    for node in walk(expression):
        if isinstance(node, Call) and node.function in _PATTERNS:
            _, *arguments = node.children()
            pattern = constant_of(arguments[0]) if arguments else UNKNOWN
            if isinstance(pattern, str):
                compiled(pattern)
