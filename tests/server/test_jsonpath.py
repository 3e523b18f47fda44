from __future__ import annotations

import pytest

from kubecrd.server.cells import custom_cell
from kubecrd.server.jsonpath import MISSING, first_result, is_path

DOCUMENT = {
    "spec": {"list": [{"n": "a", "v": 1}, {"n": "b", "v": 2}], "map": {"x.y": 3, "plain": None}, "empty": []},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.list[0].n", "a"),
        (".spec.list[-1].n", "b"),
        (".spec.list[*].n", "a"),
        (".spec.list[1:].n", "b"),
        (".spec.list[-1:].n", "b"),
        (".spec.list[?(@.v>1)].n", "b"),
        (".spec.list[?(@.n=='a')].v", 1),
        (r".spec.map.x\.y", 3),
        (r".spec.map['x\.y']", 3),
        (".spec['map.plain']", None),
        (".spec.list[0,1].n", "a"),
        (".spec.list[1]['n','v']", "b"),
        ("..plain", None),
        (".spec..v", 1),
        (".spec.list[?(@.m)].n", MISSING),
        (".spec.list[?(@.v)].n", "a"),
        (".spec.list[?(@.n!='a')].n", "b"),
        ('.spec.list[?(@.n=="b")].v', 2),
        ("$.spec.list[0].n", "a"),
        (".spec.list[::2].n", "a"),
        (".spec.list[0:2].n", "a"),
        (".spec.list[1:1].n", MISSING),
        (".spec.list[].n", "a"),
        (".spec.map.plain", None),
    ],
)
def test_only_the_first_result_of_a_path_counts(path: str, found: object) -> None:
    assert first_result(path, DOCUMENT) == found


@pytest.mark.parametrize("path", [".spec.none", ".spec.empty[*]", ".spec.list.n", ".spec.none[0]"])
def test_a_path_that_leads_nowhere_finds_nothing(path: str) -> None:
    assert first_result(path, DOCUMENT) is MISSING


@pytest.mark.parametrize(
    "path",
    [
        ".spec.list[7].n",
        ".spec.list[0:5].n",
        ".spec.list[1:0].n",
        ".spec.list[-3].n",
        ".spec.list[::0].n",
        ".spec.map[0]",
        ".spec.map[?(@.x)]",
        ".spec.list[?(@.v>'1')].n",
        ".spec.list[?(@.v==1.0)].n",
        ".spec.list[?(@.n==a)].n",
        ".spec.list[?(@.n='a')].n",
    ],
)
def test_a_path_that_fails_anywhere_finds_nothing_at_all(path: str) -> None:
    assert is_path(path)
    assert first_result(path, DOCUMENT) is MISSING


@pytest.mark.parametrize(
    "path", [".spec.list[", ".spec.list[x]", '.spec["map"]', ".spec....n", ".spec.list[-]", ".a{b}"]
)
def test_a_path_may_be_no_path(path: str) -> None:
    assert not is_path(path)
    assert first_result(path, DOCUMENT) is MISSING


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("string", "x", "x"),
        ("string", 7, "7"),
        ("string", 2.0, "2"),
        ("string", 1e21, "1e+21"),
        ("string", True, "true"),
        ("string", None, "<no value>"),
        ("string", {"b": 1, "a": [2]}, '{"a":[2],"b":1}'),
        ("integer", 7, 7),
        ("integer", 1.9, 1),
        ("integer", 1e21, -(2**63)),
        ("integer", "7", None),
        ("integer", True, None),
        ("number", 7, 7.0),
        ("number", "7", None),
        ("boolean", False, False),
        ("boolean", "false", None),
        ("date", "", "<unknown>"),
        ("date", "0001-01-01T00:00:00Z", "<unknown>"),
        ("date", "2016-11-01", "<invalid>"),
        ("date", "2999-01-01T00:00:00Z", "<invalid>"),
        ("date", 7, None),
    ],
)
def test_a_cell_shows_a_value_by_the_type_of_its_column(kind: str, value: object, cell: object) -> None:
    column = {"name": "C", "type": kind, "jsonPath": ".spec.v"}
    assert custom_cell(column, {"spec": {"v": value}}) == cell


def test_a_cell_of_nothing_is_null() -> None:
    assert custom_cell({"name": "C", "type": "string", "jsonPath": ".spec.v"}, {"spec": {}}) is None
