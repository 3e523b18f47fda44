"""Write the tables of the CEL parser, ``kubecrd/cel/grammar.json``, from celpy's grammar and ours.

    python -m tools.cel_grammar [--check]

They are in the form of the installed version of lark; with another, the package builds its parser from the grammars,
which is slower to start and no different else. With ``--check`` nothing is written, and the exit code is 1 when the
tables are not current; those of another lark may well be, and are passed over.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import lark

from kubecrd.cel.grammar import TABLES, build_parser, dump_tables, load_tables

WRITTEN = Path(__file__).parent.parent / "kubecrd" / "cel" / TABLES


def main() -> int:
    """Write the tables, or say whether they are current."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    written = WRITTEN.read_text("utf-8") if WRITTEN.exists() else ""
    if written and load_tables(written) is not None:
        return 0
    if is_check and written and f"lark {lark.__version__}," not in written[:100]:
        print(f"kubecrd/cel/{TABLES} is of another lark than {lark.__version__}, which is installed")
        return 0
    if is_check:
        print(f"kubecrd/cel/{TABLES} is not current; run make generate", file=sys.stderr)
        return 1
    WRITTEN.write_text(dump_tables(build_parser()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
