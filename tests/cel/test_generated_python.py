"""The Python that is made of a rule says nothing but what the rule means, whatever stands in the rule or in its schema."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import traceback

import pytest

from kubecrd.cel.operators import HELPERS
from kubecrd.cel.program import compile_expression
from kubecrd.cel.typesystem import INT, STRING, Field, Type, list_of, map_of
from kubecrd.cel.values import CelError
from kubecrd.errors import RuleError
from kubecrd.schema.declarations import declare
from kubecrd.schema.structural import Structural

from .test_fuzz import rules

HOSTILE = [
    "'", '"', "\\", "\n", "\r", "\0", "'''", '"""', "{", "}", "{0}", "%s", "#", "\\'", "\u2028", "\ue000", "\U0001d41e\U0001d42f\U0001d41a\U0001d425", "é",
    "'] or boom() or v_self['", '"] or boom() or v_self["', "\\'] or boom() #", "__import__('os')", "v_self", "__class__",
]  # fmt: skip
OURS = re.compile(r"v_\w+|t\d+(_\w+)?|n\d+|k\d+|price_\d+|f_\w+|c|limit|refer")
BUILTINS = {"Exception", "all", "any", "enumerate", "iter", "len", "sum"}
KNOWN = BUILTINS | set(HELPERS) | {"CostLimitError", "ceil", "length_hint"}
METHODS = {"append", "endswith", "get", "items", "startswith", "values"}
STATEMENTS = (
    *(
        ast.Module,
        ast.FunctionDef,
        ast.arguments,
        ast.arg,
        ast.Return,
        ast.Try,
        ast.ExceptHandler,
        ast.Raise,
        ast.If,
        ast.For,
    ),
    *(
        ast.Assign,
        ast.AugAssign,
        ast.Expr,
        ast.Pass,
        ast.Break,
        ast.Name,
        ast.Constant,
        ast.Attribute,
        ast.Call,
        ast.Lambda,
    ),
    *(
        ast.Subscript,
        ast.List,
        ast.Tuple,
        ast.Dict,
        ast.Starred,
        ast.IfExp,
        ast.NamedExpr,
        ast.BoolOp,
        ast.BinOp,
        ast.UnaryOp,
    ),
    *(ast.Compare, ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Slice, ast.expr_context),
    *(ast.operator, ast.boolop, ast.unaryop, ast.cmpop),
)


def strangers(source):
    """List what generated code never has: statements of other sorts, and names that are not its own."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, STATEMENTS):
            yield type(node).__name__
        if isinstance(node, ast.Name) and node.id not in KNOWN and not OURS.fullmatch(node.id):
            yield node.id
        if isinstance(node, ast.Attribute) and node.attr not in METHODS:
            yield f".{node.attr}"


def literal(text):
    """Write *text* as a string of CEL."""
    return (
        '"'
        + "".join(letter if letter.isalnum() and letter.isascii() else f"\\U{ord(letter):08x}" for letter in text)
        + '"'
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_a_rule_is_data(text):
    program = compile_expression(f"m[{literal(text)}] + '-' + {literal(text)}", {"m": map_of(STRING, STRING)})

    assert list(strangers(program.source)) == []
    assert program.evaluate({text: "found"}) == f"found-{text}"
    assert program.measure({text: "found"})[0] == f"found-{text}"


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_of_a_field_is_data(name):
    """Names that cannot be written in a rule are those of JSON behind names that can."""
    kind = Type("Thing", fields={"written": Field(name, INT), "other": Field(f"{name}2", INT, nullable=True)})
    program = compile_expression("has(self.written) && self.written == 1 && self.other == 2", {"self": kind})

    assert list(strangers(program.source)) == []
    assert program.evaluate({name: 1, f"{name}2": 2}) is True
    assert program.measure({name: 1, f"{name}2": 2})[0] is True


NAMES = sorted(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    | {"c", "limit", "refer", "t1", "n1", "k1", "v_x", "t1_x", "count", "evaluate"}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_may_be_called_as_what_python_has(name):
    rule = (
        f"items.all({name}, {name} > 0 && items.exists(x, x + 0 == {name})) && items.map({name}, {name} + 1) == [2, 3]"
    )
    try:
        program = compile_expression(rule, {"items": list_of(INT)})
    except RuleError as error:
        assert "reserved identifier" in str(error) or "Syntax error" in str(error)  # noqa: PT017 - either is fine
        return

    assert list(strangers(program.source)) == []
    assert program.evaluate([1, 2]) is True
    assert program.measure([1, 2]) == program.interpret([1, 2])


def test_generated_code_has_no_names_but_its_own():
    for world, text in rules(300):
        kind = declare(Structural.of(world.schema))
        try:
            program = compile_expression(text, {"self": kind, "oldSelf": kind})
        except RuleError:
            continue

        assert list(strangers(program.source)) == [], text


def test_a_traceback_shows_the_python_of_a_rule():
    program = compile_expression("self.size > 1", {"self": Type("Thing", fields={"size": Field("size", INT)})})

    class Broken(dict):
        def __getitem__(self, name):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        program.evaluate(Broken(size=2))

    frames = traceback.extract_tb(caught.tb)
    assert frames[1].line == "return (v_self['size'] > 1)"
    assert re.fullmatch(r"<rule \d+: self\.size > 1>", frames[1].filename)


@pytest.mark.parametrize("text", ["'a\0b' != ''", "'\ud800' != ''", "true\n||\nfalse", "'日本' != ''"], ids=range(4))
def test_any_rule_can_be_shown_in_a_traceback(text):
    assert compile_expression(text, {}).evaluate() is True


def test_an_error_that_only_the_reference_can_word_comes_from_it():
    program = compile_expression("[1][self]", {"self": INT})

    with pytest.raises(CelError, match="index out of bounds: 5"):
        program.evaluate(5)
