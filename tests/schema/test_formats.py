from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.schema.formats import KNOWN_FORMATS, fits, is_known

GOOD = {
    "bsonobjectid": ["507f1f77bcf86cd799439011"],
    "uri": ["/a", "//h/p", "mailto:a@b", "http://", "*", "C:\\x", "http://h:80/p?q=1", "https://u:p@h/"],
    "email": ["a@b", "Joe <joe@example.com>", '"a b"@c.d'],
    "hostname": ["a", "example.com", "1", "bücher", "a-b.co", "a-", "a-b-c.com", "a€.com"],
    "ipv4": ["1.2.3.4", "01.02.03.04", "::ffff:1.2.3.4"],
    "ipv6": ["::1", "2001:db8::1", "::ffff:1.2.3.4"],
    "cidr": ["10.0.0.1/8", "010.0.0.1/8", "2001:db8::1/64"],
    "mac": ["01:23:45:67:89:ab", "01-23-45-67-89-ab", "0123.4567.89ab", "0123456789ab", "01:23:45:67:89:ab:cd:ef"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567e89b12d3a456426614174000"],
    "uuid3": ["bcd02e22-68f0-3046-a512-327cca9def8f", "bcd02e22-68f0-3046-1512-327cca9def8f"],
    "uuid4": ["025b0d74-00a2-4048-bf57-227c5111bb34"],
    "uuid5": ["886313e1-3b8a-5372-9b90-0c9aee199e5d"],
    "isbn": ["3836221195", "978-3-8362-2119-1"],
    "isbn10": ["3 8362 2119 5"],
    "isbn13": ["9783836221191"],
    "creditcard": ["4111-1111-1111-1111", "5555 5555 5555 4444", "378282246310005"],
    "ssn": ["111-11-1111", "111 11 1111"],
    "hexcolor": ["#fff", "ff0000"],
    "rgbcolor": ["rgb(0,31,255)", "rgb(0, 31 , 255)"],
    "byte": ["aGVsbG8=", "Zm9v"],
    "password": ["", "anything"],
    "date": ["2024-02-29", "0000-01-01", "9999-12-31"],
    "date-time": [
        "2024-01-01T00:00:00Z",
        "2024-01-01t23:59:59.5+99:99",
        "2024-01-01T00:00:00,5z",
        "2024-01-01T00:00:00ZTx",
    ],
    "duration": ["1h30m", "1.5h", "-1m", "0", "22 ns", "2 weeks", "5 minutes ago", "1hour2", "9999999999999h"],
    "k8s-short-name": ["a", "a-b", "1"],
    "k8s-long-name": ["a.b", "x" * 80 + ".y"],
}
BAD = {
    "bsonobjectid": ["507f1f77bcf86cd79943901", "g07f1f77bcf86cd799439011"],
    "uri": ["a/b", "?q", "a b", "/%zz", "http://[::1", ""],
    "email": ["a@", "@b", "a@b, c@d", "a b@c", "", '""@b', "a..b@c", "a@b."],
    "hostname": ["1.2.3.4", "example.c", "a.", "a_b", "-a", "a-b-c", "a-.com", "", "a..b", "x" * 64],
    "ipv4": ["1.2.3", "::1", "1.2.3.256", ""],
    "ipv6": ["1.2.3.4", "fe80::1%eth0", ":::", "::ffff:01.2.3.4"],
    "cidr": ["10.0.0.1", "10.0.0.1/33", "/8", ""],
    "mac": ["01:23:45:67:89", "01:23-45:67:89:ab", ""],
    "uuid": ["123e4567-e89b-12d3-a456-42661417400", "", "{123e4567-e89b-12d3-a456-426614174000}"],
    "uuid3": ["025b0d74-00a2-4048-bf57-227c5111bb34"],
    "uuid4": ["025b0d74-00a2-4048-cf57-227c5111bb34", "bcd02e22-68f0-3046-a512-327cca9def8f"],
    "uuid5": ["886313e1-3b8a-5372-cb90-0c9aee199e5d"],
    "isbn": ["3836221196", ""],
    "isbn10": ["9783836221191"],
    "isbn13": ["3836221195", "9783836221192"],
    "creditcard": ["2221-0000-0000-0009", "4111-1111-1111-1112", "1234567890123456", ""],
    "ssn": ["111111111", "11-111-1111", ""],
    "hexcolor": ["#ffff", "#ggg", ""],
    "rgbcolor": ["rgb(0,31,256)", "RGB(0,31,255)", "rgb(0,31)", ""],
    "byte": ["", "aGVsbG8", "aGVs bG8=", "_-==", "aGVsbG8=\n"],
    "date": ["2024-02-30", "2023-02-29", "24-01-01", "2024-1-1", ""],
    "date-time": ["2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-02-30T00:00:00Z", "2024-01-01T00:00:00"],
    "duration": ["1", "1y", "1 month", "1 fortnight", "", "99999999999999999999 s"],
    "k8s-short-name": ["A", "a.b", "-a", "x" * 64, ""],
    "k8s-long-name": ["a..b", "A.b", "x" * 254, ""],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in GOOD.items() for text in texts])
def test_a_text_of_the_format_fits(name, text):
    assert fits(name, text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_text_of_another_form_does_not_fit(name, text):
    assert not fits(name, text)


@pytest.mark.parametrize("name", sorted(set(KNOWN_FORMATS) - {"password"}))
def test_the_empty_text_fits_no_format_but_password(name):
    assert not fits(name, "")


@given(st.sampled_from(sorted(KNOWN_FORMATS)), st.text(max_size=60))
def test_any_text_gets_a_verdict(name, text):
    assert fits(name, text) in {True, False}


@pytest.mark.parametrize(
    ("name", "schema_type", "known"),
    [
        ("date-time", "string", True),
        ("datetime", None, True),
        ("Date", "string", False),
        ("ip", "string", False),
        ("int32", "integer", True),
        ("int32", "string", False),
        ("int32", None, False),
        ("float", "number", True),
        ("double", "integer", False),
        ("date", "object", False),
        ("date", "array", False),
        ("date", "boolean", False),
    ],
)
def test_a_format_counts_only_on_its_types(name, schema_type, known):
    assert is_known(name, schema_type) is known
