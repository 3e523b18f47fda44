"""What can come next in an expression that is being typed: fields, functions, macros, variables.

The text need not be whole. What stands before a dot is taken out of it and checked, with the variables of the macros around
it; so ``self.toppings.all(t, t.`` knows what a topping has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from kubecrd.errors import RuleError

from .checker import check
from .environment import TYPE_NAMES, functions
from .parser import parse
from .rendering import type_text
from .suggestions import MACROS_OF_LISTS, MACROS_OF_OPTIONALS, functions_of, global_functions
from .typesystem import DYN, Type
from .unification import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Completion", "completions"]

_TOKEN: Final = re.compile(
    r"""[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|[A-Za-z_]\w*|[0-9][\w.]*|\S""",
    re.DOTALL,
)
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_CLOSING: Final = {closing: opening for opening, closing in _OPENING.items()}
_QUOTES: Final = ("'", '"')


@frozen
class Completion:
    """One word that can come next.

    Attributes:
        word: All of it, also what of it is there already; with a bracket if it is a function.
        kind: The type of a field or variable; how a function is called.
    """

    word: str
    kind: str


@frozen
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha() or self.text[0] == "_"


def completions(text: str, variables: Mapping[str, Type]) -> list[Completion]:
    """Give the words that can stand where *text* ends, sorted; none inside of a string.

    Args:
        text: An expression up to the cursor.
        variables: What it may use.
    """
    tokens = [_Token(match[0], *match.span()) for match in _TOKEN.finditer(text)]
    if any(token.text in _QUOTES for token in tokens):
        return []  # a string that is not closed yet
    prefix = ""
    if tokens and tokens[-1].end == len(text) and tokens[-1].is_word:
        prefix = tokens.pop().text
    scope = _scope(tokens, variables)
    if tokens and tokens[-1].text in {".", "?"} and _is_select(tokens):
        before = tokens[:-1] if tokens[-1].text == "." else tokens[:-2]
        found = _members(_operand(before), scope)
    else:
        found = _names(scope)
    return sorted((each for each in found if each.word.startswith(prefix)), key=lambda each: each.word)


def _is_select(tokens: Sequence[_Token]) -> bool:
    return tokens[-1].text == "." or (len(tokens) > 1 and tokens[-2].text == ".")


# --- where the cursor is


def _operand(tokens: Sequence[_Token]) -> str:
    """Give the text of the expression that *tokens* end with, such as ``self.toppings[0]``; empty if there is none."""
    start = len(tokens)
    while start:
        start = _primary(tokens, start - 1)
        before = [token.text for token in tokens[max(start - 2, 0) : start]]
        if before[-1:] == ["."]:
            start -= 1
        elif before == [".", "?"]:
            start -= 2
        else:
            break
    return "".join(token.text for token in tokens[start:])


def _primary(tokens: Sequence[_Token], at: int) -> int:
    """Give where the name, constant, call or brackets begin that end at the token *at*."""
    while tokens[at].text in _CLOSING:
        at = _opening(tokens, at)
        if at and (tokens[at - 1].is_word or tokens[at - 1].text in _CLOSING):
            at -= 1
        else:
            break
    return at


def _opening(tokens: Sequence[_Token], at: int) -> int:
    depth = 0
    while at >= 0:
        depth += (tokens[at].text in _CLOSING) - (tokens[at].text in _OPENING)
        if depth == 0:
            return at
        at -= 1
    return 0


def _scope(tokens: Sequence[_Token], variables: Mapping[str, Type]) -> dict[str, Type]:
    """Give the variables that can be seen, with those of the macros whose brackets are open."""
    scope = dict(variables)
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.text in _OPENING:
            opened.append(number)
        elif token.text in _CLOSING and opened:
            opened.pop()
    for at in opened:
        scope |= _macro_variables(tokens, at, scope)
    return scope


def _macro_variables(tokens: Sequence[_Token], at: int, scope: Mapping[str, Type]) -> dict[str, Type]:
    """Give the variables of the macro whose bracket is the token *at*; nothing if it is none."""
    named = at > 1 and tokens[at].text == "(" and tokens[at - 1].is_word and tokens[at - 2].text == "."
    macro = tokens[at - 1].text if named else ""
    if macro not in {*MACROS_OF_LISTS, *MACROS_OF_OPTIONALS}:
        return {}
    ranged = _operand(tokens[: at - 2])
    inside = [token.text for token in tokens[at + 1 :]]
    if (len(inside) > 1 and inside[1] != ",") or not inside or not tokens[at + 1].is_word:
        return {}
    first = inside[0]
    if macro in MACROS_OF_OPTIONALS:
        return {first: _inner(f"{ranged}.optMap({first}, {first})", scope)}
    takes_two = len(inside) > 3 and inside[3] == "," and tokens[at + 3].is_word
    if macro.startswith("transform") or (takes_two and macro in {"all", "exists", "exists_one"}):
        second = inside[2] if len(inside) > 2 else "_"
        both = f"{ranged}.transformList({first}, {second}"
        return {first: _inner(f"{both}, {first})", scope), second: _inner(f"{both}, {second})", scope)}
    return {first: _inner(f"{ranged}.map({first}, {first})", scope)}


def _inner(text: str, scope: Mapping[str, Type]) -> Type:
    """Give the type of the elements of a list, or of what is in an optional; dyn if that is not known."""
    kind = _type(text, scope)
    return kind.parameters[0] if kind is not None and kind.parameters else DYN


def _type(text: str, scope: Mapping[str, Type]) -> Type | None:
    try:
        tree = parse(text)
    except RuleError:
        return None
    return None if check(tree, scope) else tree.type


# --- what can stand there


def _members(operand: str, scope: Mapping[str, Type]) -> Iterator[Completion]:
    kind = _type(operand, scope)
    if kind is None:
        for name in global_functions():
            if name.startswith(f"{operand}."):
                yield Completion(f"{name.removeprefix(f'{operand}.')}(", _signatures(name, None))
        return
    inner = kind.parameters[0] if kind.name == "optional_type" else kind
    for name, field in (inner.fields or {}).items():
        yield Completion(name, type_text(field.type))
    for name in functions_of(kind):
        is_macro = name in {*MACROS_OF_LISTS, *MACROS_OF_OPTIONALS} and name not in functions()
        yield Completion(f"{name}(", "macro" if is_macro else _signatures(name, kind))


def _names(scope: Mapping[str, Type]) -> Iterator[Completion]:
    for name, kind in scope.items():
        yield Completion(name, type_text(kind))
    for name in ("false", "true"):
        yield Completion(name, "bool")
    yield Completion("null", "null_type")
    known = global_functions()
    for name in known:
        yield Completion(f"{name}(", "macro" if name == "has" else _signatures(name, None))
    for name in TYPE_NAMES:
        if name not in known:
            yield Completion(name, "type")


def _signatures(name: str, target: Type | None) -> str:
    """Say how a function is called, on a target or without one; the first way, and that there are more."""
    ways = []
    for each in functions().get(name, ()):
        if target is None and not each.member:
            ways.append(f"({', '.join(map(str, each.arguments))}) -> {each.result}")
        elif target is not None and each.member and fits(each.arguments[0], target):
            ways.append(f"({', '.join(map(str, each.arguments[1:]))}) -> {each.result}")
    return ways[0] + (", …" if len(ways) > 1 else "") if ways else ""
