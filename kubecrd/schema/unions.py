"""A union of classes as one schema: the fields of all members, and conditions on which of them stand together."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource._unions import names_of, required_fields

from .constraints import requires_nothing_of
from .declarations import escape
from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubecrd.resource._unions import ClassUnion

__all__ = ["guarded", "merge_members"]

_JUNCTORS: Final = ("allOf", "anyOf", "oneOf", "not")
_VALUES: Final = frozenset(
    [
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "enum", "minItems", "maxItems", "minProperties", "maxProperties"),
        *_JUNCTORS,
    ]
)
"""Keywords that may stand in a junctor, and so may differ from member to member."""

_FOR_PEOPLE: Final = frozenset({"description", "default"})
_OF_THE_MEMBER: Final = frozenset(
    {"description", "type", "properties", "required", "x-kubernetes-validations", *_JUNCTORS}
)
_OLD: Final = re.compile(r"\boldSelf\b")


def merge_members(union: ClassUnion, schemas: list[dict[str, Any]], where: str) -> tuple[dict[str, Any], list[Problem]]:
    """Make one schema of those of the members of *union*.

    With a tag, each value of the tag allows the fields of its class and no other's. Without, an object must have what
    one of the classes requires.

    Args:
        union: The classes.
        schemas: Theirs, in the same order.
        where: Class and field that has the union.
    """
    merging = _Merging(union, schemas, where)
    return merging.schema(), merging.problems


class _Merging:
    def __init__(self, union: ClassUnion, schemas: list[dict[str, Any]], where: str) -> None:
        self._union = union
        self._schemas = schemas
        self._where = where
        self._names = [getattr(each, "__name__", str(each)) for each in union.members]
        self._branches: list[dict[str, Any]] = [{} for _ in schemas]
        self.problems = [] if union.tag else list(self._ambiguities())

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "properties": self._properties()}
        common = set.intersection(*(set(each.get("required", ())) for each in self._schemas))
        common |= {self._union.tag} - {""}
        if common:
            schema["required"] = sorted(common)
        self._fill_branches(common, list(schema["properties"]))
        schema["oneOf" if self._union.tag else "anyOf"] = self._branches
        rules = [rule for index, each in enumerate(self._schemas) for rule in self._rules(index, each)]
        if rules:
            schema["x-kubernetes-validations"] = rules
        return schema | self._shared()

    def _ambiguities(self) -> Iterator[Problem]:
        for first, second in combinations(range(len(self._schemas)), 2):
            mine, theirs = self._union.members[first], self._union.members[second]
            if required_fields(mine) <= names_of(theirs):
                wanted = ", ".join(sorted(required_fields(mine))) or "nothing"
                yield Problem(
                    self._where,
                    f"what {self._names[first]} requires ({wanted}), {self._names[second]} has too, "
                    "so that nobody can tell them apart",
                    "give each class a tag, such as type: Literal['a'], or put the one that requires more first",
                )

    def _properties(self) -> dict[str, Any]:
        names = dict.fromkeys(name for each in self._schemas for name in each.get("properties", {}))
        return {name: self._property(name) for name in names}

    def _property(self, name: str) -> dict[str, Any]:
        """Give what is the same in all members that have the field; what differs goes into their branches."""
        holders = [index for index, each in enumerate(self._schemas) if name in each.get("properties", {})]
        found = [self._schemas[index]["properties"][name] for index in holders]
        kinds = [{key: value for key, value in each.items() if key not in _VALUES | _FOR_PEOPLE} for each in found]
        if any(kind != kinds[0] for kind in kinds):
            names = " and ".join(self._names[index] for index in holders)
            self.problems.append(
                Problem(self._where, f"{name!r} is not of one type in {names}", "give one of them an Alias")
            )
        values = [{key: value for key, value in each.items() if key in _VALUES} for each in found]
        merged = {key: each[key] for each in found for key in ("description",) if key in each} | kinds[0]
        if name == self._union.tag:
            merged["enum"] = list(self._union.tagged)
            merged.pop("default", None)
        elif all(value == values[0] for value in values):
            merged |= values[0]
            values = [{} for _ in values]
        defaults = [each.get("default") for each in found]
        is_everywhere = len(found) == len(self._schemas) and name != self._union.tag
        # A default that only some members have would stand in objects of the others too.
        if is_everywhere and defaults[0] is not None and all(each == defaults[0] for each in defaults):
            merged["default"] = defaults[0]
        for index, value in zip(holders, values, strict=True):
            if value:
                self._branches[index].setdefault("properties", {})[name] = value
        return merged

    def _fill_branches(self, common: set[str], names: list[str]) -> None:
        for branch, schema in zip(self._branches, self._schemas, strict=True):
            required = sorted(set(schema.get("required", ())) - (common if self._union.tag else set()))
            if required:
                branch["required"] = required
            foreign = [name for name in names if name not in schema.get("properties", {})]
            if self._union.tag and foreign:
                branch.update(requires_nothing_of(foreign))
            own = [{key: schema[key]} for key in _JUNCTORS if key in schema]
            if own:
                branch["allOf"] = own

    def _rules(self, index: int, schema: dict[str, Any]) -> list[dict[str, Any]]:
        return [guarded(rule, self._guard(index)) for rule in schema.get("x-kubernetes-validations", ())]

    def _guard(self, index: int) -> str:
        member = self._union.members[index]
        if not self._union.tag:
            return " && ".join(f"has({{}}.{escape(name)})" for name in sorted(required_fields(member)))
        values = ", ".join(json.dumps(value) for value, each in self._union.tagged.items() if each is member)
        return f"{{}}.{escape(self._union.tag)} in [{values}]"

    def _shared(self) -> dict[str, Any]:
        """Give what is said of the members as a whole, which must be the same in all."""
        rests = [{key: value for key, value in each.items() if key not in _OF_THE_MEMBER} for each in self._schemas]
        for key in sorted({key for rest in rests for key in rest}):
            if any(rest.get(key) != rests[0].get(key) for rest in rests):
                names = " and ".join(self._names)
                self.problems.append(
                    Problem(self._where, f"{key} is not the same in {names}", "say it of all, or of none")
                )
        return rests[0]


def guarded(rule: dict[str, Any], guard: str) -> dict[str, Any]:
    """Give *rule*, to be asked only where *guard* holds; it words its failure as before.

    Args:
        rule: An entry of ``x-kubernetes-validations``.
        guard: An expression with ``{}`` in the place of ``self``.
    """
    text = rule["rule"].strip()
    tests = [guard.format("self")]
    if _OLD.search(text) and not rule.get("optionalOldSelf"):
        tests.append(guard.format("oldSelf"))
    made = {**rule, "rule": f"{_negated(tests)} || ({text})"}
    if "message" not in rule and "messageExpression" not in rule and "\n" not in text:
        made["message"] = f"failed rule: {text}"
    return made


def _negated(tests: Iterable[str]) -> str:
    return f"!({' && '.join(tests)})"
