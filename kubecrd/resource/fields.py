"""Field selectors: which objects a list or a watch means, by fields the server has indexed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from kubecrd.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FieldRequirement", "FieldSelector"]


@frozen
class FieldRequirement:
    """One field equals, or does not equal, a value.

    Attributes:
        field: Such as ``metadata.name``.
        value: What it is compared with.
        equal: False for ``!=``.
    """

    field: str
    value: str
    equal: bool = True

    def __str__(self) -> str:
        return f"{self.field}{'=' if self.equal else '!='}{_escape(self.value)}"


@frozen
class FieldSelector:
    """All of these conditions; an empty one selects everything."""

    requirements: tuple[FieldRequirement, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FieldSelector:
        r"""Read the text form, such as ``metadata.name=web,status.phase!=Failed``.

        ``\\\\``, ``\\,`` and ``\\=`` stand for the character itself in a value.

        Raises:
            RequestError: *text* is not a selector; in the words of apimachinery's fields parser.
        """
        return cls(tuple(_requirement(term, text) for term in _terms(text) if term))

    @classmethod
    def of(cls, **fields: str) -> FieldSelector:
        """Select by fields whose names have ``__`` for the dot: ``metadata__name="web"``."""
        return cls(tuple(FieldRequirement(name.replace("__", "."), value) for name, value in fields.items()))

    @property
    def selects_all(self) -> bool:
        """Whether there is no condition."""
        return not self.requirements

    def matches(self, get: Callable[[str], str]) -> bool:
        """Say whether an object meets every condition; *get* gives its value of a field, empty when absent."""
        return all((get(each.field) == each.value) == each.equal for each in self.requirements)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


def _terms(text: str) -> Iterator[str]:
    """Split at commas that are not escaped."""
    term, escaped = "", False
    for letter in text:
        if letter == "," and not escaped:
            yield term
            term = ""
            continue
        term += letter
        escaped = letter == "\\" and not escaped
    yield term


def _requirement(term: str, whole: str) -> FieldRequirement:
    match = re.search(r"!=|==|=", term)
    if match is None:
        raise RequestError(f"invalid selector: '{whole}'; can't understand '{term}'")
    return FieldRequirement(term[: match.start()], _unescape(term[match.end() :]), equal=match[0] != "!=")


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


def _unescape(value: str) -> str:
    plain, letters = "", iter(value)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, None)
            if escaped not in {"\\", ",", "="}:
                raise RequestError(f"invalid field selector: invalid escape sequence: \\{escaped or ''}")
            plain += escaped
        elif letter in {",", "="}:
            raise RequestError(f"invalid field selector: unescaped character in value: {ord(letter)}")
        else:
            plain += letter
    return plain
