"""JSON patch and JSON merge patch, with the habits of the server's patch library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import BadRequestError, InvalidError, StatusError
from kubecrd.server.patches import json_patch, merge_patch

DOCUMENT: dict[str, Any] = {
    "spec": {"n": 1, "f": 1.5, "l": ["a", "b", "c"], "m": {"k": "v", "a/b": "s", "t~d": "t"}, "nul": None}
}

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
json_values = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=3), json_values, max_size=4)


def step(op: str, path: str | None = None, **more: Any) -> dict[str, Any]:
    """Make an operation; ``from`` is spelt ``source``."""
    if "source" in more:
        more["from"] = more.pop("source")
    return {"op": op, **({} if path is None else {"path": path}), **more}


@pytest.mark.parametrize(
    ("operation", "spec"),
    [
        (step("add", "/spec/new", value=1), {"new": 1}),
        (step("add", "/spec/n"), {"n": None}),
        (step("add", "/spec/l/-", value="z"), {"l": ["a", "b", "c", "z"]}),
        (step("add", "/spec/l/0", value="z"), {"l": ["z", "a", "b", "c"]}),
        (step("add", "/spec/l/3", value="z"), {"l": ["a", "b", "c", "z"]}),
        (step("add", "/spec/l/-1", value="z"), {"l": ["a", "b", "c", "z"]}),
        (step("add", "/spec/l/-3", value="z"), {"l": ["a", "z", "b", "c"]}),
        (step("add", "/spec/l/01", value="z"), {"l": ["a", "z", "b", "c"]}),
        (step("add", "/spec/m/a~1b", value="z"), {"m": {"k": "v", "a/b": "z", "t~d": "t"}}),
        (step("replace", "/spec/missing", value=1), {"missing": 1}),
        (step("replace", "/spec/l/-1", value="z"), {"l": ["a", "b", "z"]}),
        (step("remove", "/spec/l/-3"), {"l": ["b", "c"]}),
        (step("remove", "/spec/m/t~0d"), {"m": {"k": "v", "a/b": "s"}}),
        (step("move", "/spec/x", source="/spec/m"), {"m": ..., "x": DOCUMENT["spec"]["m"]}),
        (step("move", "/spec/l/2", source="/spec/l/0"), {"l": ["b", "c", "a"]}),
        (step("copy", "/spec/m/x", source="/spec/none"), {"m": {**DOCUMENT["spec"]["m"], "x": None}}),
        (step("copy", "/spec/l/0", source="/spec/l/2"), {"l": ["c", "a", "b", "c"]}),
        (step("test", "/spec/l/-1", value="c"), {}),
        (step("test", "/spec/none"), {}),
        (step("test", "/spec/none", value=None), {}),
        (step("test", "/spec/nul", value=None), {}),
        (step("test", "/spec/m", value={"t~d": "t", "k": "v", "a/b": "s"}), {}),
    ],
)
def test_an_operation_changes_the_document(operation: dict[str, Any], spec: dict[str, Any]) -> None:
    expected = {key: value for key, value in (DOCUMENT["spec"] | spec).items() if value is not ...}
    assert json_patch(DOCUMENT, [operation]) == {"spec": expected}


@pytest.mark.parametrize(
    "operation",
    [
        None,
        {},
        step("Add", "/spec/n", value=1),
        step("add", value=1),
        step("add", "", value=1),
        step("add", "noslash", value=1),
        step("add", "/none/n", value=1),
        step("add", "/spec/nul/x", value=1),
        step("add", "/spec/n/x", value=1),
        step("add", "/spec/l/4", value=1),
        step("add", "/spec/l/-5", value=1),
        step("add", "/spec/l/1.0", value=1),
        step("add", "/spec/l/one", value=1),
        step("remove", "/spec/none"),
        step("remove", "/spec/l/3"),
        step("remove", "/spec/l/-"),
        step("replace", "/spec/l/3", value=1),
        step("replace", "/spec/l/-", value=1),
        step("replace", "", value=1),
        step("move", "/spec/x", source="/spec/none"),
        step("move", "/spec/x"),
        step("move", "", source="/spec/n"),
        step("copy", "/spec/x", source="/spec/l/9"),
        step("copy", "/spec/x", source="/none/x"),
        step("test", "/spec/n", value=2),
        step("test", "/spec/n"),
        step("test", "/spec/l/9"),
        step("test", "/spec/l", value=["b", "a", "c"]),
        step("test", "", value={}),
    ],
)
def test_an_operation_that_fails_never_says_why(operation: dict[str, Any] | None) -> None:
    with pytest.raises(
        InvalidError, match=r"^the server rejected our request due to an error in our request$"
    ) as caught:
        json_patch(DOCUMENT, [operation])
    assert caught.value.status.to_dict()["details"] == {}


def test_what_stands_before_the_first_slash_is_dropped() -> None:
    assert json_patch({"n": 1}, [step("replace", "spec/n", value=2)]) == {"n": 2}


def test_the_whole_document_can_be_replaced_and_tested() -> None:
    assert json_patch({"n": 1}, [step("test", "", value={"n": 1}), step("replace", "", value=[])]) == []


@pytest.mark.parametrize(("text", "passes"), [("1.5", True), ("1.50", False), ("15e-1", False)])
def test_numbers_are_tested_by_their_text(text: str, passes: bool) -> None:
    body = f'[{{"op":"test","path":"/spec/f","value":{text}}}]'.encode()
    if passes:
        assert json_patch(DOCUMENT, json.loads(body), text=body) == DOCUMENT
    else:
        with pytest.raises(InvalidError):
            json_patch(DOCUMENT, json.loads(body), text=body)


def test_numbers_are_plain_again_after_a_test() -> None:
    body = b'[{"op":"add","path":"/x","value":2.0},{"op":"test","path":"/x","value":2.0}]'
    patched = json_patch({}, json.loads(body), text=body)
    assert patched == {"x": 2.0}
    assert type(patched["x"]) is float


@pytest.mark.parametrize(
    ("body", "strict", "message"),
    [
        ({}, True, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        ([1], True, "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"),
        (
            [{"op": 7}],
            True,
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
        ),
        ({}, False, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        ([1], False, "json: cannot unmarshal number into Patch.0 of type jsonpatch.Operation"),
    ],
)
def test_a_body_that_is_no_json_patch_is_refused(body: Any, strict: bool, message: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        json_patch({}, body, strict=strict)
    assert str(caught.value) == message


@pytest.mark.parametrize("body", [None, []])
def test_no_operations_change_nothing(body: Any) -> None:
    assert json_patch(DOCUMENT, body) == DOCUMENT


def test_ten_thousand_operations_are_the_limit() -> None:
    operations = [step("test", "/none")] * 10_000
    assert json_patch({}, operations) == {}
    with pytest.raises(StatusError) as caught:
        json_patch({}, [*operations, operations[0]])
    assert caught.value.status.code == 413
    assert str(caught.value) == (
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"
    )


def test_copies_have_a_limit_of_their_own() -> None:
    text = "x" * 1024 * 1024
    operations = [step("copy", f"/{index}", source="/a") for index in range(4)]
    assert len(json_patch({"a": text}, operations[:2])) == 3
    with pytest.raises(InvalidError):
        json_patch({"a": text}, operations)


def test_a_patch_that_fails_leaves_the_document_alone() -> None:
    document = {"l": [1]}
    with pytest.raises(InvalidError):
        json_patch(document, [step("add", "/l/-", value=2), step("remove", "/none")])
    assert document == {"l": [1]}


@pytest.mark.parametrize(
    ("document", "patch", "merged"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({}, {"a": None}, {}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({}, {"a": {"b": None, "c": {"d": None}}}, {"a": {"c": {}}}),
        ({"a": [1]}, {"a": {"b": None}}, {"a": {}}),
        ({"a": None}, {"a": {"b": None}}, {"a": {}}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
        ({"a": 1}, {"a": [None, {"b": None}]}, {"a": [None, {}]}),
        # Only where the list takes the place of an object, the library leaves the nulls in it.
        ({"a": {}}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
    ],
)
def test_a_merge_patch_merges(document: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]) -> None:
    before = json.dumps(document)
    assert merge_patch(document, patch) == merged
    assert json.dumps(document) == before


def _has_null_in_list(value: Any, *, within: bool = False) -> bool:
    match value:
        case None:
            return within
        case dict():
            return any(_has_null_in_list(member, within=within) for member in value.values())
        case list():
            return any(_has_null_in_list(item, within=True) for item in value)
        case _:
            return False


@given(objects, objects.filter(lambda patch: not _has_null_in_list(patch)))
def test_a_merge_patch_applied_twice_is_one_applied_once(document: dict[str, Any], patch: dict[str, Any]) -> None:
    """Nulls in lists aside, which stay where a list takes the place of an object, and go where it replaces a list."""
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once


@pytest.mark.parametrize(
    ("body", "strict", "message"),
    [
        ([], True, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (True, True, "error decoding patch: json: cannot unmarshal bool into Go value of type map[string]interface {}"),
        (None, True, "Invalid JSON Patch"),
        (5, False, "Invalid JSON Patch"),
    ],
)
def test_a_body_that_is_no_merge_patch_is_refused(body: Any, strict: bool, message: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        merge_patch({}, body, strict=strict)
    assert str(caught.value) == message


def test_a_list_becomes_the_document_where_nobody_validates() -> None:
    assert merge_patch({}, [1, None, {"a": None}], strict=False) == [1, None, {}]
