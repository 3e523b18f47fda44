from __future__ import annotations

import pytest

from kubecrd.cel.patterns import pattern_problem
from kubecrd.schema.fieldpaths import FieldPathError, follow
from kubecrd.schema.gourl import UrlError, parse_url
from kubecrd.schema.names import dns1123_subdomain, label_value, path_segment, qualified_name

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"a.b": {"type": "string"}, "it's": {"type": "integer"}}},
        "m": {"type": "object", "additionalProperties": {"type": "boolean"}},
    },
}


@pytest.mark.parametrize(
    ("path", "names", "schema_type"),
    [
        (".spec", ("spec",), "object"),
        (".spec['a.b']", ("spec", "a.b"), "string"),
        ("['spec']['it\\'s']", ("spec", "it's"), "integer"),
        (".m.anything", ("m", "anything"), "boolean"),
        (".m['x.y']", ("m", "x.y"), "boolean"),
        (r".m['a\tb\\c\'d']", ("m", "a\tb\\c'd"), "boolean"),
    ],
)
def test_a_path_leads_through_properties_and_map_values(path, names, schema_type):
    found, schema = follow(path, SCHEMA)
    assert found == names
    assert schema["type"] == schema_type


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("spec", "expected [ or . but got: spec"),
        (".", "unexpected end of JSON path"),
        (".spec.", "unexpected end of JSON path"),
        (".spec['a.b'", "unexpected end of JSON path"),
        (".spec.zz", "does not refer to a valid field"),
        (".spec[0]", "expected single quoted string but got 0"),
        (".m.a.b", "does not refer to a valid field"),
        (r".m['\q']", r"invalid escape char \q"),
        (r".m['\"']", r"invalid escape char \""),
    ],
)
def test_a_path_that_leads_nowhere_says_why(path, message):
    with pytest.raises(FieldPathError) as caught:
        follow(path, SCHEMA)
    assert str(caught.value) == message


def test_a_url_comes_in_parts():
    url = parse_url("HTTPS://u:p@host:443/a/b?q=1#f")
    assert (url.scheme, url.user, url.host, url.path, url.query, url.fragment) == (
        "https",
        "u:p",
        "host:443",
        "/a/b",
        "q=1",
        "f",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":x", 'parse ":x": missing protocol scheme'),
        ("a:b/c d", None),
        ("1a:b", 'parse "1a:b": first path segment in URL cannot contain colon'),
        ("http://h:x", 'parse "http://h:x": invalid port ":x" after host'),
        ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
        ("http://a b", 'parse "http://a b": invalid character " " in host name'),
        ("/%zz", 'parse "/%zz": invalid URL escape "%zz"'),
    ],
)
def test_what_is_no_url_is_refused_in_gos_words(text, message):
    if message is None:
        assert parse_url(text).scheme == "a"
        return
    with pytest.raises(UrlError) as caught:
        parse_url(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("^a$", ""),
        ("(", "missing closing ): `(`"),
        ("[", "missing closing ]: `[`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(?=x)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<=a)b", "invalid named capture: `(?<=a)b`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("\\8", "invalid escape sequence: `\\8`"),
        ("\\C", "invalid escape sequence: `\\C`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ],
)
def test_a_bad_pattern_is_refused_in_gos_words(pattern, problem):
    assert pattern_problem(pattern) == (f"error parsing regexp: {problem}" if problem else "")


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (dns1123_subdomain, ["a", "a.b-c", "1"], ["", "A", "a..b", ".a", "a-", "x" * 254]),
        (qualified_name, ["a", "A_b.c", "x.y/Z"], ["", "/a", "a/", "a/b/c", "A_/x", "-a", "x" * 64]),
        (label_value, ["", "a", "A_b.c"], ["-", "a b", "x" * 64]),
        (path_segment, ["a", "Bad_Name", "..."], [".", "..", "a/b", "a%b"]),
    ],
)
def test_names_have_forms(rule, good, bad):
    assert [name for name in good if rule(name)] == []
    assert [name for name in bad if not rule(name)] == []


def test_an_empty_name_part_has_two_problems():
    assert [text[:32] for text in qualified_name("a/")] == [
        "name part must be non-empty",
        "name part must consist of alphan",
    ]
