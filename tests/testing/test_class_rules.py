"""An expression on the objects of a class, tried before it becomes one of its rules."""

import pytest

from kubecrd import IntOrStr, kube_schema
from kubecrd.errors import DefinitionError, InvalidObjectError, RuleError
from kubecrd.testing import rule
from tests.testing.pizzas import EGG, HAM, Pizza, PizzaSpec, Topping, pizza


@pytest.mark.parametrize(("size", "holds"), [(30, True), (10, False)])
def test_a_rule_says_whether_it_holds(size, holds):
    assert rule(PizzaSpec, "self.size > 10")(PizzaSpec(size=size)) is holds


def test_a_rule_compares_with_what_was_before():
    may_grow = rule(PizzaSpec, "self.size >= oldSelf.size")

    assert may_grow(PizzaSpec(size=30), PizzaSpec(size=20))
    assert not may_grow(PizzaSpec(size=20), PizzaSpec(size=30))


def test_an_optional_old_value_may_be_missing():
    may_grow = rule(PizzaSpec, "!oldSelf.hasValue() || self.size >= oldSelf.value().size", optional_old_self=True)

    assert may_grow(PizzaSpec(size=20))
    assert not may_grow(PizzaSpec(size=20), old=PizzaSpec(size=30))


def test_a_rule_on_a_whole_object_sees_its_name():
    assert rule(Pizza, "self.metadata.name == 'margherita' && self.kind == 'Pizza'")(pizza())


def test_a_document_serves_as_an_object_and_gets_its_defaults():
    assert rule(Topping, "self.grams == 30")({"name": "ham", "unknown": 1, "grams": None})


def test_a_rule_tells_its_cost_and_its_python():
    short = rule(PizzaSpec, "self.toppings.all(t, t.grams > 0)")

    assert short.cost(PizzaSpec(size=30, toppings=[HAM, EGG])) > short.cost(PizzaSpec(size=30, toppings=[HAM]))
    assert "v_self['toppings']" in short.source


def test_a_rule_tells_what_it_can_cost():
    assert rule(PizzaSpec, "self.toppings.all(t, t.grams > 0)").estimate.most == 123


def test_a_rule_that_is_too_dear_is_refused_with_the_limit_that_would_help():
    @kube_schema
    class Open:
        names: list[str]

    with pytest.raises(RuleError) as raised:
        rule(Open, "self.names.all(n, self.names.exists(m, m == n))")

    refusal, hint = str(raised.value).splitlines()
    assert refusal.startswith(
        "estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule"
    )
    assert hint == "add maxItems: 256 to names and add maxLength: 256 to names[*] to get the cost under the limit"


def test_a_rule_shows_itself():
    assert repr(rule(PizzaSpec, "self.size > 10")) == "rule(PizzaSpec, 'self.size > 10')"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "self.sise > 10",
            "ERROR: <input>:1:5: undefined field 'sise'\n | self.sise > 10\n | ....^\ndid you mean 'size'?",
        ),
        ("self.size", "cel expression must evaluate to a bool; 'self.size' gives int"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_may_help(expression, message):
    with pytest.raises(RuleError) as raised:
        rule(PizzaSpec, expression)

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("self.size / 0 > 1", "division by zero"),
        ("self.size > oldSelf.size", "it compares with oldSelf, and there is no old value"),
    ],
)
def test_an_evaluation_that_fails_is_told(expression, fault):
    with pytest.raises(RuleError) as raised:
        rule(PizzaSpec, expression)(PizzaSpec(size=30))

    assert str(raised.value) == f"rule(PizzaSpec, {expression!r}): {fault}"


def test_a_value_that_may_be_anything_is_no_boolean():
    @kube_schema
    class Box:
        anything: IntOrStr

    with pytest.raises(RuleError, match=r"^cel expression must evaluate to a bool; 'self.anything' gives dyn$"):
        rule(Box, "self.anything")


def test_a_class_without_a_schema_is_refused():
    with pytest.raises(DefinitionError, match=r"^int has no schema; decorate it with @kube_schema$"):
        rule(int, "self > 1")


def test_rules_do_not_run_on_an_object_that_breaks_the_schema():
    with pytest.raises(InvalidObjectError, match=r'would not run: size: Invalid value: "string"') as raised:
        rule(PizzaSpec, "self.size > 10")({"size": "big"})

    assert [cause.field for cause in raised.value.causes] == ["size"]


def test_bounds_that_are_broken_keep_no_rule_from_running():
    assert rule(PizzaSpec, "self.size < 10")(PizzaSpec(size=5))
