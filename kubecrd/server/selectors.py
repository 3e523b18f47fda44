"""Which objects a list or a watch selects: label and field selectors in the server's grammar and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from attrs import frozen

from kubecrd.errors import RequestError, StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.fields import FieldRequirement, FieldSelector
from kubecrd.resource.status import bad_request
from kubecrd.schema.names import label_value, qualified_name

from .kinds import ServedKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .options import ListOptions

__all__ = ["Selection", "field_text", "parse_fields", "parse_labels", "selection_of"]


@frozen
class LabelRequirement:
    """One condition on one label, of the seven that the server's grammar has."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether *labels* meet this condition."""
        match self.operator:
            case "in" | "=" | "==":
                return labels.get(self.key) in self.values
            case "notin" | "!=":
                return labels.get(self.key) not in self.values
            case "exists":
                return self.key in labels
            case "!":
                return self.key not in labels
            case _:
                return self._compares(labels.get(self.key, ""))

    def _compares(self, value: str) -> bool:
        if not re.fullmatch(r"[+-]?[0-9]+", value, re.ASCII) or not -(2**63) <= int(value) < 2**63:
            return False
        wanted = int(self.values[0])
        return int(value) > wanted if self.operator == ">" else int(value) < wanted


@frozen
class Selection:
    """What both selectors of a request, and its path, leave over.

    Attributes:
        labels: All must hold.
        fields: All must hold.
        kind: Whose objects are selected.
    """

    labels: tuple[LabelRequirement, ...]
    fields: tuple[FieldRequirement, ...]
    kind: ServedKind

    @property
    def selects_all(self) -> bool:
        """Whether there is no condition."""
        return not self.labels and not self.fields

    @property
    def name(self) -> str | None:
        """The one name that can match; None where several can."""
        return next((each.value for each in self.fields if each.field == "metadata.name" and each.equal), None)

    def check(self) -> None:
        """Refuse fields that the kind cannot be selected by.

        Raises:
            StatusError: 400.
        """
        if why := _unknown_field(self.kind, self.fields):
            raise StatusError.of(bad_request(why))

    def matches(self, obj: dict[str, Any]) -> bool:
        """Say whether *obj* is selected."""
        if self.labels:
            labels = obj["metadata"].get("labels") or {}
            if not all(requirement.matches(labels) for requirement in self.labels):
                return False
        return all((field_text(obj, each.field) == each.value) == each.equal for each in self.fields)


def field_text(obj: dict[str, Any], path: str) -> str:
    """Give the value at a dotted path as text, as field selectors compare it; empty where there is none."""
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


_TOKEN: Final = re.compile(r"\s*(?:(==|!=|=|!|\(|\)|,|>|<)|([^\s=!(),<>]+))")
_SPECIAL: Final = frozenset({"=", "==", "!=", "!", "(", ")", ",", ">", "<"})


def parse_labels(text: str) -> tuple[LabelRequirement, ...]:
    """Read a label selector.

    Raises:
        StatusError: 400, in the words of apimachinery's labels parser.
    """
    return tuple(_LabelParser(text).requirements())


class _LabelParser:
    """The grammar of apimachinery's `labels.Parse`."""

    def __init__(self, text: str) -> None:
        self._tokens = [match[1] or match[2] for match in _TOKEN.finditer(text)]
        self._at = 0

    def requirements(self) -> Iterator[LabelRequirement]:
        if not self._tokens:
            return
        token = self._peek()
        if token != "!" and token in _SPECIAL:
            self._refuse(f"found '{token}', expected: !, identifier, or 'end of string'")
        while True:
            yield self._requirement()
            match self._take():
                case "":
                    return
                case ",":
                    if (token := self._peek()) != "!" and (not token or token in _SPECIAL):
                        self._refuse(f"found '{token}', expected: identifier after ','")
                case other:
                    self._refuse(f"found '{other}', expected: ',' or 'end of string'")

    def _requirement(self) -> LabelRequirement:
        negated = self._peek() == "!"
        if negated:
            self._take()
        key = self._take()
        if not key or key in _SPECIAL:
            self._fail(f"found '{key}', expected: identifier")
        if faults := qualified_name(key):
            self._fail(str(FieldError("<nil>", "FieldValueInvalid", "; ".join(faults), key)))
        if negated or self._peek() in {"", ","}:
            return LabelRequirement(key, "!" if negated else "exists")
        operator = self._take()
        if operator not in {"in", "notin", "=", "==", "!=", ">", "<"}:
            self._fail(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator in {"in", "notin"} else (self._exact(),)
        self._check(key, operator, values)
        return LabelRequirement(key, operator, values)

    def _check(self, key: str, operator: str, values: tuple[str, ...]) -> None:
        if operator in {">", "<"} and not re.fullmatch(r"[+-]?[0-9]+", values[0], re.ASCII):
            detail = "for 'Gt', 'Lt' operators, the value must be an integer"
            self._fail(str(FieldError("values[0]", "FieldValueInvalid", detail, values[0])))
        for index, value in enumerate(values):
            if faults := label_value(value):
                self._fail(str(FieldError(f"values[{index}][{key}]", "FieldValueInvalid", "; ".join(faults), value)))

    def _values(self) -> tuple[str, ...]:
        if (token := self._take()) != "(":
            self._fail(f"found '{token}' expected: '('")
        values: set[str] = set()
        if self._peek() == ")":
            self._take()
            return ("",)
        while True:
            token = self._peek()
            if token in {",", ")"}:
                values.add("")
            elif not token or token in _SPECIAL:
                self._fail(f"found '{token}', expected: ',', ')' or identifier")
            else:
                values.add(self._take())
            match self._take():
                case ")":
                    return tuple(sorted(values))
                case ",":
                    continue
                case other:
                    self._fail(f"found '{other}', expected: ',' or ')'")

    def _exact(self) -> str:
        if self._peek() in {"", ","}:
            return ""
        token = self._take()
        if token in _SPECIAL:
            self._fail(f"found '{token}', expected: identifier")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _fail(self, why: str) -> NoReturn:
        self._refuse(f"unable to parse requirement: {why}")

    def _refuse(self, why: str) -> NoReturn:
        raise StatusError.of(bad_request(why))


def parse_fields(text: str) -> tuple[FieldRequirement, ...]:
    """Read a field selector, without asking whether a kind has these fields.

    Raises:
        StatusError: 400, in the words of apimachinery's fields parser.
    """
    try:
        return FieldSelector.parse(text).requirements
    except RequestError as error:
        raise StatusError.of(bad_request(str(error))) from None


def selection_of(kind: ServedKind, options: ListOptions, *, name: str = "") -> Selection:
    """Read both selectors of a request; a *name* in the path selects as well.

    Raises:
        StatusError: 400, one of them is malformed.
    """
    labels = parse_labels(options.label_selector)
    fields = parse_fields(options.field_selector)
    if name:
        fields = (*fields, FieldRequirement("metadata.name", name, equal=True))
    return Selection(labels, fields, kind)


def _unknown_field(kind: ServedKind, fields: tuple[FieldRequirement, ...]) -> str:
    """Say what the server says to fields that *kind* cannot be selected by; empty where all are fine."""
    known = {"metadata.name", *kind.selectable_fields}
    if kind.namespaced or not (kind.is_custom or kind.selectable_fields):
        known.add("metadata.namespace")
    for each in fields:
        if each.field in known:
            continue
        if kind.kind == "Job":
            return f'field label "{each.field}" not supported for Job'
        if kind.is_custom or kind.selectable_fields:
            return f"field label not supported: {each.field}"
        return f'"{each.field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    return ""
