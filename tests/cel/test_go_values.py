"""Values that Go's packages read and print: what they take, how they write it, and what they say of the rest."""

import pytest

from kubecrd.cel.calendar import civil_of
from kubecrd.cel.program import compile_expression
from kubecrd.errors import RuleError


def evaluate(text):
    found, _ = compile_expression(text, {}).interpret()
    return found


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("quantity('1000')", "1k"),
        ("quantity('1024')", "1024"),
        ("quantity('00001')", "00001"),
        ("quantity('+5')", "+5"),
        ("quantity('2E2')", "200"),
        ("quantity('1E3')", "1E3"),
        ("quantity('.5')", "500m"),
        ("quantity('-1.5Gi')", "-1536Mi"),
        ("quantity('0.1n')", "1n"),
        ("quantity('Gi')", "0"),
        ("quantity('16Ei')", "9223372036854775807"),
        ("quantity('99999999999999999999')", "99999999999999999999"),
        ("quantity('0Ki').add(quantity('9E'))", "9E"),
        ("quantity('16Ei').add(quantity('1n'))", "9223372036854775807000000001n"),
        ("quantity('1.5').sub(3)", "-1500m"),
        ("quantity('1e-3').sub(-5)", "5001e-3"),
        ("url('HTTP://ex.com/a b?x=1#')", "http://ex.com/a%20b?x=1"),
        ("url('https://例え.jp/パス')", "https://%E4%BE%8B%E3%81%88.jp/%E3%83%91%E3%82%B9"),
        ("url('http://[fe80::1%25en0]/')", "http://[fe80::1%25en0]/"),
        ("url('//host/path')", "//host/path"),
        ("url('mailto:a@b.c')", "mailto:a@b.c"),
        ("url('file:///etc')", "file:///etc"),
        ("url('https://u:p@h:1/?a#b')", "https://u:p@h:1/?a#b"),
        ("semver('v1', true)", "1.0.0"),
        ("semver('01.002.3-rc.1+b', true)", "1.2.3-rc.1+b"),
        ("ip('2001:DB8::0:1')", "2001:db8::1"),
        ("ip('::1.2.3.4')", "::102:304"),
        ("cidr('10.1.2.3/8')", "10.1.2.3/8"),
        ("format.dns1123Label()", "DNS1123Label"),
        ("string(timestamp('2020-01-01T00:00:00.50+24:00'))", "2020-01-01T00:00:00.5+24:00"),
        ("'%e'.format([49.47])", "4.947000\u00d710⁰¹"),
        ("'%.9e'.format([double('Infinity')])", "        ∞"),
        ("'%s'.format([[duration('90m'), b'a', 1.5]])", '[duration("5400s"), b"a", 1.500000]'),
    ],
)
def test_values_are_printed_as_go_prints_them(text, printed):
    assert str(evaluate(text)) == printed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "quantity('1gi')",
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("quantity('102m4')", "unable to parse quantity's suffix"),
        ("quantity('1500m').asInteger()", "cannot convert value to integer"),
        ("quantity('1').add(1) == quantity('1').add(1)", "no such overload"),
        ("url('')", 'parse "": empty url'),
        ("url('a b')", 'parse "a b": invalid URI for request'),
        ("url(':')", 'parse ":": missing protocol scheme'),
        ("url('http://[::1')", "parse \"http://[::1\": missing ']' in host"),
        ("url('http://h:80:80/')", 'parse "http://h:80:80/": invalid port ":80:80" after host'),
        ("url('http://ho st/')", 'parse "http://ho st/": invalid character " " in host name'),
        ("url('http://h%20x/')", 'parse "http://h%20x/": invalid URL escape "%20"'),
        ("url('/a\\n')", 'parse "/a\\n": net/url: invalid control character in URL'),
        ("ip('01.2.3.4')", "IPv4 field has octet with leading zero"),
        ("ip('256.1.1.1')", "IPv4 field has value >255"),
        ("ip('1.2..3')", 'IPv4 field must have at least one digit (at ".3")'),
        ("ip('1.2.3.4.5')", "IPv4 address too long"),
        ("ip('1.2.3')", "IPv4 address too short"),
        ("ip('1.2.3.4%eth0')", 'unexpected character (at "%eth0")'),
        ("ip('x')", "unable to parse IP"),
        ("ip('%::')", "missing IPv6 address"),
        ("ip('fe80::1%')", "zone must be a non-empty string"),
        ("ip('fe80::1%a')", 'IP address "fe80::1%a" with zone value is not allowed'),
        ("ip('12345::')", 'each group must have 4 or less digits (at "12345::")'),
        ("ip('1:2:3:4:5:6:7:8:9')", 'trailing garbage after address (at "9")'),
        ("ip('1::2::3')", 'multiple :: in address (at ":3")'),
        ("ip('1:2')", "address string too short"),
        ("ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'),
        ("cidr('10.0.0.0')", "netip.ParsePrefix(\"10.0.0.0\"): no '/'"),
        ("cidr('10.0.0.0/08')", 'bad bits after slash: "08"'),
        ("cidr('10.0.0.0/33')", "prefix length out of range"),
        ("cidr('10.0.0.0/8').containsIP('x')", "no such overload"),
        ("semver('1.2')", "No Major.Minor.Patch elements found"),
        ("semver('v1.2.3')", 'Invalid character(s) found in major number "v1"'),
        ("semver('1.02.3')", 'Minor number must not contain leading zeroes "02"'),
        ("semver('1.2.3-')", "Prerelease is empty"),
        ("semver('1.2.3-01')", 'Numeric PreRelease version must not contain leading zeroes "01"'),
        ("semver('1.2.3+')", "Build meta data is empty"),
        ("semver('1-a', true)", "short version cannot contain PreRelease/Build meta data"),
        ("['0000-01-01T00:00:00Z'].map(x, timestamp(x))", "timestamp overflow"),
        ("['2020-01-01t00:00:00z'].map(x, timestamp(x))", "type conversion error from 'string' to"),
        ("timestamp(0).getHours('a:b')", 'strconv.Atoi: parsing "a": invalid syntax'),
        ("timestamp(0).getHours('No/Where')", "unknown time zone No/Where"),
        ("duration(dyn(1))", "type conversion error from 'int' to 'google.protobuf.Duration'"),
        ("dyn(1).upperAscii()", "no such overload: upperAscii(int)"),
        ("dyn('a').getHours()", "no such overload: getHours(string)"),
        ("dyn([]).contains('a')", "no such overload"),
        ("dyn(1).find('a')", "no such overload"),
        ("['('].map(x, 'a'.find(x))", "Illegal regex: error parsing regexp: missing closing ): `(`"),
        ("['(?=a)'].map(x, 'a'.matches(x))", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
        ("['\\\\C'].map(x, 'a'.matches(x))", "error parsing regexp: invalid escape sequence: `\\C`"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_words_of_go(text, message):
    try:
        told = str(evaluate(text))
    except RuleError as error:  # a constant is refused before it is evaluated
        told = str(error)

    assert message in told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("quantity('2000m').isInteger()", False),
        ("quantity('9223372036854775807').isInteger()", False),
        ("quantity('12e6').asInteger()", 12_000_000),
        ("quantity('1Ki') == quantity('1024')", True),
        ("url('https://h:1/a?b=1&b=2&c').getQuery()", {"b": ["1", "2"], "c": [""]}),
        ("url('http://[::1]:80/').getHostname()", "::1"),
        ("timestamp('0001-01-01T00:00:00Z').getDate('-11:30')", 31),
        ("timestamp(0).getDayOfYear('+24:00')", 1),
        ("timestamp(0).getHours('+5:30')", 5),
        ("optional.ofNonZeroValue(duration('0s')).hasValue()", False),
        ("optional.of(optional.of(1)).optMap(x, x).value()", 1),
        ("has({'a': optional.none()}.a)", True),
        ("[1.0, double('NaN'), 0.5].min()", 0.5),
        ("[].map(x, 1.5).sum()", 0.0),
        ("'a1a'.findAll('[0-9]*')", ["", "1", ""]),
        ("'abc'.lastIndexOf('c', 9)", -1),
        ("double('1_0')", 10.0),
        ("double('0x1p-2')", 0.25),
        ("dyn(9223372036854775807) < 9223372036854775808.0", False),
        ("google.protobuf.Duration{seconds: 1, nanos: -1} < duration('1s')", True),
        ("format.dns1123Label().validate('a.b').value()", ["must not contain dots"]),
    ],
)
def test_values_are_those_of_go(text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("seconds", "date"),
    [
        (0, (1970, 1, 1)),
        (-1, (1969, 12, 31)),
        (951_782_400, (2000, 2, 29)),
        (-62_135_596_801, (0, 12, 31)),
        (315_576_000_000, (11970, 3, 17)),
        (4_107_542_399, (2100, 2, 28)),
    ],
)
def test_dates_of_any_year_are_known(seconds, date):
    assert civil_of(seconds)[:3] == date
