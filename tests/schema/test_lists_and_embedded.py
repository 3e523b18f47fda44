from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import DecodeError
from kubecrd.schema.jsonvalues import copied, equal
from kubecrd.schema.listtypes import check_lists
from kubecrd.schema.structural import Structural
from tests.schema.helpers import strategy, texts, widget

SET = {"type": "array", "x-kubernetes-list-type": "set", "items": {"x-kubernetes-preserve-unknown-fields": True}}


def map_list(*keys):
    return {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": list(keys),
        "items": {"type": "object", "properties": {"s": SET}},
    }


@pytest.mark.parametrize(
    ("schema", "value", "wanted"),
    [
        (SET, ["a", "b", "a", "a"], ['l[2]: Duplicate value: "a"']),
        (SET, [1, "1", 1.0, True], []),
        (SET, [None, None], ["l[1]: Duplicate value: null"]),
        (SET, [{"a": 1}, {"a": 1.0}], ['l[1]: Duplicate value: {"a":1}']),
        (map_list("k"), [{"k": "a"}, {"k": "b"}], []),
        (map_list("k"), [{"k": "a", "x": 1}, {"k": "a", "x": 2}], ['l[1]: Duplicate value: {"k":"a"}']),
        (map_list("k"), [{"k": 1}, {"k": 1.0}], []),
        (map_list("k", "j"), [{"k": 1}, {"k": 1.0}], ['l[1]: Duplicate value: {"k":1}']),
        (map_list("k"), [{}, None, {}], ["l[1]: Duplicate value: {}"]),
        (map_list("k"), [{"k": "a"}, "x", {"k": "a"}], ['l[1]: Invalid value: "x": must be an object for an array of list-type map']),
        (
            map_list("k"),
            [{"k": "a", "s": [1, 1]}, {"k": "a"}],
            ['l[1]: Duplicate value: {"k":"a"}', "l[0].s[1]: Duplicate value: 1"],
        ),
        ({"type": "object", "additionalProperties": SET}, {"x.y": [1, 1]}, ["l[x.y][1]: Duplicate value: 1"]),
    ],
)  # fmt: skip
def test_no_item_of_a_set_or_map_list_stands_twice(schema, value, wanted):
    root = Structural.of({"type": "object", "properties": {"l": schema}})
    assert texts(check_lists({"l": value}, root)) == wanted


EMBEDDED = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"apiVersion": "v1", "kind": "Pod"}, []),
        ({"apiVersion": "", "kind": ""}, ['apiVersion: Invalid value: "": must not be empty', 'kind: Invalid value: "": must not be empty']),
        ({"apiVersion": "a/b/c", "kind": "K"}, ['apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c']),
        ({"apiVersion": "v1", "kind": "K", "metadata": {"name": "Bad_Name"}}, []),
        ({"apiVersion": "v1", "kind": "K", "metadata": {"name": "a/b"}}, ["metadata.name: Invalid value: \"a/b\": may not contain '/'"]),
    ],
)  # fmt: skip
def test_an_embedded_object_needs_a_type_and_fair_metadata(value, wanted):
    for schema, held, path in (
        ({"r": EMBEDDED}, {"r": value}, "spec.r"),
        ({"m": {"type": "object", "additionalProperties": EMBEDDED}}, {"m": {"k": value}}, "spec.m[k]"),
    ):
        found = strategy(schema).validate_create(widget(held))
        assert texts(found) == [f"{path}.{text}" for text in wanted]


def test_a_type_that_is_no_text_is_refused_while_decoding():
    with pytest.raises(DecodeError) as caught:
        strategy({"r": EMBEDDED}).decode(widget({"r": {"apiVersion": 1, "kind": "K"}}))
    assert str(caught.value) == "spec.r.apiVersion: Invalid value: 1: must be a string"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "l", "zz"]), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
SERVED = strategy(
    {
        "a": {"type": "object", "default": {}, "properties": {"b": {"type": "string", "default": "d"}}},
        "b": {"type": "string", "nullable": True},
        "l": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}},
    }
)


@given(JSON)
def test_decoding_what_is_decoded_changes_nothing(spec):
    once, _ = SERVED.decode(widget(spec))
    twice, unknown = SERVED.decode(once)
    assert equal(once, twice)
    assert unknown == []


@given(JSON)
def test_every_object_gets_a_verdict_and_an_update_to_itself_gains_no_list_errors(spec):
    obj, _ = SERVED.decode(widget(spec))
    assert all(error.message for error in SERVED.validate_create(obj))
    assert all(error.message for error in SERVED.validate_update(obj, obj))


def test_what_no_json_of_the_server_can_hold_is_read_as_the_server_reads_it():
    assert copied({"\ud800": ["a\udfff", 2**63, "😀"]}) == {"\ufffd": ["a\ufffd", float(2**63), "😀"]}
