"""``kubecrd cel``: expressions on objects and on schemas, in the terminal."""

import io
import json

import pytest
import yaml

MODELS = """
from typing import Annotated

from annotated_types import MaxLen
from attrs import field

from kubecrd import ListMap, Resource, custom_resource, kube_schema


@kube_schema
class Topping:
    name: Annotated[str, MaxLen(40)]
    grams: int = 30


@kube_schema
class PizzaSpec:
    size: int
    toppings: Annotated[list[Topping], ListMap("name"), MaxLen(20)] = field(factory=list)


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec


@custom_resource(group="shop.example.com", version="v1", scope="Cluster")
class Oven(Resource):
    '''Where it is baked.'''
"""


def pizza(size, *toppings):
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Pizza",
        "metadata": {"name": "a"},
        "spec": {"size": size, "toppings": [{"name": name} for name in toppings]},
    }


@pytest.fixture
def shop(project):
    """A project with a kind, and with a pizza in a file."""
    project.write("shop/models.py", MODELS)
    project.write("pizza.yaml", yaml.safe_dump(pizza(30, "ham", "egg")))
    project.write("old.yaml", yaml.safe_dump(pizza(20)))
    return project


OBJECT = ("--object", "pizza.yaml")
TYPED = ("--crd", "shop.models", *OBJECT)


def test_a_constant_is_evaluated(shop):
    outcome = shop.run("cel", "[3, 1, 2].sort()")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[:2] == ["value\t[1, 2, 3]", "type\tlist(int)"]


@pytest.mark.parametrize(
    ("arguments", "value", "code"),
    [
        (("self.spec.size > 10", *OBJECT), "true", 0),
        (("self.spec.size > 40", *OBJECT), "false", 1),
        (("self.spec.size", *OBJECT), "30", 0),
        (("self.size > 10", *OBJECT, "--path", "spec"), "true", 0),
        (("self", *OBJECT, "--path", "spec.toppings[1].name"), '"egg"', 0),
        (("self.spec.toppings.map(t, t.grams)", *TYPED), "[30, 30]", 0),
        (("self.metadata.name + self.kind", *TYPED), '"aPizza"', 0),
        (("self.all(t, t.grams < 50)", *TYPED, "--path", "spec.toppings"), "true", 0),
        (("self.size >= oldSelf.size", *TYPED, "--old", "old.yaml", "--path", "spec"), "true", 0),
        (("oldSelf.hasValue()", *TYPED, "--optional-old-self"), "false", 1),
    ],
)
def test_an_expression_on_an_object_has_a_value(shop, arguments, value, code):
    outcome = shop.run("cel", *arguments)

    assert (outcome.code, outcome.err) == (code, "")
    assert outcome.out.splitlines()[0] == f"value\t{value}"


def test_without_an_object_the_type_is_told(shop):
    outcome = shop.run(
        "cel", "self.map(t, t.grams)", "--crd", "shop.models", "--kind", "Pizza", "--path", "spec.toppings"
    )

    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == "type\tlist(int)"


COSTLY = """
from kubecrd import Resource, custom_resource, kube_schema


@kube_schema
class Topping:
    name: str
    tags: list[str]


@kube_schema
class PizzaSpec:
    toppings: list[Topping]


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec
"""
TOO_DEAR = (
    "estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, "
    "maxProperties, and maxLength where arrays, maps, and strings are declared)"
)


def test_a_schema_tells_what_a_rule_can_cost_and_how_its_limits_change_that(shop):
    shop.write("shop/costly.py", COSTLY)

    outcome = shop.run("cel", "self.tags.all(t, t > '')", "--crd", "shop.costly", "--path", "spec.toppings[0]")

    assert outcome.out.splitlines() == [
        "type\tbool",
        "estimate\t3 to 4,194,303",
        "total\t573,654,821,310 in one object, 136,770 times; the limit is 10,000,000",
        "maxItems\tspec.toppings: none; with 10: 41,943,030; with 100: 419,430,300; with 1,000: 4,194,303,000",
        "maxItems\tspec.toppings[*].tags: none; with 10: 5,881,110; with 100: 55,118,310; with 1,000: 547,490,310",
    ]
    assert outcome.code == 1
    assert outcome.err == (
        f"Error: {TOO_DEAR}\nadd maxItems: 16 to spec.toppings[*].tags to get the cost under the limit\n"
    )


def test_an_estimate_is_told_in_json(shop):
    outcome = shop.run("cel", "self.spec.toppings.all(t, t.grams > 0)", *TYPED, "--output", "json")

    assert json.loads(outcome.out)["estimate"] == {
        "least": 4,
        "most": 124,
        "count": 1,
        "total": 124,
        "limit": 10_000_000,
        "limits": [
            {"path": "spec.toppings", "keyword": "maxItems", "now": 20, "totals": {"10": 64, "100": 604, "1000": 6004}}
        ],
    }


def test_what_is_no_rule_is_not_refused_for_its_cost(shop):
    shop.write("shop/costly.py", COSTLY)

    outcome = shop.run("cel", "self.toppings.map(t, t.name + 'x')", "--crd", "shop.costly", "--path", "spec")

    assert (outcome.code, outcome.err) == (0, "")


def test_the_python_is_told_when_it_is_asked_for(shop):
    outcome = shop.run("cel", "self.spec.size > 10", *TYPED, "--source")

    assert "(v_self['spec']['size'] > 10)" in outcome.out


def test_a_program_is_told_in_json(shop):
    outcome = shop.run("cel", "self.spec.size > 40", *TYPED, "--output", "json")

    told = json.loads(outcome.out)
    assert (told["value"], told["type"], told["cost"]) == (False, "bool", 4)
    assert (outcome.code, outcome.err) == (1, "")


REFUSED = "ERROR: <input>:1:10: undefined field 'sise'\n | self.spec.sise > 10\n | .........^"


def test_what_is_refused_is_told_with_what_may_help(shop):
    outcome = shop.run("cel", "self.spec.sise > 10", *TYPED)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"Error: {REFUSED}\ndid you mean 'size'?\n"


def test_what_is_refused_is_told_in_json_apart_from_what_may_help(shop):
    outcome = shop.run("cel", "self.spec.sise > 10", *TYPED, "--output", "json")

    assert outcome.code == 1
    assert json.loads(outcome.out) == {
        "expression": "self.spec.sise > 10",
        "error": REFUSED,
        "suggestions": ["did you mean 'size'?"],
    }


@pytest.mark.parametrize(
    ("expression", "options", "fault"),
    [
        ("1 / 0", (), "division by zero"),
        ("self.spec.sise", OBJECT, "no such key: sise"),
        ("self.spec.size > oldSelf.spec.size", TYPED, "it compares with oldSelf, and there is no old value"),
    ],
)
def test_an_evaluation_that_fails_is_told(shop, expression, options, fault):
    outcome = shop.run("cel", expression, *options)

    assert (outcome.code, outcome.err) == (1, f"Error: {fault}\n")
    assert "value" not in outcome.out


def test_a_part_that_the_object_does_not_have_is_told(shop):
    outcome = shop.run("cel", "self.name", *TYPED, "--path", "spec.toppings[7]")

    assert outcome.code == 0
    assert outcome.err == "Warning: the object has nothing at spec.toppings[7], and rules do not run there\n"


def test_an_object_that_breaks_its_schema_is_told(shop):
    shop.write("pizza.yaml", yaml.safe_dump(pizza("big")))

    assert shop.run("cel", "self.metadata.name", *TYPED).err == (
        'Warning: rules would not run on this object: spec.size: Invalid value: "string": '
        'spec.size in body must be of type integer: "string"\n'
    )


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (
            ("1", "--crd", "shop.models"),
            "Invalid value for --crd: shop.models has the kinds Oven, Pizza; say with --kind which is meant",
        ),
        (
            ("1", "--crd", "shop.models", "--kind", "Piza"),
            "Invalid value for --kind: shop.models has no kind 'Piza'; did you mean 'Pizza'?",
        ),
        (
            ("1", *TYPED, "--version", "v2"),
            "Invalid value for --version: shop.models has no version 'v2' of it; choose from v1",
        ),
        (
            ("1", *TYPED, "--path", "spec.sise"),
            "Invalid value for --path: spec has no field 'sise'; did you mean 'size'?",
        ),
        (
            ("1", *OBJECT, "--path", "spec..size"),
            "Invalid value for --path: 'spec..size' is no path; write it as spec.toppings[0].name",
        ),
        (("1", "--kind", "Pizza"), "--kind and --version choose a definition; say with --crd where it is"),
        (("1", "--object", "two.yaml"), "Invalid value for FILE: two.yaml holds 2 objects; one is needed"),
        (
            ("1", "--crd", "shop.models", "--kind", "Oven", *OBJECT),
            "Invalid value for FILE: pizza.yaml holds 0 objects of kind Oven; one is needed",
        ),
    ],
    ids=["many kinds", "no kind", "no version", "no field", "no path", "no definition", "two objects", "other object"],
)
def test_wrong_usage_is_told(shop, arguments, fault):
    shop.write("two.yaml", yaml.safe_dump_all([pizza(1), pizza(2)]))

    outcome = shop.run("cel", *arguments)

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == f"Error: {fault}"


def test_the_object_may_come_from_a_pipe(shop, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO((shop.folder / "pizza.yaml").read_text()))

    assert shop.run("cel", "self.spec.size", "--crd", "shop.models", "--object", "-").out.splitlines()[0] == "value\t30"


def test_on_a_terminal_there_is_colour(shop, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert shop.run("cel", "1 > 2").out.splitlines()[0] == "\x1b[2mvalue     \x1b[0m\x1b[1;31mfalse\x1b[0m"
