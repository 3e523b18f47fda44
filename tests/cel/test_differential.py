"""Generated expressions mean here what they mean to celpy's interpreter and to common-expression-language.

Where they do not, a rule below says why; none of them is about a single expression. `pytest --examples N` tries more.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import sys

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubecrd.cel.program import compile_expression
from kubecrd.cel.values import CelError, Duration, Timestamp
from kubecrd.errors import RuleError

from .writing import COMMON, Writer

cel = pytest.importorskip("cel")
celpy = pytest.importorskip("celpy")

KINDS = ["bool", "bytes", "double", "duration", "int", "ints", "map", "string", "strings", "timestamp"]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


@frozen
class Answer:
    """A value, or why there is none; *beforehand* if that was known before anything was evaluated."""

    value: object = None
    fault: str = ""
    beforehand: bool = False

    def agrees(self, other):
        return bool(self.fault) == bool(other.fault) and self.value == other.value


def plain(value):
    """Give a value in a form in which all implementations can be compared; times to the microsecond."""
    match value:
        case None | str() | bytes():
            return value if value is None else (bytes if isinstance(value, bytes) else str)(value)
        case celpy.celtypes.BoolType() | bool():
            return bool(value)
        case Timestamp():
            return "timestamp", value.nanoseconds // 1000
        case dt.datetime():
            return "timestamp", (value - EPOCH) // MICROSECOND
        case Duration():
            return "duration", value.nanoseconds // 1000
        case dt.timedelta():
            return "duration", value // MICROSECOND
        case float():
            return "double", repr(float(value))
        case int():
            return int(value)
        case list():
            return [plain(each) for each in value]
        case dict():
            return {plain(key): plain(each) for key, each in value.items()}
        case _:
            return "no value", type(value).__name__


def ours(text):
    try:
        return Answer(plain(compile_expression(text, {}).evaluate()))
    except RuleError as error:
        return Answer(fault=str(error), beforehand=True)
    except CelError as error:
        return Answer(fault=str(error))


@pytest.fixture(autouse=True)
def _calm_celpy(monkeypatch):
    """It logs every error, keeps one parser whatever it is asked for, and lets the whole process recurse deeper."""
    deepest = sys.getrecursionlimit()
    monkeypatch.setattr(celpy.CELParser, "CEL_PARSER", None)
    logging.disable(logging.CRITICAL)
    celpy.Environment(runner_class=celpy.InterpretedRunner)
    yield
    logging.disable(logging.NOTSET)
    sys.setrecursionlimit(deepest)


def celpy_says(text):
    environment = celpy.Environment(runner_class=celpy.InterpretedRunner)
    try:
        return Answer(plain(environment.program(environment.compile(text)).evaluate({})))
    except (celpy.CELEvalError, IndexError) as error:  # the second where it cannot print the part that failed
        return Answer(fault=str(error.args[0]))


def rust_says(text):
    try:
        return Answer(plain(cel.compile(text).execute({})))
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        return Answer(fault=str(error) or "error")


@frozen
class Difference:
    """A rule by which the answers of a peer differ from ours, which are those of the API server."""

    says: str
    applies: object


BEFOREHAND = Difference(
    "literals out of range, and conversions of constants, are refused beforehand, also in what is never evaluated",
    lambda _text, mine, _theirs: mine.beforehand,
)
EMPTY = Difference(
    "nothing is in a literal list that is empty, whatever is looked for, which is not evaluated, as in the API server",
    lambda text, mine, theirs: " in [])" in text and not mine.fault and bool(theirs.fault),
)
OF_CELPY = [
    BEFOREHAND,
    EMPTY,
    Difference(
        "an index may be negative, and counts from the end",
        lambda _text, mine, _theirs: mine.fault.startswith("index out of bounds: -"),
    ),
    Difference(
        "an error in a map literal is a value of the map",
        lambda text, mine, _theirs: "{" in text and bool(mine.fault),
    ),
    Difference(
        "a double divided by zero is infinite and positive, or an error",
        lambda text, _mine, _theirs: "/" in text and re.search(r"\d\.\d|double\(", text) is not None,
    ),
    Difference(
        "strings that were put together are no strings any more, and have no methods",
        lambda text, _mine, theirs: "+" in text and theirs.fault.startswith("no such overload"),
    ),
]
OF_RUST = [
    BEFOREHAND,
    EMPTY,
    Difference(
        "the size of a string is that of its UTF-8",
        lambda text, _mine, _theirs: "size" in text and not text.isascii(),
    ),
]


def explained(differences, text, mine, theirs):
    return any(difference.applies(text, mine, theirs) for difference in differences)


@pytest.mark.parametrize(
    ("says", "differences", "share"), [(celpy_says, OF_CELPY, 3), (rust_says, OF_RUST, 1)], ids=["celpy", "Rust"]
)
def test_a_generated_expression_means_the_same(says, differences, share, examples):
    @settings(max_examples=(examples or 300) // share, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(KINDS), st.integers(1, 3))
    def check(random, kind, depth):
        text = Writer(random, COMMON).write(kind, depth)
        mine, theirs = ours(text), says(text)

        assert mine.agrees(theirs) or explained(differences, text, mine, theirs), (text, mine, theirs)

    check()


@pytest.mark.parametrize(
    ("says", "text", "differences"),
    [
        (celpy_says, "(1 / 0 in [])", OF_CELPY),
        (rust_says, "(1 / 0 in [])", OF_RUST),
        (celpy_says, "['a'][-1]", OF_CELPY),
        (celpy_says, "{'a': 1 / 0}.size()", OF_CELPY),
        (celpy_says, "-1.0 / 0.0", OF_CELPY),
        (celpy_says, "false ? int('a') : 1", OF_CELPY),
        (celpy_says, "('a' + 'b').contains('a')", OF_CELPY),
        (rust_says, "size('é')", OF_RUST),
        (rust_says, "false ? int('a') : 1", OF_RUST),
    ],
)
def test_a_known_difference_is_still_there(says, text, differences):
    """Else its rule can go."""
    mine, theirs = ours(text), says(text)

    assert not mine.agrees(theirs)
    assert explained(differences, text, mine, theirs)
