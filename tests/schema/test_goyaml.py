"""YAML as go-yaml reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.schema.goyaml import YamlError, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("y", True),
        ("on", True),
        ("n", False),
        ("Off", False),
        ("~", None),
        ("null", None),
        ("017", 15),
        ("0o17", 15),
        ("0x10", 16),
        ("0b11", 3),
        ("-0x10", -16),
        ("1_000", 1000),
        ("1.0", 1),
        ("1e3", 1000),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("'yes'", "yes"),
        ('"1"', "1"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616),
        ("0", 0),
        ("-0", 0),
    ],
)
def test_plain_scalars_are_yaml_1_1(text, value):
    document = parse_yaml(f"a: {text}".encode()).document

    assert document == {"a": value}
    assert type(document["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: [", "yaml: line 1: did not find expected node content"),
        (b"a: b: c", "yaml: mapping values are not allowed in this context"),
        (b"@x", "yaml: found character that cannot start any token"),
        (b"a: [1 2\nb: 3", "yaml: line 1: did not find expected ',' or ']'"),
        (b"a: .inf", "json: unsupported value: +Inf"),
        (b"a: -.inf", "json: unsupported value: -Inf"),
        (b"a: .nan", "json: unsupported value: NaN"),
        (b"~: til", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "til"'),
    ],
)
def test_what_cannot_be_json_is_said_in_go_yamls_words(text, message):
    with pytest.raises(YamlError) as error:
        parse_yaml(text)

    assert str(error.value) == message


def test_keys_are_texts_whatever_they_look_like():
    assert parse_yaml(b"{1: a, yes: b, 1.5: c, x: d}").document == {"1": "a", "true": "b", "1.5": "c", "x": "d"}


def test_only_the_first_document_is_read():
    assert parse_yaml(b"a: 1\n---\nb: 2\n").document == {"a": 1}


@pytest.mark.parametrize("text", [b"", b"\n", b"# nothing\n", b"---\n"])
def test_an_empty_text_is_no_document(text):
    assert parse_yaml(text).document is None


def test_anchors_and_merges_work():
    text = b"base: &base {p: 1, q: 1}\nmade:\n  <<: *base\n  q: 2\n"

    assert parse_yaml(text).document["made"] == {"p": 1, "q": 2}


def test_repeated_keys_are_told_with_their_lines():
    parsed = parse_yaml(b"a: 1\nb: 2\na: 3\n")

    assert parsed.document == {"a": 3, "b": 2}
    assert parsed.duplicates == ('line 3: key "a" already set in map',)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="ascii", min_codepoint=32)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=32)), inner),
    max_leaves=10,
)


@given(JSON)
def test_json_is_yaml(document):
    assert parse_yaml(json.dumps(document).encode()).document == document
