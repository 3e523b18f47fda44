"""What plain writes do to managedFields."""

from __future__ import annotations

from typing import Any

import pytest

from kubecrd.errors import InternalServerError
from kubecrd.schema.structural import Structural
from kubecrd.server.fieldmanager import FieldManager, reset_fields
from kubecrd.server.typeschema import TypeSchema
from tests.server.applying import API, FIRST, LATER, SCHEMA, apply, owners, thing, update


def entry(fields: dict[str, Any], manager: str = "hand", **more: Any) -> dict[str, Any]:
    """Make an entry of managedFields."""
    made = {"manager": manager, "operation": "Update", "apiVersion": API, "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {**made, **more}


def patched(live: dict[str, Any], spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Give *live* with parts of its spec and metadata replaced."""
    return {**live, "metadata": {**live["metadata"], **metadata}, "spec": {**live["spec"], **spec}}


def test_a_creator_owns_every_leaf_and_the_parents_that_came_with_it() -> None:
    made = update(None, {"n": 1, "o": {"x": "1"}, "ports": [{"port": 1}]})
    assert owners(made)["m"] == {
        "f:spec": {
            ".": {},
            "f:n": {},
            "f:o": {".": {}, "f:x": {}},
            "f:ports": {".": {}, 'k:{"port":1,"protocol":"TCP"}': {".": {}, "f:port": {}}},
        }
    }
    assert made["metadata"]["managedFields"][0]["time"] == FIRST


def test_a_change_takes_a_field_from_its_owner() -> None:
    live = update(None, {"n": 1, "s": "x"})
    new = update(live, patched(live, {"n": 2}), "other", now=LATER)
    assert owners(new) == {"m": {"f:spec": {".": {}, "f:s": {}}}, "other": {"f:spec": {"f:n": {}}}}


def test_a_removed_field_leaves_every_owner() -> None:
    live = apply(update(None, {"n": 1, "s": "x"}), {"s": "x"})
    new = update(live, {**live, "spec": {"n": 1}}, "other")
    assert owners(new) == {"m": {"f:spec": {".": {}, "f:n": {}}}}


def test_who_changes_nothing_gets_no_entry() -> None:
    live = update(None, {"n": 1})
    assert update(live, live, "other", now=LATER) == live


def test_a_new_order_of_a_set_is_owned_by_nobody() -> None:
    live = update(None, {"set": ["a", "b"]})
    new = update(live, patched(live, {"set": ["b", "a"]}), "other")
    assert owners(new) == owners(live)


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        (["a", "b"], ["a", "b", "b"], {'v:"b"': {}}),
        (["b", "b"], ["b", "b", "b"], {'v:"b"': {}}),
    ],
)
def test_an_item_that_is_there_more_often_is_owned(old: list[str], new: list[str], fields: dict[str, Any]) -> None:
    live = update(None, {"set": old})
    assert owners(update(live, patched(live, {"set": new}), "other"))["other"] == {"f:spec": {"f:set": fields}}


def test_of_items_with_one_key_that_become_one_all_fields_are_owned_anew() -> None:
    twice = update(None, {"ports": [{"port": 1, "name": "a"}, {"port": 1, "name": "b"}]})
    once = update(twice, patched(twice, {"ports": [{"port": 1, "name": "a"}]}), "other")
    key = 'k:{"port":1,"protocol":"TCP"}'
    assert owners(twice)["m"]["f:spec"]["f:ports"] == {".": {}, key: {}}
    assert owners(once)["m"]["f:spec"]["f:ports"] == {}
    assert owners(once)["other"]["f:spec"]["f:ports"] == {key: {".": {}, "f:name": {}, "f:port": {}}}


def test_a_scalar_that_becomes_an_object_is_owned_with_what_is_in_it() -> None:
    live = update(None, {"any": 1})
    new = update(live, patched(live, {"any": {"k": 1}}), "other")
    assert owners(new)["other"] == {"f:spec": {"f:any": {".": {}, "f:k": {}}}}


def test_one_empty_entry_forgets_everybody_and_records_nobody() -> None:
    live = update(None, {"n": 1})
    new = update(live, patched(live, {"n": 2}, managedFields=[{}]), "other")
    assert "managedFields" not in new["metadata"]
    assert "managedFields" not in update(new, patched(new, {"n": 3}), "other")["metadata"]


@pytest.mark.parametrize("given", [[], None])
def test_no_entries_mean_those_that_are_stored(given: Any) -> None:
    live = update(None, {"n": 1})
    assert owners(update(live, patched(live, {}, managedFields=given), "other")) == owners(live)


def test_an_empty_list_forgets_everybody_where_the_kind_is_built_in() -> None:
    builtin = FieldManager(TypeSchema(SCHEMA.root, custom=False))
    live = update(None, {"n": 1})
    new = builtin.update(live, patched(live, {}, managedFields=[]), manager="m", api_version=API, now=FIRST)
    assert "managedFields" not in new["metadata"]


def test_entries_written_by_hand_are_taken_as_they_are() -> None:
    live = update(None, {"n": 1})
    given = [entry({"f:spec": {"f:never": {}}}), entry({"f:spec": {"f:n": {}}}, "two")]
    new = update(live, patched(live, {"n": 2}, managedFields=given), "other")
    assert owners(new) == {"hand": {"f:spec": {"f:never": {}}}, "other": {"f:spec": {"f:n": {}}}}


@pytest.mark.parametrize(
    "broken",
    [
        entry({"f:n": {}}, operation="Delete"),
        entry({"f:n": {}}, apiVersion=""),
        entry({"f:n": {}}, fieldsType="FieldsV2"),
        entry({"f:n": {}}, fieldsType=""),
        entry({"nocolon": {}}),
    ],
)
def test_entries_that_cannot_be_read_are_ignored(broken: dict[str, Any]) -> None:
    live = update(None, {"n": 1})
    assert owners(update(live, patched(live, {}, managedFields=[broken]), "other")) == owners(live)


def test_entries_given_through_a_subresource_are_ignored() -> None:
    live = update(None, {"n": 1})
    given = patched(live, {}, managedFields=[{}])
    assert owners(update(live, {**given, "status": {"s": "x"}}, "ctl", subresource="status")) == {
        "m": {"f:spec": {".": {}, "f:n": {}}},
        "ctl/status": {"f:status": {".": {}, "f:s": {}}},
    }


def test_entries_in_a_create_are_thrown_away() -> None:
    made = update(None, thing({"n": 1}, metadata={"name": "a", "managedFields": [entry({"f:x": {}})]}))
    assert list(owners(made)) == ["m"]


def test_an_object_that_does_not_fit_its_types_keeps_its_owners() -> None:
    live = update(None, {"n": 1})
    assert owners(update(live, patched(live, {"n": "x"}), "other")) == owners(live)


def test_an_entry_of_a_version_that_is_no_more_costs_a_custom_resource_all_entries() -> None:
    live = update(None, {"n": 1})
    given = [entry({"f:spec": {"f:n": {}}}), entry({"f:spec": {"f:n": {}}}, "old", apiVersion="shop.example.com/v0")]
    assert "managedFields" not in update(live, patched(live, {}, managedFields=given), "other")["metadata"]


def test_an_entry_of_a_version_that_is_no_more_vanishes_where_the_kind_is_built_in() -> None:
    builtin = FieldManager(TypeSchema(SCHEMA.root, custom=False))
    live = update(None, {"n": 1})
    given = [entry({"f:spec": {"f:n": {}}}), entry({"f:spec": {"f:n": {}}}, "old", apiVersion="shop.example.com/v0")]
    new = builtin.update(live, patched(live, {}, managedFields=given), manager="m", api_version=API, now=FIRST)
    assert list(owners(new)) == ["hand"]


def test_the_eleventh_updater_folds_the_two_oldest() -> None:
    live = update(None, {"m": {"k00": "v"}}, "u00", now=FIRST)
    for index in range(1, 12):
        key = f"k{index:02}"
        new = patched(live, {"m": {**live["spec"]["m"], key: "v"}})
        live = update(live, new, f"u{index:02}", now=f"2026-01-02T03:05:{index:02}Z")
        count = len(live["metadata"]["managedFields"])
        assert count == min(index + 1, 10)
    folded = live["metadata"]["managedFields"][0]
    assert folded["manager"] == "ancient-changes"
    assert folded["time"] == "2026-01-02T03:05:02Z"
    assert folded["fieldsV1"]["f:spec"]["f:m"] == {".": {}, "f:k00": {}, "f:k01": {}, "f:k02": {}}


def test_appliers_are_not_folded() -> None:
    live: dict[str, Any] | None = None
    for index in range(12):
        live = apply(live, {"m": {f"k{index}": "v"}}, f"a{index:02}")
    assert live is not None
    assert len(live["metadata"]["managedFields"]) == 12


def test_entries_stand_by_operation_then_time_then_name() -> None:
    live = update(None, {"n": 1}, "z", now=LATER)
    live = update(live, patched(live, {"s": "x"}), "b", now=FIRST)
    live = apply(live, {"m": {"k": "v"}}, "y", now=LATER)
    live = apply(live, {"m": {"l": "v"}}, "x", now=LATER)
    assert list(owners(live)) == ["x", "y", "b", "z"]


def test_what_has_become_atomic_is_owned_as_a_whole_with_the_next_write() -> None:
    atomic = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "n": {"type": "integer"},
                    "m": {
                        "type": "object",
                        "additionalProperties": {"type": "string"},
                        "x-kubernetes-map-type": "atomic",
                    },
                },
            }
        },
    }
    later = FieldManager(TypeSchema.of_structural(Structural.of(atomic)))
    live = update(None, {"n": 1, "m": {"k": "v"}})
    new = later.update(live, patched(live, {"n": 2}), manager="other", api_version=API, now=LATER)
    assert owners(new)["m"] == {"f:spec": {".": {}, "f:m": {}}}


def versions() -> tuple[FieldManager, FieldManager]:
    """Make field managers of a kind whose second version has a field that the first has not."""
    number = {"type": "integer"}
    schemas = {
        f"shop.example.com/{name}": TypeSchema.of_structural(
            Structural.of(
                {
                    "type": "object",
                    "properties": {"spec": {"type": "object", "properties": dict.fromkeys(names, number)}},
                }
            )
        )
        for name, names in {"v1": ("n",), "v2": ("n", "only2")}.items()
    }
    first, second = schemas.values()
    return FieldManager(first, versions=schemas), FieldManager(second, versions=schemas)


def test_an_updater_has_an_entry_for_each_version() -> None:
    first, second = versions()
    live = first.update(None, thing({"n": 1}), manager="m", api_version=API, now=FIRST)
    there = {**live, "apiVersion": "shop.example.com/v2"}
    new = second.update(there, patched(there, {"n": 2}), manager="m", api_version="shop.example.com/v2", now=LATER)
    found = [(each["apiVersion"], each["fieldsV1"]) for each in new["metadata"]["managedFields"]]
    assert found == [(API, {"f:spec": {}}), ("shop.example.com/v2", {"f:spec": {"f:n": {}}})]


def test_a_version_without_the_subresource_loses_what_a_write_through_another_leaves_alone() -> None:
    """The server takes the status from who wrote it before it puts the stored one back."""
    schema = TypeSchema.of_structural(
        Structural.of({"type": "object", "properties": {"status": {"type": "object", "properties": {"s": {"type": "string"}}}}})
    )  # fmt: skip
    schemas = {API: schema, "shop.example.com/v2": schema}
    first = FieldManager(schema, versions=schemas, resets={"": reset_fields("status")})
    second = FieldManager(schema, versions=schemas)
    there = thing(apiVersion="shop.example.com/v2", status={"s": "a"})
    live = second.update(None, there, manager="m", api_version="shop.example.com/v2", now=FIRST)
    new = {**live, "apiVersion": API, "status": {"s": "b"}}
    assert owners(first.update({**live, "apiVersion": API}, new, manager="m", api_version=API, now=LATER)) == {
        "m": {"f:status": {}}
    }


def test_an_applier_has_one_entry_in_the_version_it_used_last() -> None:
    first, second = versions()
    live = first.apply(None, thing({"n": 1}), manager="a", force=False, api_version=API, now=FIRST)
    there = {**live, "apiVersion": "shop.example.com/v2"}
    config = thing({"n": 2}, apiVersion="shop.example.com/v2")
    new = second.apply(there, config, manager="a", force=False, api_version="shop.example.com/v2", now=LATER)
    assert new["spec"] == {"n": 2}
    assert [each["apiVersion"] for each in new["metadata"]["managedFields"]] == ["shop.example.com/v2"]


def test_what_the_version_applied_last_does_not_have_cannot_be_applied() -> None:
    first, second = versions()
    live = first.apply(None, thing({"n": 1}), manager="a", force=False, api_version=API, now=FIRST)
    there = {**live, "apiVersion": "shop.example.com/v2"}
    config = thing({"only2": 2}, apiVersion="shop.example.com/v2")
    with pytest.raises(InternalServerError) as caught:
        second.apply(there, config, manager="a", force=False, api_version="shop.example.com/v2", now=LATER)
    assert str(caught.value) == (
        "failed to prune fields: failed to convert merged object to last applied version: "
        ".spec.only2: field not declared in schema"
    )
