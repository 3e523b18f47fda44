"""Regular expressions: what is asked of Python's own must mean what RE2 means, and never run away."""

from __future__ import annotations

import time

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.cel.patterns import _in_python, compile_pattern, searcher

PIECES = st.sampled_from(
    [
        "a",
        "b",
        "-",
        ".",
        r"\.",
        r"\d",
        r"\w",
        "[a-c]",
        "[^a]",
        "[-a]",
        r"[\d_]",
        "(",
        "(?:",
        ")",
        "|",
        "^",
        "$",
        "*",
        "+",
        "?",
        "{2}",
        "{1,2}",
        "{0,}",
        "*?",
        " ",
        "é",
        "/",
        r"\s",
        r"\b",
        "(?i)",
        "[[:alpha:]]",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(st.text("ab.-1_é\n", max_size=6), min_size=1, max_size=4))
def test_a_search_says_what_re2_says(pattern, texts):
    try:
        exact = compile_pattern(pattern)
    except re2.error:
        return
    for text in texts:
        assert searcher(pattern)(text) is (exact.search(text) is not None), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z"),
        (r"^v\.[0-9]+$", r"^v\.[0-9]+\Z"),
        ("^(a|b)$", r"^(a|b)\Z"),
        ("a{2,3}", "a{2,3}"),
        (r"^\d{4}$", r"^\d{4}\Z"),
        ("^[^a]$", r"^[^a]\Z"),
        (r"^[a-z/]+:[0-9]+\.[0-9]+\.[0-9]+$", r"^[a-z/]+:[0-9]+\.[0-9]+\.[0-9]+\Z"),
        ("^[^/]+/[^/]+/[^/]+/[^/]+$", r"^[^/]+/[^/]+/[^/]+/[^/]+\Z"),
        ("^.+:.+:.+$", None),
        ("a+b*c+d+", None),
        ("(a+)+$", None),
        ("(a|a)*$", None),
        ("(a?){30}", None),
        ("a*a*a*", None),
        ("a?a?a?a?a?a?a?", None),
        ("(?i)a", None),
        ("[[:alpha:]]", None),
        ("[a&&b]", None),
        (r"\s", None),
        ("a**", None),
        ("a{,2}", None),
        ("(a", None),
        ("a)", None),
    ],
)
def test_only_simple_patterns_are_asked_of_python(pattern, translated):
    assert _in_python(pattern) == translated


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "a*a*a*a*$", "^[a-z]*[a-z]*$", "[a-z]+:[0-9]+:[a-z]+:a+!!"])
def test_no_pattern_runs_away(pattern):
    started = time.process_time()

    searcher(pattern)("a" * 10_000 + "!")
    searcher(pattern)("a" * 250 + "!")

    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["a\n", "\u0661", "A", ""])
def test_python_is_asked_for_what_re2_means(text):
    """`$` is only the very end, digits and word characters are ASCII."""
    for pattern in ("^a$", r"^\d$", r"^\w$", "^[^a]$"):
        assert searcher(pattern)(text) is (compile_pattern(pattern).search(text) is not None)
