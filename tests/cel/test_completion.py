"""What can come next in an expression that is being typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.cel.completion import completions
from kubecrd.cel.typesystem import INT, STRING, Field, Type, list_of, map_of, optional_of

TOPPING = Type("self.toppings.@idx", fields={"name": Field("name", STRING), "grams": Field("grams", INT)})
PIZZA = Type(
    "self",
    fields={
        "size": Field("size", INT),
        "toppings": Field("toppings", list_of(TOPPING)),
        "labels": Field("labels", map_of(STRING, STRING)),
    },
)
VARIABLES = {"self": PIZZA, "oldSelf": optional_of(PIZZA)}


def words(text):
    return [each.word for each in completions(text, VARIABLES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self.", ["labels", "size", "toppings"]),
        ("self.s", ["size"]),
        ("1 + self . s", ["size"]),
        ("has(self.t", ["toppings"]),
        ("oldSelf.?si", ["size"]),
        ("oldSelf.opt", ["optFlatMap(", "optMap("]),
        ("self.toppings[0].", ["grams", "name"]),
        ("self.toppings[size(self.toppings) - 1].n", ["name"]),
        ("(self.toppings)[0].n", ["name"]),
        ("self.toppings.a", ["all("]),
        ("self.labels.ex", ["exists(", "exists_one("]),
        ("self.labels['a'].start", ["startsWith("]),
        ("'it.s'.start", ["startsWith("]),
        ("sel", ["self"]),
        ("self.size > 1 && has", ["has("]),
        ("[1, 2].su", ["sum("]),
        ("optional.o", ["of(", "ofNonZeroValue("]),
        ("tru", ["true"]),
        ("uin", ["uint("]),
    ],
)
def test_what_can_come_next(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self.toppings.all(t, t.", ["grams", "name"]),
        ("self.toppings.all(topping, top", ["topping"]),
        ("self.toppings.all(i, t, t.n", ["name"]),
        ("self.toppings.filter(t, t.grams > 1).all(u, u.n", ["name"]),
        ("self.toppings.exists(x, self.labels.all(k, x.n", ["name"]),
        ("self.toppings.exists(x, self.labels.all(k, k.start", ["startsWith("]),
        ("self.labels.transformList(k, v, v.start", ["startsWith("]),
        ("self.toppings.map(t, t.grams).all(g, g.", []),
        ("oldSelf.optMap(o, o.s", ["size"]),
        ("self.toppings.all(t, true) && t.", []),
    ],
)
def test_the_variables_of_macros_are_known_inside_of_them(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    "text", ["self.sise.", "'self.", '"self.', "self.size.x.", ".", "?", ")", "self.toppings.all(1, "]
)
def test_nothing_comes_next_where_nothing_is_known(text):
    assert not [word for word in words(text) if word in {"size", "name"}]


def test_everything_that_begins_an_expression_comes_next_where_one_begins():
    assert {"self", "oldSelf", "has(", "size(", "duration(", "true", "null", "int("} <= set(words(""))
    assert not [word for word in words("") if word.startswith(("_", "@"))]


def test_fields_come_with_their_types_and_functions_with_how_they_are_called():
    kinds = {each.word: each.kind for text in ("self.", "self.toppings.") for each in completions(text, VARIABLES)}

    assert kinds["toppings"] == "list(object)"
    assert kinds["labels"] == "map(string, string)"
    assert kinds["all("] == "macro"
    assert kinds["slice("] == "(int, int) -> list(T)"
    assert {each.word: each.kind for each in completions("'a'.st", VARIABLES)} == {"startsWith(": "(string) -> bool"}


@given(st.text(alphabet="self.topings[0](t,all) '\"?&", max_size=40))
def test_no_text_is_too_odd(text):
    assert all(each.word for each in completions(text, VARIABLES))
