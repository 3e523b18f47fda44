"""Rules that are too dear by estimate are refused when a definition is written, in the server's words and order."""

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.rulecosts import DEFINITION_LIMIT, ONCE, RULE_LIMIT, Cardinality, CostLedger
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

from .helpers import S, definition, field, field_refused, refused, texts

REMEDY = (
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength "
    "where arrays, maps, and strings are declared)"
)
RULES = "x-kubernetes-validations"
NESTED = {"rule": "self.all(x, self.all(y, x == y))"}


def listed(most=None, rule=NESTED):
    """An array of integers whose rule goes through all pairs."""
    limit = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": {"type": "integer"}, RULES: [rule]} | limit


def test_a_rule_over_the_limit_is_refused_with_the_factor_and_the_remedy():
    assert field_refused(listed()) == [
        f"P.{RULES}[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x {REMEDY}",
        (
            f"P.{RULES}[0].rule: Forbidden: "
            "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        ),
        (
            f"{S}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema "
            f"exceeds budget by factor of more than 100x {REMEDY}"
        ),
    ]


def test_a_limit_on_the_items_makes_a_rule_affordable():
    assert field_refused(listed(1000)) == []


@pytest.mark.parametrize(
    ("cost", "factor"),
    [
        (RULE_LIMIT, None),
        (RULE_LIMIT + 1, "1.000000x"),
        (12_500_000, "1.250000x"),
        (14_999_999, "1.500000x"),
        (15_000_000, "1.5x"),
        (34_560_000, "3.5x"),
        (1_000_000_000, "100.0x"),
        (1_000_000_001, "more than 100x"),
    ],
)
def test_the_factor_is_printed_with_as_many_digits_as_say_something(cost, factor):
    said = texts(CostLedger().enter("place", "rule", cost))

    wanted = f"place: Forbidden: estimated rule cost exceeds budget by factor of {factor} {REMEDY}"
    assert said == ([] if factor is None else [wanted])


def test_the_dearest_four_are_named_when_all_together_are_too_dear():
    ledger = CostLedger()
    for number, cost in enumerate([9, 30, 20, 0.9, 25, 20, 10]):
        list(ledger.enter(f"rule{number}", "rule", int(cost * 1_000_000)))

    assert [error.field for error in ledger.close("root")] == ["rule1", "rule4", "rule2", "rule5", "root"]


def test_rules_that_are_dear_only_together_are_named_at_most_where_they_reach_a_hundredth():
    ledger = CostLedger()
    for number in range(102):
        list(ledger.enter(f"rule{number}", "rule", 999_999))

    (error,) = ledger.close("root")
    assert error.field == "root"
    assert "exceeds budget by factor of 1.019999x" in error.detail


def test_all_together_may_cost_the_limit():
    ledger = CostLedger()
    list(ledger.enter("rule", "rule", DEFINITION_LIMIT))

    assert list(ledger.close("root")) == []


def test_a_dear_message_is_refused_whatever_the_rule_costs():
    rule = {"rule": "true", "messageExpression": "self.split(',').join()"}
    schema = {"type": "string", RULES: [rule]}

    first, *_ = field_refused(schema)

    assert first == (
        f"P.{RULES}[0].messageExpression: Forbidden: "
        f"estimated messageExpression cost exceeds budget by factor of more than 100x {REMEDY}"
    )


def test_a_message_counts_once_however_often_the_rule_can_run():
    text = {"type": "string", "maxLength": 10_000, RULES: [{"rule": "true", "messageExpression": "self + self"}]}
    several = {"type": "array", "items": text, "maxItems": 10_000}

    assert field_refused(several) == []


def test_the_cost_of_a_rule_comes_before_what_else_is_wrong_with_it():
    rule = {"rule": "self.all(x, oldSelf.all(y, x == y))"}
    inner = listed(rule=rule)

    errors = field_refused({"type": "array", "items": inner})

    place = f"P.items.{RULES}[0].rule"
    assert [error.partition(": ")[2][:30] for error in errors if error.startswith(place)] == [
        "Forbidden: estimated rule cost",
        'Invalid value: "self.all(x, ol',
        "Forbidden: contributed to esti",
    ]


def test_a_rule_that_does_not_compile_costs_nothing():
    errors = field_refused(listed(rule={"rule": "self.all(x, self.all(y, z))"}))

    assert len(errors) == 1
    assert "undeclared reference to 'z'" in errors[0]


def test_rules_of_a_node_that_is_wrong_in_form_do_not_count():
    schema = listed() | {"minItems": 3}
    schema[RULES] = [NESTED, {"rule": " "}]

    assert field_refused(schema) == [f"P.{RULES}[1].rule: Required value: rule is not specified"]


def test_an_update_that_leaves_the_schema_alone_does_not_judge_single_rules_again():
    crd = prepare_crd(definition(field(listed(3000))))
    renamed = definition(
        field(listed(3000)), spec={"names": {"plural": "widgets", "kind": "Widget", "shortNames": ["w"]}}
    )

    assert [error.field for error in check_crd(crd)] == [f"{S}.properties[spec].{RULES}[0].rule"]
    assert check_crd(prepare_crd(renamed, crd), crd) == []


def test_an_update_that_changes_the_schema_judges_all_its_rules():
    crd = prepare_crd(definition(field(listed(3000))))
    described = prepare_crd(definition(field(listed(3000) | {"description": "new"})), crd)

    assert [error.field for error in check_crd(described, crd)] == [f"{S}.properties[spec].{RULES}[0].rule"]


def test_an_update_that_leaves_the_schema_alone_still_judges_all_rules_together():
    crd = prepare_crd(definition(field(listed(30_000))))

    assert [error.field for error in check_crd(crd, crd)] == [f"{S}.properties[spec].{RULES}[0].rule", S]


@pytest.mark.parametrize(
    ("limits", "least", "count"),
    [
        ((), 0, 1),
        ((5,), 0, 5),
        ((5, 7), 0, 35),
        ((2**40, 2**40), 0, 2**64 - 1),
        ((None,), 2, 1_048_576),
        ((5, None), 2, 1_048_576),
        ((None, 5), 1, 1_572_864),
    ],
)
def test_a_rule_runs_as_often_as_the_limits_around_it_allow_or_as_fits_into_a_request(limits, least, count):
    cardinality = ONCE
    for limit in limits:
        cardinality = cardinality.inside(limit)

    assert cardinality.count(least) == count
    assert cardinality.is_bounded == (None not in limits)


def test_each_rule_tells_its_place_its_estimate_and_how_often_it_runs():
    text = {"type": "string", "maxLength": 5, RULES: [{"rule": "self != ''", "messageExpression": "self + '!'"}]}
    schema = field({"type": "object", "additionalProperties": text | {"maxLength": 5}, "maxProperties": 7})

    ((place, rule),) = SchemaRules(Structural.of(schema)).placed()

    assert place == "spec[*]"
    assert rule.estimate == 1
    assert rule.message_estimate == 4
    assert (rule.count, rule.estimate_in_object) == (7, 7)
    assert rule.cardinality == Cardinality(7)


def test_what_is_said_to_a_node_comes_after_what_is_said_to_those_below():
    undeclared = {RULES: [{"rule": "x"}]}
    inner = {"type": "array", "items": {"type": "integer"} | undeclared} | undeclared
    schema = {"type": "object", "properties": {"a": inner}} | undeclared

    places = [error.partition(f".{RULES}")[0] for error in field_refused(schema)]
    assert places == ["P.properties[a].items", "P.properties[a]", "P"]


def test_root_rules_are_counted_too():
    schema = field({"type": "array", "items": {"type": "integer"}}) | {
        RULES: [{"rule": "self.spec.all(x, self.spec.all(y, x == y))"}]
    }

    assert refused(schema)[0].startswith(f"{S}.{RULES}[0].rule: Forbidden: estimated rule cost exceeds budget")
