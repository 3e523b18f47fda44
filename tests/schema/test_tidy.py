"""The one walk of the usual object does what the single steps do, or leaves the object to them."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.schema.defaults import fill_defaults
from kubecrd.schema.jsonvalues import copied, equal
from kubecrd.schema.pruning import drop_nulls, prune
from kubecrd.schema.structural import Structural
from kubecrd.schema.tidy import tidy_root
from kubecrd.schema.verdict import ObjectValidator
from tests.schema.helpers import definition, field, strategy, widget

INNER = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}
TIDY = [
    ({"a": {"type": "string"}}, {"a": "ä"}, {"a": "ä"}),
    ({"a": {"type": "string", "nullable": True}}, {"a": None}, {"a": None}),
    ({"a": {"type": "string", "default": "x"}, "b": {"type": "string"}}, {"b": "y"}, {"b": "y", "a": "x"}),
    ({"a": {**INNER, "default": {}}}, {}, {"a": {"n": 1}}),
    ({"a": {"type": "array", "items": INNER}}, {"a": [{"n": 2}, {}]}, {"a": [{"n": 2}, {"n": 1}]}),
    ({"a": {"type": "object", "additionalProperties": INNER}}, {"a": {"k": {}}}, {"a": {"k": {"n": 1}}}),
    ({"a": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}, {"a": {"k": [None]}}, {"a": {"k": [None]}}),
]  # fmt: skip
UNTIDIED = [
    ({"a": {"type": "string"}}, {"b": 1}),
    ({"a": {"type": "string"}}, {"a": None}),
    ({"a": {"type": "string"}}, {"a": {"b": 1}}),
    ({"a": {"type": "string"}}, {"a": "\ud800"}),
    ({"a": {"type": "integer"}}, {"a": 2**63}),
    ({"a": {"type": "array", "items": INNER}}, {"a": [{"m": 2}]}),
    ({"a": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}, {"a": {"k": ["\udfff"]}}),
]


def whole(spec):
    return {"spec": spec}


@pytest.mark.parametrize(("properties", "spec", "wanted"), TIDY)
def test_defaults_are_filled_into_an_object_in_which_nothing_is_to_be_cleaned(properties, spec, wanted):
    given_spec = copy.deepcopy(spec)
    fill = tidy_root(Structural.of(field({"type": "object", "properties": properties})))

    assert fill(whole(spec)) == whole(wanted)
    assert spec == given_spec


@pytest.mark.parametrize(("properties", "spec"), UNTIDIED)
def test_what_has_to_be_cleaned_is_left_to_the_single_steps(properties, spec):
    fill = tidy_root(Structural.of(field({"type": "object", "properties": properties})))

    assert fill(whole(spec)) is None


def test_an_object_that_lacks_nothing_is_not_copied():
    fill = tidy_root(Structural.of(field({"type": "object", "properties": {"a": INNER}})))
    obj = whole({"a": {"n": 5}})

    assert fill(obj) is obj


# --- compared with the steps

NAMES = st.sampled_from(["a", "b", "metadata"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([1, 2**63, 1.5, "x", "ä", "\ud800"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=6,
)
FLAGS = st.fixed_dictionaries(
    {},
    optional={
        "nullable": st.booleans(),
        "x-kubernetes-preserve-unknown-fields": st.just(True),
        "default": VALUES.filter(lambda default: equal(copied(default), default)),
    },
)
SCHEMAS = st.recursive(
    FLAGS,
    lambda inner: st.builds(
        lambda flags, parts: flags | parts,
        FLAGS,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(NAMES, inner, max_size=2),
                "items": inner,
                "additionalProperties": inner | st.booleans(),
            },
        ),
    ),
    max_leaves=5,
)


@given(SCHEMAS, VALUES.filter(lambda value: isinstance(value, dict)))
def test_the_one_walk_gives_what_the_steps_give_wherever_it_gives_something(document, value):
    schema = Structural.of(document)
    walked = tidy_root(schema)(copy.deepcopy(value))
    if walked is None:
        return

    stepped = copied(value)
    unknown = prune(stepped, schema, is_root=True)
    drop_nulls(stepped, schema)
    fill_defaults(stepped, schema)

    # What the steps do inside the metadata is overwritten by what the metadata is decoded to.
    meta = {"metadata": {}} if "metadata" in value else {}
    assert equal({**walked, **meta}, {**stepped, **meta})
    assert list(walked) == list(stepped)
    assert unknown == []


# --- sharing


def test_decoding_shares_what_has_not_changed_and_never_writes_to_it():
    obj = widget({"a": {"x": 1}})
    given_obj = copy.deepcopy(obj)

    decoded, unknown = strategy(
        {"a": {"type": "object", "properties": {"x": {"type": "integer"}}}, "b": {"type": "string", "default": "d"}}
    ).decode(obj)

    assert decoded["spec"] == {"a": {"x": 1}, "b": "d"}
    assert decoded["spec"]["a"] is obj["spec"]["a"]
    assert (obj, unknown) == (given_obj, [])


def test_what_would_be_stored_shares_nothing_with_what_was_sent():
    obj = widget({"a": {"x": 1}})
    schema = field(
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {"type": "integer"}}}}}
    )

    stored = ObjectValidator(definition(schema)).stored(obj)
    stored["spec"]["a"]["x"] = 2

    assert obj["spec"]["a"]["x"] == 1
