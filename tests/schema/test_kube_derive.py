"""What the derive macros of kube-rs do, done by decorators and markers; the marks name the rows of docs/kube-rs.md."""

from __future__ import annotations

import copy
from typing import Annotated, Any, Literal

import annotated_types as at
import attrs
import pytest
import yaml
from attrs import field

from kubecrd import (
    Atomic,
    Column,
    CustomResourceDefinition,
    Granular,
    ListMap,
    ListSet,
    ObjectMeta,
    Resource,
    Rule,
    Scale,
    custom_resource,
    kube_schema,
    resource_view,
    validate,
    verdict,
)
from kubecrd.errors import DecodeError, DefinitionError, InvalidObjectError
from kubecrd.schema.derivation import derive

GROUP = {"group": "shop.example.com", "version": "v1"}


@kube_schema(rules=[Rule("self.replicas <= 10", message="too many"), Rule("self.replicas >= oldSelf.replicas")])
class Spec:
    replicas: int = 1
    color: str = "red"


@kube_schema
class Status:
    replicas: int = 0
    selector: str | None = None


def shop(**options: Any) -> type[Resource]:
    @custom_resource(**(GROUP | options))
    class Shop(Resource):
        """A shop."""

        spec: Spec
        status: Status | None = None

    return Shop


def version(cls: type[Resource]) -> dict[str, Any]:
    """The one version of the definition of a class."""
    return cls.crd().to_dict()["spec"]["versions"][0]


def schema(cls: type) -> dict[str, Any]:
    return derive(cls)[0]


# --- the decorator of a resource


@pytest.mark.kube_rs("D1", "D2", "D3")
def test_group_and_version_are_given_and_the_names_come_from_the_class():
    spec = shop().crd().spec

    assert (spec.group, spec.versions[0].name) == ("shop.example.com", "v1")
    assert (spec.names.kind, spec.names.singular, spec.names.plural) == ("Shop", "shop", "shops")


@pytest.mark.kube_rs("D2", "D3", "D4")
def test_each_name_can_be_another_than_that_of_the_class():
    names = shop(kind="Store", singular="outlet", plural="outlets").crd().spec.names

    assert (names.kind, names.singular, names.plural) == ("Store", "outlet", "outlets")


@pytest.mark.kube_rs("D5")
def test_objects_are_namespaced_unless_it_is_said():
    assert [shop().crd().spec.scope, shop(scope="Cluster").crd().spec.scope] == ["Namespaced", "Cluster"]


@pytest.mark.kube_rs("D6", "D13", "D12")
def test_a_field_called_status_makes_the_subresource_and_options_go_where_they_belong():
    made = shop(short_names=["sh"], categories=["all"], selectable_fields=[".spec.color"])

    assert version(made)["subresources"] == {"status": {}}
    assert version(made)["selectableFields"] == [{"jsonPath": ".spec.color"}]
    assert (made.crd().spec.names.short_names, made.crd().spec.names.categories) == (["sh"], ["all"])


@pytest.mark.kube_rs("D7")
def test_a_resource_is_compared_shown_and_evolved_as_any_attrs_class():
    cls = shop()
    first = cls(metadata=ObjectMeta(name="a"), spec=Spec())

    assert first == cls(metadata=ObjectMeta(name="a"), spec=Spec())
    assert "replicas=1" in repr(first)
    assert attrs.evolve(first, spec=Spec(replicas=2)).spec.replicas == 2


@pytest.mark.kube_rs("D8")
def test_a_class_may_have_been_made_by_attrs_with_other_options():
    @custom_resource(**GROUP)
    @attrs.define(kw_only=True, order=True)
    class Shop(Resource):
        spec: Spec

    assert Shop(spec=Spec()).spec == Spec()
    assert version(Shop)["schema"]["openAPIV3Schema"]["required"] == ["spec"]


@pytest.mark.kube_rs("D9")
def test_a_schema_can_be_given_instead_of_derived():
    whole = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

    assert version(shop(schema=whole))["schema"]["openAPIV3Schema"] == whole


@pytest.mark.kube_rs("D10")
def test_scale_has_paths_and_is_refused_where_they_lead_nowhere():
    made = shop(scale=Scale(label_selector_path=".status.selector"))

    assert version(made)["subresources"]["scale"] == {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    with pytest.raises(DefinitionError, match=r"scale reads \.status\.replicas, but the object has no field 'status'"):

        @custom_resource(**GROUP, scale=Scale())
        class Stateless(Resource):
            spec: Spec


@pytest.mark.kube_rs("D11")
def test_columns_have_all_that_the_server_knows_and_are_checked():
    column = Column("Count", ".spec.replicas", "integer", description="How many.", format="int32", priority=1)

    assert version(shop(columns=[column]))["additionalPrinterColumns"] == [
        {
            "name": "Count",
            "jsonPath": ".spec.replicas",
            "type": "integer",
            "description": "How many.",
            "format": "int32",
            "priority": 1,
        }
    ]
    with pytest.raises(DefinitionError, match=r"\.spec has no field 'replica'; did you mean 'replicas'\?"):
        shop(columns=[Column("Count", ".spec.replica")])


@pytest.mark.kube_rs("D14", "D75")
def test_the_description_is_the_docstring_or_what_is_given():
    assert version(shop())["schema"]["openAPIV3Schema"]["description"] == "A shop."
    assert version(shop(description="Sells."))["schema"]["openAPIV3Schema"]["description"] == "Sells."


@pytest.mark.kube_rs("D15")
def test_labels_and_annotations_are_those_of_the_definition_not_of_its_objects():
    made = shop(labels={"team": "a"}, annotations={"note": "b"})

    assert (made.crd().metadata.labels, made.crd().metadata.annotations) == ({"team": "a"}, {"note": "b"})
    assert made(spec=Spec()).metadata.labels == {}


@pytest.mark.kube_rs("D16")
@pytest.mark.parametrize("served", [True, False])
def test_a_version_is_served_and_stored_unless_it_is_said(served):
    assert (version(shop())["served"], version(shop())["storage"]) == (True, True)
    assert version(shop(served=served))["served"] is served
    assert version(shop(storage=False))["storage"] is False


@pytest.mark.kube_rs("D17")
def test_a_version_is_deprecated_with_or_without_a_text():
    assert (version(shop(deprecated=True))["deprecated"], "deprecationWarning" in version(shop(deprecated=True))) == (
        True,
        False,
    )
    assert version(shop(deprecated="use v2"))["deprecationWarning"] == "use v2"


@pytest.mark.kube_rs("D18", "D40")
def test_rules_stand_at_the_whole_object_at_a_class_and_at_a_field_in_their_order():
    @kube_schema(rules=[Rule("self.a > 0"), Rule("self.a < 9", message="small", field_path=".a")])
    class Inner:
        a: Annotated[int, Rule("self != 3", message="not three"), Rule("self != 4")]

    @custom_resource(**GROUP, rules=[Rule("self.metadata.name != 'x'")])
    class Shop(Resource):
        spec: Inner

    root = version(Shop)["schema"]["openAPIV3Schema"]
    inner = root["properties"]["spec"]
    assert root["x-kubernetes-validations"] == [{"rule": "self.metadata.name != 'x'"}]
    assert inner["x-kubernetes-validations"] == [
        {"rule": "self.a > 0"},
        {"rule": "self.a < 9", "message": "small", "fieldPath": ".a"},
    ]
    assert inner["properties"]["a"]["x-kubernetes-validations"] == [
        {"rule": "self != 3", "message": "not three"},
        {"rule": "self != 4"},
    ]


@pytest.mark.kube_rs("D19")
def test_the_rules_of_an_object_run_in_this_process():
    cls = shop()
    old, new = (
        cls(metadata=ObjectMeta(name="a"), spec=Spec(replicas=5)),
        cls(metadata=ObjectMeta(name="a"), spec=Spec(replicas=4)),
    )

    assert verdict(old) == []
    assert [str(error) for error in verdict(new, old)] == [
        "spec: Invalid value: failed rule: self.replicas >= oldSelf.replicas"
    ]
    with pytest.raises(InvalidObjectError, match="too many"):
        validate(cls(metadata=ObjectMeta(name="a"), spec=Spec(replicas=11)))


# --- what comes out


@pytest.mark.kube_rs("D30", "D32")
def test_a_resource_is_made_of_metadata_spec_and_status():
    made = shop()(metadata=ObjectMeta(name="a"), spec=Spec(replicas=3))

    assert (made.metadata.name, made.spec.replicas, made.status) == ("a", 3, None)
    assert copy.deepcopy(made) == made


@pytest.mark.kube_rs("D31")
def test_kind_and_version_are_written_and_another_kind_is_refused():
    cls = shop()
    document = cls(metadata=ObjectMeta(name="a"), spec=Spec()).to_dict()

    assert (document["apiVersion"], document["kind"]) == ("shop.example.com/v1", "Shop")
    with pytest.raises(DecodeError, match="Store"):
        cls.from_dict({**document, "kind": "Store"})


@pytest.mark.kube_rs("D33", "D66")
def test_the_schema_is_inlined_without_metadata_and_what_is_required_is_sorted():
    @kube_schema
    class Inner:
        b: int
        a: int
        c: int | None = None
        d: int = 3

    @custom_resource(**GROUP)
    class Shop(Resource):
        spec: Inner

    integer = {"type": "integer", "format": "int64"}
    assert version(Shop)["schema"]["openAPIV3Schema"] == {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "required": ["a", "b"],
                "properties": {"b": integer, "a": integer, "c": integer, "d": {**integer, "default": 3}},
            }
        },
    }


@pytest.mark.kube_rs("D34")
def test_what_is_not_said_is_absent_and_not_empty():
    @custom_resource(**GROUP)
    class Shop(Resource):
        spec: Spec

    assert version(Shop).keys() == {"name", "served", "storage", "schema"}
    assert Shop.crd().to_dict()["spec"]["names"].keys() == {"kind", "listKind", "plural", "singular"}


@pytest.mark.kube_rs("D36")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colums": []}, "Shop: custom_resource has no option 'colums'; did you mean 'columns'?"),
        (
            {"scale": {"status_replica_path": ".status.replicas"}},
            "Shop: scale has no option 'status_replica_path'; did you mean 'status_replicas_path'?",
        ),
    ],
    ids=["option", "scale"],
)
def test_a_misspelt_option_is_told_with_the_nearest(options, message):
    with pytest.raises(DefinitionError) as caught:
        shop(**options)

    assert str(caught.value) == message


# --- parts


@pytest.mark.kube_rs("D41")
@pytest.mark.parametrize(
    ("hint", "keywords"),
    [
        (Annotated[list[Spec], ListMap("color")], {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["color"]}),
        (Annotated[list[str], ListSet()], {"x-kubernetes-list-type": "set"}),
        (Annotated[list[str], Atomic()], {"x-kubernetes-list-type": "atomic"}),
        (Annotated[dict[str, str], Atomic()], {"x-kubernetes-map-type": "atomic"}),
        (Annotated[dict[str, str], Granular()], {"x-kubernetes-map-type": "granular"}),
        (Annotated[Spec, Atomic()], {"x-kubernetes-map-type": "atomic"}),
    ],
    ids=["list map", "list set", "atomic list", "atomic map", "granular map", "atomic object"],
)  # fmt: skip
def test_appliers_are_told_how_to_merge(hint, keywords):
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=hint)}, kw_only=True))["properties"]["f"]

    assert {key: made[key] for key in made if key.endswith(("list-type", "list-map-keys", "map-type"))} == keywords


@pytest.mark.kube_rs("D42")
@pytest.mark.parametrize(
    ("new", "old", "told"),
    [
        (Spec(), None, []),
        (Spec(replicas=11), None, ["self: Invalid value: too many"]),
        (Spec(replicas=1), Spec(replicas=2), ["self: Invalid value: failed rule: self.replicas >= oldSelf.replicas"]),
    ],
    ids=["good", "bad", "worse than before"],
)
def test_a_part_of_an_object_has_a_verdict_too(new, old, told):
    assert [str(error) for error in verdict(new, old)] == told


def test_all_that_is_wrong_with_a_part_is_told():
    @kube_schema
    class Part:
        size: Annotated[int, at.Ge(3)]
        items: Annotated[list[Spec], ListMap("color")] = field(factory=list)

    part = Part(size=2, items=[Spec(), Spec()])

    assert [str(error) for error in verdict(part)] == [
        "self.size: Invalid value: 2: size in body should be greater than or equal to 3",
        'self.items[1]: Duplicate value: {"color":"red"}',
    ]
    assert verdict(part, part) == [], "what has not changed is forgiven"
    with pytest.raises(InvalidObjectError, match=r"^Part is invalid: \[self\.size: Invalid value: 2"):
        validate(part)


def test_what_has_no_schema_has_no_verdict():
    with pytest.raises(DefinitionError, match=r"^int: has no schema; decorate it with @kube_schema"):
        verdict(3)


@pytest.mark.kube_rs("D44")
def test_a_member_of_a_union_has_rules_which_run_only_where_it_is_meant():
    @kube_schema(rules=[Rule("self.litres > 0")])
    class Bottle:
        type: Literal["bottle"] = "bottle"
        litres: int

    @kube_schema
    class Box:
        type: Literal["box"] = "box"
        grams: int

    @kube_schema
    class Pack:
        content: Bottle | Box

    assert verdict(Pack(content=Box(grams=0))) == []
    assert [str(error) for error in verdict(Pack(content=Bottle(litres=0)))] == [
        "self.content: Invalid value: failed rule: self.litres > 0"
    ]


@pytest.mark.kube_rs("D50")
def test_a_class_of_ones_own_can_be_a_view_of_a_built_in_kind():
    @resource_view(version="v1", kind="ConfigMap")
    class Settings(Resource):
        data: dict[str, str] = field(factory=dict)

    read = Settings.from_dict(
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}, "binaryData": {"b": "eA=="}}
    )

    assert (Settings.api_resource.plural, read.data) == ("configmaps", {"k": "v"})
    assert not hasattr(read, "binary_data")


def test_the_definition_of_a_class_is_read_back_from_yaml():
    document = shop().crd().to_dict()

    assert CustomResourceDefinition.from_dict(yaml.safe_load(yaml.safe_dump(document))).to_dict() == document
