"""What does not parse is told as the API server's parser tells it: its words, its places, and as many faults as it finds."""

import pytest

from kubecrd.cel.faults import faults_of
from kubecrd.cel.parser import SyntaxIssueError, parse
from kubecrd.cel.tokens import tokens_of

PRIMARY = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)


def told(text):
    with pytest.raises(SyntaxIssueError) as caught:
        parse(text)
    return [(issue.position, issue.message.removeprefix("Syntax error: ")) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(0, f"mismatched input '<EOF>' expecting {PRIMARY}")]),
        ("1 +", [(3, f"mismatched input '<EOF>' expecting {PRIMARY}")]),
        ("f(1", [(3, "missing ')' at '<EOF>'")]),
        ("(1]", [(2, "mismatched input ']' expecting ')'")]),
        ("1 2", [(2, "extraneous input '2' expecting <EOF>")]),
        ("1 2 3", [(2, "mismatched input '2' expecting <EOF>")]),
        ("a.(b)", [(2, "no viable alternative at input '.('")]),
        ("a..b", [(2, "no viable alternative at input '..'")]),
        ("a.true", [(2, "mismatched input 'true' expecting IDENTIFIER")]),
        ("a ? b", [(5, "mismatched input '<EOF>' expecting ':'")]),
        ("-!a", [(1, "no viable alternative at input '-!'")]),
        ("[1, , 2]", [(4, "mismatched input ',' expecting ']'")]),
        ("f([1, , 2])", [(6, "missing ']' at ','"), (9, "extraneous input ']' expecting ')'")]),
        ("[? ]", [(3, f"mismatched input ']' expecting {PRIMARY}")]),
        ("{1 2}", [(3, "missing ':' at '2'")]),
        ("a = b", [(2, "token recognition error at: '= '"), (4, "extraneous input 'b' expecting <EOF>")]),
        ("a & b", [(2, "token recognition error at: '& '"), (4, "extraneous input 'b' expecting <EOF>")]),
        ("'abc", [(0, "token recognition error at: ''abc'"), (4, f"mismatched input '<EOF>' expecting {PRIMARY}")]),
        ("'a\\q'", [(0, "token recognition error at: ''a\\q'"), (4, "token recognition error at: '''")]),
        ("a.`b c`", [(2, "unsupported syntax: '`'")]),
        ("a.1", [(1, "extraneous input '.1' expecting <EOF>")]),
        ("has(a.) && 1 2", [(4, "invalid argument to has() macro"), (6, "no viable alternative at input '.)'")]),
        ("if", [(0, "reserved identifier: if")]),
        ("[1].map(if, 1)", [(8, "reserved identifier: if"), (8, "argument is not an identifier")]),
        ("[1].all(a.b, true)", [(9, "argument must be a simple name")]),
        ("9223372036854775808", [(0, "invalid int literal")]),
        ("1e400", [(0, "invalid double literal")]),
        ("has(a.b){}", [(8, "mismatched input '{' expecting <EOF>")]),
        ("(a.b){}", [(5, "mismatched input '{' expecting <EOF>")]),
        ("int int(1)", [(4, "mismatched input 'int' expecting <EOF>")]),
    ],
)
def test_each_fault_is_told_where_it_is(text, faults):
    found = sorted(told(text))

    assert found[: len(faults)] == sorted(faults)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "a.b[0].c(1, 2)",
        "[1, 2,]",
        "{'a': 1,}",
        "{,}",
        "[,]",
        "a.?b[?c]",
        "-1.f()",
        "!-1",
        "T{a: 1, ?b: 2,}",
        "x in y",
    ],
)
def test_what_parses_has_no_fault(text):
    parse(text)

    assert not faults_of(text)


def test_only_the_sign_before_a_number_is_part_of_it():
    assert repr(parse("-9223372036854775808")) == repr(parse("-9223372036854775808"))
    assert told("--9223372036854775808") == [(2, "invalid int literal")]


def test_blanks_and_comments_are_no_tokens():
    tokens, faults = tokens_of("a // b\n + $ 1u")

    assert [token.kind for token in tokens] == ["IDENTIFIER", "+", "NUM_UINT", "<EOF>"]
    assert [fault.text for fault in faults] == ["$"]


def test_after_thirty_recoveries_the_parser_gives_up():
    issues = faults_of("+".join(["(a b c)"] * 40))

    assert issues[-1].message == "error recovery attempt limit exceeded: 30"
    assert len(issues) == 32


@pytest.mark.parametrize("text", ["(" * 300, "[" * 300, "f(" * 300, "a ? b : " * 300])
def test_what_is_too_deep_is_told_before_it_is_wrong(text):
    assert told(text) == [(-1, "expression recursion limit exceeded: 250")]
