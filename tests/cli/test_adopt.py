"""Models of pydantic, structs of msgspec, and dataclasses, become classes that mean the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubecrd import ObjectValidator, verdict
from kubecrd.cli.loading import load_module
from kubecrd.schema.derivation import derive
from tests.cli import adopted_models as models
from tools.check_generation import type_errors

SPEC = {"slices": 8}


@pytest.fixture
def shop(project):
    """A project with models of pydantic in ``shop.theirs``."""
    project.write("shop/theirs.py", Path(models.__file__).read_text("utf-8"))
    return project


@pytest.fixture
def pizza(shop):
    assert shop.run("adopt", "shop.theirs:Pizza", "--out", "shop/mine.py").code == 0
    return load_module("shop.mine").Pizza


def document(**spec):
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Pizza",
        "metadata": {"name": "a", "namespace": "default"},
        "spec": SPEC | spec,
    }


def test_a_kind_of_cloudcoil_becomes_a_kind(pizza):
    assert (pizza.api_version, pizza.kind, pizza.api_resource.plural) == ("shop.example.com/v1", "Pizza", "pizzas")
    assert pizza.crd().to_dict()["metadata"]["name"] == "pizzas.shop.example.com"


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"crustKind": "thick", "size": 20, "clusterIP": "10.0.0.1", "labels": {"a": "b"}, "tags": ["x"], "class": "b"},
        {"toppings": [{"name": "ham", "grams": 40}], "order": [], "anything": {"a": [1, None]}},
        {"delivery": {"how": "courier", "address": "here"}, "link": "https://example.com/", "secret": "s"},
        {"delivery": {"how": "pickup", "at": "2026-01-02T03:04:05Z"}, "baked": "2026-01-02"},
        {"tree": {"value": 1, "children": [{"value": 2, "children": []}]}},
    ],
    ids=["least", "scalars", "lists", "courier", "pickup", "tree"],
)
def test_objects_are_read_and_written_as_pydantic_does(pizza, spec):
    theirs = models.Pizza.model_validate(document(**spec)).spec.model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    theirs |= {"secret": spec["secret"]} if "secret" in spec else {}

    assert pizza.from_dict(document(**spec)).to_dict()["spec"] == theirs
    assert verdict(pizza.from_dict(document(**spec))) == []


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"slices": 0}, "spec.slices"),
        ({"crustKind": "odd"}, "spec.crustKind"),
        ({"size": 30}, "spec.size"),
        ({"toppings": [{"name": "Ham"}]}, "spec.toppings[0].name"),
        ({"toppings": [{"name": "ham", "grams": 501}]}, "spec.toppings[0].grams"),
        ({"toppings": [{"name": "ham"}] * 6}, "spec.toppings"),
        ({"labels": {"a": "long"}}, "spec.labels.a"),
        ({"delivery": {"how": "drone"}}, "spec.delivery.how"),
    ],
    ids=["slices", "enum", "size", "name", "grams", "toppings", "labels", "delivery"],
)
def test_what_pydantic_refuses_the_server_refuses(pizza, spec, field):
    with pytest.raises(ValueError, match="validation error"):
        models.Pizza.model_validate(document(**spec))

    assert field in [error.field for error in ObjectValidator(pizza).verdict(document(**spec))]


def test_descriptions_and_titles_come_along(pizza):
    spec = pizza.crd().to_dict()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]

    assert spec["description"] == "What to bake."
    assert spec["properties"]["toppings"]["items"]["properties"]["grams"]["description"] == "How much of it."
    assert spec["properties"]["clusterIP"]["title"] == "The address"
    assert spec["properties"]["class"]["description"] == 'Says "class"\n  indented'
    assert spec["properties"]["order"]["default"] == ["dough", "sauce"]


def test_enums_stay_enums(pizza):
    mine = load_module("shop.mine")

    assert pizza.from_dict(document()).spec.crust_kind is mine.Crust.THIN
    assert list(mine.Size) == [20, 40]


def test_what_the_server_cannot_run_is_named(shop):
    text = shop.run("adopt", "shop.theirs:Pizza").out

    assert (
        "# Python that the API server cannot run stayed behind: is_even. A Rule in `rules` may say it in CEL.\n" in text
    )
    assert "import pydantic" not in text


def test_a_model_becomes_the_spec_of_a_kind(shop):
    options = ("--group", "shop.example.com", "--version", "v1beta1", "--scope", "Cluster", "--out", "shop/mine.py")
    outcome = shop.run("adopt", "shop.theirs:PizzaSpec", *options)
    pizza = load_module("shop.mine").Pizza

    assert (outcome.code, outcome.err) == (0, "8 classes with 28 fields, in shop/mine.py\n")
    assert (pizza.api_version, pizza.api_resource.namespaced) == ("shop.example.com/v1beta1", False)
    assert pizza.from_dict({**document(), "apiVersion": "shop.example.com/v1beta1"}).spec.slices == 8


@pytest.mark.parametrize(("options", "width"), [((), "width_cm"), (("--camel-case",), "widthCm")])
def test_a_dataclass_keeps_its_names_in_json(shop, options, width):
    shop.run("adopt", "shop.theirs:Shelf", "--out", "shop/mine.py", *options)
    schema, _ = derive(load_module("shop.mine").Shelf)

    assert list(schema["properties"]) == [width, "items", "depth", "from"]
    assert schema["required"] == [width]
    assert schema["description"] == "Where things stand."
    assert schema["properties"][width]["description"] == "How wide."


def test_defaults_that_python_makes_are_said_to_be_its_own(shop):
    text = shop.run("adopt", "shop.theirs:Recipe", "shop.theirs:Crate").out

    assert (
        "    # The default is made by gethostname in Python.\n"
        "    by: str | None = None\n\n"
        '    steps: Annotated[list[str], Default(["knead", "bake"])] = Factory(lambda: ["knead", "bake"])\n'
    ) in text
    assert "    # The default is made by <lambda> in Python.\n    made: dt.datetime | None = None\n" in text
    assert (
        "    # The default is [Topping(name='ham', grams=30)] in Python.\n    pairs: list[Topping] | None = None\n"
        in text
    )
    assert "    items: list[str] = Factory(list)\n\n    label: str | None = None\n" in text


def test_the_module_is_typed(shop):
    shop.run(
        "adopt", *(f"shop.theirs:{name}" for name in ("Pizza", "Shelf", "Recipe", "Crate")), "--out", "shop/mine.py"
    )

    assert type_errors(shop.folder / "shop/mine.py") == ""


def test_a_struct_becomes_a_kind_as_lightkube_has_it(shop):
    shop.run("adopt", "shop.theirs:Basket", "--out", "shop/mine.py")
    basket = load_module("shop.mine").Basket
    spec = basket.crd().to_dict()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]

    assert basket.api_resource.plural == "basketry"
    assert spec["properties"] == {
        "from": {"type": "string", "maxLength": 9, "pattern": "^[a-z]+$"},
        "holds": {"type": "array", "items": {"type": "string"}, "default": []},
        "weight": {"type": "integer", "format": "int64", "minimum": 1},
    }
    assert spec["required"] == ["weight"]


def test_what_was_adopted_is_ones_own_and_is_kept(shop):
    arguments = ("adopt", "shop.theirs:Pizza", "--out", "shop/mine.py")
    shop.run(*arguments)
    text = (shop.folder / "shop/mine.py").read_text("utf-8")

    assert text.startswith("# Adopted by kubecrd; from here on it is yours to change.\n")
    assert shop.run(*arguments).err == (
        "Error: shop/mine.py was not generated, and is not overwritten; choose another --out, or say --force\n"
    )
    assert shop.run(*arguments, "--force").code == 0
    assert (shop.folder / "shop/mine.py").read_text("utf-8") == text


def test_a_type_without_equivalent_is_told_with_its_place(shop):
    assert shop.run("adopt", "shop.theirs:Odd").err == (
        "Error: Odd.value: complex has no equivalent; "
        "change it to a scalar, a list, a mapping, or a class with fields\n"
    )


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["shop.theirs:Pizza", "--group", "a.b"], "--group and --version belong together"),
        (["shop.theirs:Pizza", "shop.theirs:Shelf", "--kind", "X"], "--kind is of one class; adopt the others by themselves"),
        (["shop.theirs:Path"], "module 'shop.theirs' has no 'Path'"),
        (["shop.theirs:dt"], "shop.theirs:dt is no pydantic model, msgspec struct, dataclass or attrs class"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_wrong_usage(shop, arguments, fault):
    outcome = shop.run("adopt", *arguments)

    assert outcome.code == 2
    assert fault in " ".join(outcome.err.split())
