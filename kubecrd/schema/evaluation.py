"""The rules of a schema, run on an object: in which order, against which old value, at what cost, in which words.

Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import define, field, frozen

from kubecrd.cel.costs import CALL_LIMIT, OBJECT_LIMIT
from kubecrd.cel.equality import raw
from kubecrd.cel.values import CelError, CostLimitError, Optional
from kubecrd.resource.fielderrors import ABSENT, FieldError, Reason
from kubecrd.resource.gotext import quoted

from .ratcheting import Correlation, correlated_item
from .unreadable import readable_parts
from .wording import NO_FIELD

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubecrd.cel.program import Program

    from .rules import Node, Rule

__all__ = ["API_SERVER", "Budget", "Evaluation", "Place"]

_LONGEST_MESSAGE: Final = 5120
_TYPE_META: Final = frozenset({"apiVersion", "kind"})
_UNSET: Final = CelError("no such attribute(s): oldSelf")


@frozen
class Budget:
    """What rules may cost when they run.

    Attributes:
        call: One evaluation of one rule.
        object: All rules of an object together, messages included.
    """

    call: int = CALL_LIMIT
    object: int = OBJECT_LIMIT


API_SERVER: Final = Budget()
"""The API server's own limits."""

Place: TypeAlias = "tuple[Place | None, str | int, bool]"
"""Where a value stands; written out only when something is wrong there.

That is the place that this is in, None for the root; the name of a property, or a key or an index, and what the root is
called; and whether it is a property. A plain tuple, since there is one for every value.
"""


def _written(place: Place) -> str:
    around, step, is_property = place
    if around is None:
        return str(step)
    before = _written(around)
    if not is_property:
        return f"{before}[{step}]"
    return f"{before}.{step}" if before else str(step)


@frozen
class _Old:
    """What stood at a place before, and which comparison tells whether a failing rule is old news.

    Attributes:
        value: What stood there; `ABSENT` if nothing did, or nothing that can be told to be the same part.
        around: The new and the old part there, or the nearest around it that can be told; None if there is none.
    """

    value: Any = ABSENT
    around: Correlation | None = None

    @property
    def forgives(self) -> bool:
        """Whether that part has not changed."""
        return self.around is not None and self.around.is_unchanged


_NOTHING: Final = _Old()


Observer: TypeAlias = "Callable[[Rule, Any], None]"


class _StoppedError(Exception):
    """Nothing more is evaluated: the budget is used up, or one evaluation cost too much."""


class _InexactError(Exception):
    """The budget might be used up: that can only be told by counting."""


@define(eq=False)
class Evaluation:
    """One run of all rules on one object.

    Attributes:
        budget: What it may cost.
        counts: Whether all costs are counted; else only those of rules that could cost too much are, and for the others
            the most that they can cost is taken.
        observe: Called with each rule and its outcome: True, False or a `CelError`; None to watch nothing.
        trusts: Whether the schema is known to hold for the object; else rules err where they read what it does not
            allow.
        errors: Which rules are broken.
        forgiven: Which are broken in parts that an update does not change.
        cost: What it has cost so far; no less than that where not all costs are counted.
    """

    budget: Budget = API_SERVER
    counts: bool = True
    observe: Observer | None = None
    trusts: bool = True
    errors: list[FieldError] = field(factory=list)
    forgiven: list[FieldError] = field(factory=list)
    cost: int = 0
    _is_valid: bool = field(default=False, init=False)

    def run(self, root: Node, obj: Any, old: Any, path: str) -> None:
        """Go through *obj*.

        Args:
            root: The rules of its schema.
            obj: The value; its schema must hold if that is trusted.
            old: What it was before; `ABSENT` when it is created.
            path: Where it stands; empty for a whole object.
        """
        before = _NOTHING if old is ABSENT else _Old(old, Correlation(root.schema, obj, old))
        # An update may leave values as they were, valid or not.
        self._is_valid = old is ABSENT
        try:
            self._visit(root, obj, before, (None, path, True))
        except _StoppedError:
            self.cost = self.budget.object + 1  # what the API server takes for spent
        except _InexactError:
            self.counts, self.cost = True, 0
            self.errors.clear()
            self.forgiven.clear()
            self.run(root, obj, old, path)

    # --- the walk

    def _visit(self, node: Node, value: Any, old: _Old, place: Place) -> None:
        if value is None:
            return
        if node.rules:
            self._apply(node, value, old, place)
        if isinstance(value, dict):
            self._visit_members(node, value, old, place)
        elif isinstance(value, list) and node.items is not None:
            for index, item in enumerate(value):
                before = _NOTHING if old is _NOTHING else _old_item(node, item, old)
                self._visit(node.items, item, before, (place, index, False))

    def _visit_members(self, node: Node, value: dict[str, Any], old: _Old, place: Place) -> None:
        if node.values is not None:
            for name, member in value.items():
                before = _NOTHING if old is _NOTHING else _old_member(node.values, name, member, old)
                self._visit(node.values, member, before, (place, name, False))
        for name, child in node.properties.items():
            member = value.get(name)
            if member is not None:
                before = _NOTHING if old is _NOTHING else _old_member(child, name, member, old)
                self._visit(child, member, before, (place, name, True))

    # --- the rules of one node

    def _apply(self, node: Node, value: Any, old: _Old, place: Place) -> None:
        if self.cost >= self.budget.object:
            raise self._stopped(node, place, "validation failed due to running out of cost budget")
        this = _converted(node, value if self.trusts else readable_parts(node.schema, value))
        before = ABSENT if old.value is None or old.value is ABSENT else old.value
        for rule in node.rules:
            if rule.program is None or (rule.uses_old and before is ABSENT and not rule.spec.optional_old_self):
                continue
            outcome = self._evaluate(node, rule, this, before, place)
            if self.observe is not None:
                self.observe(rule, outcome)
            if isinstance(outcome, CelError):
                self._add(place, _evaluation_fault(rule, outcome), node.type_name)
            elif outcome is not True:
                around, step, _ = place
                is_type_meta = step in _TYPE_META and around is not None and not _written(around)
                forgives = not rule.uses_old and not is_type_meta and old.forgives
                self._fail(node, rule, _Case(value, this, before, place), self.forgiven if forgives else self.errors)

    def _evaluate(self, node: Node, rule: Rule, this: Any, before: Any, place: Place) -> Any:
        program = rule.program
        assert program is not None
        previous = self._previous(node, rule, before)
        # Generated code relies on the schema, and on values that could be read.
        is_odd = not self.trusts or rule.has_lossy_old or isinstance(this, CelError) or isinstance(previous, CelError)
        if not (self.counts or is_odd):
            most = rule.valid_ceiling if self._is_valid else rule.ceiling
            if most is not None and most <= self.budget.call:
                self._charge(node, place, most)
                try:
                    return program.evaluate(this, previous)
                except CelError as error:
                    return error
        measure = program.interpret if is_odd else program.measure
        try:
            outcome, cost = measure(this, previous, limit=self.budget.call)
        except CostLimitError as error:
            self._charge(node, place, error.cost)
            text = f"'{error}': no further validation rules will be run due to call cost exceeds limit for rule: {rule.text}"
            self._add(place, text, node.type_name)
            raise _StoppedError from error
        self._charge(node, place, cost)
        return outcome

    def _previous(self, node: Node, rule: Rule, before: Any) -> Any:
        if rule.spec.optional_old_self:
            if before is ABSENT:
                return Optional()
            is_lossy = rule.has_lossy_old and isinstance(before, dict | list)
            return Optional((raw(before) if is_lossy else _converted(node, before),))
        return before if before is ABSENT or not rule.uses_old else _converted(node, before)

    def _charge(self, node: Node, place: Place, cost: int) -> None:
        if cost > self.budget.object - self.cost:
            raise self._stopped(node, place, "validation failed due to running out of cost budget")
        self.cost += cost

    def _stopped(self, node: Node, place: Place, text: str) -> _StoppedError:
        if not self.counts:
            raise _InexactError
        self._add(place, f"{text}, no further validation rules will be run", node.type_name)
        return _StoppedError()

    def _add(self, place: Place, text: str, shown: Any) -> None:
        self.errors.append(FieldError(_written(place) or NO_FIELD, "FieldValueInvalid", text, shown))

    # --- what is said of a rule that does not hold

    def _fail(self, node: Node, rule: Rule, case: _Case, told: list[FieldError]) -> None:
        path = _written(case.place)
        where = ".".join(filter(None, [path, rule.suffix])) or NO_FIELD
        reason: Reason = rule.spec.reason or "FieldValueInvalid"  # type: ignore[assignment]
        shown = ABSENT if isinstance(case.value, dict | list) else case.value
        message = (rule.spec.message or "").strip() or f"failed rule: {rule.spec.rule.strip()}"
        if rule.message is not None:
            try:
                message = self._message(node, rule.message, case) or message
            except _UnpayableError as error:
                told.append(FieldError(where, "FieldValueInvalid", str(error), node.type_name))
                raise _StoppedError from error
        told.append(FieldError(where, reason, "" if reason == "FieldValueDuplicate" else message, shown))

    def _message(self, node: Node, program: Program, case: _Case) -> str:
        """Give what the messageExpression says; empty where the API server falls back to the message."""
        before = _converted(node, case.before) if node.uses_old and case.before is not ABSENT else _UNSET
        try:
            told, cost = program.interpret(case.this, before, limit=self.budget.call)
        except CostLimitError as error:
            cost = error.cost
            told = None
        if cost > self.budget.object - self.cost:
            if not self.counts:
                raise _InexactError
            raise _UnpayableError(
                "messageExpression evaluation failed due to running out of cost budget, "
                "no further validation rules will be run"
            )
        self.cost += cost
        if told is None:
            raise _UnpayableError(
                "no further validation rules will be run due to call cost exceeds limit for messageExpression: "
                f"{quoted(program.text)}"
            )
        text = "" if isinstance(told, CelError) else str(told).strip()
        return text if "\n" not in text and len(text.encode()) <= _LONGEST_MESSAGE else ""


class _UnpayableError(Exception):
    """A messageExpression costs more than there is."""


@frozen
class _Case:
    """A value for which a rule does not hold: as JSON, as CEL has it, what it was, where it stands."""

    value: Any
    this: Any
    before: Any
    place: Place


def _converted(node: Node, value: Any) -> Any:
    if node.convert is None:
        return value
    try:
        return node.convert(value)
    except CelError as error:
        return error


def _old_member(child: Node, name: str, member: Any, old: _Old) -> _Old:
    if not isinstance(old.value, dict) or name not in old.value:
        return _Old(around=old.around)
    return _Old(old.value[name], Correlation(child.schema, member, old.value[name]))


def _old_item(node: Node, item: Any, old: _Old) -> _Old:
    before = correlated_item(node.schema, old.value, item) if isinstance(old.value, list) else ABSENT
    if before is ABSENT or node.items is None:
        return _Old(around=old.around)
    return _Old(before, Correlation(node.items.schema, item, before))


def _evaluation_fault(rule: Rule, error: CelError) -> str:
    text = str(error)
    if text.startswith("no such overload"):
        return f"'{text}': call arguments did not match a supported operator, function or macro signature for rule: {rule.text}"
    return f"{text} evaluating rule: {rule.text}"
