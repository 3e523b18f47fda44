import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from kubecrd import Duration, ObjectMeta, Quantity, Resource, kube_schema, resource_view
from kubecrd.errors import DecodeError
from kubecrd.resource import codec
from kubecrd.resource.durations import DURATION_PATTERN
from kubecrd.schema.derivation import derive


@pytest.mark.kube_rs("K28")
@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("0.0Ki", "0"),
        ("1", "1"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("100m", "100m"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1500", "1500"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("12e5", "1200e3"),
        ("1E", "1E"),
        ("0.1n", "1n"),
        ("-0.1n", "-1n"),
        ("1.5Gi", "1536Mi"),
        ("1024Ki", "1Mi"),
        ("1000Ki", "1000Ki"),
        ("1Ki", "1Ki"),
        ("0.5Ki", "512"),
        ("0.0005Ki", "512m"),
        ("+1", "1"),
        ("-1Ki", "-1Ki"),
        (".5", "500m"),
        ("5.", "5"),
        ("9223372036854775808", "9223372036854775807"),
        ("100Ei", "9223372036854775807"),
    ],
)
def test_a_quantity_is_printed_as_the_server_prints_it(text, canonical):
    assert str(Quantity(text)) == canonical


@pytest.mark.parametrize("text", ["", "1.2.3", "Gi", "1 Gi", "1KI", "1e", "e3", "--1", "1x", "٣"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a quantity such as '500m' or '1.5Gi'"):
        Quantity(text)


def test_equal_amounts_are_equal_however_they_are_written():
    assert Quantity("1") == Quantity("1000m") == Quantity("1e0") == 1
    assert len({Quantity("1Ki"), Quantity("1024")}) == 1


@pytest.mark.kube_rs("K28")
def test_quantities_are_ordered_by_amount():
    assert Quantity("1G") < Quantity("1Gi") < Quantity("2G")
    assert max(Quantity("100m"), Quantity("0.2")) == Quantity("200m")


@pytest.mark.kube_rs("K28")
@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Quantity("1Gi") + "1Mi", "1025Mi"),
        (Quantity("1") - Quantity("100m"), "900m"),
        (Quantity("250m") * 4, "1"),
        (-Quantity("1Ki"), "-1Ki"),
        (sum([Quantity("100m")] * 3, Quantity()), "300m"),
        (Quantity() + Quantity("1Ki"), "1Ki"),
    ],
)
def test_arithmetic_is_exact_and_keeps_the_kind_of_suffix(found, wanted):
    assert str(found) == wanted


def test_cpu_is_counted_in_thousandths_rounded_up():
    assert (Quantity("1.5").milli, Quantity("1u").milli, int(Quantity("1500m"))) == (1500, 1, 2)


def test_a_quantity_does_not_change():
    with pytest.raises(AttributeError, match="a Quantity does not change"):
        Quantity("1").amount = Decimal(2)


amounts = st.builds(
    lambda number, suffix: f"{number}{suffix}",
    st.decimals(-(10**6), 10**6, places=3),
    st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "E-2"]),
)


@given(amounts)
def test_the_canonical_text_is_the_same_amount(text):
    quantity = Quantity(text)

    assert Quantity(str(quantity)) == quantity
    assert str(Quantity(str(quantity))) == str(quantity)


@given(amounts, amounts)
def test_what_is_added_can_be_taken_away(one, other):
    assert Quantity(one) + Quantity(other) - Quantity(other) == Quantity(one)


@pytest.mark.kube_rs("K27")
@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0s"),
        ("1h", "1h0m0s"),
        ("90m", "1h30m0s"),
        ("1.5s", "1.5s"),
        ("1h0.5s", "1h0m0.5s"),
        ("250ms", "250ms"),
        ("1500us", "1.5ms"),
        ("1ns", "1ns"),
        ("-1m", "-1m0s"),
        (".5s", "500ms"),
    ],
)
def test_a_duration_is_printed_as_go_prints_it(text, canonical):
    assert str(Duration(text)) == canonical


@pytest.mark.parametrize("text", ["", "1", "1d", "h", "1h 30m", "1.2.3s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration such as '1h30m'"):
        Duration(text)


@pytest.mark.kube_rs("K27")
def test_a_duration_equals_the_timedelta_of_the_same_length():
    assert Duration("1h30m") == Duration("90m") == timedelta(minutes=90)
    assert Duration("1s") < timedelta(seconds=2)
    assert Duration(timedelta(hours=1)).timedelta == timedelta(hours=1)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_the_text_of_a_duration_is_the_same_length(nanoseconds):
    duration = Duration(f"{nanoseconds}ns")

    assert Duration(str(duration)).nanoseconds == nanoseconds


@kube_schema
class Limits:
    memory: Quantity
    timeout: Duration | None = None


@define(kw_only=True)
class BoxSpec:
    limits: Limits


@resource_view(group="shop.example.com")
class Box(Resource):
    spec: BoxSpec


def test_both_travel_as_text_in_documents():
    box = Box(
        metadata=ObjectMeta(name="a"), spec=BoxSpec(limits=Limits(memory=Quantity("0.5Gi"), timeout=Duration("90s")))
    )

    assert box.to_dict()["spec"]["limits"] == {"memory": "512Mi", "timeout": "1m30s"}
    assert codec.decode(codec.encode(box), Box) == box
    assert Box.from_dict(box.to_dict()) == box


def test_a_number_is_a_quantity_too():
    head = {"apiVersion": "shop.example.com/v1", "kind": "Box"}

    decoded = codec.decode(json.dumps({**head, "spec": {"limits": {"memory": 5}}}).encode(), Box)

    assert decoded.spec.limits.memory == Quantity("5")


def test_a_wrong_quantity_in_a_document_is_told_with_its_path():
    head = {"apiVersion": "shop.example.com/v1", "kind": "Box"}

    with pytest.raises(DecodeError, match=r"Box: spec.limits.memory: 'lots' is not a quantity"):
        Box.from_dict({**head, "spec": {"limits": {"memory": "lots"}}})


def test_their_schemas_are_those_of_controller_gen_and_refuse_what_is_no_duration():
    properties = derive(Limits)[0]["properties"]

    assert properties["memory"]["x-kubernetes-int-or-string"] is True
    assert properties["timeout"] == {"type": "string", "pattern": DURATION_PATTERN}
    assert re.match(DURATION_PATTERN, "1h30m")
    assert not re.match(DURATION_PATTERN, "PT1H30M")
