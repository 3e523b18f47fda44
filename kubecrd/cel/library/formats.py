"""The formats that Kubernetes names: what a label, a name, a date looks like, and what is said when it does not."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from attrs import frozen

from kubecrd.cel.conversions import to_timestamp
from kubecrd.cel.values import CelError, Optional

from .urls import url

__all__ = ["FUNCTIONS", "NamedFormat"]

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE: Final = f"({_QUALIFIED})?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"

_SAY_LABEL: Final = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
    f"alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SAY_LABEL_1035: Final = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end "
    f"with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{_LABEL_1035}')"
)
_SAY_SUBDOMAIN: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
    rf"with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_SAY_VALUE: Final = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    f"an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{_VALUE}')"
)
_SAY_QUALIFIED: Final = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    f"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)


@frozen(eq=False)
class NamedFormat:
    """A format that strings can be checked against.

    Attributes:
        name: What it is called in expressions.
        shown: What the server calls it.
        check: Yields what is wrong with a string.
        longest_pattern: Characters of the regular expressions that it takes, which is what it costs.
    """

    name: str
    shown: str
    check: Callable[[str], Iterator[str]]
    longest_pattern: int = 0
    cel_type = "kubernetes.NamedFormat"

    def __str__(self) -> str:
        return self.shown


def _shaped(form: str, most: int, said: str, unit: str = "characters") -> Callable[[str], Iterator[str]]:
    pattern = re.compile(form)

    def check(text: str) -> Iterator[str]:
        if len(text.encode()) > most:
            yield f"must be no more than {most} {unit}"
        if not pattern.fullmatch(text):
            yield said

    return check


def _label(text: str) -> Iterator[str]:
    dotted = "." in text and re.fullmatch(_SUBDOMAIN, text)
    yield from _shaped(_LABEL, 63, "must not contain dots" if dotted else _SAY_LABEL)(text)


def _prefix_of(check: Callable[[str], Iterator[str]]) -> Callable[[str], Iterator[str]]:
    """Check a name that more follows, so that it may end with a dash, which hides what is before it too."""
    return lambda text: check(f"{text[:-2]}a" if text.endswith("-") and len(text) > 1 else text)


def _qualified(text: str) -> Iterator[str]:
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        yield (
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            f"'{_QUALIFIED}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        )
        return
    if slash and not prefix:
        yield "prefix part must be non-empty"
    elif slash:
        yield from (f"prefix part {said}" for said in _shaped(_SUBDOMAIN, 253, _SAY_SUBDOMAIN)(prefix))
    if not name:
        yield "name part must be non-empty"
    elif len(name) > 63:
        yield "name part must be no more than 63 bytes"
    if not re.fullmatch(_QUALIFIED, name):
        yield _SAY_QUALIFIED


def _read_by(read: Callable[[str], Any], said: str) -> Callable[[str], Iterator[str]]:
    def check(text: str) -> Iterator[str]:
        try:
            read(text)
        except (CelError, ValueError, binascii.Error):
            yield said

    return check


def _shaped_as(pattern: re.Pattern[str], said: str) -> Callable[[str], Iterator[str]]:
    return lambda text: iter(() if pattern.fullmatch(text) else (said,))


def _uri(text: str) -> Iterator[str]:
    """Say what Go says of a text that is no URI."""
    try:
        url(text)
    except CelError as error:
        yield str(error).removeprefix("URL parse error during conversion from string: ")


_UUID: Final = re.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


_FORMATS: Final = {
    each.name: each
    for each in (
        NamedFormat("dns1123Label", "DNS1123Label", _label, 30),
        NamedFormat("dns1123Subdomain", "DNS1123Subdomain", _shaped(_SUBDOMAIN, 253, _SAY_SUBDOMAIN), 60),
        NamedFormat("dns1035Label", "DNS1035Label", _shaped(_LABEL_1035, 63, _SAY_LABEL_1035), 30),
        NamedFormat("qualifiedName", "QualifiedName", _qualified, 60),
        NamedFormat("dns1123LabelPrefix", "DNS1123LabelPrefix", _prefix_of(_label), 30),
        NamedFormat(
            "dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", _prefix_of(_shaped(_SUBDOMAIN, 253, _SAY_SUBDOMAIN)), 60
        ),
        NamedFormat(
            "dns1035LabelPrefix", "DNS1035LabelPrefix", _prefix_of(_shaped(_LABEL_1035, 63, _SAY_LABEL_1035)), 30
        ),
        NamedFormat("labelValue", "LabelValue", _shaped(_VALUE, 63, _SAY_VALUE, "bytes"), 40),
        NamedFormat("uri", "URI", _uri, 1101),
        NamedFormat("uuid", "uuid", _shaped_as(_UUID, "does not match the UUID format"), 72),
        NamedFormat("byte", "byte", _read_by(lambda text: base64.b64decode(text, validate=True), "invalid base64"), 84),
        NamedFormat("date", "date", _read_by(date.fromisoformat, "invalid date"), 72),
        NamedFormat("datetime", "datetime", _read_by(to_timestamp, "invalid datetime"), 72),
    )
}


def named(name: str) -> Optional:
    """Find a format by its name."""
    found = _FORMATS.get(name)
    return Optional() if found is None else Optional((found,))


def validate(form: NamedFormat, text: str) -> Optional:
    """Give what is wrong with *text*, nothing when it is right."""
    said = list(form.check(text))
    return Optional((said,)) if said else Optional()


def _always(form: NamedFormat) -> Callable[[], NamedFormat]:
    return lambda: form


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "format.named": named,
    "validate": validate,
    **{f"format.{name}": _always(form) for name, form in _FORMATS.items()},
}
