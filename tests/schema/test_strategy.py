from __future__ import annotations

import pytest

from kubecrd.errors import DecodeError
from tests.schema.helpers import strategy, texts, widget

STATUS = {"subresources": {"status": {}}}
WITH_STATUS = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}},
        "status": {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}},
    },
}


# --- decoding


@pytest.mark.parametrize(
    ("schema", "value", "wanted", "unknown"),
    [
        ({"type": "object"}, {"x": 1}, {}, ["spec.v.x"]),
        ({"type": "object", "additionalProperties": True}, {"b": {"c": 1}, "n": None}, {"b": {}, "n": None}, ["spec.v.b.c"]),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {"x": None}, {"x": None}, []),
        ({"type": "string"}, {"a": 1}, {}, ["spec.v.a"]),
        (
            {"type": "array", "x-kubernetes-preserve-unknown-fields": True, "items": {"type": "object", "properties": {"x": {"type": "object"}}}},
            [{"x": {"q": 1}, "y": 2}],
            [{"x": {}, "y": 2}],
            ["spec.v[0].x.q"],
        ),
        ({"type": "object", "additionalProperties": {"type": "object"}}, {"a.b/c": {"q": 1}}, {"a.b/c": {}}, ["spec.v.a.b/c.q"]),
        ({"type": "array", "items": {"type": "string", "default": "d"}}, [None, "x"], ["d", "x"], []),
        ({"type": "array", "items": {"type": "string"}}, [None], [None], []),
        ({"type": "object", "properties": {"x": {"type": "string"}}}, {"x": None}, {}, []),
        ({"type": "object", "properties": {"x": {"type": "string", "nullable": True}}}, {"x": None}, {"x": None}, []),
        ({"type": "object", "properties": {"x": {"type": "string", "default": "d"}}}, {"x": None}, {"x": "d"}, []),
        (
            {"type": "object", "properties": {"o": {"type": "object", "default": {}, "properties": {"x": {"type": "integer", "default": 1}}}}},
            {},
            {"o": {"x": 1}},
            [],
        ),
        ({"type": "number"}, 2**63, float(2**63), []),
    ],
)  # fmt: skip
def test_decoding_prunes_drops_nulls_and_fills_in_defaults(schema, value, wanted, unknown):
    decoded, paths = strategy({"v": schema}).decode(widget({"v": value}))
    assert decoded["spec"]["v"] == wanted
    assert paths == unknown


def test_decoding_leaves_what_it_is_given_alone():
    given = widget({"x": 1, "v": {"y": 2}})
    strategy({"v": {"type": "object"}}).decode(given)
    assert given == widget({"x": 1, "v": {"y": 2}})


def test_unknown_metadata_comes_first_and_embedded_metadata_last():
    schema = {
        "r": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    }
    embedded = {"apiVersion": "v1", "kind": "Pod", "metadata": {"bogus": 1, "name": "n"}, "any": 1}
    decoded, paths = strategy(schema).decode(widget({"r": embedded, "zz": 1}, metadata={"foo": 1}))
    assert paths == ["metadata.foo", "spec.zz", "spec.r.metadata.bogus"]
    assert decoded["spec"]["r"]["metadata"] == {"name": "n"}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("x", "json: cannot unmarshal string into Go value of type v1.ObjectMeta"),
        ({"name": 1}, "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string"),
        ({"labels": "x"}, "json: cannot unmarshal string into Go struct field ObjectMeta.labels of type map[string]string"),
        ({"labels": {"a": 1}}, "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"),
        ({"finalizers": "x"}, "json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string"),
        ({"ownerReferences": {}}, "json: cannot unmarshal object into Go struct field ObjectMeta.ownerReferences of type []v1.OwnerReference"),
        ({"generation": "1"}, "json: cannot unmarshal string into Go struct field ObjectMeta.generation of type int64"),
        ({"uid": 1}, "json: cannot unmarshal number into Go struct field ObjectMeta.uid of type types.UID"),
        (
            {"creationTimestamp": "yesterday"},
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
    ],
)  # fmt: skip
def test_metadata_of_a_wrong_type_is_refused_in_gos_words(metadata, message):
    with pytest.raises(DecodeError) as caught:
        strategy().decode({**widget(), "metadata": metadata})
    assert str(caught.value) == message


def test_malformed_metadata_vanishes_when_an_object_is_read_from_storage():
    decoded, _ = strategy().decode(widget(metadata={"labels": {"a": 1}}), drop_malformed=True)
    assert decoded["metadata"] == {"name": "a", "namespace": "default"}


# --- creating


def test_a_new_object_has_generation_one_and_no_status_where_that_is_a_subresource():
    prepared = strategy(root=WITH_STATUS, version=STATUS).prepare_create(
        widget({}, metadata={"generation": 9}, status={"n": 1})
    )
    assert prepared["metadata"]["generation"] == 1
    assert "status" not in prepared


def test_a_status_stays_where_it_is_no_subresource():
    assert strategy(root=WITH_STATUS).prepare_create(widget({}, status={"n": 1}))["status"] == {"n": 1}


def test_another_kind_is_the_only_error():
    found = strategy({"v": {"type": "string"}}).validate_create({**widget({"v": 1}), "kind": "Gadget"})
    assert texts(found) == ['kind: Invalid value: "Gadget": must be Widget']


def test_metadata_schema_scale_embedded_and_lists_are_checked_in_this_order():
    root = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "s": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                    "r": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
                    "n": {"type": "integer"},
                    "replicas": {"type": "integer"},
                },
            }
        },
    }  # fmt: skip
    scale = {
        "subresources": {"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}
    }
    value = {"s": ["a", "a", "a"], "r": {"kind": "K"}, "n": "x", "replicas": -1}
    found = strategy(root=root, version=scale).validate_create(
        widget(value, metadata={"name": "", "labels": {"a": "-"}})
    )
    assert [error.field for error in found] == [
        "metadata.name",
        "metadata.labels",
        "spec.n",
        ".spec.replicas",
        "spec.r.apiVersion",
        "spec.s[1]",
    ]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (-1, ".spec.n: Invalid value: -1: should be a non-negative integer"),
        (2**31, ".spec.n: Invalid value: 2147483648: should be less than or equal to 2147483647"),
        ("x", ".spec.n: Invalid value: 0: .spec.n accessor error: x is of the type string, expected int64"),
        (1.0, ".spec.n: Invalid value: 0: .spec.n accessor error: 1 is of the type float64, expected int64"),
    ],
)
def test_the_field_behind_scale_must_be_a_count(value, wanted):
    scale = {"subresources": {"scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}}}
    root = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    assert texts(strategy(root=root, version=scale).validate_create(widget({"n": value}))) == [wanted]


# --- updating


def test_generation_counts_changes_of_everything_but_metadata_and_status():
    served = strategy(root=WITH_STATUS, version=STATUS)
    old = widget({"a": "x"}, metadata={"generation": 4}, status={"n": 1})
    assert served.prepare_update(widget({"a": "x"}, metadata={"labels": {"l": "v"}}, status={"n": 2}), old) == widget(
        {"a": "x"}, metadata={"labels": {"l": "v"}, "generation": 4}, status={"n": 1}
    )
    assert served.prepare_update(widget({"a": "y"}), old)["metadata"]["generation"] == 5


def test_a_status_that_is_no_subresource_counts_as_content():
    old = widget({}, metadata={"generation": 1}, status={"n": 1})
    prepared = strategy(root=WITH_STATUS).prepare_update(widget({}, status={"n": 2}), old)
    assert prepared["metadata"]["generation"] == 2
    assert prepared["status"] == {"n": 2}


def test_an_update_lists_an_error_in_labels_three_times_and_an_immutable_field_twice():
    old = widget({}, metadata={"uid": "u"})
    found = strategy().validate_update(widget({}, metadata={"uid": "v", "labels": {"a": "-"}}), old)
    assert [error.field for error in found] == [
        "metadata.labels",
        "metadata.uid",
        "metadata.labels",
        "metadata.uid",
        "metadata.labels",
    ]


def test_a_marked_object_gets_no_new_finalizers():
    old = widget({}, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]})
    new = widget({}, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["z/z", "a/b", "x/x"]})
    assert texts(strategy().validate_update(new, old))[0] == (
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
        'found new finalizers []string{"x/x", "z/z"}'
    )


def test_one_repeated_item_in_the_old_object_switches_the_check_of_lists_off():
    served = strategy(
        {name: {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"} for name in ("s", "t")}
    )
    old = widget({"s": ["a", "a"]})
    assert served.validate_update(widget({"s": ["a"], "t": ["b", "b"]}), old) == []
    assert texts(served.validate_update(widget({"t": ["b", "b"]}), widget({}))) == ['spec.t[1]: Duplicate value: "b"']


# --- status


def test_a_status_write_keeps_everything_else():
    served = strategy(root=WITH_STATUS, version=STATUS)
    old = widget({"a": "too long"}, metadata={"generation": 2}, status={"n": 1})
    new = served.prepare_status_update(widget({"a": "x"}, metadata={"labels": {"q": "r"}}, status={"n": 3}), old)
    assert new == widget({"a": "too long"}, metadata={"generation": 2}, status={"n": 3})
    assert served.validate_status_update(new, old) == []


def test_texts_about_a_status_begin_below_it():
    served = strategy(root=WITH_STATUS, version=STATUS)
    found = served.validate_status_update(widget({}, status={"n": 9}), widget({}))
    assert texts(found) == ["status.n: Invalid value: 9: n in body should be less than or equal to 5"]
