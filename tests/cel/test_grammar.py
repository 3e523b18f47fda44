"""The tables of the parser that come with the package are those of the grammars, and load fast because they are."""

import subprocess
import sys
from importlib import resources

import lark
import pytest

from kubecrd.cel.grammar import TABLES, build_parser, dump_tables, load_tables

WRITTEN = resources.files("kubecrd.cel").joinpath(TABLES).read_text("utf-8")
EXPRESSION = "self.a.?b[?0].all(x, x in [1, 2u, 3.5] || !has(x.y) && {'k': -1}.k > 0 ? true : null == b'a')"


@pytest.mark.skipif(f"lark {lark.__version__}," not in WRITTEN[:100], reason="another version of lark is installed")
def test_the_tables_are_those_of_the_grammars():
    """If not: python -m tools.cel_grammar."""
    assert load_tables(WRITTEN) is not None


def test_a_parser_from_tables_gives_the_trees_that_one_from_grammars_gives():
    built = build_parser()
    loaded = load_tables(dump_tables(built))

    assert loaded.parse(EXPRESSION) == built.parse(EXPRESSION)


def test_tables_of_other_grammars_are_not_used():
    assert load_tables(dump_tables(build_parser()).replace("grammars ", "grammars 0")) is None


def test_parsing_imports_no_celpy():
    program = "import sys; from kubecrd.cel.parser import parse; parse('1'); sys.exit('celpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
