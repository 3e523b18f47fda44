"""Assertions on verdicts: they hold where the API server says so, and tell everything it says where it does not."""

import re

import pytest

from kubecrd import ObjectMeta, ObjectValidator, Resource, Rule, custom_resource
from kubecrd.errors import DefinitionError
from kubecrd.testing import assert_invalid, assert_valid
from tests.testing.pizzas import EGG, HAM, TUNA, Pizza, PizzaSpec, Topping, pizza

SMALL = pizza(15, HAM, EGG, TUNA)


def failure_of(assertion, *arguments, **options):
    with pytest.raises(AssertionError) as raised:
        assertion(*arguments, **options)
    return str(raised.value)


def test_an_object_that_the_server_takes_is_valid():
    assert_valid(pizza(30, HAM))
    assert_valid(pizza(30), pizza(20))


def test_an_object_that_should_be_valid_lists_every_error():
    broken = pizza(5, Topping(name="ham", grams=600))

    assert failure_of(assert_valid, broken) == (
        "the API server refuses Pizza 'margherita':\n"
        "  spec.size: FieldValueInvalid: Invalid value: 5: spec.size in body should be greater than or equal to 10\n"
        "  spec.toppings[0]: FieldValueInvalid: Invalid value: too heavy"
    )


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"field": "spec"},
        {"match": "too small"},
        {"match": re.compile("TOO", re.IGNORECASE)},
        {"reason": "FieldValueInvalid"},
        {"field": "spec", "match": "^spec: Invalid value: too", "reason": "FieldValueInvalid"},
    ],
    ids=["anything", "field", "match", "pattern", "reason", "all"],
)
def test_an_invalid_object_has_an_error_as_described(expected):
    assert [error.detail for error in assert_invalid(SMALL, **expected)] == ["too small for so much"]


def test_only_the_errors_as_described_are_given():
    broken = pizza(15, HAM, Topping(name="egg", grams=600), Topping(name="tuna", grams=700))

    found = assert_invalid(broken, match="heavy")

    assert [error.field for error in found] == ["spec.toppings[1]", "spec.toppings[2]"]


def test_a_transition_is_judged_with_the_old_object():
    [error] = assert_invalid(pizza(20), pizza(30), field="spec.size", reason="FieldValueForbidden")

    assert error.detail == "cannot shrink"


def test_an_object_that_should_be_invalid_tells_which_rules_held():
    assert failure_of(assert_invalid, pizza(30, HAM), match="shrink") == (
        "the API server takes Pizza 'margherita', but it should not: an error with match='shrink' is expected\n"
        "  spec: self.size >= 20 || size(self.toppings) <= 2: holds\n"
        "  spec: self.size >= oldSelf.size: did not run, since it compares with oldSelf\n"
        "  spec.toppings[*]: self.grams <= 500: holds"
    )


def test_a_rule_that_is_broken_but_forgiven_is_told():
    heavy = pizza(30, Topping(name="ham", grams=600))

    assert "spec.toppings[*]: self.grams <= 500: does not hold, which an update may leave so" in failure_of(
        assert_invalid, heavy, heavy
    )


def test_of_many_evaluations_the_one_that_is_broken_is_told():
    heavy = pizza(30, HAM, Topping(name="egg", grams=600))

    assert "spec.toppings[*]: self.grams <= 500: does not hold" in failure_of(assert_invalid, heavy, heavy)


@custom_resource(group="shop.example.com", version="v1", rules=[Rule("self.metadata.name == oldSelf.metadata.name")])
class Oven(Resource):
    pass


@custom_resource(group="shop.example.com", version="v1")
class Table(Resource):
    pass


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            Oven,
            "  the object: self.metadata.name == oldSelf.metadata.name: did not run, since it compares with oldSelf",
        ),
        (Table, "its definition has no rules"),
    ],
)
def test_an_object_for_which_no_rule_ran_tells_why(kind, line):
    assert failure_of(assert_invalid, kind(metadata=ObjectMeta(name="a"))).splitlines()[1:] == [line]


def test_another_error_than_expected_is_told():
    assert failure_of(assert_invalid, SMALL, match="large", reason="FieldValueForbidden") == (
        "the API server refuses Pizza 'margherita', but not as expected: "
        "an error with reason='FieldValueForbidden', match='large' is expected\n"
        "it says:\n"
        "  spec: FieldValueInvalid: Invalid value: too small for so much"
    )


@pytest.mark.parametrize(
    ("field", "meant"),
    [("spec.toppings", "spec.toppings[0]"), ("spec.toping[0]", "spec.toppings[0]"), ("spec.sise", "spec.size")],
)
def test_the_nearest_field_is_proposed(field, meant):
    broken = pizza(5, Topping(name="ham", grams=600))

    assert failure_of(assert_invalid, broken, field=field).endswith(f"\ndid you mean field={meant!r}?")


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        ("spec.toppings[0].gram", "spec.toppings[0] has no field 'gram'; did you mean 'grams'?"),
        ("spec.toppings.grams", "spec.toppings is a list; write spec.toppings[0].grams"),
        ("spec.size[0]", "spec.size is no list and no mapping, and has no [0]"),
        ("spec.size.cm", "spec.size has no fields"),
        ("spek", "the object has no field 'spek'; did you mean 'spec'?"),
        ("spec..size", "'spec..size' is no path; write it as spec.toppings[0].name"),
    ],
)
def test_a_field_that_no_object_has_is_told(field, fault):
    assert failure_of(assert_invalid, pizza(), field=field).splitlines()[-1] == f"there is no such field: {fault}"


@pytest.mark.parametrize("field", ["spec.size", "metadata.labels", "metadata.name", "spec.toppings[3]", "kind"])
def test_a_field_that_objects_have_is_not_complained_of(field):
    assert "no such field" not in failure_of(assert_invalid, pizza(), field=field)


@pytest.mark.parametrize("crd", [Pizza, Pizza.crd(), Pizza.crd().to_dict(), ObjectValidator(Pizza)], ids=range(4))
def test_documents_are_judged_by_a_definition(crd):
    document = {**pizza().to_dict(), "spec": {}}

    assert_valid(pizza().to_dict(), crd=crd)
    assert_invalid(document, field="spec.size", reason="FieldValueRequired", crd=crd)


def test_a_document_without_a_definition_is_refused():
    with pytest.raises(DefinitionError, match=r"^dict is no custom resource; say by crd= which definition judges it$"):
        assert_valid(pizza().to_dict())


def test_a_part_of_an_object_is_refused():
    with pytest.raises(DefinitionError, match=r"^PizzaSpec is no custom resource"):
        assert_valid(PizzaSpec(size=30))
