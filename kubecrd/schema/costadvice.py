"""How the limits of a schema change what a rule can cost, and which limits would make it cheap enough.

Only the estimate counts that is made when a definition is written: `Program.estimate`, times how often the rule can run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.bounds import Bounds, multiplied
from kubecrd.cel.program import compile_expression
from kubecrd.cel.syntax import Literal, Select, walk

from .declarations import escape
from .expressions import variables_of
from .rulecosts import ONCE, Cardinality
from .sizes import least_size
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EACH", "Limit", "Place", "RuleCost", "schemas_down"]

Place = tuple[str, ...]
"""A way down through a schema: names of properties, and `EACH` for the items of a list or the values of a map."""

EACH: Final = "[*]"

_KEYWORDS: Final = {"array": "maxItems", "object": "maxProperties", "string": "maxLength"}
_NICE: Final = (100_000, 10_000, 5000, 2000, 1000, 500, 256, 200, 128, 100, 64, 50, 32, 20, 16, 10, 5, 3, 2, 1)
"""What people choose limits from."""

_WORTH_SAYING: Final = 10
"""A limit below is rather no solution, if there is another."""

_MOST_LIMITS: Final = 40


@frozen
class Limit:
    """What a schema limits, or does not yet.

    Attributes:
        place: The list, map or string.
        keyword: ``maxItems``, ``maxProperties`` or ``maxLength``.
        now: What it is; None if there is none.
    """

    place: Place
    keyword: str
    now: int | None

    @property
    def path(self) -> str:
        """Where it is, as a path into objects, such as ``spec.toppings[*].name``."""
        text = ""
        for step in self.place:
            text += step if step == EACH or not text else f".{step}"
        return text or "the object"


class RuleCost:
    """What an expression in one place of a schema can cost by estimate.

    Args:
        text: The expression.
        schema: Of whole objects, or of a part, as JSON.
        place: Where the rule stands.
        optional_old_self: Whether ``oldSelf`` is an optional.
        is_message: Whether it is a messageExpression, of which the API server takes it that one is made.
        is_part: Whether *schema* is that of a part of objects.

    Raises:
        RuleError: it does not compile.
    """

    def __init__(
        self,
        text: str,
        schema: Mapping[str, Any],
        place: Place = (),
        *,
        optional_old_self: bool = False,
        is_message: bool = False,
        is_part: bool = False,
    ) -> None:
        self._text = text
        self._document = schema
        self._place = place
        self._optional_old_self = optional_old_self
        self._is_message = is_message
        self._is_part = is_part
        self._is_object = not (place or is_part)
        *around, node = schemas_down(schema, place)
        self._node = Structural.of(node)
        variables = variables_of(self._node, is_object=self._is_object, optional_old_self=optional_old_self)
        self._program = compile_expression(text, variables)
        cardinality = ONCE
        for outer, step in zip(around, place, strict=True):
            if step == EACH or step not in outer.get("properties", {}):
                cardinality = cardinality.inside(outer.get(_KEYWORDS[outer.get("type", "object")]))
        self._cardinality: Cardinality = cardinality

    @property
    def estimate(self) -> Bounds:
        """What one evaluation can cost."""
        return self._program.estimate

    @cached_property
    def count(self) -> int:
        """How often it can run in one object."""
        if self._is_message:
            return 1
        return self._cardinality.count(least_size(self._node, is_object=self._is_object) or 0)

    @property
    def total(self) -> int:
        """What it can cost in one object, which is what the API server limits."""
        return multiplied(self.estimate.most, self.count)

    def within(self, limits: Mapping[Limit, int]) -> RuleCost:
        """Give what it could cost if the schema had other *limits*."""
        document = self._document
        for limit, value in limits.items():
            document = _limited(document, limit.place, limit.keyword, value)
        return RuleCost(
            self._text,
            document,
            self._place,
            optional_old_self=self._optional_old_self,
            is_message=self._is_message,
            is_part=self._is_part,
        )

    def limits(self) -> list[Limit]:
        """List the limits, set or not, that make a difference: from the outside to the inside."""
        candidates = list(self._candidates())
        # Each by itself, while the others are as low as can be: together they may be more than can be counted.
        least = self.within(dict.fromkeys(candidates, 1)).total
        return [
            limit
            for limit in candidates
            if self.within({each: 1 for each in candidates if each is not limit}).total > least
        ]

    def advice(self, most: int) -> dict[Limit, int]:
        """Give limits that would bring the total down to *most*: one if one will do; none if they cannot."""
        limits = self.limits()
        alone = {limit: value for limit in limits if (value := self._largest([limit], most)) is not None}
        if alone:
            best = max(alone, key=lambda limit: alone[limit])
            if alone[best] >= min(_WORTH_SAYING, best.now or _WORTH_SAYING) or len(limits) == 1:
                return {best: alone[best]}
        value = self._largest(limits, most)
        if value is None:
            return {}
        needed = list(limits)
        for limit in reversed(limits):
            rest = [each for each in needed if each is not limit]
            if rest and self.within(dict.fromkeys(rest, value)).total <= most:
                needed = rest
        return {limit: min(value, limit.now or value) for limit in needed}

    def _largest(self, limits: list[Limit], most: int) -> int | None:
        """Give the largest value for all *limits* alike that is enough; None if there is none."""
        for value in _NICE:
            made = {limit: min(value, limit.now or value) for limit in limits}
            if self.within(made).total <= most:
                return value
        return None

    def _candidates(self) -> Iterator[Limit]:
        nodes = schemas_down(self._document, self._place)
        for depth, (outer, step) in enumerate(zip(nodes, self._place, strict=False)):
            if step == EACH or step not in outer.get("properties", {}):
                yield _limit_at(outer, self._place[:depth])
        mentioned = {node.field for node in walk(self._program.tree) if isinstance(node, Select)}
        mentioned |= {
            node.value for node in walk(self._program.tree) if isinstance(node, Literal) and isinstance(node.value, str)
        }
        found = list(_sized(nodes[-1], self._place, mentioned))
        yield from found[:_MOST_LIMITS]


def schemas_down(schema: Mapping[str, Any], place: Place) -> list[Mapping[str, Any]]:
    """Give the schemas on the way from *schema* down to *place*, first and last included."""
    nodes = [schema]
    for step in place:
        key = _key_of(nodes[-1], step)
        below = nodes[-1][key]
        nodes.append(below[step] if key == "properties" else below)
    return nodes


def _key_of(node: Mapping[str, Any], step: str) -> str:
    """Name the keyword under which the schema of *step* stands."""
    if step != EACH and step in node.get("properties", {}):
        return "properties"
    return "items" if node.get("items") else "additionalProperties"


def _limited(schema: Mapping[str, Any], place: Place, keyword: str, value: int) -> dict[str, Any]:
    """Give *schema* with another limit at *place*; what is not on the way there is shared."""
    if not place:
        return {**schema, keyword: value}
    step, *rest = place
    key = _key_of(schema, step)
    if key == "properties":
        properties = schema["properties"]
        return {**schema, key: {**properties, step: _limited(properties[step], tuple(rest), keyword, value)}}
    return {**schema, key: _limited(schema[key], tuple(rest), keyword, value)}


def _limit_at(node: Mapping[str, Any], place: Place) -> Limit:
    keyword = _KEYWORDS[node.get("type", "object")]
    return Limit(place, keyword, node.get(keyword))


def _sized(node: Mapping[str, Any], place: Place, mentioned: set[str]) -> Iterator[Limit]:
    """Yield what can be limited in *node*, where an expression can come to that mentions these names."""
    kind = node.get("type")
    inner = node.get("items") or node.get("additionalProperties")
    if kind in {"array", "string"} or (kind == "object" and isinstance(inner, Mapping)):
        yield _limit_at(node, place)
    if isinstance(inner, Mapping):
        yield from _sized(inner, (*place, EACH), mentioned)
    for name, child in node.get("properties", {}).items():
        if name in mentioned or escape(name) in mentioned:
            yield from _sized(child, (*place, name), mentioned)
