"""Sets of paths: their algebra, their order, and the FieldsV1 documents they are kept in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.server.fieldset import (
    EMPTY,
    FIELD,
    INDEX,
    FieldSet,
    FieldsV1Error,
    Path,
    field_element,
    key_element,
    path_text,
    value_element,
    value_key,
)

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6)
elements = (
    st.text(max_size=6).map(field_element)
    | scalars.map(value_element)
    | st.dictionaries(st.text(max_size=4), scalars, min_size=1, max_size=2).map(key_element)
    | st.integers(0, 9).map(lambda index: (INDEX, index))
)
paths = st.lists(elements, min_size=1, max_size=4).map(tuple)
sets = st.lists(paths, max_size=8).map(lambda found: FieldSet.of(*found))


def of(*texts: str) -> FieldSet:
    """Make a set of dotted paths."""
    return FieldSet.of(*(tuple((FIELD, name) for name in text.split(".")) for text in texts))


@given(sets)
def test_a_set_comes_back_from_its_document(paths: FieldSet) -> None:
    assert FieldSet.from_fields_v1(paths.to_fields_v1()) == paths


@given(sets, sets)
def test_union_intersection_and_difference_are_those_of_sets_of_paths(one: FieldSet, other: FieldSet) -> None:
    assert set(one | other) == set(one) | set(other)
    assert set(one & other) == set(one) & set(other)
    assert set(one - other) == set(one) - set(other)


@given(sets, sets)
def test_taking_a_union_apart_gives_what_was_put_in(one: FieldSet, other: FieldSet) -> None:
    assert (one | other) - other == one - other
    assert (one - other) | (one & other) == one
    assert not one - one


@given(sets)
def test_the_length_is_the_number_of_paths(paths: FieldSet) -> None:
    assert len(paths) == len(list(paths)) == len(set(paths))
    assert all(path in paths for path in paths)
    assert bool(paths) == (len(paths) > 0)


@given(sets, sets)
def test_a_tree_is_taken_out_with_all_below(one: FieldSet, other: FieldSet) -> None:
    roots = set(other)

    def lies_below(path: Path) -> bool:
        return any(path[:size] in roots for size in range(1, len(path) + 1))

    assert set(one.without_trees(other)) == {path for path in one if not lies_below(path)}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, EMPTY),
        ({"f:a": {}}, of("a")),
        ({"f:a": {".": {}, "f:b": {}}}, of("a", "a.b")),
        ({"f:a": {"f:b": {}}}, of("a.b")),
        ({"f:a": {".": {}}}, of("a")),
        ({"f:a": {"z:unknown": {"f:x": {}}}}, of("a")),
        ({"x:y": {}}, EMPTY),
        ({"x:y": {}, "f:a": {}}, of("a")),
        ({"i:3": {}}, FieldSet.of(((INDEX, 3),))),
        ({'v:"x"': {}}, FieldSet.of((value_element("x"),))),
        ({'k:{"a":1,"b":"x"}': {}}, FieldSet.of((key_element({"b": "x", "a": 1}),))),
    ],
)
def test_a_document_is_read(document: dict[str, Any], found: FieldSet) -> None:
    assert FieldSet.from_fields_v1(document) == found


@pytest.mark.parametrize("key", ["f", "", "nocolon", "k:{bad", "v:{", "i:x", "k:[1]"])
def test_a_malformed_element_makes_a_document_unreadable(key: str) -> None:
    with pytest.raises(FieldsV1Error):
        FieldSet.from_fields_v1({key: {}})


def test_a_member_with_something_below_has_a_dot() -> None:
    assert of("spec", "spec.size").to_fields_v1() == {"f:spec": {".": {}, "f:size": {}}}
    assert of("spec.size").to_fields_v1() == {"f:spec": {"f:size": {}}}


def test_keys_are_written_compact_sorted_and_with_escaped_markup() -> None:
    element = key_element({"protocol": "T<P", "port": 80.0})
    assert FieldSet.of((element,)).to_fields_v1() == {'k:{"port":80,"protocol":"T\\u003cP"}': {}}


def test_members_of_a_node_come_before_what_lies_below_it() -> None:
    found = of("spec.m.k", "spec.b", "spec.n")
    assert [path_text(path) for path in found] == [".spec.b", ".spec.n", ".spec.m.k"]


def test_fields_come_before_keys_before_values_before_positions() -> None:
    found = FieldSet.of(
        ((INDEX, 0),),
        (value_element(True),),
        (value_element("a"),),
        (value_element(2),),
        (key_element({"k": 1}),),
        ((FIELD, "z"),),
    )
    assert [path_text(path) for path in found] == [".z", "[k=1]", "[=2]", '[="a"]', "[=true]", "[0]"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((field_element("spec"), key_element({"name": "a", "n": None})), '.spec[n=null,name="a"]'),
        ((field_element("l"), value_element('q"\n')), '.l[="q\\"\\n"]'),
        ((field_element("l"), value_element(1.5)), ".l[=1.5]"),
        ((field_element("a/b.c"),), ".a/b.c"),
    ],
)
def test_a_path_is_printed_as_in_messages(path: Path, text: str) -> None:
    assert path_text(path) == text


def test_one_and_true_are_different_items_but_one_and_one_point_zero_are_the_same() -> None:
    assert value_key(1) != value_key(True)
    assert value_key(1) == value_key(1.0)
    assert len(FieldSet.of((value_element(1),), (value_element(True),), (value_element(1.0),))) == 2


def test_a_path_inside_a_set_is_told_from_its_parents() -> None:
    found = of("a.b")
    assert ((FIELD, "a"), (FIELD, "b")) in found
    assert ((FIELD, "a"),) not in found
    assert ((FIELD, "x"), (FIELD, "y"), (FIELD, "z")) not in found


def test_a_set_shows_its_paths() -> None:
    assert repr(of("a.b", "c")) == "FieldSet(.c, .a.b)"
    assert of("a") != {"a"}
    assert hash(of("a", "b")) == hash(of("b", "a"))
