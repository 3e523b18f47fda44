"""Expressions are nested as deeply as the API server takes them, and refused in its words where they go on."""

import sys

import pytest

from kubecrd.cel.program import compile_expression
from kubecrd.errors import RuleError

NESTED = "ERROR: <input>:-1:0: expression recursion limit exceeded: 250"
CHAINED = "ERROR: <input>:-1:0: max recursion depth exceeded"
FORMS = {
    "brackets": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "maps": ("{1: ", "1", "}"),
    "calls": ("dyn(", "1", ")"),
    "conditionals": ("true ? 1 : ", "2", ""),
    "negations": ("-(", "1", ")"),
    "loops": ("[1].map(x, ", "1", ")"),
}


def nested(form, depth):
    before, inner, after = FORMS[form]
    return before * depth + inner + after * depth


@pytest.mark.parametrize("form", FORMS)
def test_what_is_nested_249_times_is_evaluated(form):
    program = compile_expression(nested(form, 249), {})

    assert program.interpret()[0] == program.measure()[0] == program.evaluate()


@pytest.mark.parametrize("depth", [250, 3000])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_nested_deeper_is_refused(form, depth):
    with pytest.raises(RuleError) as caught:
        compile_expression(nested(form, depth), {})

    assert str(caught.value) == NESTED


@pytest.mark.parametrize(("text", "most"), [("1 + ", 250), ("true == ", 250)], ids=["sums", "comparisons"])
def test_a_chain_of_operators_is_as_deep_as_it_is_long(text, most):
    compile_expression(text * most + text.split()[0], {}).evaluate()

    with pytest.raises(RuleError) as caught:
        compile_expression(text * (most + 1) + text.split()[0], {})

    assert str(caught.value) == CHAINED


@pytest.mark.parametrize("text", ["true && " * 3000 + "true", "!" * 3000 + "true", "-" * 2000 + "1 == 1"])
def test_what_is_balanced_or_collapsed_may_be_long(text):
    assert compile_expression(text, {}).evaluate() is True


def test_a_chain_of_optional_macros_takes_no_time():
    program = compile_expression("optional.of(1)" + ".optMap(x, x)" * 200 + ".value()", {})

    assert program.evaluate() == 1


def test_the_limit_of_python_stays_what_it_was():
    before = sys.getrecursionlimit()
    compile_expression(nested("lists", 249), {}).interpret()

    assert sys.getrecursionlimit() == before
