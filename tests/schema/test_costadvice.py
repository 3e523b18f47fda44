"""Which limits would bring the cost of a rule down: once they are set, the API server takes it."""

import json

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.costadvice import RuleCost
from kubecrd.schema.rulecosts import RULE_LIMIT
from kubecrd.schema.rulehints import rule_hints
from kubecrd.schema.strategy import rules_of
from kubecrd.schema.structural import Structural
from tests.shared import REAL_WORLD, needs, real_world_definitions

TEXT = {"type": "string"}
TOPPING = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "tags": {"type": "array", "items": TEXT},
        "labels": {"type": "object", "additionalProperties": TEXT},
        "size": {"type": "integer"},
    },
}
SPEC = {
    "type": "object",
    "properties": {"toppings": {"type": "array", "items": TOPPING}, "main": TOPPING, "open-name": TEXT},
}
SCHEMA = {"type": "object", "properties": {"spec": SPEC}}
ITEM = ("spec", "toppings", "[*]")


def definition(schema):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "pizzas.shop.example.com"},
        "spec": {
            "group": "shop.example.com",
            "names": {"kind": "Pizza", "plural": "pizzas"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def at(schema, place):
    for step in place:
        inner = schema.get("items") or schema.get("additionalProperties")
        schema = inner if step == "[*]" else schema["properties"][step]
    return schema


def copied(schema):
    return json.loads(json.dumps(schema))  # what is shared is no longer


def ruled(place, rule, schema=SCHEMA, limits=()):
    """The definition with a rule at a place, and with limits."""
    schema = copied(schema)
    at(schema, place)["x-kubernetes-validations"] = [rule]
    for limit, value in dict(limits).items():
        at(schema, limit.place)[limit.keyword] = value
    return prepare_crd(definition(schema))


TOO_DEAR = [
    (("spec",), "self.toppings.all(t, t.name.matches('^a'))", {"spec.toppings": 20}),
    (
        ("spec",),
        "self.toppings.all(t, self.toppings.exists(u, u.name == t.name))",
        {"spec.toppings": 256, "spec.toppings[*].name": 256},
    ),
    ((), "self.spec.toppings.all(t, t.tags.all(u, u != ''))", {"spec.toppings": 1000, "spec.toppings[*].tags": 1000}),
    (ITEM, "self.name.matches('^a')", {"spec.toppings": 20}),
    (ITEM, "self.labels.all(k, k.startsWith('a'))", {"spec.toppings": 1000, "spec.toppings[*].labels": 1000}),
    (
        ITEM,
        "self.tags.all(t, self.tags.exists(u, t.contains(u)))",
        {"spec.toppings": 32, "spec.toppings[*].tags": 32, "spec.toppings[*].tags[*]": 32},
    ),
    ((*ITEM, "labels", "[*]"), "self.contains('a')", {"spec.toppings[*].labels[*]": 20}),
    (
        ("spec", "main"),
        "self.tags.all(t, self.tags.exists(u, u == t))",
        {"spec.main.tags": 256, "spec.main.tags[*]": 256},
    ),
]


@pytest.mark.parametrize(("place", "rule", "limits"), TOO_DEAR, ids=[rule for _, rule, _ in TOO_DEAR])
def test_the_limits_that_are_named_are_enough(place, rule, limits):
    cost = RuleCost(rule, SCHEMA, place)

    advice = cost.advice(RULE_LIMIT)

    assert cost.total > RULE_LIMIT
    assert check_crd(ruled(place, {"rule": rule}))
    assert cost.within(advice).total <= RULE_LIMIT
    assert check_crd(ruled(place, {"rule": rule}, limits=advice)) == []
    assert {limit.path: value for limit, value in advice.items()} == limits


@pytest.mark.parametrize(("place", "rule", "limits"), TOO_DEAR, ids=[rule for _, rule, _ in TOO_DEAR])
def test_the_total_is_the_one_that_the_definition_is_judged_by(place, rule, limits):
    factor = RuleCost(rule, SCHEMA, place).total / RULE_LIMIT
    shown = "more than 100x" if factor > 100 else f"{factor:.1f}x"

    [error, *_] = check_crd(ruled(place, {"rule": rule}))

    assert f"budget by factor of {shown}" in error.detail


@needs(REAL_WORLD)
def test_the_rules_of_real_projects_cost_what_their_definitions_are_judged_by():
    checked = 0

    for definition in real_world_definitions()[::3]:
        for version in definition["spec"]["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            rules = rules_of(Structural.of(schema))
            for path, rule in () if rules is None else rules.placed():
                place = tuple(filter(None, path.replace("[*]", ".[*]").split(".")))
                optional = bool(rule.spec.optional_old_self)
                cost = RuleCost(rule.spec.rule, schema, place, optional_old_self=optional)
                assert (path, cost.total) == (path, rule.estimate_in_object)
                checked += 1

    assert checked > 100


def test_what_a_rule_does_not_look_at_is_not_named():
    limits = RuleCost("self.spec.main.tags.all(t, t != '') && self.spec.main.size > 1", SCHEMA).limits()

    assert [(limit.path, limit.keyword, limit.now) for limit in limits] == [("spec.main.tags", "maxItems", None)]


def test_a_field_whose_name_is_escaped_is_found():
    limits = RuleCost("self.open__dash__name.matches('a')", SCHEMA, ("spec",)).limits()

    assert [limit.path for limit in limits] == ["spec.open-name"]


def hints(crd):
    return [hint for error in check_crd(crd) for hint in rule_hints(crd, error)]


def test_a_message_that_is_too_dear_is_helped_too():
    message = "self.toppings.all(t, t.name.matches('^a')) ? 'a' : 'b'"

    assert set(hints(ruled(("spec",), {"rule": "true", "messageExpression": message}))) == {
        "add maxItems: 20 to spec.toppings to get the cost under the limit"
    }


def test_a_limit_that_is_too_high_is_to_be_lowered():
    schema = copied(SCHEMA)
    at(schema, ("spec", "main", "tags"))["maxItems"] = 5000
    at(schema, ("spec", "main", "tags", "[*]"))["maxLength"] = 20

    crd = ruled(("spec",), {"rule": "self.main.tags.all(t, self.main.tags.exists(u, u == t))"}, schema)

    assert hints(crd) == ["lower maxItems of spec.main.tags from 5000 to 500 to get the cost under the limit"]


def test_no_limit_helps_a_rule_that_is_dear_without_any():
    numbers = f"[{', '.join(map(str, range(60)))}]"
    rule = f"{numbers}.all(a, {numbers}.all(b, {numbers}.all(c, {numbers}.all(d, a + b + c + d > self.main.size))))"

    assert hints(ruled(("spec",), {"rule": rule})) == [
        "no limits in the schema make this cheap enough; simplify the rule"
    ]


def test_rules_that_are_too_dear_only_together_are_helped():
    rule = {"rule": "self.main.tags.all(t, t != '' && t != 'a' && t != 'b')"}
    crd = ruled(("spec",), rule)
    node = at(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], ("spec",))
    node["x-kubernetes-validations"] = [rule] * 20

    assert set(hints(crd)) == {"add maxItems: 100000 to spec.main.tags to get the cost under the limit"}
