"""The Python of the README and the guides runs as a test, in order, as a reader would type it."""

from doctest import ELLIPSIS

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

# A long message may be cut with dots, as a reader would cut it.
parser = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS)
pytest_collect_file = Sybil(parsers=[parser], patterns=["README.md", "docs/*.md"]).pytest()

pytest_plugins = ["pytester"]  # runs pytest inside of pytest, and may only be named here, at the top
