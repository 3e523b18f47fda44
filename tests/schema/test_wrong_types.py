"""Types, defaults, validators and converters that no schema can say: what is told, and what would be right."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum, Flag
from pathlib import Path
from typing import Annotated, Generic, Literal, NamedTuple, TypeVar

import annotated_types as at
import attrs
import pydantic
import pytest
from attrs import field
from attrs import validators as v

from kubecrd import (
    Alias,
    AnyOf,
    ClientSide,
    Default,
    Doc,
    Flatten,
    Format,
    Nullable,
    Pattern,
    Resource,
    Rule,
    SchemaOverride,
    Skip,
    custom_resource,
    kube_schema,
)
from kubecrd.errors import DefinitionError
from kubecrd.schema.derivation import derive

T = TypeVar("T")


@kube_schema
class Item:
    name: str
    note: str | None = None


class Empty(Enum):
    pass


class Bits(Flag):
    A = 1


class Oven(Enum):
    GAS = "gas"


@dataclasses.dataclass
class Data:
    x: int


class Model(pydantic.BaseModel):
    x: int


class Pair(NamedTuple):
    a: int
    b: str


@attrs.define
class Left:
    a: int


@attrs.define
class Right:
    a: int
    b: int = 1


@attrs.define
class Other:
    a: str
    c: int


@attrs.define
class Mutable:
    x: int = 1


@kube_schema
class Box(Generic[T]):
    inside: T


def spec(hint, **options):
    return lambda: kube_schema(attrs.make_class("Spec", {"f": attrs.field(type=hint, **options)}, kw_only=True))


def check(instance, attribute, value):
    """Look at a value, as only Python can."""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (spec(Empty), "Spec.f: Empty has no members, so no value fits; give it members"),
        (spec(Bits), "Spec.f: Bits is a set of bits; use set[…] of an Enum of strings"),
        (spec(Data), "Spec.f: Data is made by @dataclass; decorate it with @kube_schema instead"),
        (spec(Model), "Spec.f: Model is made by pydantic; decorate it with @kube_schema instead"),
        (spec(Pair), "Spec.f: Pair is a tuple of different types; use a class, whose fields have names in JSON"),
        (spec(Decimal), "Spec.f: Decimal has no schema; use Quantity, which is exact and which Kubernetes has"),
        (spec(Path), "Spec.f: Path has no schema; use str"),
        (spec(re.Pattern), "Spec.f: Pattern has no schema; use str"),
        (spec(type(None)), "Spec.f: NoneType has no schema; take the field away, or say what it may be beside None"),
        (spec(Sequence[str]), "Spec.f: Sequence has no schema; use list, set, dict or a class"),
        (spec(tuple[()]), "Spec.f: a tuple of different types has no schema; write tuple[X, …], or a class"),
        (spec(Literal["a", None]), "Spec.f: None is no value of a choice; write Literal['a'] | None"),  # noqa: PYI061 - that is the fault
        (
            spec(Literal[Oven.GAS]),
            "Spec.f: the choices <Oven.GAS: 'gas'> are members of an Enum; write their values, or the Enum",
        ),
        (
            spec(list[int | None], factory=list),
            "Spec.f: what is in a list or mapping may be None, which is null in JSON; mark it Nullable() inside of the brackets, or take None away",
        ),
        (
            spec(dict[str, int | None], factory=dict),
            "Spec.f: what is in a list or mapping may be None, which is null in JSON; mark it Nullable() inside of the brackets, or take None away",
        ),
        (
            spec(dict[Annotated[str, at.MaxLen(3)], int]),
            'Spec.f: a structural schema says nothing of the keys of a mapping; write a Rule such as Rule("self.all(key, size(key) <= 63)")',
        ),
        (
            spec(Left | Right),
            "Spec.f: what Left requires (a), Right has too, so that nobody can tell them apart; give each class a tag, such as type: Literal['a'], or put the one that requires more first",
        ),
        (
            spec(Right | Other),
            "Spec.f: what Right requires (a), Other has too, so that nobody can tell them apart; give each class a tag, such as type: Literal['a'], or put the one that requires more first\nSpec.f: 'a' is not of one type in Right and Other; give one of them an Alias",
        ),
        (
            spec(Left | str),
            "Spec.f: Left | str is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (
            spec(str | bool),
            "Spec.f: str | bool is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (
            spec(Oven | str),
            "Spec.f: Oven | str is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (
            spec(Annotated[int, Rule("self > 1")] | str),
            "Spec.f: x-kubernetes-validations cannot be said of one member of an int-or-string; say it of the whole, by a Rule in CEL",
        ),
        (
            spec(Annotated[int, at.Ge(1)] | float),
            "Spec.f: int | float is a union, and a structural schema cannot choose by type; make one optional field for each",
        ),
        (
            spec(Annotated[Literal["a"], Doc("x")] | Annotated[str, at.MaxLen(3)]),
            "Spec.f: what is said of one string does not hold for the other; write Annotated[str, …], and a Rule for what else it may be",
        ),
        (spec(T), "Spec.f: T is not given; say what it is, as in Spec[str]"),
        (spec(Box), "Box.inside: T is not given; say what it is, as in Box[str]"),
        (spec(Annotated[str, Nullable()]), "Spec.f: Nullable(), but the type has no None; write str | None"),
        (
            spec(Annotated[Literal["a"] | None, Nullable()]),
            "Spec.f: null is never a value of an enum, whatever Nullable() says; take Nullable() away, or write the choice as a Rule",
        ),
        (
            spec(Annotated[str, Format("ipv5")]),
            "Spec.f: the API server checks no format 'ipv5' of strings; did you mean 'ipv6'?",
        ),
        (
            spec(Annotated[int, Format("email")]),
            "Spec.f: the API server checks no format 'email' of integers; choose from int32, int64",
        ),
        (
            spec(Annotated[int, at.MultipleOf(0)]),
            "Spec.f: MultipleOf(0) divides by nothing; write MultipleOf(1) or more",
        ),
        (spec(Annotated[str, at.MaxLen(1.5)]), "Spec.f: MaxLen(1.5) is no whole number; write MaxLen(1) or the like"),
        (spec(Annotated[str, at.MaxLen("3")]), "Spec.f: MaxLen('3') is no whole number; write MaxLen(1) or the like"),
        (
            spec(Annotated[int, at.Gt(3), at.Lt(3)]),
            "Spec.f: minimum and maximum are both 3, and one excludes it; nothing lies between them; mend them",
        ),
        (
            spec(Annotated[str, at.Predicate(str.islower)]),
            "Spec.f: Predicate(str.islower) is Python, which the API server cannot run; write a Rule in CEL, or mark the field ClientSide() if only Python is to check it",
        ),
        (
            spec(Annotated[str, at.Timezone(None)]),
            "Spec.f: Timezone(tz=None) says nothing in JSON, where times are in UTC; take it away",
        ),
        (
            spec(Annotated[list[str], slice(1, 9)]),
            "Spec.f: a slice is no constraint; write Len(1, 9) of annotated_types",
        ),
        (
            spec(Annotated[str, Pattern("(")]),
            'Spec.f: pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
        ),
        (
            spec(Annotated[str, Pattern("(?=a)")]),
            'Spec.f: pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
        ),
        (spec(Annotated[str, AnyOf()]), "Spec.f: anyOf of nothing; name at least one schema"),
        (
            spec(Annotated[str, SchemaOverride({"maxLength": "a"})]),
            "Spec: json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.properties.maxLength of type int64",
        ),
        (
            spec(int, default="a"),
            'Spec.f: default: Invalid value: "string":  in body must be of type integer: "string"',
        ),
        (spec(Literal["a"], default="b"), 'Spec.f: default: Unsupported value: "b": supported values: "a"'),
        (spec(int, default=None), "Spec.f: the default is None, but the type is int; write int | None"),
        (
            spec(list[str], default=[]),
            "Spec.f: all objects would share the one list that is the default; write field(factory=list)",
        ),
        (
            spec(list[str], default=["a"]),
            "Spec.f: all objects would share the one list that is the default; write field(factory=list), and Default(…) beside the type",
        ),
        (
            spec(dict[str, str], default={}),
            "Spec.f: all objects would share the one dict that is the default; write field(factory=dict)",
        ),
        (
            spec(Mutable, default=Mutable()),
            "Spec.f: all objects would share the one Mutable that is the default; write field(factory=Mutable)",
        ),
        (
            spec(Item, factory=Item),
            "Spec.f: Item() cannot be the default: Item.__init__() missing 1 required keyword-only argument: 'name'; write a factory that can be called",
        ),
        (spec(float, default=float("nan")), "Spec.f: the default nan cannot be JSON; choose a number"),
        (
            spec(Annotated[int, Default("a")], default=1),
            'Spec.f: default: Invalid value: "string":  in body must be of type integer: "string"',
        ),
        (
            spec(Annotated[int, Skip()]),
            "Spec.f: Skip() has no default for objects that are read; give the field a default",
        ),
        (spec(Annotated[str, Alias("")]), "Spec.f: Alias('') is no name; write the name that the field has in JSON"),
        (spec(int, init=False), "Spec.f: is no argument of the class (init=False); mark it Skip(), or let it be one"),
        (
            spec(Annotated[int, Flatten()]),
            "Spec.f: Flatten() is for classes and dict[str, Any]; take it away, or use a class",
        ),
        (
            spec(Annotated[dict[str, str], Flatten()]),
            "Spec.f: Flatten() holds whatever no other field knows; write dict[str, Any]",
        ),
    ],
)
def test_a_type_that_has_no_schema_says_what_to_use(make, message):
    with pytest.raises(DefinitionError) as caught:
        make()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            spec(int, validator=check),
            "Spec.f: the validator check is Python, which the API server cannot run; say it by a Rule in CEL, or mark the field ClientSide() if only Python is to check it",
        ),
        (
            spec(int, validator=v.is_callable()),
            "Spec.f: the validator IsCallableValidator is Python, which the API server cannot run; say it by a Rule in CEL, or mark the field ClientSide() if only Python is to check it",
        ),
        (
            spec(int | str, validator=v.instance_of(int)),
            "Spec.f: instance_of(int) is narrower than the type of the field; annotate it so",
        ),
        (
            spec(str, validator=v.in_("abc")),
            "Spec.f: in_('abc') asks for a part of a text; write in_(['a', 'b', 'c']), or matches_re(...)",
        ),
        (
            spec(str, validator=v.in_([1])),
            "Spec.f: in_: 1 is no value of this type; choose from values of the type, or write a Rule",
        ),
        (
            spec(list[str], validator=v.in_([["a"]])),
            "Spec.f: in_: a choice is no value of this type; choose from values of the type, or write a Rule",
        ),
        (
            spec(Literal["a"], validator=v.in_(["b"])),
            "Spec.f: in_ leaves nothing to choose from; choose from values of the type",
        ),
        (
            spec(str, validator=v.matches_re("a", re.VERBOSE)),
            "Spec.f: matches_re with VERBOSE, which RE2 does not have; write the pattern without",
        ),
        (
            spec(str, validator=v.matches_re("(?<=a)b")),
            'Spec.f: pattern: Invalid value: "^(?:(?<=a)b)$": must be a valid regular expression, but isn\'t: error parsing regexp: invalid named capture: `(?<=a)b)$`',
        ),
        (
            spec(dict[str, int], validator=v.deep_mapping(v.matches_re("a"), v.ge(1))),
            "Spec.f: deep_mapping checks keys, of which a structural schema says nothing; write a Rule such as Rule(\"self.all(key, key.matches('^[a-z]+$'))\")",
        ),
        (
            spec(str, validator=v.deep_iterable(v.max_len(3))),
            "Spec.f: deep_iterable is for lists; take it away, or change the type",
        ),
        (
            spec(dict[str, int], validator=v.not_(v.deep_mapping(v.instance_of(str), v.ge(1)))),
            "Spec.f: or_ and not_ cannot speak of the values of a mapping; write a Rule in CEL",
        ),
        (
            spec(int, validator=v.not_(v.instance_of(int))),
            "Spec.f: not_ refuses every value of this type; take it away, or change the type",
        ),
        (
            spec(int, validator=v.or_(v.ge(1), check)),
            "Spec.f: the validator check is Python, which the API server cannot run; say it by a Rule in CEL, or mark the field ClientSide() if only Python is to check it",
        ),
        (
            spec(str, validator=v.ge(1)),
            "Spec.f: Ge is for integers and numbers, not for strings; take it away, or change the type",
        ),
        (
            spec(str, converter=str.lower),
            "Spec.f: the converter is Python, which the API server cannot run; take it away, or mark the field ClientSide() if only Python is to convert",
        ),
    ],
)
def test_a_validator_is_said_in_the_schema_or_refused(make, message):
    with pytest.raises(DefinitionError) as caught:
        make()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "hint_and_options",
    [
        (Annotated[int, ClientSide()], {"validator": check}),
        (Annotated[str, ClientSide()], {"converter": str.lower}),
        (Annotated[str, ClientSide(), at.Predicate(str.islower)], {}),
        (Annotated[int, ClientSide()], {"validator": v.not_(check)}),
        (Annotated[dict[str, int], ClientSide()], {"validator": v.deep_mapping(v.matches_re("a"), check)}),
    ],
    ids=["validator", "converter", "predicate", "not_", "deep_mapping"],
)
def test_what_only_python_can_check_is_left_to_python_when_the_field_says_so(hint_and_options):
    hint, options = hint_and_options

    assert kube_schema(attrs.make_class("Spec", {"f": attrs.field(type=hint, **options)}, kw_only=True))


class TypeAliasType:
    """Stands for what Python 3.12 makes of ``type Json = dict[str, Json]``: its value is looked up when asked for."""

    @property
    def __value__(self):
        return dict[str, self]

    def __repr__(self):
        return "Json"


def test_an_alias_that_refers_to_itself_is_refused():
    with pytest.raises(DefinitionError) as caught:
        spec(TypeAliasType())()

    assert str(caught.value) == (
        "Spec.f: Json refers to itself, and a structural schema cannot; "
        "use Annotated[Any, PreserveUnknown()] where it begins again"
    )


def test_a_generic_class_cannot_grow_into_itself():
    @attrs.define
    class Tower(Generic[T]):
        top: T
        rest: Tower[list[T]] | None = None

    from kubecrd.resource.typehints import type_hints

    type_hints(Tower, {"Tower": Tower})

    _, derivation = derive(attrs.make_class("Spec", {"f": attrs.field(type=Tower[int])}))

    assert [problem.wrong for problem in derivation.problems] == [
        "Tower contains itself, and a structural schema cannot"
    ]


def test_a_field_that_begins_with_an_underscore_is_not_guessed_at():
    with pytest.raises(DefinitionError) as caught:

        @kube_schema
        class Spec:
            _cache: int = 0

    assert str(caught.value) == (
        "Spec._cache: begins with an underscore; mark it Skip(), or give it an Alias if it is in JSON"
    )


def test_a_field_without_an_annotation_is_not_lost():
    with pytest.raises(DefinitionError, match=r"^Spec: The following `attr.ib`s lack a type annotation: size\.$"):

        @kube_schema
        class Spec:
            name: str
            size = field(default=1)


def test_a_field_of_an_attrs_class_has_an_annotation():
    with pytest.raises(DefinitionError, match=r"^Spec.size: has no annotation; write size: str, or what it is$"):

        @kube_schema
        @attrs.define
        class Spec:
            size = field(default=1)


def test_an_object_has_its_kind_already():
    with pytest.raises(DefinitionError, match=r"^Cake.kind_: every object has 'kind' already; choose another name$"):

        @custom_resource(group="shop.example.com", version="v1")
        class Cake(Resource):
            kind_: str


@kube_schema
class Tagged:
    type: Literal["a"] = "a"
    limit: Annotated[int, at.Le(3)] = 1


@kube_schema
class TaggedOther:
    type: Literal["b"] = "b"
    limit: str = ""


@kube_schema
class Outer:
    name: str


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (
            Tagged | TaggedOther,
            "Spec.f: 'limit' is not of one type in Tagged and TaggedOther; give one of them an Alias",
        ),
        (
            Annotated[Outer, Flatten()],
            "Spec.f: brings the field 'name', which is there already; give one of them an Alias",
        ),
    ],
    ids=str,
)
def test_fields_that_come_together_agree(hint, message):
    fields = {"name": attrs.field(type=str), "f": attrs.field(type=hint)}

    with pytest.raises(DefinitionError) as caught:
        kube_schema(attrs.make_class("Spec", fields, kw_only=True))

    assert str(caught.value) == message


def test_not_a_class_is_not_decorated():
    with pytest.raises(DefinitionError, match=r"^spec: is no class; decorate a class$"):
        kube_schema(spec)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Data, "Data: is made by @dataclass already; take @dataclass away"),
        (Model, "Model: is made by pydantic already; write a plain class, without the base"),
    ],
)
def test_a_class_of_another_library_is_not_decorated(cls, message):
    with pytest.raises(DefinitionError) as caught:
        kube_schema(cls)

    assert str(caught.value) == message
