"""Strategic merge patch: lists merge by the strategies of the kind's OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubecrd.errors import BadRequestError, InternalServerError
from kubecrd.server.patches import strategic_merge_patch
from kubecrd.server.typeschema import TypeSchema

TEXT = {"type": "string"}
PORT = {"type": "object", "properties": {"port": {"type": "integer"}, "name": TEXT, "at": {"$ref": "#/c/At"}}}
COMPONENTS: dict[str, Any] = {
    "Thing": {
        "type": "object",
        "properties": {
            "data": {"type": "object", "additionalProperties": TEXT},
            "ports": {
                "type": "array",
                "items": {"allOf": [{"$ref": "#/components/schemas/Port"}], "default": {}},
                "x-kubernetes-patch-strategy": "merge",
                "x-kubernetes-patch-merge-key": "port",
            },
            "finalizers": {"type": "array", "items": TEXT, "x-kubernetes-patch-strategy": "merge"},
            "args": {"type": "array", "items": TEXT},
            "strategy": {"$ref": "#/components/schemas/At", "x-kubernetes-patch-strategy": "retainKeys"},
        },
    },
    "Port": PORT,
    "At": {"type": "object", "properties": {"x": TEXT, "y": TEXT}},
}
SCHEMA = TypeSchema.of_openapi(COMPONENTS, "#/components/schemas/Thing")


def patch(document: dict[str, Any], change: Any) -> dict[str, Any]:
    """Patch *document*, which must stay as it is."""
    before = json.dumps(document)
    patched = strategic_merge_patch(document, change, SCHEMA)
    assert json.dumps(document) == before
    return patched


@pytest.mark.parametrize(
    ("live", "change", "merged"),
    [
        (["a"], {"finalizers": ["b"]}, ["b", "a"]),
        (["b", "a"], {"finalizers": ["a", "c"]}, ["b", "a", "c"]),
        (["a", "b"], {"finalizers": ["b"]}, ["a", "b"]),
        (["a", "b"], {"$deleteFromPrimitiveList/finalizers": ["a", "z"]}, ["b"]),
        (["a", "b"], {"$deleteFromPrimitiveList/finalizers": "a"}, ["a", "b"]),
        (["a", "b", "c"], {"$setElementOrder/finalizers": ["c", "a"]}, ["b", "c", "a"]),
        (["a"], {"$setElementOrder/finalizers": ["b", "a"], "finalizers": ["b"]}, ["b", "a"]),
        ([], {"finalizers": ["b", "a"]}, ["b", "a"]),
    ],
)
def test_lists_of_scalars_merge_in_order(live: list[str], change: Any, merged: list[str]) -> None:
    assert patch({"finalizers": live}, change) == {"finalizers": merged}


A, B = {"port": 1, "name": "a"}, {"port": 2, "name": "b"}


@pytest.mark.parametrize(
    ("live", "change", "merged"),
    [
        ([A, B], [{"port": 2, "name": "z"}], [A, {"port": 2, "name": "z"}]),
        ([A], [{"port": 3}], [{"port": 3}, A]),
        ([A, B], [{"port": 1, "name": None}], [{"port": 1}, B]),
        ([A, B], [{"$patch": "delete", "port": 1}], [B]),
        ([A, B], [{"$patch": "replace"}, {"port": 9}], [{"port": 9}]),
        ([A], [{"port": 1, "at": {"x": "1"}}], [{**A, "at": {"x": "1"}}]),
    ],
)
def test_lists_of_objects_merge_by_key(live: Any, change: Any, merged: Any) -> None:
    assert patch({"ports": live}, {"ports": change}) == {"ports": merged}


def test_an_order_moves_elements() -> None:
    change = {"$setElementOrder/ports": [{"port": 2}, {"port": 1}], "ports": [{"port": 1, "name": "z"}]}
    assert patch({"ports": [A, B]}, change) == {"ports": [B, {"port": 1, "name": "z"}]}


@pytest.mark.parametrize(
    ("document", "change", "merged"),
    [
        ({"args": ["a"]}, {"args": ["b"]}, {"args": ["b"]}),
        ({"data": {"a": "1"}}, {"data": {"b": "2", "a": None}}, {"data": {"b": "2"}}),
        ({"data": {"a": "1"}}, {"data": {"$patch": "replace", "b": "2"}}, {"data": {"b": "2"}}),
        ({"data": {"a": "1"}}, {"data": {"$patch": "delete"}}, {"data": {}}),
        ({"data": {"a": "1"}}, {"data": None}, {}),
        ({}, {"data": {"a": None, "b": "2"}}, {"data": {"b": "2"}}),
        ({"data": {"a": "1"}}, {"data": "x"}, {"data": "x"}),
        ({"strategy": {"x": "1"}}, {"strategy": {"$retainKeys": ["y"], "y": "2"}}, {"strategy": {"y": "2"}}),
        ({"data": {"a": "1"}}, None, {"data": {"a": "1"}}),
    ],
)
def test_objects_merge(document: Any, change: Any, merged: Any) -> None:
    assert patch(document, change) == merged


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ports": [{"name": "no-key"}]}, "map: map[name:no-key] does not contain declared merge key: port"),
        ({"ports": [{"$patch": "delete"}]}, "map: map[$patch:delete] does not contain declared merge key: port"),
        ({"data": {"$patch": "merge", "x": "y"}}, "unknown patch type: merge in map: map[$patch:merge x:y]"),
        ({"data": {"$patch": 5}}, "unknown patch type: %!s(int64=5) in map: map[$patch:5]"),
        ({"ports": ["x"]}, "list element types are not identical: [[map[name:a port:1]] [x]]"),
        ({"ports": [{"$patch": "merge"}]}, "merging lists cannot yet be specified in the patch"),
        (
            {"$setElementOrder/finalizers": ["a"], "finalizers": ["b"]},
            "The order in patch list:\n[b]\n doesn't match $setElementOrder list:\n[a]\n",
        ),
    ],
)
def test_a_wrong_directive_fails(change: Any, message: str) -> None:
    with pytest.raises(InternalServerError) as caught:
        patch({"ports": [A], "data": {}, "finalizers": []}, change)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([], "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ({"strategy": {"$retainKeys": "x"}}, "invalid patch format of retainKeys"),
        ({"strategy": {"$retainKeys": ["x"], "y": "2"}}, "invalid patch format of retainKeys"),
        ({"$setElementOrder/ports": 5}, "invalid patch format of setElementOrder list"),
    ],
)
def test_a_malformed_patch_is_refused(change: Any, message: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        patch({"strategy": {}}, change)
    assert str(caught.value) == message


def test_metadata_merges_where_nothing_else_is_known() -> None:
    document = {"metadata": {"finalizers": ["a/a"]}, "args": ["a"]}
    change = {"metadata": {"finalizers": ["b/b"]}, "args": ["b"]}
    merged = {"metadata": {"finalizers": ["b/b", "a/a"]}, "args": ["b"]}
    assert strategic_merge_patch(document, change, None) == merged
