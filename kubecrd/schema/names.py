"""The forms of names that Kubernetes knows, and what it says when one is broken (apimachinery `util/validation`)."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "dns1035_label",
    "dns1123_label",
    "dns1123_subdomain",
    "label_value",
    "path_segment",
    "qualified_name",
]

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE: Final = f"({_QUALIFIED})?"

_LABEL_RE: Final = re.compile(_LABEL)
_LABEL_1035_RE: Final = re.compile(_LABEL_1035)
_SUBDOMAIN_RE: Final = re.compile(_SUBDOMAIN)
_QUALIFIED_RE: Final = re.compile(_QUALIFIED)
_VALUE_RE: Final = re.compile(_VALUE)

MOST_LABEL: Final = 63
MOST_SUBDOMAIN: Final = 253


def _advice(text: str, pattern: str, *examples: str) -> str:
    # Go joins the examples with ",  or ", two blanks included.
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{text} (e.g. {shown}, regex used for validation is '{pattern}')"


_LABEL_TEXT: Final = _advice(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character",
    _LABEL,
    "my-name",
    "123-abc",
)
_LABEL_1035_TEXT: Final = _advice(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character",
    _LABEL_1035,
    "my-name",
    "abc-123",
)
_SUBDOMAIN_TEXT: Final = _advice(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
    _SUBDOMAIN,
    "example.com",
)
_QUALIFIED_ADVICE: Final = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_QUALIFIED_EXAMPLES: Final = ("MyName", "my.name", "123-abc")
_VALUE_TEXT: Final = _advice(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character",
    _VALUE,
    "MyValue",
    "my_value",
    "12345",
)


def _most(length: int, unit: str) -> str:
    return f"must be no more than {length} {unit}"


def _checked(value: str, pattern: re.Pattern[str], most: int, text: str, unit: str = "characters") -> list[str]:
    problems = []
    if len(value.encode()) > most:
        problems.append(_most(most, unit))
    if not pattern.fullmatch(value):
        problems.append(text)
    return problems


def dns1123_label(value: str) -> list[str]:
    """Say what keeps *value* from being a DNS-1123 label, such as a namespace's name."""
    return _checked(value, _LABEL_RE, MOST_LABEL, _LABEL_TEXT)


def dns1035_label(value: str) -> list[str]:
    """Say what keeps *value* from being a DNS-1035 label, such as the plural of a resource."""
    return _checked(value, _LABEL_1035_RE, MOST_LABEL, _LABEL_1035_TEXT)


def dns1123_subdomain(value: str) -> list[str]:
    """Say what keeps *value* from being a DNS-1123 subdomain, such as most objects' name."""
    return _checked(value, _SUBDOMAIN_RE, MOST_SUBDOMAIN, _SUBDOMAIN_TEXT)


def label_value(value: str) -> list[str]:
    """Say what keeps *value* from being the value of a label."""
    return _checked(value, _VALUE_RE, MOST_LABEL, _VALUE_TEXT, "bytes")


def qualified_name(value: str) -> list[str]:
    """Say what keeps *value* from being a name with an optional DNS prefix, such as a label key or a finalizer."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return [
            _advice(f"a valid label key {_QUALIFIED_ADVICE}", _QUALIFIED, *_QUALIFIED_EXAMPLES)
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        # The prefix is measured in bytes here and in characters elsewhere: that is how the server words it.
        problems.extend(
            f"prefix part {text}" for text in _checked(prefix, _SUBDOMAIN_RE, MOST_SUBDOMAIN, _SUBDOMAIN_TEXT, "bytes")
        )
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode()) > MOST_LABEL:
        problems.append(f"name part {_most(MOST_LABEL, 'bytes')}")
    if not _QUALIFIED_RE.fullmatch(name):
        problems.append(f"name part {_advice(_QUALIFIED_ADVICE, _QUALIFIED, *_QUALIFIED_EXAMPLES)}")
    return problems


def path_segment(value: str) -> list[str]:
    """Say what keeps *value* from being one segment of a URL's path."""
    if value in {".", ".."}:
        return [f"may not be '{value}'"]
    return [f"may not contain '{mark}'" for mark in "/%" if mark in value]
