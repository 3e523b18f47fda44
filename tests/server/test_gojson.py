"""JSON as Go reads it."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.server.gojson import JsonNumberError, JsonSyntaxError, go_type_name, parse_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{", "unexpected end of JSON input"),
        (b'{"a":"b', "unexpected end of JSON input"),
        (b"{}x", "invalid character 'x' after top-level value"),
        (b"nolo", "invalid character 'o' in literal null (expecting 'u')"),
        (b"trux", "invalid character 'x' in literal true (expecting 'e')"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b"{a:1}", "invalid character 'a' looking for beginning of object key string"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        (b'"a\n"', "invalid character '\\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1e+x", "invalid character 'x' in exponent of numeric literal"),
        (b"01", "invalid character '1' after top-level value"),
        (b"NaN", "invalid character 'N' looking for beginning of value"),
        (b"\x81", "invalid character '\\x81' looking for beginning of value"),
        (b"'a'", "invalid character '\\'' looking for beginning of value"),
        (b"[" * 20_000, "exceeded max depth"),
    ],
)
def test_what_is_no_json_is_said_in_gos_words(text, message):
    with pytest.raises(JsonSyntaxError) as error:
        parse_json(text)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"9223372036854775807", 9223372036854775807),
        (b"-9223372036854775808", -9223372036854775808),
        (b"9223372036854775808", 9.223372036854775808e18),
        (b"1.0", 1.0),
        (b"1e2", 100.0),
    ],
)
def test_numbers_are_int64_where_they_fit_and_floats_elsewhere(text, value):
    document = parse_json(text).document

    assert document == value
    assert type(document) is type(value)


def test_a_number_beyond_floats_is_told_with_the_rest_of_the_document():
    with pytest.raises(JsonNumberError) as error:
        parse_json(b'{"kind":"A","n":1e400}')

    assert str(error.value) == "json: cannot unmarshal number 1e400 into Go value of type float64"
    assert error.value.document["kind"] == "A"


def test_repeated_keys_are_told_with_their_paths_once_each():
    parsed = parse_json(b'{"a":1,"b":{"c":[{"x":1,"x":2,"x":3}],"c":3},"a":2}')

    assert parsed.document == {"a": 2, "b": {"c": 3}}
    assert parsed.duplicates == ("b.c[0].x", "b.c", "a")


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert parse_json(b'{"s":"\\ud800x"}').document == {"s": "\ufffdx"}
    assert parse_json(b'"\\ud83d\\ude00"').document == "😀"


@pytest.mark.parametrize(
    ("value", "name"),
    [(True, "bool"), (1, "number"), (1.5, "number"), ("a", "string"), ([], "array"), ({}, "object")],
)
def test_types_have_gos_names(value, name):
    assert go_type_name(value) == name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_whatever_is_json_is_read_as_it_is(document):
    assert parse_json(json.dumps(document).encode()).document == document


@given(st.binary(max_size=40))
def test_any_bytes_are_either_read_or_refused_with_a_reason(text):
    with contextlib.suppress(JsonSyntaxError):
        parse_json(text)
