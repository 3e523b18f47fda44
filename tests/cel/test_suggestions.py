"""What may help with an expression that is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.cel.suggestions import suggestions
from kubecrd.cel.typesystem import INT, STRING, Field, Type, list_of, map_of, optional_of

TOPPING = Type("topping", fields={"name": Field("name", STRING), "grams": Field("grams", INT)})
PIZZA = Type(
    "pizza",
    fields={
        "size": Field("size", INT),
        "toppings": Field("toppings", list_of(TOPPING)),
        "labels": Field("labels", map_of(STRING, STRING)),
        "open__dash__from": Field("open-from", STRING),
    },
)
VARIABLES = {"self": PIZZA, "oldSelf": optional_of(PIZZA)}


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("self.sise > 1", "did you mean 'size'?"),
        ("self.diameter > 1", "choose from labels, open__dash__from, size, toppings"),
        ("self.toppings[0].nam == ''", "did you mean 'name'?"),
        ("self.toppings.all(t, t.gram > 1)", "did you mean 'grams'?"),
        ("self.open-from == ''", "'open-from' is written 'open__dash__from'"),
        ("self['open-from'] == ''", "write .open__dash__from"),
        ("self['sise'] == 1", "did you mean 'size'?"),
        ("oldSelf.?sise.hasValue()", "did you mean 'size'?"),
        ("has(self.sise)", "did you mean 'size'?"),
        ("self.toppings.name == ''", "name an item by its index, or go through all with all(), exists(), map() or filter()"),
        ("size > 1", "did you mean 'self.size'?"),
        ("topings.size() > 1", "did you mean 'self.toppings'?"),
        ("oldself == self", "did you mean 'oldSelf'?"),
        ("self.toppings.all(top, tpo.grams > 1)", "did you mean 'top'?"),
        ("self.size > 1 == True", "did you mean 'true'?"),
        ("self == None", "did you mean 'null'?"),
        ("len(self.toppings) > 1", "did you mean 'size'?"),
        ("sise(self.toppings) > 1", "did you mean 'size'?"),
        ("self.toppings.any(t, true)", "did you mean 'exists'?"),
        ("self.labels.every(l, true)", "did you mean 'all'?"),
        ("self.toppings[0].name.startswith('a')", "did you mean 'startsWith'?"),
        ("self.toppings[0].name.includes('a')", "did you mean 'contains'?"),
        ("self.size.frobnicate()", "a value of type 'int' has no methods"),
        ("self.size == '1'", "both sides must have the same type"),
        ("self.size + 1.5 > 2.0", "'_+_' takes (double, double), (int, int)"),
        ("self.size.startsWith('1')", "'startsWith' takes string.(string)"),
        ("self.size > 1 and self.size < 2", "write && for and"),
        ("not self.size > 1", "write ! for not"),
        ("self.size = 1", "write == for ="),
    ],
)  # fmt: skip
def test_what_was_meant_is_guessed(expression, hint):
    assert suggestions(expression, VARIABLES) == [hint]


@pytest.mark.parametrize("expression", ["self.size > 1", "self.size > (", "unheardOf(1)", "xyz > 1"])
def test_nothing_is_said_where_nothing_comes_to_mind(expression):
    assert suggestions(expression, VARIABLES) == []


def test_words_inside_of_strings_are_no_operators():
    assert suggestions("self.size > 1 && 'this and that = \"not\"' ==", VARIABLES) == []


def test_each_fault_has_its_own_hint_and_equal_ones_are_said_once():
    assert suggestions("self.sise > 1 && self.sise < 9 && self.toppings.len() > 1", VARIABLES) == [
        "did you mean 'size'?"
    ]
    assert suggestions("self.sise > 1 && self.lables == {}", VARIABLES) == [
        "did you mean 'size'?",
        "did you mean 'labels'?",
    ]


@given(st.text(alphabet="self.topings[0](t,all) '\"=!&|+1?andort", max_size=40))
def test_no_expression_is_too_odd(expression):
    assert all(suggestions(expression, VARIABLES))
