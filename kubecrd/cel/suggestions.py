"""What somebody may have meant who wrote an expression that is refused.

The API server's own words stay as they are; this is said beside them, and only to people.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from kubecrd.resource.spelling import did_you_mean

from .checker import check
from .environment import TYPE_NAMES, Overload, functions
from .syntax import Call, Expression, Ident, Literal, Macro, Select
from .typesystem import DYN, Type, parse_type
from .unification import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .issues import Issue
    from .typesystem import Field

__all__ = ["MACROS_OF_LISTS", "MACROS_OF_OPTIONALS", "functions_of", "global_functions", "suggestions"]

MACROS_OF_LISTS: Final = (
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
    "sortBy",
    "transformList",
    "transformMap",
    "transformMapEntry",
)
"""What goes through the elements of a list or the keys of a map."""

MACROS_OF_OPTIONALS: Final = ("optFlatMap", "optMap")

_ELSEWHERE: Final = {
    "False": "false",
    "None": "null",
    "True": "true",
    "any": "exists",
    "every": "all",
    "includes": "contains",
    "len": "size",
    "length": "size",
    "nil": "null",
    "regex": "matches",
    "some": "exists",
    "str": "string",
    "undefined": "null",
}
"""Words of other languages, and what they are called here."""

_CONSTANTS: Final = ("false", "null", "true")
_OPERATORS_ELSEWHERE: Final = {"and": "&&", "or": "||", "not": "!", "is": "==", "=": "==", "&": "&&", "|": "||"}
_TOKEN: Final = re.compile(
    r"""(?:[rRbB]{0,2})(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|[A-Za-z_]\w*|&&?|\|\|?|[=!<>]=|=|.""",
    re.DOTALL,
)
_MOST_SIGNATURES: Final = 6

_Scoped = tuple[Expression, "Mapping[str, Type]"]


def suggestions(text: str, variables: Mapping[str, Type]) -> list[str]:
    """Give what may help with the expression *text*, in the order of its faults; nothing if it is right.

    Args:
        text: The expression.
        variables: What it may use.
    """
    from .parser import SyntaxIssueError, parse

    try:
        tree = parse(text)
    except SyntaxIssueError:
        return _of_syntax(text)
    issues = sorted(set(check(tree, variables)))
    found = [_remedy(issue, _at(tree, variables, issue)) for issue in issues]
    return list(dict.fromkeys(filter(None, found)))


def _remedy(issue: Issue, there: list[_Scoped]) -> str:
    for pattern, remedy in _REMEDIES:
        match = pattern.match(issue.message)
        if match is not None:
            return remedy(there, *match.groups())
    return ""


def functions_of(kind: Type) -> list[str]:
    """Name the methods and macros that values of *kind* have, sorted."""
    names = {
        name
        for name, overloads in functions().items()
        if any(each.member and fits(each.arguments[0], kind) for each in overloads) and name.isidentifier()
    }
    if kind.name in {"list", "map"} or kind.is_dyn:
        names |= {*MACROS_OF_LISTS}
    if kind.name == "optional_type":
        names |= {*MACROS_OF_OPTIONALS}
    return sorted(names)


def global_functions() -> list[str]:
    """Name the functions that are called without a target, ``has`` among them, sorted."""
    names = {
        name
        for name, overloads in functions().items()
        if name.replace(".", "").isidentifier() and name[0] != "_" and not all(each.member for each in overloads)
    }
    return sorted(names | {"has"})


def _of_syntax(text: str) -> list[str]:
    tokens = dict.fromkeys(_TOKEN.findall(text))
    return [f"write {_OPERATORS_ELSEWHERE[token]} for {token}" for token in tokens if token in _OPERATORS_ELSEWHERE]


# --- where a fault is


def _at(tree: Expression, variables: Mapping[str, Type], issue: Issue) -> list[_Scoped]:
    return [each for each in _scoped(tree, variables) if each[0].position == issue.position]


def _scoped(node: Expression, scope: Mapping[str, Type]) -> Iterator[_Scoped]:
    """Yield *node* and all below it, each with the variables that it can see."""
    yield node, scope
    inner = scope
    if isinstance(node, Macro):
        yield from _scoped(node.range, scope)
        inner = {**scope, **dict.fromkeys(node.variables, DYN)}
    for child in node.children():
        if not (isinstance(node, Macro) and child is node.range):
            yield from _scoped(child, inner)


# --- what helps


def _field(there: list[_Scoped], name: str) -> str:
    for node, _ in there:
        operand: Expression | None = None
        if isinstance(node, Select):
            operand = node.operand
        elif isinstance(node, Call) and node.function == "_?._":
            operand = node.arguments[0]
        kind = None if operand is None else operand.type
        if kind is not None and kind.name == "optional_type":
            kind = kind.parameters[0]
        if kind is not None and kind.fields is not None:
            return _nearest_field(name, kind.fields)
    return ""


def _nearest_field(name: str, fields: Mapping[str, Field]) -> str:
    """Give the remedy for a field; one whose name in JSON cannot be written as it is may have been meant."""
    if not fields:
        return "it has no fields that rules can see"
    for written, field in fields.items():
        if (written != field.name and re.split(r"[-./]", field.name)[0] == name) or field.name == name:
            return f"{field.name!r} is written {written!r}"
    return did_you_mean(name, fields)


def _name(there: list[_Scoped], name: str) -> str:
    for node, scope in there:
        if isinstance(node, Call) and node.function.removeprefix(".") == name:
            return _function(name, node)
        if isinstance(node, Ident):
            return _variable(name, scope)
    return ""


def _function(name: str, node: Call) -> str:
    if node.target is None:
        return _nearest(name, {each: each for each in global_functions()})
    kind = node.target.type or DYN
    known = functions_of(kind)
    return (
        _nearest(name, {each: each for each in known})
        or f"a value of type '{kind}' has {', '.join(known) or 'no methods'}"
    )


def _variable(name: str, scope: Mapping[str, Type]) -> str:
    of_self = {each: f"self.{each}" for each in scope.get("self", DYN).fields or ()}
    return _nearest(name, {each: each for each in TYPE_NAMES} | of_self | {each: each for each in scope})


def _nearest(name: str, known: Mapping[str, str]) -> str:
    """Give the remedy for *name*; *known* says of each word how it is written."""
    elsewhere = _ELSEWHERE.get(name, "")
    if elsewhere in known or elsewhere in _CONSTANTS:
        return f"did you mean {elsewhere!r}?"
    close = get_close_matches(name, list(known), 1)
    return f"did you mean {known[close[0]]!r}?" if close else ""


def _overload(there: list[_Scoped], name: str, applied: str) -> str:
    for node, _ in there:
        if isinstance(node, Call) and name == node.function == "_[_]":
            operand, key = node.arguments
            fields = operand.type.fields if operand.type is not None else None
            if fields and isinstance(key, Literal) and isinstance(key.value, str):
                written = next((each for each in fields if fields[each].name == key.value), "")
                return f"write .{written}" if written else _nearest_field(key.value, fields)
    target, dot, rest = applied.rpartition(".(") if applied.endswith(")") else ("", "", applied)
    given = ([target] if dot else []) + _split(rest.removeprefix("(").removesuffix(")"))
    overloads = functions().get(name, ())
    # Of many, those are meant that some argument fits already.
    near = [each for each in overloads if set(map(str, each.arguments)) & set(given)] or list(overloads)
    if near and all(len(set(each.arguments)) == 1 and each.arguments[0].is_parameter for each in near):
        return "both sides must have the same type"
    signatures = list(dict.fromkeys(map(_signature, near)))
    if not signatures:
        return ""
    more = ", …" if len(signatures) > _MOST_SIGNATURES else ""
    return f"{name!r} takes {', '.join(signatures[:_MOST_SIGNATURES])}{more}"


def _split(types: str) -> list[str]:
    """Part types at the commas between them, but not at those inside of brackets."""
    return list(map(str, parse_type(f"x({types})").parameters)) if types else []


def _signature(overload: Overload) -> str:
    taken = list(map(str, overload.arguments))
    return f"{taken[0]}.({', '.join(taken[1:])})" if overload.member else f"({', '.join(taken)})"


def _selection(_there: list[_Scoped], kind: str) -> str:
    if kind.startswith("list("):
        return "name an item by its index, or go through all with all(), exists(), map() or filter()"
    return ""


_REMEDIES: Final[tuple[tuple[re.Pattern[str], Callable[..., str]], ...]] = (
    (re.compile(r"undefined field '(.*)'"), _field),
    (re.compile(r"undeclared reference to '(.*)' \(in"), _name),
    (re.compile(r"found no matching overload for '(.*)' applied to '(.*)'"), _overload),
    (re.compile(r"type '(.*)' does not support field selection"), _selection),
)
