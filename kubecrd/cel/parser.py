"""From text to a syntax tree: celpy's grammar, extended by ours, and macros expanded as the API server does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import lark

from kubecrd.errors import RuleError

from .faults import faults_of
from .grammar import parser
from .issues import Issue, print_issues
from .literals import RESERVED, LiteralError, read_literal
from .macros import expand
from .recursion import with_room
from .syntax import Call, CreateList, CreateMap, CreateStruct, Expression, Ident, Literal, Select

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SyntaxIssueError", "parse"]

_MOST_CODE_POINTS: Final = 100_000
_DEEPEST: Final = 250


class SyntaxIssueError(RuleError):
    """The text is not CEL; the message has position, line and caret.

    Attributes:
        issues: What is wrong.
    """

    def __init__(self, text: str, issues: list[Issue]) -> None:
        super().__init__(print_issues(text, issues))
        self.issues = issues


def parse(text: str) -> Expression:
    """Parse *text*.

    Raises:
        SyntaxIssueError: it is not CEL, is too long, or is nested too deeply.
    """
    if len(text) > _MOST_CODE_POINTS:
        message = f"expression code point size exceeds limit: size: {len(text)}, limit {_MOST_CODE_POINTS}"
        raise SyntaxIssueError(text, [Issue(-1, message)])
    try:
        tree = parser().parse(text)
    except lark.exceptions.UnexpectedInput as error:
        # What only lark refused would be a fault of our grammar; it is refused all the same.
        faults = with_room(faults_of, text) or [Issue(len(text), "Syntax error: extraneous input")]
        raise SyntaxIssueError(text, faults) from error
    builder = _Builder()
    try:
        expression = builder.build(tree)
    except _TooDeepError as error:
        raise SyntaxIssueError(text, [Issue(-1, str(error))]) from error
    except _RefusedError as error:
        raise SyntaxIssueError(text, with_room(faults_of, text)) from error
    if builder.issues:
        raise SyntaxIssueError(text, builder.issues)
    return expression


class _RefusedError(Exception):
    """Lark takes it, the API server does not: signs of both kinds before a value, braces behind what is no name."""


class _TooDeepError(Exception):
    """The expression is nested deeper than the API server's parser goes."""


_PASSED: Final = frozenset(
    ["expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member", "primary"]
)
"""Rules that stand for their only child, when they have but one."""

_VISITED: Final = frozenset(
    ["expr", "relation", "addition", "multiplication", "member_dot", "member_dot_arg", "member_index"]
)

_BINARY: Final = {
    "relation_lt": "_<_",
    "relation_le": "_<=_",
    "relation_gt": "_>_",
    "relation_ge": "_>=_",
    "relation_eq": "_==_",
    "relation_ne": "_!=_",
    "relation_in": "@in",
    "addition_add": "_+_",
    "addition_sub": "_-_",
    "multiplication_mul": "_*_",
    "multiplication_div": "_/_",
    "multiplication_mod": "_%_",
}


class _Builder:
    """Turns lark's tree, a node for every level of precedence, into the syntax tree."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self._depth = 0
        self._visits = 0
        self._signs: dict[int, int] = {}
        self._rules: dict[str, Callable[[lark.Tree[Any]], Expression]] = {
            "expr": self._ternary,
            "conditionalor": lambda tree: self._logic(tree, "_||_"),
            "conditionaland": lambda tree: self._logic(tree, "_&&_"),
            "relation": self._operation,
            "addition": self._operation,
            "multiplication": self._operation,
            "unary": self._unary,
            "literal": self._literal,
            "ident": self._ident,
            "dot_ident": self._ident,
            "ident_arg": self._call,
            "dot_ident_arg": self._call,
            "member_dot": self._select,
            "member_dot_arg": self._method,
            "member_index": self._index,
            "member_object": self._struct,
            "list_lit": self._list,
            "map_lit": self._map,
        }

    def build(self, tree: Any) -> Expression:
        depth, visits = self._depth, self._visits
        # Ten levels of precedence, mostly of one child each, stand between two levels of nesting: go down in a loop.
        while True:
            if tree.data == "expr":
                self._depth += 1
                if self._depth > _DEEPEST:
                    raise _TooDeepError(f"expression recursion limit exceeded: {_DEEPEST}")
            if tree.data == "paren_expr":
                tree = tree.children[1]
            elif len(tree.children) == 1 and tree.data in _PASSED:
                tree = tree.children[0]
            else:
                break
        if tree.data in _VISITED:
            self._visit()
        built = self._rules[str(tree.data)](tree)
        self._depth, self._visits = depth, visits
        return built

    def _visit(self) -> None:
        """Count what cel-go counts when it makes its tree of ANTLR's, where chains of operators are deep too."""
        self._visits += 1
        if self._visits > _DEEPEST:
            raise _TooDeepError("max recursion depth exceeded")

    def _ternary(self, tree: lark.Tree[Any]) -> Expression:
        condition, mark, yes, _, no = tree.children
        return Call(
            position=_start(mark), function="_?_:_", arguments=[self.build(condition), self.build(yes), self.build(no)]
        )

    def _logic(self, tree: lark.Tree[Any], function: str) -> Expression:
        """Build a chain of one operator as the API server does: balanced, so that long chains are not deep."""
        terms, operators = [], []
        while len(tree.children) == 3:
            left, operator, right = tree.children
            terms.append(self.build(right))
            operators.append(operator)
            tree = left
        terms.append(self.build(tree.children[0]))
        return self._balance(function, terms[::-1], operators[::-1])

    def _balance(self, function: str, terms: list[Expression], operators: list[Any]) -> Expression:
        if len(terms) == 1:
            return terms[0]
        middle = (len(terms) - 1) // 2
        left = self._balance(function, terms[: middle + 1], operators[:middle])
        right = self._balance(function, terms[middle + 1 :], operators[middle + 1 :])
        return Call(position=_start(operators[middle]), function=function, arguments=[left, right])

    def _operation(self, tree: lark.Tree[Any]) -> Expression:
        chain = []
        while len(tree.children) == 2:
            left, right = tree.children
            chain.append((str(left.data), left.children[1], right))
            tree = left.children[0]
        outside = self._visits
        for _ in chain[1:]:
            self._visit()
        built = self.build(tree.children[0])
        for number, (name, operator, right) in reversed(list(enumerate(chain))):
            self._visits = outside + number
            built = Call(position=_start(operator), function=_BINARY[name], arguments=[built, self.build(right)])
        return built

    def _unary(self, tree: lark.Tree[Any]) -> Expression:
        count, first = 0, tree
        kind = str(tree.children[0].data)
        while len(tree.children) == 2 and str(tree.children[0].data) == kind:
            count += 1
            tree = tree.children[1]
        if kind not in {"unary_not", "unary_neg"}:
            return self.build(tree.children[0])
        position = _start(first.children[0].children[0])
        number = _first_number(tree)
        if len(tree.children) == 2:
            # Of the other sign there is but one, that of a number.
            if kind == "unary_neg" or number is None or len(tree.children[1].children) == 2:
                raise _RefusedError
        elif kind == "unary_neg" and count == 1 and number is not None:
            self._signs[_start(number)] = position
            return self.build(tree)
        operand = self.build(tree)
        if count % 2 == 0:
            return operand
        return Call(position=position, function="!_" if kind == "unary_not" else "-_", arguments=[operand])

    def _literal(self, tree: lark.Tree[Any]) -> Expression:
        token: Any = tree.children[0]
        position = self._signs.get(_start(token))
        sign = "" if position is None else "-"
        position = _start(token) if position is None else position
        try:
            value = read_literal(token.type, sign + str(token))
        except LiteralError as error:
            self.issues.append(Issue(position, str(error)))
            value = None
        return Literal(position=position, value=value)

    def _ident(self, tree: lark.Tree[Any]) -> Expression:
        token = tree.children[-1]
        if str(token) in RESERVED:
            self.issues.append(Issue(_start(token), f"reserved identifier: {token}"))
            return Literal(position=_start(token), value=None)  # no name that a macro could take
        dot = "." if len(tree.children) > 1 else ""
        return Ident(position=_start(token), name=f"{dot}{token}")

    def _call(self, tree: lark.Tree[Any]) -> Expression:
        names = [child for child in tree.children if getattr(child, "type", "") == "IDENT"]
        bracket = next(child for child in tree.children if getattr(child, "type", "") == "LPAR")
        if str(names[0]) in RESERVED:
            self.issues.append(Issue(_start(names[0]), f"reserved identifier: {names[0]}"))
        dot = "." if str(tree.data) == "dot_ident_arg" else ""
        arguments = self._arguments(tree)
        call = Call(position=_start(bracket), function=f"{dot}{names[0]}", target=None, arguments=arguments)
        return expand(call, self.issues)

    def _method(self, tree: lark.Tree[Any]) -> Expression:
        target, _, name, bracket, *_ = tree.children
        operand = self.build(target)
        call = Call(position=_start(bracket), function=str(name), target=operand, arguments=self._arguments(tree))
        return expand(call, self.issues)

    def _arguments(self, tree: lark.Tree[Any]) -> list[Expression]:
        listed = [child for child in tree.children if getattr(child, "data", "") == "exprlist"]
        return [self.build(each) for each in listed[0].children if isinstance(each, lark.Tree)] if listed else []

    def _select(self, tree: lark.Tree[Any]) -> Expression:
        member, dot, *rest = tree.children
        operand = self.build(member)
        name = str(rest[-1])
        if len(rest) == 1:
            return Select(position=_start(dot), operand=operand, field=name)
        return Call(
            position=_start(dot),
            function="_?._",
            arguments=[operand, Literal(position=_start(rest[-1]), value=name)],
        )

    def _index(self, tree: lark.Tree[Any]) -> Expression:
        member, bracket, *rest = tree.children
        function = "_[_]" if len(rest) == 2 else "_[?_]"
        return Call(position=_start(bracket), function=function, arguments=[self.build(member), self.build(rest[-2])])

    def _list(self, tree: lark.Tree[Any]) -> Expression:
        items = _entries(tree, "elements")
        return CreateList(
            position=_start(tree.children[0]),
            elements=[self.build(each.children[-1]) for each in items],
            optional=_optional(items, 2),
        )

    def _map(self, tree: lark.Tree[Any]) -> Expression:
        items = _entries(tree, "mapinits")
        return CreateMap(
            position=_start(tree.children[0]),
            entries=[(self.build(each.children[-3]), self.build(each.children[-1])) for each in items],
            optional=_optional(items, 4),
        )

    def _struct(self, tree: lark.Tree[Any]) -> Expression:
        # A name may be dotted, but stands in no brackets.
        is_bare = all(token.type in {"IDENT", "DOT"} for token in tree.children[0].scan_values(_is_token))
        name = _qualified_name(self.build(tree.children[0])) if is_bare else None
        if name is None:
            raise _RefusedError
        items = _entries(tree, "fieldinits")
        return CreateStruct(
            position=_start(tree.children[1]),
            name=name,
            fields=[(str(each.children[-3]), self.build(each.children[-1])) for each in items],
            positions=[_start(each.children[-2]) for each in items],
        )


def _is_token(value: object) -> bool:
    return isinstance(value, lark.Token)


def _entries(tree: lark.Tree[Any], rule: str) -> list[lark.Tree[Any]]:
    listed = [child for child in tree.children if getattr(child, "data", "") == rule]
    return [each for each in listed[0].children if isinstance(each, lark.Tree)] if listed else []


def _optional(items: list[lark.Tree[Any]], length: int) -> frozenset[int]:
    return frozenset(number for number, each in enumerate(items) if len(each.children) == length)


def _qualified_name(expression: Expression) -> str | None:
    match expression:
        case Ident(name=name):
            return name
        case Select(operand=operand, field=field):
            before = _qualified_name(operand)
            return None if before is None else f"{before}.{field}"
        case _:
            return None


def _first_number(tree: Any) -> Any:
    """Give the number that *tree* begins with, None when it begins with something else."""
    while isinstance(tree, lark.Tree):
        tree = tree.children[-1] if tree.data == "unary" else tree.children[0]
    return tree if getattr(tree, "type", "") in {"INT_LIT", "FLOAT_LIT"} else None


def _start(token: Any) -> int:
    return int(token.start_pos)
