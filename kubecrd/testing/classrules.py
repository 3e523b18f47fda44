"""A CEL expression on the objects of a class, tried in a test before it becomes one of its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, final

import attrs

from kubecrd.errors import DefinitionError, InvalidObjectError, RuleError
from kubecrd.resource._encode import to_json
from kubecrd.resource.fielderrors import ABSENT, join
from kubecrd.resource.objects import KubeObject, Resource
from kubecrd.schema.costadvice import RuleCost
from kubecrd.schema.derivation import derive
from kubecrd.schema.expressions import Outcome, SchemaExpression, prepared
from kubecrd.schema.problems import refuse
from kubecrd.schema.rulecosts import RULE_LIMIT, CostLedger
from kubecrd.schema.rulehints import cost_hint
from kubecrd.schema.strategy import BLOCKING
from kubecrd.schema.structural import Structural
from kubecrd.schema.validation import SchemaValidator

__all__ = ["ClassRule", "rule"]

T = TypeVar("T")


@final
class ClassRule(Generic[T]):
    """A rule on the objects of a class: call it with an object, and it says whether it holds. `rule` makes it.

    Args:
        cls: The class.
        expression: The rule.
        optional_old_self: Whether ``oldSelf`` is an optional.

    Attributes:
        cls: The class.
        expression: The rule.
        estimate: What one evaluation can cost at least and at most, as the API server estimates it from the schema.
    """

    def __init__(self, cls: type[T], expression: str, *, optional_old_self: bool = False) -> None:
        self.cls = cls
        self.expression = expression
        self._is_object = issubclass(cls, Resource)
        self._schema = Structural.of(_schema_of(cls))
        self._validator = SchemaValidator(self._schema)
        self._compiled = SchemaExpression(
            expression, self._schema, is_object=self._is_object, optional_old_self=optional_old_self
        )
        if self._compiled.type.name != "bool":
            # The first words are the API server's.
            raise RuleError(f"cel expression must evaluate to a bool; {expression!r} gives {self._compiled.type}")
        cost = RuleCost(expression, self._schema.raw, optional_old_self=optional_old_self, is_part=not self._is_object)
        self.estimate = cost.estimate
        for refusal in CostLedger().enter("", "rule", cost.total):
            raise RuleError(f"{refusal.detail}\n{cost_hint(cost, RULE_LIMIT)}")

    def __repr__(self) -> str:
        return f"rule({self.cls.__name__}, {self.expression!r})"

    @property
    def source(self) -> str:
        """The Python that was generated for it."""
        return self._compiled.source

    def __call__(self, obj: T | Mapping[str, Any], old: T | Mapping[str, Any] | None = None) -> bool:
        """Say whether the rule holds for *obj*.

        Args:
            obj: An object of the class, or its JSON document; defaults are filled in.
            old: What it was before; None when it is new, and then a rule that mentions ``oldSelf`` cannot run.

        Raises:
            RuleError: the evaluation failed, or a transition rule has nothing to compare with.
            InvalidObjectError: *obj* breaks the schema, so that the API server would run no rules on it.
        """
        outcome = self._evaluate(obj, old)
        if outcome.fault:
            raise RuleError(f"{self!r}: {outcome.fault}")
        return outcome.value is True

    def cost(self, obj: T | Mapping[str, Any], old: T | Mapping[str, Any] | None = None) -> int:
        """Give what one evaluation costs, in the API server's units; it stops one at 1,000,000.

        Args:
            obj: As for a call.
            old: Likewise.

        Raises:
            InvalidObjectError: *obj* breaks the schema.
        """
        return self._evaluate(obj, old).cost

    def _evaluate(self, obj: T | Mapping[str, Any], old: T | Mapping[str, Any] | None) -> Outcome:
        before = ABSENT if old is None else self._prepared(old)
        return self._compiled.evaluate(self._prepared(obj), before)

    def _prepared(self, obj: T | Mapping[str, Any]) -> Any:
        if isinstance(obj, KubeObject):
            document: Any = obj.to_dict()
        else:
            document = dict(obj) if isinstance(obj, Mapping) else to_json(obj)
        ready = prepared(document, self._schema, is_object=self._is_object)
        errors = [error for error in self._validator.errors(ready) if error.reason in BLOCKING]
        if errors:
            raise InvalidObjectError(f"{self!r} would not run: {join(errors)}", errors)
        return ready


def rule(cls: type[T], expression: str, *, optional_old_self: bool = False) -> ClassRule[T]:
    """Compile *expression* as a rule on the objects of *cls*.

    ``assert rule(PizzaSpec, "self.size > 10")(PizzaSpec(size=30))``

    Args:
        cls: A class decorated with `kube_schema` or `custom_resource`.
        expression: ``self`` is the object, ``oldSelf`` what it was.
        optional_old_self: Whether ``oldSelf`` is an optional, so that the rule runs on new objects too.

    Raises:
        RuleError: the API server would refuse the rule; its words, and what may help.
        DefinitionError: *cls* has no schema.
    """
    return ClassRule(cls, expression, optional_old_self=optional_old_self)


def _schema_of(cls: type) -> Mapping[str, Any]:
    if issubclass(cls, Resource):
        versions = cls.crd().to_dict()["spec"]["versions"]
        schema: dict[str, Any] = versions[0]["schema"]["openAPIV3Schema"]
        return schema
    if not attrs.has(cls):
        raise DefinitionError(f"{cls.__name__} has no schema; decorate it with @kube_schema")
    schema, derivation = derive(cls)
    refuse(derivation.problems)
    return schema
