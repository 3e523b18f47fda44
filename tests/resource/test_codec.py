import gc
import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import DecodeError
from kubecrd.resource import codec
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.metadata import ManagedFieldsEntry, ObjectMeta
from kubecrd.resource.objects import DynamicObject
from tests.resource.pizza import Origin, Oven, Pizza, PizzaSpec, PizzaStatus, Topping

HEAD = {"apiVersion": "shop.example.com/v1", "kind": "Pizza"}


def text(spec, **more):
    return json.dumps({**HEAD, "metadata": {"name": "a"}, "spec": spec, **more}).encode()


def test_names_are_camel_case_in_json_and_snake_case_in_python():
    pizza = codec.decode(text({"size": 3, "byGuest": {"ann": {"name": "ham"}}, "clusterIP": "10.0.0.1"}), Pizza)

    assert pizza.spec.by_guest["ann"].name == "ham"
    assert pizza.spec.cluster_ip == "10.0.0.1"


def test_decoded_objects_are_of_the_classes_themselves_at_every_depth():
    guests = {"ann": {"name": "ham", "origin": {"country": "Italy", "sinceYear": 1889}}}

    pizza = codec.decode(text({"size": 3, "toppings": [{"name": "ham"}], "byGuest": guests}), Pizza)

    assert type(pizza) is Pizza
    assert type(pizza.metadata) is ObjectMeta
    assert type(pizza.spec) is PizzaSpec
    assert type(pizza.spec.toppings[0]) is Topping
    assert type(pizza.spec.by_guest["ann"]) is Topping
    assert type(pizza.spec.by_guest["ann"].origin) is Origin


@pytest.mark.kube_rs("K8")
def test_absent_fields_have_their_defaults():
    pizza = codec.decode(text({"size": 3}), Pizza)

    assert pizza == Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=3))


def test_null_is_an_empty_container_where_the_field_has_a_default():
    pizza = codec.decode(text({"size": 3, "toppings": None, "byGuest": None}), Pizza)

    assert pizza.spec.toppings == []
    assert pizza.spec.by_guest == {}


def test_null_is_an_empty_container_in_documents_that_people_write():
    pizza = Pizza.from_dict({**HEAD, "metadata": {"name": "a"}, "spec": {"size": 3, "toppings": None}})

    assert pizza.spec.toppings == []


def test_none_is_left_out():
    assert Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=3)).to_dict() == {
        **HEAD,
        "metadata": {"name": "a"},
        "spec": {
            "size": 3,
            "crust": "thin",
            "toppings": [],
            "byGuest": {},
            "oven": "Stone",
            "glaze": "oil",
            "price": 1.0,
        },
    }


def test_a_nullable_none_is_sent_as_null():
    assert Pizza(spec=PizzaSpec(size=3, glaze=None)).to_dict()["spec"]["glaze"] is None


def test_every_kind_of_value_is_written_as_json():
    spec = PizzaSpec(
        size=3, oven=Oven.GAS, port="http", seal=b"wax", extra={"when": [datetime(2026, 1, 2, tzinfo=UTC)]}
    )
    status = PizzaStatus(baked_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    document = Pizza(spec=spec, status=status).to_dict()

    assert document["spec"]["oven"] == "Gas"
    assert document["spec"]["port"] == "http"
    assert document["spec"]["seal"] == "d2F4"
    assert document["spec"]["extra"] == {"when": ["2026-01-02T00:00:00Z"]}
    assert document["status"] == {"bakedAt": "2026-01-02T03:04:05Z"}


names = st.text(min_size=1, max_size=8)
origins = st.builds(Origin, country=names, since_year=st.none() | st.integers(-(2**63), 2**63 - 1))
toppings = st.builds(Topping, name=names, grams=st.integers(0, 500), origin=st.none() | origins)
specs = st.builds(
    PizzaSpec,
    size=st.integers(-(2**63), 2**63 - 1),
    crust=st.sampled_from(["thin", "thick"]),
    toppings=st.lists(toppings, max_size=3),
    by_guest=st.dictionaries(names, toppings, max_size=3),
    oven=st.sampled_from(Oven),
    port=st.none() | st.integers(0, 65535) | names,
    cluster_ip=st.none() | names,
    glaze=st.none() | names,
    seal=st.none() | st.binary(max_size=8),
    price=st.floats(allow_nan=False, allow_infinity=False),
    extra=st.none() | st.lists(st.integers(0, 9) | names, max_size=2),
)
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
pizzas = st.builds(
    Pizza,
    metadata=st.builds(ObjectMeta, name=names, labels=st.dictionaries(names, names, max_size=2)),
    spec=specs,
    status=st.none() | st.builds(PizzaStatus, phase=st.none() | names, baked_at=st.none() | times),
)


@given(pizzas)
def test_decoding_what_was_encoded_gives_the_same_object(pizza):
    assert codec.decode(codec.encode(pizza), Pizza) == pizza


@given(pizzas)
def test_both_ways_of_decoding_agree(pizza):
    assert Pizza.from_dict(pizza.to_dict()) == codec.decode(codec.encode(pizza), Pizza)


@pytest.mark.parametrize(
    ("spec", "path", "message"),
    [
        ({}, "spec", "Pizza: spec: Object missing required field `size`"),
        ({"size": "a"}, "spec.size", "Pizza: spec.size: Expected `int`, got `str`"),
        ({"size": 1, "toppings": [{"name": 1}]}, "spec.toppings[0].name", "Expected `str`, got `int`"),
        ({"size": 1, "crust": "square"}, "spec.crust", "Pizza: spec.crust: Invalid enum value 'square'"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_its_path(spec, path, message):
    with pytest.raises(DecodeError) as caught:
        codec.decode(text(spec), Pizza)

    assert caught.value.path == path
    assert message in str(caught.value)


def test_documents_that_people_write_are_told_every_fault():
    with pytest.raises(DecodeError) as caught:
        Pizza.from_dict({**HEAD, "spec": {"size": "a", "toppings": [{"grams": 1.5}], "port": [1]}})

    assert str(caught.value) == (
        "Pizza: spec.size: 'a' is not an integer; "
        "spec.toppings[0].name: required field 'name' is missing; "
        "spec.toppings[0].grams: 1.5 is not an integer; "
        "spec.port: [1] is not an integer or a string"
    )


@pytest.mark.kube_rs("K10")
@pytest.mark.parametrize("read", [lambda d: codec.decode(json.dumps(d).encode(), Pizza), Pizza.from_dict])
def test_another_kind_is_refused(read):
    with pytest.raises(DecodeError, match=r"the document is a Pasta of shop.example.com/v1, not a Pizza of shop"):
        read({**HEAD, "kind": "Pasta", "spec": {"size": 1}})


def test_text_that_is_not_json_is_refused():
    with pytest.raises(DecodeError, match=r"^Pizza: JSON is malformed"):
        codec.decode(b'{"spec": }', Pizza)


def test_fields_the_class_does_not_know_are_written_back():
    spec = {
        "size": 3,
        "sauce": "red",
        "toppings": [{"name": "ham", "smoked": True}],
        "byGuest": {"ann": {"name": "egg", "soft": 1}},
    }
    pizza = codec.decode(text(spec, extraTop={"a": 1}), Pizza)

    pizza.spec.size = 4
    document = codec.to_document(pizza)

    assert document["extraTop"] == {"a": 1}
    assert document["spec"]["size"] == 4
    assert document["spec"]["sauce"] == "red"
    assert document["spec"]["toppings"][0]["smoked"] is True
    assert document["spec"]["byGuest"]["ann"]["soft"] == 1


def test_a_field_that_was_emptied_is_not_brought_back():
    pizza = codec.decode(text({"size": 3, "clusterIP": "10.0.0.1"}), Pizza)

    pizza.spec.cluster_ip = None

    assert "clusterIP" not in codec.to_document(pizza)["spec"]


def test_unknown_fields_of_elements_are_dropped_when_elements_came_or_went():
    pizza = codec.decode(text({"size": 3, "toppings": [{"name": "ham", "smoked": True}]}), Pizza)

    pizza.spec.toppings.insert(0, Topping(name="egg"))

    assert all("smoked" not in topping for topping in codec.to_document(pizza)["spec"]["toppings"])


def page(*specs):
    items = [{**HEAD, "metadata": {"name": f"p{i}"}, "spec": spec} for i, spec in enumerate(specs)]
    return json.dumps({"metadata": {"resourceVersion": "7", "continue": "next"}, "items": items}).encode()


def item(raw):
    return codec.decode(raw, Pizza, check_kind=False)


@pytest.mark.kube_rs("K23")
def test_a_list_knows_its_version_and_its_next_page():
    pizzas = codec.decode_list(page({"size": 1}, {"size": 2}), item)

    assert [pizza.spec.size for pizza in pizzas] == [1, 2]
    assert pizzas.metadata.resource_version == "7"
    assert pizzas.metadata.continue_ == "next"


def test_items_of_a_list_need_no_kind():
    pizzas = codec.decode_list(b'{"items":[{"spec":{"size":1}}]}', item)

    assert len(pizzas) == 1


@pytest.mark.kube_rs("K23")
def test_null_items_are_no_items():
    assert len(codec.decode_list(b'{"metadata":{},"items":null}', item)) == 0


def test_a_list_says_which_item_does_not_fit():
    with pytest.raises(DecodeError) as caught:
        codec.decode_list(page({"size": 1}, {"size": None}), item)

    assert caught.value.path == "items[1].spec.size"


def test_the_garbage_collector_runs_again_after_a_list_even_when_it_fails():
    with pytest.raises(DecodeError):
        codec.decode_list(page({}), item)

    assert gc.isenabled()


@pytest.mark.kube_rs("K20")
def test_an_object_without_a_class_keeps_its_fields_as_json():
    config_map = ApiResource.of("v1", "ConfigMap")

    made = codec.decode_dynamic(b'{"kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1"}}', config_map)

    assert made == DynamicObject(resource=config_map, metadata=ObjectMeta(name="a"), data={"data": {"x": "1"}})
    assert made.to_dict() == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}


@pytest.mark.kube_rs("K25")
def test_a_partial_object_is_only_metadata_and_is_written_as_its_kind():
    made = codec.decode_partial(text({"size": 1}), Pizza.api_resource)

    assert made.to_dict() == {**HEAD, "metadata": {"name": "a"}}


def test_the_trees_of_managed_fields_stay_text_until_somebody_looks():
    entry = {"manager": "m", "operation": "Apply", "fieldsV1": {"f:spec": {"f:size": {}}}}

    pizza = codec.decode(
        json.dumps({**HEAD, "metadata": {"managedFields": [entry]}, "spec": {"size": 1}}).encode(), Pizza
    )

    managed = pizza.metadata.managed_fields[0]
    assert isinstance(managed, ManagedFieldsEntry)
    assert msgspec.json.decode(managed.fields_v1) == {"f:spec": {"f:size": {}}}
    assert pizza.to_dict()["metadata"]["managedFields"] == [entry]
