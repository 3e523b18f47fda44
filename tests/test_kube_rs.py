"""The comparison with kube-rs keeps its word: a row that says `tests` has a test marked with its id."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.shared import SHARED, needs

INVENTORY = SHARED / "reference" / "kube-rs.md"
ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (?P<id>[A-Z]\d+) \| (?P<rust>.+?) \| (?P<python>.+?) \| (?P<shown>.+?) \|$")


def rows() -> dict[str, re.Match[str]]:
    lines = (ROOT / "docs" / "kube-rs.md").read_text().splitlines()
    return {match["id"]: match for line in lines if (match := ROW.match(line))}


def marked(path: Path) -> set[str]:
    """Ids in `pytest.mark.kube_rs(...)`, wherever the mark stands: on a function, a class, a module or a parameter."""
    return {
        argument.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "kube_rs"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


def all_marked() -> set[str]:
    return set().union(*(marked(path) for path in (ROOT / "tests").rglob("test_*.py")))


def test_every_row_that_says_tests_has_a_test():
    said = {name for name, row in rows().items() if row["shown"] == "tests"}
    assert sorted(said - all_marked()) == []


@needs(INVENTORY)
def test_every_feature_of_kube_core_and_kube_derive_has_a_row():
    """But for CEL (K110 to K121), where the comparison is with the API server itself, and K132, a bridge to it."""
    found = re.findall(r"^\| ([KD]\d+) \|", INVENTORY.read_text(), re.MULTILINE)
    wanted = {name for name in found if name[0] == "D" or not 110 <= int(name[1:]) <= 121} - {"K132"}

    assert sorted(wanted - set(rows())) == []


def test_every_mark_names_a_row():
    assert sorted(all_marked() - set(rows())) == []


def test_every_line_of_the_tables_is_a_row():
    lines = [line for line in (ROOT / "docs" / "kube-rs.md").read_text().splitlines() if re.match(r"\| [A-Z]\d", line)]
    assert [line for line in lines if not ROW.match(line)] == []
