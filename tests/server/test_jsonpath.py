from __future__ import annotations

import pytest

from kubecrd.server.cells import custom_cell
from kubecrd.server.jsonpath import MISSING, first_result

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
        (".spec.map['x.y']", 3),
        (".spec.map.plain", None),
    ],
)
def test_only_the_first_result_of_a_path_counts(path: str, found: object) -> None:
    assert first_result(path, DOCUMENT) == found


@pytest.mark.parametrize("path", [".spec.none", ".spec.list[7].n", ".spec.empty[*]", ".spec.list.n", ".spec.list["])
def test_a_path_that_leads_nowhere_finds_nothing(path: str) -> None:
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
