"""Server-side apply: merging, ownership, conflicts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import BadRequestError, ConflictError, StatusError
from tests.server.applying import FIRST, LATER, apply, owners, thing, update

words = st.text("abc", min_size=1, max_size=2)
ports = st.lists(
    st.fixed_dictionaries({"port": st.integers(1, 4)}, optional={"name": words, "o": st.just({"x": "y"})}),
    max_size=3,
    unique_by=lambda port: port["port"],
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(0, 3),
        "s": words,
        "o": st.dictionaries(st.sampled_from("xy"), words, max_size=2),
        "m": st.dictionaries(words, words, max_size=2),
        "am": st.dictionaries(words, words, max_size=2),
        "al": st.lists(words, max_size=3),
        "set": st.lists(words, max_size=3, unique=True),
        "ports": ports,
        "any": st.dictionaries(words, words | st.lists(words, max_size=2), max_size=2),
    },
)


@given(specs, specs, specs)
def test_applying_the_same_twice_changes_nothing(first: Any, other: Any, config: Any) -> None:
    live = apply(apply(None, first), other, "b", force=True)
    once = apply(live, config, "c", force=True)
    assert apply(once, config, "c", now=LATER) == once


@given(specs, specs)
def test_what_is_applied_by_force_stands_there(first: Any, config: Any) -> None:
    live = update(None, first)
    merged = apply(live, config, force=True)
    for name in ("n", "s", "al", "am"):
        if name in config:
            assert merged["spec"][name] == config[name]


@given(specs)
def test_a_sole_applier_that_gives_all_up_leaves_nothing(config: Any) -> None:
    gone = apply(apply(None, {**config, "n": 1}), thing())
    assert "managedFields" not in gone["metadata"]
    # Only an empty set or map list is owned by nobody, and so stays.
    assert not any((gone.get("spec") or {}).values())


def test_an_applier_owns_leaves_and_no_declared_parents() -> None:
    made = apply(None, {"n": 1, "o": {"x": "1"}})
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "a",
            "operation": "Apply",
            "apiVersion": "shop.example.com/v1",
            "time": FIRST,
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:n": {}, "f:o": {"f:x": {}}}},
        }
    ]


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, {}),
        ({"m": {"k": "v"}}, {"f:m": {"f:k": {}}}),
        ({"m": {}}, {"f:m": {}}),
        ({"am": {"k": "v"}}, {"f:am": {}}),
        ({"al": ["x"]}, {"f:al": {}}),
        ({"set": ["x", 1]}, {"f:set": {"v:1": {}, 'v:"x"': {}}}),
        ({"set": [], "n": 1}, {"f:n": {}}),
        ({"n": None}, {"f:n": {}}),
        (
            {"ports": [{"port": 1, "name": "x"}]},
            {"f:ports": {'k:{"port":1,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}}}},
        ),
        ({"any": {"k": {"l": [1]}}}, {"f:any": {"f:k": {".": {}, "f:l": {}}}}),
    ],
)
def test_each_sort_of_field_is_owned_its_own_way(spec: Any, fields: Any) -> None:
    assert owners(apply(None, spec))["a"] == {"f:spec": fields}


def test_a_field_no_longer_applied_goes() -> None:
    live = apply(None, {"n": 1, "s": "x"})
    assert apply(live, {"n": 1})["spec"] == {"n": 1}


def test_a_field_that_somebody_else_owns_stays() -> None:
    live = apply(apply(None, {"n": 1, "s": "x"}), {"s": "x"}, "b")
    left = apply(live, {"n": 1})
    assert left["spec"] == {"n": 1, "s": "x"}
    assert owners(left) == {"a": {"f:spec": {"f:n": {}}}, "b": {"f:spec": {"f:s": {}}}}


def test_a_parent_goes_with_its_last_field() -> None:
    live = apply(None, {"n": 1, "o": {"x": "1"}})
    assert apply(live, {"n": 1})["spec"] == {"n": 1}


def test_an_element_goes_although_an_updater_owns_a_field_in_it() -> None:
    live = apply(None, {"n": 1, "ports": [{"port": 1}]})
    live = update(live, {**live, "spec": {"n": 1, "ports": [{"port": 1, "name": "x"}]}}, now=LATER)
    assert "m" in owners(live)
    assert apply(live, {"n": 1})["spec"] == {"n": 1}


@pytest.mark.parametrize(
    ("live", "applied", "merged"),
    [
        (["a", "b", "c", "d"], ["d", "b"], ["a", "c", "d", "b"]),
        (["a", "b"], ["e", "a"], ["e", "a", "b"]),
        (["a"], ["a", "b"], ["a", "b"]),
        ([], ["b", "a"], ["b", "a"]),
    ],
)
def test_a_merged_set_has_the_applied_order_for_shared_items(
    live: list[str], applied: list[str], merged: list[str]
) -> None:
    assert apply(update(None, {"set": live}), {"set": applied})["spec"]["set"] == merged


def test_items_that_are_live_twice_collapse_when_applied() -> None:
    live = update(None, {"set": ["a", "b", "a"]})
    assert apply(live, {"set": ["b"]})["spec"]["set"] == ["a", "b", "a"]
    assert apply(live, {"set": ["a"]}, force=True)["spec"]["set"] == ["a", "b"]
    # What was owned is the pair, so that one of them is new, and somebody else's.
    with pytest.raises(ConflictError, match=r': \.spec\.set\[="a"\]$'):
        apply(live, {"set": ["a"]})


def test_one_conflict_is_told_in_one_line() -> None:
    live = update(None, {"n": 1})
    with pytest.raises(ConflictError) as caught:
        apply(live, {"n": 2})
    message = 'Apply failed with 1 conflict: conflict with "m" using shop.example.com/v1: .spec.n'
    assert caught.value.status.to_dict() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "Conflict",
        "details": {
            "causes": [
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "m" using shop.example.com/v1',
                    "field": ".spec.n",
                }
            ]
        },
        "code": 409,
    }


def test_several_conflicts_are_told_by_manager() -> None:
    live = apply(apply(None, {"n": 1, "ports": [{"port": 1, "name": "x"}]}, "b"), {"s": "x"}, 'a"b')
    with pytest.raises(ConflictError) as caught:
        apply(live, {"n": 2, "s": "y", "ports": [{"port": 1, "name": "y"}]}, "c")
    assert str(caught.value) == (
        'Apply failed with 3 conflicts: conflicts with "a\\"b":\n- .spec.s\nconflicts with "b":\n- .spec.n\n'
        '- .spec.ports[port=1,protocol="TCP"].name'
    )


def test_an_equal_value_is_shared() -> None:
    live = apply(apply(None, {"n": 1}), {"n": 1}, "b")
    assert owners(live) == {"a": {"f:spec": {"f:n": {}}}, "b": {"f:spec": {"f:n": {}}}}


def test_force_takes_only_what_conflicts() -> None:
    live = apply(None, {"n": 1, "s": "x"})
    taken = apply(live, {"n": 2}, "b", force=True)
    assert taken["spec"] == {"n": 2, "s": "x"}
    assert owners(taken) == {"a": {"f:spec": {"f:s": {}}}, "b": {"f:spec": {"f:n": {}}}}


def test_the_same_name_as_applier_and_as_updater_is_two_managers() -> None:
    live = update(None, {"n": 1}, "a")
    with pytest.raises(ConflictError, match='conflict with "a" using'):
        apply(live, {"n": 2}, "a")


def test_an_apply_that_changes_nothing_gets_no_time_and_keeps_an_old_one() -> None:
    live = apply(None, {"n": 1})
    again = apply(live, {"n": 1}, now=LATER)
    assert again == live
    other = apply(live, {"n": 1}, "b", now=LATER)
    assert [entry.get("time") for entry in other["metadata"]["managedFields"]] == [None, FIRST]


def test_an_untracked_object_is_first_owned_by_whoever_was_before() -> None:
    live = thing({"n": 1, "s": "x"})
    made = apply(live, {"n": 1})
    assert owners(made) == {
        "a": {"f:spec": {"f:n": {}}},
        "before-first-apply": {"f:spec": {".": {}, "f:n": {}, "f:s": {}}},
    }


def test_status_is_not_taken_through_the_object_itself() -> None:
    live = update(None, thing({"n": 1}))
    made = apply(live, thing({"s": "x"}, status={"s": "y"}))
    assert owners(made)["a"] == {"f:spec": {"f:s": {}}}


def test_only_status_is_taken_through_its_subresource() -> None:
    live = update(None, {"n": 1})
    made = apply(live, thing({"n": 2}, status={"s": "y"}), subresource="status")
    assert owners(made)["a/status"] == {"f:status": {"f:s": {}}}


def test_labels_are_owned_but_names_are_not() -> None:
    made = apply(None, thing(metadata={"name": "a", "namespace": "x", "labels": {"k": "v"}, "finalizers": ["f/x"]}))
    assert owners(made)["a"] == {"f:metadata": {"f:labels": {"f:k": {}}, "f:finalizers": {'v:"f/x"': {}}}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (thing(kind="Other"), "invalid object type: shop.example.com/v1, Kind=Other"),
        (thing(apiVersion="v2"), "invalid object type: /v2, Kind=Thing"),
        (thing(apiVersion=None, kind=5), "invalid object type: /, Kind="),
        (thing(apiVersion="a/b/c"), "invalid object type: /, Kind="),
        (thing(metadata={"name": "a", "managedFields": []}), "metadata.managedFields must be nil"),
    ],
)
def test_another_kind_or_given_managed_fields_are_refused(config: Any, message: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        apply(None, config)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"bogus": 1}, ".spec.bogus: field not declared in schema"),
        ({"n": "x"}, ".spec.n: expected numeric (int or float), got string"),
        ({"n": True}, ".spec.n: expected numeric (int or float), got bool"),
        ({"n": {}}, ".spec.n: expected numeric (int or float), got map[string]interface {}"),
        ({"s": 5}, ".spec.s: expected string, got &value.valueUnstructured{Value:5}"),
        ({"s": ["x"]}, '.spec.s: expected string, got &value.valueUnstructured{Value:[]interface {}{"x"}}'),
        ({"b": "true"}, ".spec.b: expected boolean, got &{true}"),
        ({"al": "x"}, ".spec.al: expected list, got &{x}"),
        ({"al": {"a": 1}}, ".spec.al: expected list, got &{map[a:1]}"),
        ({"o": 5}, ".spec.o: expected map, got &{5}"),
        ({"al": ["x", 1]}, ".spec.al[1]: expected string, got &value.valueUnstructured{Value:1}"),
        ({"set": ["x", "x"]}, '.spec.set: duplicate entries for key [="x"]'),
        (
            {"set": ["x", None]},
            ".spec.set: element 1: associative list without keys has an element that's an explicit null",
        ),
        ({"set": [{}]}, ".spec.set: element 0: associative list without keys has an element that's a map type"),
        ({"set": [[]]}, ".spec.set: element 0: not supported: associative list with lists as elements"),
        ({"ports": [None]}, ".spec.ports: element 0: associative list with keys may not have a null element"),
        ({"ports": ["x"]}, ".spec.ports: element 0: associative list with keys may not have non-map elements"),
        (
            {"ports": [{"port": 80}, {"port": 80, "protocol": "TCP"}]},
            '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
        ),
        ({"ports": [{"port": 1, "w": 1}]}, '.spec.ports[port=1,protocol="TCP"].w: field not declared in schema'),
        ({"port": {}}, ".spec.port: expected any scalar, got &{map[]}"),
        (
            {"n": "x", "s": 1},
            (
                "errors:\n  .spec.n: expected numeric (int or float), got string\n"
                "  .spec.s: expected string, got &value.valueUnstructured{Value:1}"
            ),
        ),
    ],
)
def test_what_does_not_fit_the_types_fails_with_500(spec: Any, why: str) -> None:
    with pytest.raises(StatusError) as caught:
        apply(None, spec)
    assert caught.value.status.code == 500
    assert str(caught.value) == f"failed to create typed patch object (/a; shop.example.com/v1, Kind=Thing): {why}"


@pytest.mark.parametrize("spec", [{"at": 5}, {"port": "x"}, {"port": 5}, {"n": None}, {"n": 1.5}, {"any": [1, {}]}])
def test_formats_unions_and_nulls_are_left_to_validation(spec: Any) -> None:
    assert apply(None, spec)["spec"] == spec


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def client_side(annotation: str) -> dict[str, Any]:
    """Make an object that kubectl has applied on the client's side."""
    return update(None, thing({"n": 1, "s": "x"}, metadata={"name": "a", "annotations": {LAST_APPLIED: annotation}}))


def test_kubectl_takes_over_what_it_applied_on_the_clients_side() -> None:
    annotation = '{"apiVersion":"shop.example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"n":1}}'
    made = apply(client_side(annotation), {"n": 2}, "kubectl")
    assert made["spec"] == {"n": 2, "s": "x"}
    assert made["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"shop.example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"n":2}}\n'
    )


@pytest.mark.parametrize(
    "annotation",
    [
        "not json",
        "[]",
        '{"apiVersion":"other/v1","kind":"Thing","spec":{"n":1}}',
        '{"apiVersion":"shop.example.com/v1","kind":"Thing","spec":{"n":7}}',
    ],
)
def test_an_annotation_that_describes_another_state_does_not_help(annotation: str) -> None:
    with pytest.raises(ConflictError, match=r"Apply failed with 1 conflict: .*: \.spec\.n"):
        apply(client_side(annotation), {"n": 2}, "kubectl")


def test_another_manager_gets_no_help_from_the_annotation() -> None:
    annotation = '{"apiVersion":"shop.example.com/v1","kind":"Thing","spec":{"n":1}}'
    with pytest.raises(ConflictError):
        apply(client_side(annotation), {"n": 2}, "other")
