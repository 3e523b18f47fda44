"""The string formats that the API server checks, as kube-openapi's `strfmt` has them."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from kubecrd.cel.patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KNOWN_FORMATS", "NUMBER_FORMATS", "fits", "is_known", "normalized"]

NUMBER_FORMATS: Final = {"integer": frozenset({"int32", "int64"}), "number": frozenset({"float", "double"})}
"""What counts on numbers, by type; any other format is ignored there."""


def normalized(name: str) -> str:
    """Drop the dashes: ``date-time`` and ``datetime`` are one format."""
    return name.replace("-", "")


def is_known(name: str, schema_type: str | None) -> bool:
    """Whether the API server checks format *name* on schemas of this type; it ignores all others."""
    if schema_type in NUMBER_FORMATS:
        return name in NUMBER_FORMATS[schema_type]
    return schema_type in {None, "string"} and normalized(name) in KNOWN_FORMATS


def fits(name: str, text: str) -> bool:
    """Whether *text* is of the string format *name*, which must be a known one."""
    return KNOWN_FORMATS[normalized(name)](text)


def _matching(pattern: str, flags: int = re.ASCII) -> Callable[[str], bool]:
    """Make the check for a format that is a pattern; compiling all when the module is imported would be felt there."""
    compiled = cache(partial(re.compile, pattern, flags))
    return lambda text: compiled().fullmatch(text) is not None


def _is_uri(text: str) -> bool:
    """Go's `url.ParseRequestURI`: an absolute URI or an absolute path."""
    if not text or any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        return False
    if text == "*":
        return True
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if text.startswith(":") or (scheme is None and not text.startswith("/")):
        return False
    rest = text[scheme.end() :] if scheme else text
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        return scheme is not None
    # Without a scheme a leading "//" is a path for ParseRequestURI, unless three slashes stand there.
    authority, path = "", rest
    if rest.startswith("//") and not rest.startswith("///") and scheme is not None:
        authority, slash, tail = rest[2:].partition("/")
        path = slash + tail
    return _is_authority(authority) and _escapes_are_whole(path)


def _escapes_are_whole(text: str) -> bool:
    return not re.search(r"%(?![0-9A-Fa-f]{2})", text)


_BAD_IN_HOST: Final = re.compile(r"[ \"#<>\\^`{|}]")


def _is_authority(text: str) -> bool:
    userinfo, at, host = text.rpartition("@")
    if at and (not re.fullmatch(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*", userinfo) or not _escapes_are_whole(userinfo)):
        return False
    if host.startswith("["):
        literal, bracket, port = host.rpartition("]")
        return bool(bracket) and re.fullmatch(r"(:[0-9]*)?", port) is not None and "%" not in literal
    _, colon, port = host.rpartition(":")
    if colon and not re.fullmatch(r"[0-9]*", port):
        return False
    # Escapes in a host are allowed for non-ASCII bytes only.
    return not _BAD_IN_HOST.search(host) and not re.search(r"%(?![89A-Fa-f][0-9A-Fa-f])", host)


_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_QUOTED: Final = r'"(?:[^"\\\x00-\x1f]|\\[\x20-\x7e\t])*"'
_LOCAL: Final = rf"(?:{_ATEXT}(?:\.{_ATEXT})*|(?!\"\"){_QUOTED})"
_DOMAIN: Final = rf"(?:{_ATEXT}(?:\.{_ATEXT})*|\[[0-9A-Fa-f:.]+\])"
_ADDRESS: Final = rf"{_LOCAL}@{_DOMAIN}"
_COMMENT: Final = r"(?:\s*\([^()\\\r\n]*\))*"
_EMAIL: Final = _matching(
    rf"[ \t]*(?:{_ADDRESS}|(?:(?:{_ATEXT}\.?|{_QUOTED})[ \t]*)*<[ \t]*{_ADDRESS}[ \t]*>){_COMMENT}[ \t]*", flags=0
)


_SYMBOL: Final = r"a-zA-Z0-9\p{S}\p{L}"
_HOSTNAME: Final = (
    # One label with at most one dash, which may stand at its end; or several, the last of letters only.
    rf"[{_SYMBOL}](?:-?[{_SYMBOL}]{{0,62}})"
    rf"|(?:[{_SYMBOL}](?:[-{_SYMBOL}]{{0,61}}[{_SYMBOL}])?\.)+[a-zA-Z\p{{L}}]{{2,63}}"
)


def _is_hostname(text: str) -> bool:
    if len(text.encode()) > 255 or any(len(label.encode()) > 63 for label in text.split(".")):
        return False
    return compile_pattern(_HOSTNAME).fullmatch(text) is not None


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address as Go's forgiving `ParseIPSloppy`: leading zeros in a dotted quad are decimal."""
    if "%" in text:
        return None
    # Leading zeros are an octal trap for Python, decimal for the API server.
    plain = re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])", "", text) if "." in text else text
    plain = re.sub(r"(?<=\.)0+(?=[0-9])", "", plain) if "." in plain else plain
    if not plain.isascii():
        return None
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        return None


def _is_cidr(text: str) -> bool:
    address, slash, length = text.rpartition("/")
    found = _ip(address)
    if not slash or found is None or not re.fullmatch(r"0|[1-9][0-9]{0,2}|0[0-9]+", length):
        return False
    most = 32 if found.version == 4 else 128
    return int(length) <= most


_MAC: Final = _matching(
    r"(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\2){6}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\3){18}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{4}\.){3}[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{4}\.){9}[0-9A-Fa-f]{4}"
    r"|[0-9A-Fa-f]{12})"
)


def _uuid(version: str, variant: str) -> Callable[[str], bool]:
    return _matching(
        rf"(?i:[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{version}[0-9a-f]{{3}}-?{variant}[0-9a-f]{{3}}-?[0-9a-f]{{12}})"
    )


def _compact(text: str) -> str:
    return re.sub(r"[\t\n\f\r -]", "", text)


def _is_isbn10(text: str) -> bool:
    digits = _compact(text)
    if not re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return False
    values = [10 if char == "X" else int(char) for char in digits]
    return sum(weight * value for weight, value in zip(range(1, 11), values, strict=True)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    digits = _compact(text)
    if not re.fullmatch(r"[0-9]{13}", digits):
        return False
    return sum((3 if place % 2 else 1) * int(char) for place, char in enumerate(digits)) % 10 == 0


_CARD_ISSUERS: Final = (
    ("4", (13, 16)),  # Visa
    (("51", "52", "53", "54", "55"), (16,)),  # Mastercard, before its range of 2017
    (("6011", "65"), (16,)),  # Discover
    (("34", "37"), (15,)),  # American Express
    (("300", "301", "302", "303", "304", "305", "36", "38"), (14,)),  # Diners Club
    (("1800", "2131"), (15,)),  # JCB
    ("35", (16,)),  # JCB
)
"""How the numbers of an issuer begin, and how many digits they have."""


def _is_credit_card(text: str) -> bool:
    digits = "".join(char for char in text if char in "0123456789")
    if not any(digits.startswith(prefix) and len(digits) in lengths for prefix, lengths in _CARD_ISSUERS):
        return False
    doubled = [int(char) * (2 if place % 2 else 1) for place, char in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_BYTE: Final = r"25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]"
_RGB: Final = _matching(rf"rgb\(\s*(?:{_BYTE})\s*,\s*(?:{_BYTE})\s*,\s*(?:{_BYTE})\s*\)")


def _is_base64(text: str) -> bool:
    if not text:
        return False
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(text) % 4 == 0


def _is_date(text: str) -> bool:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text, re.ASCII)
    if not found:
        return False
    year, month, day = (int(part) for part in found.groups())
    try:
        # Year 0 is a leap year for Go and unknown to Python; 2000 stands in for it.
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


_TIME: Final = re.compile(
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


def _is_datetime(text: str) -> bool:
    # What stands behind a second "t" is not looked at.
    day, _, rest = text.lower().partition("t")
    return _is_date(day) and _TIME.fullmatch(rest.partition("t")[0]) is not None


_GO_DURATION: Final = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION_PART: Final = re.compile(r"([0-9]+)\s*([A-Za-zµ]+)", re.ASCII)
_UNITS: Final = {
    "ns": 1, "nano": 1,
    "us": 10**3, "µs": 10**3, "micro": 10**3,
    "ms": 10**6, "milli": 10**6,
    "s": 10**9, "sec": 10**9,
    "m": 60 * 10**9, "min": 60 * 10**9,
    "h": 3600 * 10**9, "hr": 3600 * 10**9, "hour": 3600 * 10**9,
    "d": 24 * 3600 * 10**9, "day": 24 * 3600 * 10**9,
    "w": 168 * 3600 * 10**9, "wk": 168 * 3600 * 10**9, "week": 168 * 3600 * 10**9,
}  # fmt: skip
_PREFIXED_UNITS: Final = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_MOST_NANOSECONDS: Final = 2**63 - 1


def _is_duration(text: str) -> bool:
    """A Go duration, or any text with a number and a unit in it (strfmt `ParseDuration`)."""
    if _GO_DURATION.fullmatch(text) and _go_nanoseconds(text) <= _MOST_NANOSECONDS:
        return True
    found = False
    for amount, unit in _DURATION_PART.findall(text):
        if int(amount) > _MOST_NANOSECONDS:
            return False
        name = unit.lower()
        found = found or name in _UNITS or name.startswith(_PREFIXED_UNITS)
    return found


def _go_nanoseconds(text: str) -> float:
    units = _UNITS | {"μs": 10**3}
    parts = re.findall(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)", text)
    return sum(float(amount) * units[unit] for amount, unit in parts)


_LABEL: Final = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SHORT_NAME: Final = _matching(_LABEL)
_LONG_NAME: Final = _matching(rf"{_LABEL}(?:\.{_LABEL})*")

KNOWN_FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "bsonobjectid": _matching("[0-9A-Fa-f]{24}"),
    "uri": _is_uri,
    "email": _EMAIL,
    "hostname": _is_hostname,
    "ipv4": lambda text: "." in text and _ip(text) is not None,
    "ipv6": lambda text: (
        ":" in text and not re.search(r"(?<![0-9a-fA-F:])0[0-9]|:0[0-9]+\.", text) and _ip(text) is not None
    ),
    "cidr": _is_cidr,
    "mac": _MAC,
    "uuid": _uuid("[0-9a-f]", "[0-9a-f]"),
    "uuid3": _uuid("3", "[0-9a-f]"),
    "uuid4": _uuid("4", "[89ab]"),
    "uuid5": _uuid("5", "[89ab]"),
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "creditcard": _is_credit_card,
    "ssn": _matching(r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}"),
    "hexcolor": _matching(r"#?(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})"),
    "rgbcolor": _RGB,
    "byte": _is_base64,
    "password": lambda _: True,
    "date": _is_date,
    "datetime": _is_datetime,
    "duration": _is_duration,
    "k8sshortname": lambda text: len(text) <= 63 and _SHORT_NAME(text),
    "k8slongname": lambda text: len(text) <= 253 and _LONG_NAME(text),
}
"""The check of each string format, by its name without dashes."""
