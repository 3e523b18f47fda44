"""What expressions are estimated to cost, as the API server was measured to estimate them."""

import pytest

from kubecrd.cel.bounds import UNBOUNDED
from kubecrd.cel.program import compile_expression
from kubecrd.schema.declarations import declare
from kubecrd.schema.structural import Structural


def listed(items, most=20, **rest):
    return {"type": "array", "items": items, "maxItems": most, **rest}


def mapped(values, most=20):
    return {"type": "object", "additionalProperties": values, "maxProperties": most}


TEXT = {"type": "string", "maxLength": 64}
INTEGER = {"type": "integer"}
PROPERTIES = {
    "s": TEXT,
    "t": {"type": "string", "maxLength": 10},
    "i": INTEGER,
    "n": {"type": "number"},
    "b": {"type": "boolean"},
    "l": listed(TEXT),
    "li": listed(INTEGER),
    "ln": listed({"type": "number"}),
    "lb": listed({"type": "boolean"}),
    "st": listed(TEXT, **{"x-kubernetes-list-type": "set"}),
    "m": mapped(TEXT),
    "mi": mapped(INTEGER),
    "o": {"type": "object", "properties": {"a": INTEGER, "s": TEXT}},
    "by": {"type": "string", "format": "byte", "maxLength": 40},
    "d": {"type": "string", "format": "duration"},
    "dt": {"type": "string", "format": "date-time"},
    "x": {"x-kubernetes-int-or-string": True, "maxLength": 64},
    "e": {"type": "string", "enum": ["a", "bbbbbbbbbb"]},
    "ll": listed(listed(TEXT, 5), 6),
    "ml": listed({"type": "object", "properties": {"k": TEXT, "v": INTEGER}}),
}

MEASURED = """
    2  self.b
    2  self.i == 1
    3  self.o.a == 1
    4  self.b && self.b
    4  self.b || self.i == 1
    3  !self.b
    7  self.b ? self.i == 1 : self.i == 2 && self.n > 1.0
    1  has(self.i)
    2  has(self.o.a)
    4  self.i + 1 == 2
    3  self.s == 'abc'
    8  self.s == self.t
    3  self.s < 'abc'
   35  self.s + self.t == 'a'
    4  size(self.s) == 1
   28  self.s.contains('abc')
  108  self.s.contains(self.t)
    3  self.s.startsWith('abc')
    8  self.s.endsWith(self.t)
   28  self.s.matches('^a*$')
  264  self.s.matches(self.t)
    6  self.l == self.l
   22  'a' in self.l
   15  self.s in ['a', 'b', 'c']
    3  'a' in self.m
    4  self.l[0] == 'a'
    4  self.m['a'] == 'b'
    9  self.l + self.l == self.l
   12  [1, 2, 3].size() == 3
   32  {'a': 1}.size() == 1
   83  self.m.all(k, k.contains('abc'))
  143  self.m.all(k, k.matches('^abcdefgh$'))
  123  self.m.all(k, (k + 'x').contains('abc'))
  103  self.li.all(x, x > 0)
  123  self.l.exists(x, x == 'a')
   84  self.li.exists_one(x, x > 0)
  295  self.li.map(x, x + 1).size() == 1
  315  self.li.filter(x, x > 1).size() == 1
  315  self.li.map(x, x > 1, x).size() == 1
  143  self.m.all(k, self.m[k] != "")
  183  self.ll.all(x, x.all(y, y == "a"))
  123  self.li.all(i, x, i < x)
  315  self.li.transformList(i, x, i + x).size() == 1
  135  self.mi.transformMap(k, v, v + 1).size() == 1
  542  self.l.isSorted()
   22  self.li.isSorted()
   23  self.li.sum() == 1
   23  self.ln.max() > 1.0
  543  self.l.indexOf('a') == 1
   29  self.s.indexOf('a') == 1
   29  self.s.lastIndexOf('a') == 1
   29  self.s.lowerAscii() == 'a'
   29  self.s.substring(1) == 'a'
   29  self.s.substring(1, 2) == 'a'
   29  self.s.trim() == 'a'
   55  self.s.replace('a', 'bc') == 'a'
   56  self.s.split(',').size() == 1
   56  self.s.split(',', 3).size() == 1
 1079  self.s.split(',').all(x, x != '')
  515  self.l.join() == 'a'
  519  self.l.join(', ') == 'a'
    4  self.s.charAt(1) == 'a'
   29  strings.quote(self.s) == 'a'
   16  '%s-%d'.format([self.s, self.i]) == 'a'
   55  self.s.find('[a-z]+') == 'a'
   56  self.s.findAll('[a-z]+').size() == 1
   56  self.s.findAll('[a-z]+', 2).size() == 1
   29  quantity(self.s).isInteger()
   28  isQuantity(self.s)
   31  quantity(self.s).compareTo(quantity('1Gi')) > 0
   30  quantity(self.s) == quantity('1')
   32  quantity(self.s).add(1).sub(quantity('2')).isInteger()
   30  url(self.s).getHost() == 'a'
    3  isURL(self.s)
   31  url(self.s).getQuery().size() == 1
   30  ip(self.s).family() == 4
   28  isIP(self.s)
   54  ip.isCanonical(self.s)
   30  ip(self.s) == ip('1.2.3.4')
   30  cidr(self.s).prefixLength() == 8
   33  cidr('10.0.0.0/8').containsIP(self.s)
   33  cidr('10.0.0.0/8').containsIP(ip(self.s))
   36  cidr('10.0.0.0/8').containsCIDR(self.s)
   58  cidr(self.s).masked() == cidr(self.s)
   30  semver(self.s).major() == 1
   30  semver(self.s).isLessThan(semver('1.2.3'))
   28  isSemver(self.s)
  836  format.dns1123Label().validate(self.s).hasValue()
  837  format.named('uri').value().validate(self.s).hasValue()
   53  sets.contains(self.l, ['a', 'b'])
  805  sets.equivalent(self.l, self.l)
  405  sets.intersects(self.l, self.st)
    4  self.?s.orValue('a') == 'a'
   20  self.?i.optMap(x, x + 1).hasValue()
    5  self.l[?0].orValue('') == 'a'
    4  int(self.s) == 1
    4  string(self.i) == '1'
    4  double(self.i) == 1.0
   29  bytes(self.s) == b'a'
    3  self.by == b'abc'
    4  size(self.by) == 3
    6  duration(self.s) == self.d
    6  timestamp(self.s) > self.dt
    4  self.dt < timestamp('2020-01-01T00:00:00Z')
    4  self.dt.getHours() == 1
    8  self.dt + self.d > self.dt
    4  type(self.i) == int
    7  type(self.x) == int ? self.x == 1 : self.x == '1'
   29  string(self.x) == 'a'
    3  self.e == 'abc'
    4  self.e.matches('^a$')
    2  self == self
    4  self.o == self.o
  123  self.ml.all(x, x.v > 0)
12943  self.ml.all(x, self.ml.exists_one(y, y.k == x.k))
  857  self.l.sort() == self.l
  815  self.l.distinct().size() == 1
   21  self.ll.flatten().size() == 1
   17  self.l.slice(0, 2).size() == 2
   34  self.li.reverse()[0] == 1
   42  lists.range(5).all(x, x < 9)
 1119  self.ml.sortBy(x, x.v)[0].k == 'a'
    0  true
"""

ROWS = [line.strip().split(maxsplit=1) for line in MEASURED.strip().splitlines()]


def estimate(text, schema=None, **properties):
    document = schema or {"type": "object", "properties": PROPERTIES | properties}
    kind = declare(Structural.of(document))
    return compile_expression(text, {"self": kind, "oldSelf": kind}).estimate


@pytest.mark.parametrize(("cost", "text"), ROWS, ids=[text for _, text in ROWS])
def test_an_estimate_is_that_of_the_server(cost, text):
    assert estimate(text).most == int(cost)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("self.b && self.l.isSorted()", (2, 544)),
        ("self.b ? self.i == 1 : self.s == 'abc'", (4, 5)),
        ("self.li.all(x, x > 0)", (3, 103)),
        ("['a', 'b'].map(x, x + 'c')[0] == 'ac'", (51, 51)),
        ("dyn(self.s) == 'abc'", (4, 4)),
        ("dyn(self.x) + 1 == 2", (5, 5)),
        ("self.o.?a.hasValue()", (4, 4)),
    ],
)
def test_the_least_that_an_expression_costs_is_estimated_too(text, bounds):
    assert estimate(text) == bounds


@pytest.mark.parametrize(
    "text",
    [
        "'i is ' + string(self.i) == 'i is 1'",
        "type(self.i) == type(self.i)",
        "['x', 'y'].isSorted()",
        "['x', 'y'].join(', ') == 'x, y'",
        "self.s.split(',').join() == 'a'",
        "quantity(self.s) != quantity('1')",
        "self.?s.orValue('') == self.?t.orValue('')",
        "self.li.slice(2, 1) == self.li",
    ],
)
def test_what_has_no_known_size_is_beyond_any_limit(text):
    assert estimate(text).most > 10**15


@pytest.mark.parametrize(
    ("schema", "cost"),
    [
        ({"type": "string"}, 314575),
        ({"type": "string", "maxLength": 25}, 12),
        ({"type": "string", "maxLength": 25, "enum": ["a"]}, 12),
        ({"type": "string", "enum": ["é", "a"]}, 3),
        ({"type": "string", "format": "uuid", "maxLength": 25}, 12),
        ({"x-kubernetes-int-or-string": True}, 314575),
        ({"x-kubernetes-int-or-string": True, "maxLength": 25}, 12),
    ],
)
def test_a_text_is_as_long_as_its_schema_lets_it_be(schema, cost):
    assert estimate("self == self", schema).most == cost


@pytest.mark.parametrize(
    ("items", "cost"),
    [
        ({"type": "boolean"}, 629145),
        ({"type": "integer"}, 1572863),
        ({"type": "string"}, 1048575),
        ({"type": "string", "format": "date-time"}, 142987),
        ({"type": "array", "items": {"type": "integer"}}, 1048575),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, 1048575),
        ({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, 349525),
        ({"type": "object", "properties": {"a": {"type": "integer", "default": 1}}, "required": ["a"]}, 1048575),
        ({"type": "object", "required": ["kind"], "x-kubernetes-embedded-resource": True}, 241978),
    ],
)
def test_a_list_without_limit_holds_what_fits_into_a_request(items, cost):
    document = {"type": "array", "items": items}
    loop = estimate("self.all(x, true)", document).most
    assert loop == 2 + cost * 3


def test_paths_that_begin_alike_lie_in_the_same_memory():
    """The inner loop is taken to be as long as the name, since the server's path to the name overwrites that to the tags."""
    tags = listed({"type": "string", "maxLength": 10}, 5)
    item = {"type": "object", "properties": {"tags": tags, "name": {"type": "string", "maxLength": 100}}}
    inner = estimate("self.items.all(x, x.tags.all(t, t != 'a'))", items=listed(item, 10)).most
    shared = estimate("self.items.all(x, x.tags.all(t, t != x.name))", items=listed(item, 10)).most

    assert inner == 3 + 10 * (3 + 3 + 5 * 5)
    assert shared == 3 + 10 * (3 + 3 + 400 * 10)


def test_a_chain_of_optional_macros_is_estimated_in_no_time():
    text = "optional.of(1)" + ".optMap(x, x)" * 70 + ".hasValue()"

    assert estimate(text).most == UNBOUNDED


def test_loops_that_are_nested_deeper_than_python_goes_are_estimated():
    text = "".join(f"[1].all(x{number}, " for number in range(200)) + "true" + ")" * 200

    assert estimate(text).most == 14 * 200


def test_a_long_chain_is_estimated():
    assert estimate(" + ".join(["self.i"] * 249) + " == 1").most == 747
