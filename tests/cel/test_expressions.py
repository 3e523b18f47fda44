"""What expressions mean: values, types, errors with position and caret, and errors that are absorbed."""

import pytest

from kubecrd.cel.library.authorizer import Authorizer, Decision, Query
from kubecrd.cel.program import compile_expression
from kubecrd.cel.typesystem import INT, STRING, Field, Type, list_of, map_of
from kubecrd.cel.values import CelError
from kubecrd.errors import RuleError

PERSON = Type("Person", fields={"name": Field("name", STRING), "age": Field("age", INT, nullable=True)})
VARIABLES = {"x": INT, "s": STRING, "l": list_of(INT), "m": map_of(STRING, INT), "p": PERSON}
VALUES = (5, "héllo", [3, 1, 2], {"a": 1, "b-c": 2}, {"name": "ann", "age": None})


def evaluate(text):
    return compile_expression(text, VARIABLES).evaluate(*VALUES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("0x10", 16),
        ("--1", 1),
        ("1.5 + 1.0", 2.5),
        ("2u + 3u == 5u", True),
        ("'a' + 'b'", "ab"),
        (r"'\u00e9\n\x41\101'", "é\nAA"),
        (r"r'\n'", "\\n"),
        ("'''a\nb'''", "a\nb"),
        ("b'é' == b'\\xc3\\xa9'", True),
        ("[1, 2] + [3]", [1, 2, 3]),
        ("{'a': 1}.a", 1),
        ("[1, 2,]", [1, 2]),
        ("true ? 'y' : 'n'", "y"),
        ("x > 4 && x < 6", True),
        ("s.size()", 5),
        ("size(m)", 2),
        ("m['b-c']", 2),
        ("has(m.a) && !has(m.z)", True),
        ("has(p.name) && !has(p.age)", True),
        ("x in l || 3 in l", True),
        ("'a' in m", True),
        ("l.all(e, e > 0)", True),
        ("l.exists(e, e == 2)", True),
        ("l.exists_one(e, e > 1)", False),
        ("l.map(e, e * 2)", [6, 2, 4]),
        ("l.map(e, e > 1, e * 2)", [6, 4]),
        ("l.filter(e, e > 1)", [3, 2]),
        ("m.all(k, k != '')", True),
        ("l.all(i, e, i < 3 && e > 0)", True),
        ("l.transformList(i, e, i * e)", [0, 1, 4]),
        ("m.transformMap(k, v, v + 1)", {"a": 2, "b-c": 3}),
        ("l.sort()", [1, 2, 3]),
        ("l.sortBy(e, -e)", [3, 2, 1]),
        ("[1, 2].sum() + [3, 1].max() + [3, 1].min()", 7),
        ("'a,b'.split(',').join('-')", "a-b"),
        ("'abc'.substring(1, 2) + 'abc'.charAt(0)", "ba"),
        ("'abc'.matches('^a.c$')", True),
        ("'a1b2'.findAll('[0-9]')", ["1", "2"]),
        ("duration('1h30m') == duration('90m')", True),
        ("timestamp('2020-01-02T03:04:05Z').getFullYear()", 2020),
        ("timestamp('2020-01-01T00:00:00Z') + duration('24h') == timestamp('2020-01-02T00:00:00Z')", True),
        ("string(1e6) + string(0.5) + string(true)", "1e+060.5true"),
        ("int('42') + int(2.9)", 44),
        ("type(1) == int && type('') == string", True),
        ("dyn(1) == 1.0", True),
        ("dyn(1) == true", False),
        ("1 < 1.5", True),
        ("quantity('1Gi').isGreaterThan(quantity('1G'))", True),
        ("ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.2.3')", True),
        ("url('https://example.com:80/a?b=c').getHostname()", "example.com"),
        ("semver('1.2.3').isLessThan(semver('1.10.0'))", True),
        ("!format.dns1123Label().validate('my-name').hasValue()", True),
        ("optional.of(1).orValue(2) + optional.none().orValue(3)", 4),
        ("m[?'z'].hasValue()", False),
        ("p.?age.orValue(7)", 7),
        ("[?m[?'a'], ?m[?'z']]", [1]),
        ("sets.contains([1, 2, 3], [2])", True),
        ("'%d|%s|%.2f|%x|%b|%%'.format([x, s, 1.5, 255, true])", "5|héllo|1.50|ff|1|%"),
        ("'%s %e'.format([[1, 'a', 2.5], 1234.5])", '[1, "a", 2.500000] 1.234500×10⁰³'),  # noqa: RUF001 - as cel-go
    ],
)
def test_an_expression_has_its_value(text, value):
    found = evaluate(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("9223372036854775807 + x", "integer overflow"),
        ("1u - 2u", "unsigned integer overflow"),
        ("l[3]", "index out of bounds: 3"),
        ("m.z", "no such key: z"),
        ("p.age", "no such key: age"),
        ("dyn('a') < dyn(1)", "no such overload"),
        ("int(s)", "type conversion error from 'string' to 'int'"),
        ("[].max()", "max called on empty list"),
        ("'abc'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
        ("optional.none().value()", "optional.none() dereference"),
        ("dyn(1).size()", "no such overload: size"),
        ("'a'.matches(s + '(')", "error parsing regexp: missing closing ): `héllo(`"),
    ],
)
def test_an_evaluation_that_fails_says_why(text, message):
    with pytest.raises(CelError) as caught:
        evaluate(text)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 / 0 > 0 && false", False),
        ("false && 1 / 0 > 0", False),
        ("1 / 0 > 0 || true", True),
        ("[0, 1].exists(e, 1 / e > 0)", True),
        ("[0, 2].all(e, 4 / e > 3)", False),
    ],
)
def test_an_error_is_absorbed_where_the_other_side_decides(text, value):
    assert evaluate(text) is value


@pytest.mark.parametrize("text", ["1 / 0 > 0 && true", "1 / 0 > 0 || false", "[0, 1].all(e, 1 / e > 0)"])
def test_an_error_that_decides_stays(text):
    with pytest.raises(CelError, match="division by zero"):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y", "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y\n | ^"),
        ("nope(1)", "ERROR: <input>:1:5: undeclared reference to 'nope' (in container '')\n | nope(1)\n | ....^"),
        ("p.nope", "ERROR: <input>:1:2: undefined field 'nope'\n | p.nope\n | .^"),
        ("x.y", "ERROR: <input>:1:2: type 'int' does not support field selection\n | x.y\n | .^"),
        (
            "x + 'a'",
            "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | x + 'a'\n | ..^",
        ),
        (
            "x.size()",
            "ERROR: <input>:1:7: found no matching overload for 'size' applied to 'int.()'\n | x.size()\n | ......^",
        ),
        (
            "1 == 1.0",
            "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n | 1 == 1.0\n | ..^",
        ),
        ("[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"),
        ("l.all(e, e)", "ERROR: <input>:1:10: expected type 'bool' but found 'int'\n | l.all(e, e)\n | .........^"),
        ("l.all(1, true)", "ERROR: <input>:1:7: argument must be a simple name\n | l.all(1, true)\n | ......^"),
        ("has(x)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(x)\n | ....^"),
        ("if", "ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^"),
        ("9223372036854775808", "ERROR: <input>:1:1: invalid int literal\n | 9223372036854775808\n | ^"),
        (
            "s == 'é' && y",
            "ERROR: <input>:1:13: undeclared reference to 'y' (in container '')\n | s == 'é' && y\n | ......．.....^",  # noqa: RUF001 - wide
        ),
        ("1 +\n  y", "ERROR: <input>:2:3: undeclared reference to 'y' (in container '')\n |   y\n | ..^"),
    ],
)
def test_what_does_not_compile_says_where(text, message):
    with pytest.raises(RuleError) as caught:
        compile_expression(text, VARIABLES)

    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "1 +", "(1", "'a", "a..b", "1 = 2", "{'a' 1}", "'\\q'", "[1 2]"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(RuleError, match=r"^ERROR: <input>:1:\d+: Syntax error: "):
        compile_expression(text, VARIABLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duration('1d')", "ERROR: <input>:1:10: invalid duration argument\n | duration('1d')\n | .........^"),
        ("timestamp('now')", "ERROR: <input>:1:11: invalid timestamp argument\n | timestamp('now')\n | ..........^"),
        ("s.matches('(')", "ERROR: <input>:1:11: invalid matches argument\n | s.matches('(')\n | ..........^"),
        ("int('a') == x", "type conversion error from 'string' to 'int'"),
        ("uint(-1) == 1u", "unsigned integer overflow"),
        (
            "'%d'.format([s]) == ''",
            (
                "ERROR: <input>:1:14: error during formatting: decimal clause can only be used on integers, was given string\n"
                " | '%d'.format([s]) == ''\n | .............^"
            ),
        ),
    ],
)
def test_constants_that_cannot_be_are_refused_when_they_are_compiled(text, message):
    with pytest.raises(RuleError) as caught:
        compile_expression(text, VARIABLES)

    assert str(caught.value) == message


def test_an_authorizer_is_asked_what_the_expression_says():
    asked = []

    def answer(query):
        asked.append(query)
        return Decision(allowed=query.name == "mine", reason="only mine")

    text = (
        "authorizer.serviceAccount('ns', 'me').group('apps').resource('deployments')"
        ".subresource('scale').namespace('ns').name('mine').check('update').allowed()"
        " && authorizer.path('/healthz').check('get').reason() == 'only mine'"
    )
    program = compile_expression(text, {"authorizer": Type("kubernetes.authorization.Authorizer")})

    assert program.evaluate(Authorizer(answer)) is True
    assert asked == [
        Query(("ns", "me"), "update", "", "apps", "deployments", "scale", "ns", "mine"),
        Query(verb="get", path="/healthz"),
    ]
    assert program.measure(Authorizer(answer)) == (True, 700_012)


def test_the_python_of_an_expression_can_be_read():
    assert "return ((v_x > 4) and (v_x < 6))" in compile_expression("x > 4 && x < 6", VARIABLES).source


def test_an_expression_tells_which_variables_it_mentions():
    assert compile_expression("x > 0 && l.all(s, s > 0)", VARIABLES).used == {"x", "l", "s"}


def test_long_chains_are_no_deep_ones():
    assert evaluate(" && ".join(["x > 0"] * 3000)) is True


def test_what_is_nested_too_deeply_is_refused():
    with pytest.raises(RuleError, match="expression recursion limit exceeded: 250"):
        compile_expression("(" * 251 + "1" + ")" * 251, {})


def test_what_is_too_long_is_refused():
    with pytest.raises(RuleError, match="expression code point size exceeds limit: size: 100001, limit 100000"):
        compile_expression("x" * 100_001, {})
