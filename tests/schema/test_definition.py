"""From classes to definitions: what comes out, and what is told about classes that cannot become one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import annotated_types as at
import attrs
import pytest
from attrs import field

from kubecrd import (
    Alias,
    Atomic,
    Column,
    Condition,
    Default,
    Doc,
    EmbeddedResource,
    Format,
    IntOrString,
    ListMap,
    ListSet,
    MaxProperties,
    MinProperties,
    Nullable,
    ObjectMeta,
    Pattern,
    PreserveUnknown,
    Resource,
    Rule,
    Scale,
    SchemaOverride,
    Title,
    Versions,
    custom_resource,
    kube_schema,
    merge_crds,
    validate,
    verdict,
)
from kubecrd.errors import DefinitionError, InvalidObjectError
from kubecrd.resource.codec import to_dict as encode
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.crd import CustomResourceDefinition, CustomResourceSubresources, CustomResourceSubresourceScale
from kubecrd.schema.derivation import derive
from kubecrd.schema.manifests import dump

GOLDEN = Path(__file__).parent / "pizza.yaml"


@kube_schema
class Topping:
    name: Annotated[str, at.MaxLen(40)]
    grams: Annotated[int, at.Interval(ge=1, le=500)] = 30


@kube_schema(rules=[Rule("self.size >= 20 || size(self.toppings) <= 5", message="too small for so much")])
class PizzaSpec:
    """What to bake."""

    size: Annotated[int, at.Interval(ge=10, le=50)]
    """Diameter in centimetres."""
    toppings: Annotated[list[Topping], ListMap("name"), at.MaxLen(20)] = field(factory=list)
    crust: Literal["thin", "thick"] = "thin"


@kube_schema
class PizzaStatus:
    phase: str | None = None
    conditions: Annotated[list[Condition], ListMap("type")] = field(factory=list)


@custom_resource(
    group="shop.example.com",
    version="v1",
    short_names=["pz"],
    columns=[Column("Size", ".spec.size", "integer")],
)
class Pizza(Resource):
    """A pizza, on order."""

    spec: PizzaSpec
    status: PizzaStatus | None = None


def pizza(size=30, toppings=0, **more):
    spec = PizzaSpec(size=size, toppings=[Topping(name=f"t{n}") for n in range(toppings)], **more)
    return Pizza(metadata=ObjectMeta(name="margherita", namespace="default"), spec=spec)


def test_the_definition_of_a_class_is_as_it_was_read_and_found_good():
    assert dump(Pizza.crd().to_dict()) == GOLDEN.read_text()


def test_the_api_server_takes_the_definition():
    assert check_crd(prepare_crd(Pizza.crd().to_dict())) == []


def test_a_definition_can_be_changed_without_changing_the_class():
    Pizza.crd().spec.versions[0].served = False

    assert Pizza.crd().spec.versions[0].served


class Oven(StrEnum):
    STONE = "Stone"
    GAS = "Gas"


Port = Annotated[int, at.Interval(ge=1, le=65535)]


@kube_schema
class Inner:
    """An inner one."""

    x: int


STRING, INTEGER = {"type": "string"}, {"type": "integer", "format": "int64"}
ANY = {"x-kubernetes-preserve-unknown-fields": True}
INNER = {"description": "An inner one.", "type": "object", "properties": {"x": INTEGER}, "required": ["x"]}


def schema_of(hint, **options):
    cls = attrs.make_class("Made", {"f": attrs.field(type=hint, **options)}, kw_only=True)
    schema, derivation = derive(cls)
    assert derivation.problems == []
    return schema["properties"]["f"], "f" in schema.get("required", ())


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        pytest.param(str, STRING, marks=pytest.mark.kube_rs("D60")),
        pytest.param(bool, {"type": "boolean"}, marks=pytest.mark.kube_rs("D60")),
        pytest.param(int, INTEGER, marks=pytest.mark.kube_rs("D61")),
        pytest.param(float, {"type": "number", "format": "double"}, marks=pytest.mark.kube_rs("D61")),
        (bytes, {"type": "string", "format": "byte"}),
        pytest.param(datetime, {"type": "string", "format": "date-time"}, marks=pytest.mark.kube_rs("D72")),
        (date, {"type": "string", "format": "date"}),
        (Final[int], INTEGER),
        (UUID, {"type": "string", "format": "uuid"}),
        (IPv4Address, {"type": "string", "format": "ipv4"}),
        pytest.param(Any, ANY, marks=pytest.mark.kube_rs("D74")),
        pytest.param(Oven, {"type": "string", "enum": ["Stone", "Gas"]}, marks=pytest.mark.kube_rs("D67")),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, 2], {"type": "integer", "enum": [1, 2]}),
        pytest.param(list[str], {"type": "array", "items": STRING}, marks=pytest.mark.kube_rs("D64")),
        (tuple[int, ...], {"type": "array", "items": INTEGER}),
        (set[str], {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}),
        (frozenset[str], {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}),
        pytest.param(
            dict[str, int], {"type": "object", "additionalProperties": INTEGER}, marks=pytest.mark.kube_rs("D65")
        ),
        pytest.param(Inner, INNER, marks=pytest.mark.kube_rs("D66")),
        (list[Inner], {"type": "array", "items": INNER}),
        pytest.param(int | str, {"x-kubernetes-int-or-string": True}, marks=pytest.mark.kube_rs("D73")),
        (Annotated[Any, IntOrString()], {"x-kubernetes-int-or-string": True}),
        (Port, {**INTEGER, "minimum": 1, "maximum": 65535}),
        (list[Port], {"type": "array", "items": {**INTEGER, "minimum": 1, "maximum": 65535}}),
        (
            Annotated[int, at.Gt(1), at.Lt(9)],
            {**INTEGER, "minimum": 1, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True},
        ),
        (Annotated[int, at.MultipleOf(5)], {**INTEGER, "multipleOf": 5}),
        (Annotated[str, at.Len(1, 9)], {**STRING, "minLength": 1, "maxLength": 9}),
        (Annotated[list[str], at.Len(1, 9)], {"type": "array", "items": STRING, "minItems": 1, "maxItems": 9}),
        (
            Annotated[dict[str, str], at.MaxLen(9)],
            {"type": "object", "additionalProperties": STRING, "maxProperties": 9},
        ),
        (
            Annotated[dict[str, str], MinProperties(1), MaxProperties(2)],
            {"type": "object", "additionalProperties": STRING, "minProperties": 1, "maxProperties": 2},
        ),
        (Annotated[str, Pattern("^a$"), Format("email")], {**STRING, "pattern": "^a$", "format": "email"}),
        (Annotated[str, at.doc("D")], {"description": "D", **STRING}),
        (Annotated[str, Title("T"), Doc("D")], {"description": "D", **STRING, "title": "T"}),
        (Annotated[list[str], ListSet()], {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}),
        (Annotated[list[str], Atomic()], {"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"}),
        (Annotated[Inner, Atomic()], {**INNER, "x-kubernetes-map-type": "atomic"}),
        (Annotated[Inner, PreserveUnknown()], {**INNER, **ANY}),
        (
            Annotated[dict[str, Any], EmbeddedResource()],
            {"type": "object", "x-kubernetes-embedded-resource": True, **ANY},
        ),
        (Annotated[str, SchemaOverride({"format": "x", "type": None})], {"format": "x"}),
        (
            Annotated[str, Rule("self != ''", message="m", reason="FieldValueRequired")],
            {
                **STRING,
                "x-kubernetes-validations": [{"rule": "self != ''", "message": "m", "reason": "FieldValueRequired"}],
            },
        ),
    ],
    ids=str,
)
def test_a_type_has_its_schema(hint, schema):
    assert schema_of(hint) == (schema, True)


@pytest.mark.kube_rs("D63")
@pytest.mark.parametrize(
    ("hint", "options", "default", "required"),
    [
        (int, {}, None, True),
        (int, {"default": 3}, 3, False),
        (str | None, {"default": None}, None, False),
        (list[str], {"factory": list}, [], False),
        (dict[str, str], {"factory": dict}, {}, False),
        (Oven, {"default": Oven.GAS}, "Gas", False),
        (bytes, {"default": b"wax"}, "d2F4", False),
        (Annotated[int, Default(7)], {"default": 3}, 7, False),
        (str, {"factory": lambda: "made here"}, None, False),
    ],
)
def test_a_literal_default_is_the_schemas_and_what_has_none_is_required(hint, options, default, required):
    schema, is_required = schema_of(hint, **options)

    assert schema.get("default") == default
    assert is_required is required


def test_a_nullable_field_says_so():
    schema, required = schema_of(Annotated[str | None, Nullable()])

    assert schema == {**STRING, "nullable": True}
    assert required


@pytest.mark.parametrize(
    ("validator", "entries"),
    [
        (attrs.validators.ge(1), {"minimum": 1}),
        (attrs.validators.lt(9), {"maximum": 9, "exclusiveMaximum": True}),
        (attrs.validators.and_(attrs.validators.ge(1), attrs.validators.le(9)), {"minimum": 1, "maximum": 9}),
        (attrs.validators.optional(attrs.validators.gt(1)), {"minimum": 1, "exclusiveMinimum": True}),
        (attrs.validators.in_([1, 2]), {"enum": [1, 2]}),
    ],
)
def test_attrs_validators_are_understood(validator, entries):
    assert schema_of(int, validator=validator)[0] == {**INTEGER, **entries}


@pytest.mark.parametrize(
    ("validator", "entries"),
    [
        (attrs.validators.max_len(9), {"maxLength": 9}),
        (attrs.validators.min_len(1), {"minLength": 1}),
        (attrs.validators.matches_re("a|b"), {"pattern": "^(?:a|b)$"}),
    ],
)
def test_attrs_validators_of_strings_are_understood(validator, entries):
    assert schema_of(str, validator=validator)[0] == {**STRING, **entries}


def test_validators_of_items_belong_to_the_items():
    validator = attrs.validators.deep_iterable(attrs.validators.max_len(9), attrs.validators.max_len(3))

    assert schema_of(list[str], validator=validator)[0] == {
        "type": "array",
        "items": {**STRING, "maxLength": 9},
        "maxItems": 3,
    }


def test_names_are_camel_case_unless_there_is_an_alias():
    @kube_schema
    class Names:
        min_size: int
        cluster_ip: Annotated[str, Alias("clusterIP")]

    assert derive(Names)[0]["required"] == ["clusterIP", "minSize"]


def test_descriptions_come_from_sections_of_the_docstring_too():
    @kube_schema
    class Described:
        """What it is.

        Attributes:
            a: The first,
                over two lines.
            b: The second.
        """

        a: int
        b: int
        """The string under it wins."""

    schema, _ = derive(Described)

    assert schema["description"] == "What it is."
    assert schema["properties"]["a"]["description"] == "The first,\nover two lines."
    assert schema["properties"]["b"]["description"] == "The string under it wins."


def test_fields_are_inherited():
    @kube_schema
    class Base:
        a: int

    @kube_schema
    class Derived(Base):
        b: int

    assert list(derive(Derived)[0]["properties"]) == ["a", "b"]


def test_a_class_that_is_attrs_already_stays_as_it_is():
    @kube_schema
    @attrs.frozen
    class Frozen:
        a: int

    assert attrs.fields(Frozen).a
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Frozen(1).a = 2


def test_a_recursion_ends_where_unknown_fields_are_kept():
    @attrs.define(kw_only=True)
    class Tree:
        children: Annotated[list[Annotated[Tree, PreserveUnknown()]], at.MaxLen(9)] = field(factory=list)

    from kubecrd.resource.typehints import type_hints

    type_hints(Tree, {"Tree": Tree})

    assert derive(Tree)[0]["properties"]["children"]["items"] == {"type": "object", **ANY}


# --- definitions


def define(**options):
    @custom_resource(**{"group": "shop.example.com", "version": "v1", **options})
    class Cake(Resource):
        spec: Inner

    return Cake.crd().spec


@pytest.mark.kube_rs("K135")
def test_names_are_derived_from_the_class():
    names = define().names

    assert (names.kind, names.plural, names.singular, names.list_kind) == ("Cake", "cakes", "cake", "CakeList")


def test_options_go_where_they_belong():
    spec = define(
        plural="gateaux",
        scope="Cluster",
        categories=["all"],
        deprecated="eat v2",
        selectable_fields=[".spec.x"],
    )
    version = spec.versions[0]

    assert (spec.names.plural, spec.scope, spec.names.categories) == ("gateaux", "Cluster", ["all"])
    assert (version.deprecated, version.deprecation_warning) == (True, "eat v2")
    assert version.selectable_fields[0].json_path == ".spec.x"


def test_the_scale_subresource_has_the_paths_of_the_class():
    @custom_resource(
        group="shop.example.com",
        version="v1",
        scale=Scale(spec_replicas_path=".spec.x", status_replicas_path=".status.x"),
    )
    class Cake(Resource):
        spec: Inner
        status: Inner | None = None

    assert Cake.crd().spec.versions[0].subresources == CustomResourceSubresources(
        status={}, scale=CustomResourceSubresourceScale(spec_replicas_path=".spec.x", status_replicas_path=".status.x")
    )


def test_what_was_not_said_is_left_out():
    """Or a GitOps tool would see a difference for ever."""
    version = define().versions[0]

    assert encode(version).keys() == {"name", "served", "storage", "schema"}


def version_of(name, *, storage, group="shop.example.com"):
    @custom_resource(group=group, version=name, kind="Cake", storage=storage)
    class Cake(Resource):
        spec: Inner

    return Cake.crd()


@pytest.mark.kube_rs("K136", "D35")
def test_versions_are_merged_into_one_definition():
    merged = merge_crds([version_of("v1beta1", storage=False), version_of("v1", storage=True)], stored="v1")

    assert [(each.name, each.storage) for each in merged.spec.versions] == [("v1", True), ("v1beta1", False)]
    assert check_crd(prepare_crd(merged.to_dict())) == []


@pytest.mark.kube_rs("K136", "D35")
def test_the_versions_of_a_family_of_classes_are_one_definition():
    @kube_schema
    class Old:
        size: str

    @custom_resource(group="shop.example.com", version="v1", kind="Cake", storage=False)
    class CakeV1(Resource):
        spec: Old

    @custom_resource(group="shop.example.com", version="v2", kind="Cake")
    class CakeV2(Resource):
        spec: Inner

    merged = merge_crds(Versions(CakeV1, CakeV2))

    assert [(each.name, each.storage) for each in merged.spec.versions] == [("v2", True), ("v1", False)]
    assert merge_crds([CakeV1, CakeV2], stored="v1").spec.versions[0].name == "v1"


@pytest.mark.kube_rs("K136")
@pytest.mark.parametrize(
    ("crds", "stored", "message"),
    [
        (
            [("v1", {}), ("v2", {})],
            None,
            (
                "merge_crds: of the versions v1, v2, 0 are stored; say which one by stored=, "
                "or say storage=False to @custom_resource of the others"
            ),
        ),
        ([], "v1", "merge_crds: no definitions to merge"),
        ([("v1", {}), ("v1", {})], "v1", "merge_crds: the version 'v1' is there twice"),
        ([("v1", {})], "v2", "merge_crds: no definition has the stored version 'v2'; choose from v1"),
        (
            [("v1", {}), ("v2", {"group": "other.example.com"})],
            "v1",
            "merge_crds: group differs between v1 and v2: 'shop.example.com', 'other.example.com'",
        ),
    ],
)
def test_what_cannot_be_merged_says_why(crds, stored, message):
    made = [version_of(name, storage=False, **options) for name, options in crds]

    with pytest.raises(DefinitionError) as caught:
        merge_crds(made, stored=stored)

    assert str(caught.value) == message


def test_a_definition_survives_its_yaml():
    import yaml

    document = Pizza.crd().to_dict()

    assert CustomResourceDefinition.from_dict(yaml.safe_load(dump(document))).to_dict() == document


# --- verdicts


def test_a_good_object_is_taken():
    validate(pizza())


def test_a_rule_of_the_class_is_run():
    with pytest.raises(InvalidObjectError) as caught:
        validate(pizza(size=15, toppings=6))

    assert (
        str(caught.value)
        == 'Pizza.shop.example.com "margherita" is invalid: spec: Invalid value: too small for so much'
    )


def test_every_fault_is_told_with_its_field():
    causes = verdict(pizza(size=5, crust="square"))

    assert [cause.field for cause in causes] == ["spec.size", "spec.crust", "<nil>"]


def test_an_object_without_a_class_of_its_own_has_no_verdict():
    with pytest.raises(DefinitionError, match="only a class decorated with @custom_resource has a definition"):
        validate(CustomResourceDefinition.from_dict(Pizza.crd().to_dict()))


def test_what_was_wrong_before_may_stay():
    """KEP-4008: an update is not refused for what it did not touch."""
    old, new = pizza(size=5), pizza(size=5)
    new.spec.crust = "thick"

    validate(new, old=old)
