from __future__ import annotations

import pytest

from tests.schema.helpers import strategy, texts, widget

AT_MOST_5 = {"type": "integer", "maximum": 5}
LIMITED = {
    "n": AT_MOST_5,
    "o": {"type": "object", "required": ["r"], "properties": {"a": AT_MOST_5, "b": AT_MOST_5}},
    "m": {"type": "object", "additionalProperties": AT_MOST_5},
    "l": {"type": "array", "items": AT_MOST_5},
    "k": {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}, "n": AT_MOST_5}},
    },
    "p": {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "minProperties": 3,
        "properties": {"a": {"type": "integer"}},
    },
    "q": {
        "type": "array",
        "minItems": 3,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        "items": {"type": "object", "properties": {"k": {"type": "string"}}},
    },
    "c": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "allOf": [{"properties": {"a": {"maximum": 5}}}],
    },
}
SERVED = strategy(LIMITED)

ENTRY_A = {"k": "a", "n": 9}
ENTRY_B = {"k": "b", "n": 1}


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ({"n": 9}, {"n": 9, "l": []}, []),
        ({"n": 9}, {"n": 8}, ["spec.n"]),
        ({"n": 1}, {"n": 9}, ["spec.n"]),
        ({"o": {"a": 9}}, {"o": {"a": 9}, "n": 1}, []),
        ({"o": {"r": 1, "a": 9}}, {"o": {"a": 9, "b": 1}}, ["spec.o.r"]),
        ({"m": {"x": 9}}, {"m": {"x": 9, "y": 1}}, []),
        ({"m": {"x": 9}}, {"m": {"y": 9}}, ["spec.m.y"]),
        ({"l": [9]}, {"l": [9], "n": 1}, []),
        ({"l": [9]}, {"l": [9, 1]}, ["spec.l[0]"]),
        ({"k": [ENTRY_A]}, {"k": [ENTRY_B, ENTRY_A]}, []),
        ({"k": [ENTRY_A]}, {"k": [{"k": "a", "n": 8}]}, ["spec.k[0].n"]),
        ({"p": {"a": 1}}, {"p": {"a": 1}, "n": 1}, []),
        ({"p": {"zz": 1}}, {"p": {"zz": 1}, "n": 1}, ["spec.p"]),
        ({"q": [{"k": "a"}, {"k": "b"}]}, {"q": [{"k": "b"}, {"k": "a"}]}, []),
        ({"q": [{"k": "a"}, {"k": "b"}]}, {"q": [{"k": "b"}, {"k": "c"}]}, ["spec.q"]),
        ({"c": {"a": 9}}, {"c": {"a": 9}, "n": 1}, []),
        ({"c": {"a": 9}}, {"c": {"a": 9, "b": 1}}, ["spec.c.a", "<nil>"]),
    ],
)
def test_only_what_has_changed_is_held_against_an_update(old, new, fields):
    found = SERVED.validate_update(widget(new), widget(old))
    assert [error.field for error in found] == fields


def test_one_and_true_and_one_point_zero_are_not_the_same_value():
    served = strategy({"v": {"type": "string"}})
    found = served.validate_update(widget({"v": True}), widget({"v": 1}))
    assert texts(found) == ['spec.v: Invalid value: "boolean": spec.v in body must be of type string: "boolean"']


def test_embedded_objects_do_not_ratchet():
    served = strategy(
        {"r": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}}
    )
    found = served.validate_update(widget({"r": {"kind": "K"}}), widget({"r": {"kind": "K"}}))
    assert texts(found) == ["spec.r.apiVersion: Required value"]


def test_a_rule_broken_in_an_unchanged_part_is_a_warning():
    served = strategy(
        {"a": {"type": "string", "x-kubernetes-validations": [{"rule": "self == 'ok'"}]}, "b": {"type": "string"}}
    )
    old, new = widget({"a": "x"}), widget({"a": "x", "b": "y"})
    assert served.validate_update(new, old) == []
    assert served.warnings(new, old) == ["spec.a: Invalid value: \"x\": failed rule: self == 'ok'"]
    assert served.warnings(widget({"a": "ok"}), old) == []
