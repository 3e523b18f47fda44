"""Classes that cannot become definitions, and what is told: class, field, what is wrong, what would be right."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Annotated, Any, ClassVar, Final, Literal, Protocol

import annotated_types as at
import attrs
import pytest
from attrs import field

from kubecrd import (
    Alias,
    Atomic,
    Column,
    Format,
    Granular,
    ListMap,
    ListSet,
    MaxProperties,
    Pattern,
    Resource,
    Rule,
    SchemaOverride,
    custom_resource,
    kube_schema,
)
from kubecrd.errors import DefinitionError


@kube_schema
class Item:
    name: str
    note: str | None = None


class Plain:
    pass


@attrs.define
class Left:
    a: int


def spec(hint, **options):
    return lambda: kube_schema(attrs.make_class("Spec", {"f": attrs.field(type=hint, **options)}, kw_only=True))


def resource(**options):
    def make():
        @custom_resource(**{"group": "shop.example.com", "version": "v1", **options})
        class Cake(Resource):
            spec: Item

    return make


TAKE_AWAY = "take it away, or change the type"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (spec(list), "Spec.f: a bare list does not say of what; write list[str] or the like"),
        (spec(dict), "Spec.f: a bare dict does not say of what; write dict[str, str] or the like"),
        (spec(set), "Spec.f: a bare set does not say of what; write set[str] or the like"),
        (spec(tuple), "Spec.f: a bare tuple does not say of what; write tuple[str] or the like"),
        (spec(Plain), "Spec.f: Plain is no attrs class; decorate it with @kube_schema"),
        (spec(complex), "Spec.f: complex has no schema; use a class with two numbers"),
        (spec(dict[int, str]), "Spec.f: the keys of a mapping are strings in JSON; write dict[str, …]"),
        (spec(tuple[int, str]), "Spec.f: a tuple of different types has no schema; write tuple[X, …], or a class"),
        (spec(deque[str]), "Spec.f: deque has no schema; use list, set, dict or a class"),
        (spec(OrderedDict[str, str]), "Spec.f: OrderedDict has no schema; use list, set, dict or a class"),
        (
            spec(Left | dict[str, int]),
            "Spec.f: Left | dict is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (
            spec(str | list[str]),
            "Spec.f: str | list is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (spec(Literal["a", 1]), "Spec.f: the choices 'a', 1 are not of one scalar type; make them all strings"),
        (
            spec(str | None),
            "Spec.f: may be None, but has no default; write `= None`, or mark it Nullable() if null is a value",
        ),
        (spec(Annotated[str, at.Ge(1)]), f"Spec.f: Ge is for integers and numbers, not for strings; {TAKE_AWAY}"),
        (spec(Annotated[bool, at.Lt(1)]), f"Spec.f: Lt is for integers and numbers, not for booleans; {TAKE_AWAY}"),
        (spec(Annotated[int, at.Ge("a")]), "Spec.f: Ge('a') is no number; write Ge(1) or the like"),
        (spec(Annotated[int, at.Gt(True)]), "Spec.f: Gt(True) is no number; write Gt(1) or the like"),
        (
            spec(Annotated[int, at.MaxLen(3)]),
            f"Spec.f: MaxLen is for strings, lists and mappings, not for integers; {TAKE_AWAY}",
        ),
        (
            spec(Annotated[Any, at.MinLen(3)]),
            "Spec.f: MinLen is for strings, lists and mappings, not for values of any type; write a Rule in CEL",
        ),
        (
            spec(Annotated[int | str, at.MaxLen(3)]),
            "Spec.f: MaxLen is for strings, lists and mappings, not for int-or-string; write a Rule in CEL",
        ),
        (spec(Annotated[int, Pattern("a")]), f"Spec.f: Pattern is for strings, not for integers; {TAKE_AWAY}"),
        (
            spec(Annotated[list[str], Pattern("a")]),
            f"Spec.f: Pattern is for strings, not for lists; {TAKE_AWAY}",
        ),
        (
            spec(Annotated[bool, Format("x")]),
            f"Spec.f: Format is for strings and integers and numbers, not for booleans; {TAKE_AWAY}",
        ),
        (
            spec(Annotated[str, MaxProperties(1)]),
            f"Spec.f: MaxProperties is for mappings, not for strings; {TAKE_AWAY}",
        ),
        (spec(Annotated[str, ListSet()]), f"Spec.f: ListSet is for lists, not for strings; {TAKE_AWAY}"),
        (spec(Annotated[int, Atomic()]), f"Spec.f: Atomic is for lists and mappings, not for integers; {TAKE_AWAY}"),
        (spec(Annotated[list[str], Granular()]), f"Spec.f: Granular is for mappings, not for lists; {TAKE_AWAY}"),
        (
            spec(Annotated[list[Item], ListMap()]),
            "Spec.f: ListMap() names no key; write ListMap('name') with the fields that tell items apart",
        ),
        (
            spec(Annotated[list[Item], ListMap("id")]),
            "Spec.f: ListMap('id'), but the items have no field 'id'; choose from name, note",
        ),
        (
            spec(Annotated[list[Item], ListMap("note")]),
            "Spec.f: ListMap('note'), but 'note' may be absent; take its None away, or give it a default",
        ),
        (
            spec(Annotated[list[str], ListMap("name")]),
            "Spec.f: ListMap('name') is for lists of classes, not for lists; use ListSet() for a list of scalars",
        ),
        (
            spec(Annotated[dict[str, str], ListMap("name")]),
            "Spec.f: ListMap('name') is for lists of classes, not for mappings; use ListSet() for a list of scalars",
        ),
        (
            spec(Annotated[str, Rule("self.size() >")]),
            (
                "Spec.f: x-kubernetes-validations[0].rule: Invalid value: "
                '{"Rule":"self.size() \\u003e","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: '
                "compilation failed: ERROR: <input>:1:14: Syntax error: mismatched input '<EOF>' expecting "
                "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
                "\n | self.size() >\n | .............^"
            ),
        ),
        (
            spec(Annotated[int, Rule("self")]),
            (
                "Spec.f: x-kubernetes-validations[0].rule: Invalid value: "
                '{"Rule":"self","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: '
                "cel expression must evaluate to a bool"
            ),
        ),
        (
            spec(Annotated[int, at.Ge(9), at.Le(1)]),
            "Spec.f: minimum is 9, above maximum, which is 1; nothing lies between",
        ),
        (spec(Annotated[int, at.Ge(9), at.Ge(1)]), "Spec.f: minimum is said twice: 9 and 1; say it once"),
        (spec(Annotated[float, at.Ge(float("nan"))]), "Spec.f: Ge(nan) is no number; write Ge(1) or the like"),
        (spec(Annotated[str, at.MaxLen(-1)]), "Spec.f: MaxLen(-1) is negative; write MaxLen(0) or more"),
        (
            spec(Annotated[list[str], ListSet]),
            "Spec.f: ListSet is a class, which says nothing; write ListSet(…), with brackets",
        ),
        (
            spec(Annotated[int, SchemaOverride({"minimun": 3})]),
            "Spec.f: SchemaOverride has no keyword 'minimun'; did you mean 'minimum'?",
        ),
        (resource(short_names="pz"), "Cake: short_names is a list, not the text 'pz'; write short_names=['pz']"),
        (resource(version="1", storage=False), 'Cake: spec.versions[0].name: Invalid value: "1"'),
        (resource(group="shop"), 'Cake: spec.group: Invalid value: "shop": should be a domain with at least one dot'),
        (resource(version="1"), 'Cake: spec.versions[0].name: Invalid value: "1"'),
        (resource(plural="Cakes"), 'Cake: metadata.name: Invalid value: "Cakes.shop.example.com"'),
        (resource(kind="cake cake"), 'Cake: metadata.name: Invalid value: "cake cakes.shop.example.com"'),
        (resource(short_names=["C"]), 'Cake: spec.names.shortNames[0]: Invalid value: "C"'),
        (
            resource(scale={"spec_replica_path": ".spec.x"}),
            "Cake: scale has no option 'spec_replica_path'; did you mean 'spec_replicas_path'?",
        ),
        (
            resource(columns=[Column("Size", "spec.size")]),
            'Cake: spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.size": must be a simple json path starting with .',
        ),
        (
            resource(selectable_fields=[".spec.nope"]),
            'Cake: spec.selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path',
        ),
    ],
)
def test_what_is_wrong_with_a_class_is_told_while_it_is_decorated(make, message):
    with pytest.raises(DefinitionError) as caught:
        make()

    assert str(caught.value).startswith(message)


class Undecorated(Plain):
    """Has fields that attrs passes over."""

    shared: ClassVar[int] = 1
    size: int
    name: str


def test_the_fields_of_a_base_that_is_not_decorated_are_not_lost_without_a_word():
    with pytest.raises(DefinitionError) as caught:

        @kube_schema
        class Spec(Undecorated):
            own: int

    assert str(caught.value) == "Spec: would lose the fields 'size', 'name' of Undecorated; decorate Undecorated too"


def test_a_base_may_have_methods_class_variables_and_what_a_protocol_asks_for():
    class Sized(Protocol):
        size: int

    class Helpers(Sized):
        unit: ClassVar[str] = "cm"

        def shown(self) -> str:
            return f"{self.size} {self.unit}"

    @kube_schema
    class Spec(Helpers):
        size: Final[int] = 3

    assert Spec().shown() == "3 cm"


def test_a_custom_resource_derives_from_resource():
    with pytest.raises(DefinitionError, match=r"^Stray: is no Resource; write class Stray\(Resource\)$"):

        @custom_resource(group="shop.example.com", version="v1")
        class Stray:
            spec: Item


def test_two_fields_cannot_have_one_json_name():
    with pytest.raises(DefinitionError, match=r"^Twice.b: the JSON name 'a' is taken; give one of them an Alias$"):

        @kube_schema
        class Twice:
            a: int
            b: Annotated[int, Alias("a")]


def test_a_class_cannot_contain_itself():
    @attrs.define(kw_only=True)
    class Tree:
        children: list[Tree] = field(factory=list)

    with pytest.raises(
        DefinitionError, match=r"^Tree.children: Tree contains itself, and a structural schema cannot; annotate"
    ):
        kube_schema(Tree)


def test_a_name_that_is_not_defined_is_told():
    with pytest.raises(DefinitionError, match=r"^Lost: an annotation uses 'Nowhere', which is not defined here"):

        @kube_schema
        class Lost:
            a: Nowhere  # noqa: F821


def test_every_problem_is_told_at_once():
    with pytest.raises(DefinitionError) as caught:

        @kube_schema
        class Many:
            a: list
            b: Annotated[int, Pattern("x")]

    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["Many.a", "Many.b"]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (Rule("self.max_sise > 1"), "did you mean 'maxSize'?"),
        (Rule("true", message_expression="string(self.maxSise)"), "did you mean 'maxSize'?"),
        (Rule("self.maxSize > 1 and true"), "write && for and"),
    ],
    ids=["rule", "message expression", "syntax"],
)
def test_a_rule_that_is_refused_tells_on_a_line_of_its_own_what_may_help(written, hint):
    with pytest.raises(DefinitionError) as caught:

        @kube_schema(rules=[written])
        class Ruled:
            max_size: int

    assert str(caught.value).splitlines()[-1] == hint


def test_what_may_help_with_a_rule_inside_of_a_field_is_about_that_field():
    @kube_schema
    class Topping:
        name: str

    with pytest.raises(DefinitionError) as caught:

        @kube_schema
        class Ruled:
            toppings: Annotated[list[Annotated[Topping, Rule("self.nam != ''")]], Rule("self.all(t, t.nme != '')")]

    hints = [line for line in str(caught.value).splitlines() if line.startswith("did you mean")]
    assert hints == ["did you mean 'name'?", "did you mean 'name'?"]


def test_a_rule_that_is_too_dear_tells_which_limit_would_help():
    @kube_schema
    class Topping:
        name: str
        tags: Annotated[list[str], at.MaxLen(1000)]

    with pytest.raises(DefinitionError) as caught:

        @kube_schema(
            rules=[
                Rule("self.toppings.all(t, t.name.matches('^a'))"),
                Rule("self.main.tags.all(t, self.main.tags.exists(u, t.contains(u)))"),
            ]
        )
        class Ruled:
            toppings: list[Topping]
            main: Topping

    hints = [line for line in str(caught.value).splitlines() if line.endswith("to get the cost under the limit")]
    assert hints == [
        "add MaxLen(128) to Topping.name to get the cost under the limit",
        (
            "lower MaxLen(1000) of Topping.tags to 64 and add MaxLen(64) to what is in Topping.tags "
            "to get the cost under the limit"
        ),
    ]


def test_a_rule_on_a_class_names_a_field_that_is_not_there():
    with pytest.raises(DefinitionError, match="undefined field 'sise'"):

        @kube_schema(rules=[Rule("self.sise > 1")])
        class Ruled:
            size: int
