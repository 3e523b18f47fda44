"""Values as people read them, and as JSON."""

import pytest

from kubecrd.cel.program import compile_expression
from kubecrd.cel.rendering import as_json, as_text, type_text
from kubecrd.cel.typesystem import INT, STRING, Field, Type, list_of, map_of, optional_of


@pytest.mark.parametrize(
    ("expression", "text", "json"),
    [
        ("null", "null", None),
        ("1 < 2", "true", True),
        ("-1", "-1", -1),
        ("3u", "3u", 3),
        ("2.0", "2.0", 2.0),
        ("1e300", "1e+300", 1e300),
        ("double('NaN')", 'double("NaN")', "NaN"),
        ("double('-Infinity')", 'double("-Inf")', "-Inf"),
        ("'é\"\\n'", '"é\\"\\n"', 'é"\n'),
        ("b'\\x00a\\xff'", r'b"\x00a\xff"', "AGH/"),
        ("[1, 2]", "[1, 2]", [1, 2]),
        ("{'a': [true]}", '{"a": [true]}', {"a": [True]}),
        ("{1: 2u}", "{1: 2u}", {"1": 2}),
        ("duration('90m')", 'duration("5400s")', "5400s"),
        ("timestamp('2026-01-01T00:00:00Z')", 'timestamp("2026-01-01T00:00:00Z")', "2026-01-01T00:00:00Z"),
        ("optional.none()", "optional.none()", None),
        ("optional.of('a')", 'optional.of("a")', "a"),
        ("type(1)", "int", "int"),
        ("quantity('1.5Gi')", 'quantity("1536Mi")', "1536Mi"),
        ("ip('10.0.0.1')", 'ip("10.0.0.1")', "10.0.0.1"),
        ("cidr('10.0.0.0/8')", 'cidr("10.0.0.0/8")', "10.0.0.0/8"),
        ("semver('1.2.3')", 'semver("1.2.3")', "1.2.3"),
        ("url('https://a/b')", 'url("https://a/b")', "https://a/b"),
        ("format.dns1123Label()", 'format.named("dns1123Label")', "dns1123Label"),
    ],
)
def test_a_value_is_written(expression, text, json):
    value = compile_expression(expression, {}).evaluate()

    assert as_text(value) == text
    assert as_json(value) == json


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (INT, "int"),
        (Type("selfType", fields={"a": Field("a", INT)}), "object"),
        (list_of(Type("selfType.items", fields={})), "list(object)"),
        (map_of(STRING, optional_of(INT)), "map(string, optional_type(int))"),
        (Type("google.protobuf.Timestamp"), "timestamp"),
    ],
)
def test_a_type_is_written(kind, text):
    assert type_text(kind) == text
