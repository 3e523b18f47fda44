from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.gotext import Verbatim, json_text, number, quoted


@pytest.mark.parametrize(
    ("value", "in_messages", "in_json"),
    [
        (7, "7", "7"),
        (7.0, "7", "7"),
        (0.25, "0.25", "0.25"),
        (999999.0, "999999", "999999"),
        (1e6, "1e+06", "1000000"),
        (1000000.5, "1.0000005e+06", "1000000.5"),
        (12345678.9, "1.23456789e+07", "12345678.9"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "0.00001"),
        (1e-7, "1e-07", "1e-07"),
        (-1e-9, "-1e-09", "-1e-09"),
        (1e20, "1e+20", "100000000000000000000"),
        (1e21, "1e+21", "1e+21"),
        (-0.0, "-0", "-0"),
        (float(2**63), "9.223372036854776e+18", "9223372036854776000"),
    ],
)
def test_numbers_are_printed_with_the_fewest_digits(value, in_messages, in_json):
    assert number(value) == in_messages
    assert json_text(value) == in_json


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_number_reads_back_as_itself(value):
    assert float(number(value)) == value
    assert float(json.loads(json_text(value))) == value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('a"b\\', '"a\\"b\\\\"'),
        ("\t\n\x01\x7f", '"\\t\\n\\x01\\x7f"'),
        ("é😀", '"é😀"'),
        ("\u00a0\u200b", '"\\u00a0\\u200b"'),
    ],
)
def test_texts_are_quoted_with_what_cannot_be_printed_escaped(text, wanted):
    assert quoted(text) == wanted


def test_json_is_compact_sorted_and_safe_in_html():
    assert json_text({"b": [1, None, True], "a": "<&>"}) == '{"a":"\\u003c\\u0026\\u003e","b":[1,null,true]}'


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FieldError("a", "FieldValueRequired", "", 1), "Required value"),
        (FieldError("a", "FieldValueInvalid", "bad", "x"), 'Invalid value: "x": bad'),
        (FieldError("a", "FieldValueInvalid", "bad", 1e6), "Invalid value: 1e+06: bad"),
        (FieldError("a", "FieldValueInvalid", "bad", [1e6]), "Invalid value: [1000000]: bad"),
        (FieldError("a", "FieldValueInvalid", "bad", None), "Invalid value: null: bad"),
        (FieldError("a", "FieldValueInvalid", "bad", Verbatim('{"B":1,"A":2}')), 'Invalid value: {"B":1,"A":2}: bad'),
        (FieldError("a", "FieldValueTooMany", "must have at most 1 item", 3), "Too many: 3: must have at most 1 item"),
        (FieldError("a", "FieldValueDuplicate", "", {"k": "a"}), 'Duplicate value: {"k":"a"}'),
    ],
)
def test_a_field_error_shows_its_value_as_go_does(error, message):
    assert error.message == message


def test_an_error_without_a_value_says_so_at_a_prompt():
    assert "value=ABSENT" in repr(FieldError("metadata.name", "FieldValueRequired"))
