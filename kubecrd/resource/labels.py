"""Label selectors: which objects a list, a watch or a service means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from attrs import frozen

from kubecrd.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Requirement", "Selector"]

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]

_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


@frozen
class Requirement:
    """One condition on one label; ``NotIn`` and ``DoesNotExist`` hold where the label is absent.

    Attributes:
        key: The label.
        operator: What must hold.
        values: For ``In`` and ``NotIn``; sorted when rendered, as the server does.
    """

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether *labels* meet this condition."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                # The server treats an absent label as unequal to every value.
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels

    def __str__(self) -> str:
        values = ",".join(sorted(self.values))
        match self.operator:
            case "In":
                return f"{self.key}={values}" if len(self.values) == 1 else f"{self.key} in ({values})"
            case "NotIn":
                return f"{self.key}!={values}" if len(self.values) == 1 else f"{self.key} notin ({values})"
            case "Exists":
                return self.key
            case "DoesNotExist":
                return f"!{self.key}"


@frozen
class Selector:
    """All of these conditions; an empty one selects everything."""

    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read the text form, such as ``app=web,tier in (a,b),!legacy``.

        Raises:
            RequestError: *text* is not a selector; the message says what was found and what was expected.
        """
        return cls(tuple(_Parser(text).requirements()))

    @classmethod
    def of(cls, labels: Mapping[str, str]) -> Selector:
        """Select the objects that have all of *labels*."""
        return cls(tuple(Requirement(key, "In", frozenset({value})) for key, value in labels.items()))

    @classmethod
    def from_dict(cls, selector: Mapping[str, Any]) -> Selector:
        """Read the structured form, a meta/v1 LabelSelector with ``matchLabels`` and ``matchExpressions``.

        Raises:
            RequestError: an operator is not one of In, NotIn, Exists, DoesNotExist.
        """
        requirements = list(cls.of(selector.get("matchLabels") or {}).requirements)
        for index, expression in enumerate(selector.get("matchExpressions") or ()):
            operator = expression.get("operator")
            if operator not in _OPERATORS:
                raise RequestError(
                    f"matchExpressions[{index}].operator: {operator!r} is not a label selector operator; "
                    f"choose from {', '.join(_OPERATORS)}"
                )
            values = frozenset(expression.get("values") or ())
            requirements.append(Requirement(expression["key"], cast("Operator", operator), values))
        return cls(tuple(requirements))

    def to_dict(self) -> dict[str, Any]:
        """Give the structured form; every condition becomes a match expression."""
        return {
            "matchExpressions": [
                {"key": each.key, "operator": each.operator} | ({"values": sorted(each.values)} if each.values else {})
                for each in self.requirements
            ]
        }

    @property
    def selects_all(self) -> bool:
        """Whether there is no condition."""
        return not self.requirements

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether *labels* meet every condition."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    def __and__(self, other: Selector) -> Selector:
        return Selector(self.requirements + other.requirements)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


_TOKEN: Final = re.compile(r"\s*(==|!=|=|!|\(|\)|,|>|<|[^\s=!(),<>]+)")


class _Parser:
    """The grammar of apimachinery's `labels.Parse`, without the numeric operators that lists do not use."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [match[1] for match in _TOKEN.finditer(text)]
        self._at = 0

    def requirements(self) -> Iterator[Requirement]:
        if not self._tokens:
            return
        while True:
            yield self._requirement()
            token = self._take()
            if token is None:
                return
            if token != ",":
                raise self._error(token, "',' or end of text")
            if self._peek() is None:
                raise self._error(None, "identifier after ','")

    def _requirement(self) -> Requirement:
        if self._peek() == "!":
            self._take()
            return Requirement(self._word(), "DoesNotExist")
        key = self._word()
        match self._peek():
            case None | ",":
                return Requirement(key, "Exists")
            case "=" | "==":
                self._take()
                return Requirement(key, "In", frozenset({self._value()}))
            case "!=":
                self._take()
                return Requirement(key, "NotIn", frozenset({self._value()}))
            case "in":
                self._take()
                return Requirement(key, "In", self._values())
            case "notin":
                self._take()
                return Requirement(key, "NotIn", self._values())
            case other:
                raise self._error(other, "in, notin, =, ==, !=")

    def _values(self) -> frozenset[str]:
        if (token := self._take()) != "(":
            raise self._error(token, "'('")
        values = set()
        while True:
            values.add(self._value())
            match self._take():
                case ")":
                    return frozenset(values)
                case ",":
                    continue
                case other:
                    raise self._error(other, "',' or ')'")

    def _value(self) -> str:
        # An absent value is the empty string: `a=` and `a in (x,)` are legal.
        return "" if self._peek() in {None, ",", ")"} else self._word()

    def _word(self) -> str:
        token = self._take()
        if token is None or not re.match(r"[^=!(),<>]", token):
            raise self._error(token, "identifier")
        return token

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> str | None:
        token = self._peek()
        self._at += 1
        return token

    def _error(self, found: str | None, expected: str) -> RequestError:
        return RequestError(f"unable to parse requirement: found '{found or ''}', expected: {expected}")
