"""Where the most that a rule can cost is known, it is not counted; and what is known is never less than what is paid."""

import pytest

from kubecrd.cel.ceilings import ceiling_of
from kubecrd.cel.program import compile_expression
from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.declarations import declare
from kubecrd.schema.evaluation import Budget, Evaluation
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

from .test_facts import FOLDER, facts

SHORT = {"type": "string", "maxLength": 20}
ITEM = {"type": "object", "properties": {"name": SHORT, "size": {"type": "integer"}}}
SCHEMA = {
    "type": "object",
    "properties": {
        "size": {"type": "integer"},
        "name": SHORT,
        "kind": {"type": "string", "enum": ["one", "another"]},
        "text": {"type": "string"},
        "items": {"type": "array", "maxItems": 10, "items": ITEM},
        "more": {"type": "array", "items": SHORT},
        "labels": {"type": "object", "maxProperties": 5, "additionalProperties": SHORT},
    },
}
TYPE = declare(Structural.of(SCHEMA))


def ceilings(text):
    tree = compile_expression(text, {"self": TYPE, "oldSelf": TYPE}).tree
    return ceiling_of(tree), ceiling_of(tree, frozenset({"self"}))


@pytest.mark.parametrize(
    ("text", "whatever", "valid"),
    [
        ("self.size > 1 && self.size + 1 < 5", 7, 7),
        ("!has(self.name) || self.name == 'abc'", 6, 6),
        ("self.name == self.kind", None, 5),
        ("self.name == self.text", None, 6),
        ("self.name.startsWith('a')", None, 4),
        ("self.text.startsWith('a')", None, None),
        ("self.name.matches('^[a-z]+$')", None, 8),
        ("self.text.size() < 10", 4, 4),
        ("self.items.all(x, x.size > 1)", None, 63),
        ("self.items.exists_one(x, x.name == self.name)", None, 84),
        ("self.items.filter(x, x.name != '').size() == 1", None, 165),
        ("self.items.map(x, x.name).all(n, n == 'a')", None, 194),
        ("self.items.all(x, self.items.exists(y, x.name == y.name && x.size == y.size))", None, 1563),
        ("self.more.all(x, x != '')", None, None),
        ("self.labels.all(k, self.labels[k] != '')", None, 43),
        ("self.labels.all(k, k.startsWith('a'))", None, None),
        ("self.labels.all(k, v, v.startsWith('a'))", None, 33),
        ("self.name in ['a', 'b']", 4, 4),
        ("self.name == oldSelf.name", None, 6),
        ("oldSelf.name.startsWith('a')", None, None),
        ("oldSelf.items.all(x, x.size > 1)", None, None),
        ("self.items.sortBy(x, x.size).size() > 0", None, None),
    ],
)
def test_the_most_that_a_rule_can_cost_is_told_beforehand(text, whatever, valid):
    """Of any values, and of those that the schema holds for: what was before need not be valid."""
    assert ceilings(text) == (whatever, valid)


def test_a_longest_value_costs_no_more_than_the_ceiling():
    item = {"name": "x" * 20, "size": 1}
    value = {
        "size": 1,
        "name": "x" * 20,
        "kind": "another",
        "items": [item] * 10,
        "labels": dict.fromkeys("abcde", "x" * 20),
    }
    for text in (
        "self.items.all(x, self.items.exists(y, x.name == self.name && y.size > 1))",
        "self.items.exists(x, (x.name + self.name).contains(self.kind))",
        "self.labels.all(k, v, v.matches('^x+$')) && self.name.lowerAscii() == self.name",
    ):
        program = compile_expression(text, {"self": TYPE})

        assert program.interpret(value)[1] <= ceiling_of(program.tree, frozenset({"self"}))


RULES = [fact for fact in facts(FOLDER, "rules") if "errors" in fact]


def evaluated(fact, *, counts):
    schema = Structural.of({"type": "object", "properties": {"spec": fact["schema"]}})
    objects = [value if value is ABSENT else {"spec": value} for value in (fact["object"], fact.get("old", ABSENT))]
    budget = Budget(call=fact.get("limit", 1_000_000), object=fact.get("budget", 10_000_000))
    evaluation = Evaluation(budget=budget, counts=counts)
    rules = SchemaRules(schema, is_root=False)
    if rules.root is not None:
        evaluation.run(rules.root, *objects, "")
    return evaluation


def test_a_verdict_is_the_same_whether_costs_are_counted_or_not():
    """Also where the budget is short, which can only be told by counting."""
    for fact in RULES[::3]:
        counted, quick = evaluated(fact, counts=True), evaluated(fact, counts=False)

        assert quick.errors == counted.errors
        assert quick.forgiven == counted.forgiven
        assert quick.cost >= counted.cost


def test_costs_are_counted_where_the_budget_could_be_reached():
    rules = SchemaRules(
        Structural.of({**SCHEMA, "x-kubernetes-validations": [{"rule": "self.size > 0 || self.size > 1"}] * 3}),
        is_root=False,
    )
    assert rules.root is not None

    costs = []
    for budget in (18, 17):
        evaluation = Evaluation(budget=Budget(object=budget), counts=False)
        evaluation.run(rules.root, {"size": 1}, ABSENT, "")
        costs.append((len(evaluation.errors), evaluation.counts))

    assert costs == [(0, False), (0, True)]
