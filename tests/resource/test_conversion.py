"""Versions of one kind: objects of one become objects of another, and what a version cannot say is kept when asked."""

from __future__ import annotations

import json

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import DecodeError, DefinitionError
from kubecrd.resource.conversion import Versions, convert, lost_fields
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.objects import Resource, resource_view

GROUP = "shop.example.com"


@define(kw_only=True)
class SpecV1:
    size: str = "30cm"


@define(kw_only=True)
class SpecV2:
    size: int = 30
    crust: str | None = None
    extras: dict[str, str] = field(factory=dict)


def family(*, keep_lost=False, hub=True):
    """A family of three versions, of which v2 is the hub."""

    @resource_view(group=GROUP, version="v1", kind="Pizza")
    class PizzaV1(Resource):
        spec: SpecV1 = field(factory=SpecV1)

    @resource_view(group=GROUP, version="v2", kind="Pizza")
    class PizzaV2(Resource):
        spec: SpecV2 = field(factory=SpecV2)

    @resource_view(group=GROUP, version="v3", kind="Pizza")
    class PizzaV3(Resource):
        spec: SpecV2 = field(factory=SpecV2)

    versions = Versions(PizzaV1, PizzaV2, PizzaV3, hub=PizzaV2 if hub else None, keep_lost=keep_lost)

    @versions.converter
    def from_v1(old: PizzaV1) -> PizzaV2:
        return PizzaV2(spec=SpecV2(size=int(old.spec.size.removesuffix("cm"))))

    @versions.converter
    def to_v1(new: PizzaV2) -> PizzaV1:
        return PizzaV1(spec=SpecV1(size=f"{new.spec.size}cm"))

    @versions.converter
    def to_v3(old: PizzaV2) -> PizzaV3:
        return PizzaV3(metadata=old.metadata, spec=old.spec)

    @versions.converter
    def from_v3(new: PizzaV3) -> PizzaV2:
        return PizzaV2(metadata=new.metadata, spec=new.spec)

    return versions, PizzaV1, PizzaV2, PizzaV3


META = {"name": "a", "namespace": "b", "uid": "c", "labels": {"x": "y"}, "resourceVersion": "7"}


def test_an_object_becomes_one_of_another_version():
    _, v1, v2, _ = family()

    assert convert(v1(spec=SpecV1(size="40cm")), to=v2) == v2(spec=SpecV2(size=40))


def test_the_way_leads_through_the_hub():
    _, v1, _, v3 = family()

    assert convert(v1(spec=SpecV1(size="40cm")), to=v3) == v3(spec=SpecV2(size=40))


def test_an_object_of_the_version_that_is_wanted_stays_as_it_is():
    _, v1, _, _ = family()
    pizza = v1()

    assert convert(pizza, to=v1) is pizza


def test_name_uid_and_labels_are_taken_over():
    versions, *_ = family()

    converted = versions.convert_document(
        {"apiVersion": f"{GROUP}/v1", "kind": "Pizza", "metadata": META, "spec": {"size": "9cm"}}, f"{GROUP}/v3"
    )

    assert converted == {
        "apiVersion": f"{GROUP}/v3",
        "kind": "Pizza",
        "metadata": META,
        "spec": {"size": 9, "extras": {}},
    }


def test_a_converter_may_set_labels_but_not_the_name():
    @resource_view(group=GROUP, version="v1", kind="Pie")
    class PieV1(Resource):
        pass

    @resource_view(group=GROUP, version="v2", kind="Pie")
    class PieV2(Resource):
        pass

    versions = Versions(PieV1, PieV2)

    @versions.converter
    def upgrade(_old: PieV1) -> PieV2:
        return PieV2(metadata=ObjectMeta(name="other", labels={"new": "1"}))

    converted = convert(PieV1(metadata=ObjectMeta(name="a", labels={"old": "1"})), to=PieV2)
    assert (converted.metadata.name, converted.metadata.labels) == ("a", {"new": "1"})


# --- what gets lost


def test_what_is_lost_on_the_way_and_back_is_told():
    _, v1, v2, v3 = family()
    pizza = v2(spec=SpecV2(crust="thin", extras={"a": "b"}))

    assert lost_fields(pizza, through=v1) == ["spec.extras.a", "spec.crust"]
    assert lost_fields(pizza, through=v3) == []


def test_what_would_be_lost_is_kept_in_an_annotation():
    _, v1, v2, _ = family(keep_lost=True)
    pizza = v2(metadata=ObjectMeta(name="a"), spec=SpecV2(size=9, crust="thin", extras={"a": "b"}))

    old = convert(pizza, to=v1)

    assert json.loads(old.metadata.annotations[f"{GROUP}/lost-of-v2"]) == [
        {"path": ["spec", "extras", "a"], "is": "b"},
        {"path": ["spec", "crust"], "is": "thin"},
    ]
    assert convert(old, to=v2) == pizza
    assert lost_fields(pizza, through=v1) == []


def test_nothing_is_kept_where_nothing_is_lost():
    _, v1, v2, _ = family(keep_lost=True)

    assert convert(v2(spec=SpecV2(size=9)), to=v1).metadata.annotations == {}


def test_a_change_in_the_other_version_wins():
    _, v1, v2, _ = family(keep_lost=True)
    old = convert(v2(spec=SpecV2(size=9, crust="thin")), to=v1)
    old.spec.size = "10cm"

    assert convert(old, to=v2).spec == SpecV2(size=10, crust="thin")


def test_fields_that_no_class_knows_are_kept_too():
    versions, *_ = family(keep_lost=True)
    document = {
        "apiVersion": f"{GROUP}/v2",
        "kind": "Pizza",
        "metadata": {"name": "a"},
        "spec": {"size": 9, "extras": {}, "later": {"deep": [1, None]}},
        "other": True,
    }

    old = versions.convert_document(document, f"{GROUP}/v1")

    assert old["spec"] == {"size": "9cm"}
    assert versions.convert_document(old, f"{GROUP}/v2") == document


@pytest.mark.parametrize("text", ["{", "3", '["a"]', '[{"path": []}]', '[{"path": ["metadata", "name"], "is": "x"}]'])
def test_an_annotation_that_somebody_broke_keeps_nothing(text):
    _, v1, v2, _ = family(keep_lost=True)
    old = v1(metadata=ObjectMeta(name="a", annotations={f"{GROUP}/lost-of-v2": text}))

    assert convert(old, to=v2) == v2(metadata=ObjectMeta(name="a"))


KEEPING, KEPT_V1, KEPT_V2, KEPT_V3 = family(keep_lost=True)
SPECS = st.builds(
    SpecV2, size=st.integers(), crust=st.none() | st.text(), extras=st.dictionaries(st.text(), st.text(), max_size=3)
)


@given(SPECS)
def test_nothing_is_lost_on_any_way_when_it_is_kept(spec):
    pizza = KEPT_V3(metadata=ObjectMeta(name="a"), spec=spec)

    assert lost_fields(pizza, through=KEPT_V1) == []
    assert convert(convert(pizza, to=KEPT_V1), to=KEPT_V3) == pizza


# --- what is refused


def test_all_ways_that_are_missing_are_told():
    @resource_view(group=GROUP, version="v1", kind="Cake")
    class CakeV1(Resource):
        pass

    @resource_view(group=GROUP, version="v2", kind="Cake")
    class CakeV2(Resource):
        pass

    versions = Versions(CakeV1, CakeV2)
    with pytest.raises(
        DefinitionError, match=r"^Cake: no converter leads from CakeV1 to CakeV2, from CakeV2 to CakeV1; "
    ):
        versions.check()
    with pytest.raises(
        DefinitionError, match=r"^no converter leads from CakeV1 to CakeV2; register it with @converter$"
    ):
        convert(CakeV1(), to=CakeV2)

    @versions.converter
    def upgrade(_old: CakeV1) -> CakeV2:
        return CakeV1()

    @versions.converter
    def downgrade(_new: CakeV2) -> CakeV1:
        return CakeV1()

    versions.check()
    with pytest.raises(DefinitionError, match=r"upgrade: gave a CakeV1, and promises a CakeV2$"):
        convert(CakeV1(), to=CakeV2)
    with pytest.raises(
        DefinitionError, match=r"already becomes CakeV2 by .*upgrade; register one function for a pair$"
    ):
        versions.converter(upgrade)


def test_a_converter_that_passes_by_the_hub_is_refused():
    versions, v1, _, v3 = family()

    def sideways(old):
        return v3()

    sideways.__annotations__ = {"old": v1, "return": v3}
    with pytest.raises(DefinitionError, match=r"all ways lead through PizzaV2; convert from it or to it$"):
        versions.converter(sideways)


def test_a_converter_says_between_which_versions():
    versions, *_ = family()

    with pytest.raises(
        DefinitionError,
        match=r"annotate the argument and the result with two of the versions PizzaV1, PizzaV2, PizzaV3$",
    ):
        versions.converter(lambda old: old)


def view(version, kind="Tart", **options):
    return resource_view(group=GROUP, version=version, kind=kind, **options)(type(f"{kind}{version}", (Resource,), {}))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (lambda: [view("v1")], "^Versions: name two classes at least, one for each version$"),
        (lambda: [view("v1"), view("v1")], "^Versions: Tartv1 and Tartv1 are both v1$"),
        (
            lambda: [view("v1"), view("v2", "Pie")],
            "^Versions: Piev2 is pies.shop.example.com, kind Pie, and Tartv1 is tarts.shop.example.com, kind Tart; ",
        ),
        (lambda: [view("v1"), view("v2", namespaced=False)], "^Versions: Tartv2 is tarts"),
        (lambda: [*family()[1:3]], "^Versions: PizzaV1 is of another family already$"),
    ],
)
def test_classes_that_are_no_family_are_refused(classes, message):
    with pytest.raises(DefinitionError, match=message):
        Versions(*classes())


def test_a_hub_is_one_of_the_versions():
    with pytest.raises(DefinitionError, match=r"^Versions: the hub Tartv3 is none of the versions Tartv1, Tartv2$"):
        Versions(view("v1"), view("v2"), hub=view("v3"))


def test_a_class_without_a_family_cannot_be_converted():
    with pytest.raises(DefinitionError, match=r"^Tartv1 is of no family; say which versions it has with Versions"):
        convert(view("v1")(), to=view("v2"))


@pytest.mark.parametrize(
    ("document", "to", "error", "message"),
    [
        (
            {"apiVersion": f"{GROUP}/v9", "kind": "Pizza"},
            "v1",
            DecodeError,
            "^the document is a Pizza of shop.example.com/v9",
        ),
        (
            {"apiVersion": f"{GROUP}/v1", "kind": "Pie"},
            "v1",
            DecodeError,
            "^the document is a Pie of shop.example.com/v1",
        ),
        (
            {"apiVersion": f"{GROUP}/v1", "kind": "Pizza"},
            "v9",
            DefinitionError,
            "^Pizza has no version shop.example.com/v9",
        ),
        (
            {"apiVersion": f"{GROUP}/v1", "kind": "Pizza", "spec": 3},
            "v2",
            DecodeError,
            "^PizzaV1: spec: 3 is not a mapping$",
        ),
    ],
)
def test_a_document_that_cannot_be_converted_is_refused(document, to, error, message):
    versions, *_ = family()

    with pytest.raises(error, match=message):
        versions.convert_document(document, f"{GROUP}/{to}")
