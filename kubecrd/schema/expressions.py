"""An expression on the values of a schema, evaluated alone: what tests and the command line do with CEL.

It sees what a rule in that place would see, and is run as rules are: pruned and defaulted values, the same limits, the
same words.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from kubecrd.cel.conversions import converter_of
from kubecrd.cel.equality import differs_from_json
from kubecrd.cel.program import Program, compile_expression
from kubecrd.cel.suggestions import suggestions
from kubecrd.cel.typesystem import DYN, Type, optional_of
from kubecrd.cel.values import CelError
from kubecrd.errors import RuleError
from kubecrd.resource.fielderrors import ABSENT

from .declarations import declare
from .defaults import fill_defaults
from .evaluation import Evaluation
from .jsonvalues import copied
from .pruning import drop_nulls, prune
from .rules import Node, Rule
from .structural import NOTHING_DECLARED, Structural, ValidationRule

__all__ = ["Outcome", "SchemaExpression", "prepared", "variables_of"]

_NOT_RUN: Final = "it compares with oldSelf, and there is no old value"


@frozen
class Outcome:
    """What became of one evaluation.

    Attributes:
        value: As CEL has it; None if there is a *fault*.
        cost: What it has cost, as the API server counts it.
        fault: Why there is no value, in the API server's words; empty if there is one.
    """

    value: Any = None
    cost: int = 0
    fault: str = ""


def variables_of(
    schema: Structural | None, *, is_object: bool = False, optional_old_self: bool = False
) -> dict[str, Type]:
    """Give the variables of a rule on *schema*, with their types.

    Args:
        schema: Where the rule would stand; None for values of which nothing is known.
        is_object: Whether it is the schema of a whole object.
        optional_old_self: Whether ``oldSelf`` is an optional.

    Raises:
        RuleError: rules cannot see values of this schema.
    """
    kind = DYN if schema is None else declare(schema, is_object=is_object)
    if kind is None:
        raise RuleError("rules cannot see this value; its schema gives no type, or none to its items")
    return {"self": kind, "oldSelf": optional_of(kind) if optional_old_self else kind}


def prepared(document: Any, schema: Structural, *, is_object: bool = False) -> Any:
    """Give *document* as rules see it: unknown fields and nulls are gone, defaults are there; the argument stays.

    Args:
        document: A JSON value.
        schema: Its schema.
        is_object: Whether it is a whole object.
    """
    copy = copied(document)
    prune(copy, schema, is_root=is_object)
    drop_nulls(copy, schema)
    fill_defaults(copy, schema)
    return copy


class SchemaExpression:
    """An expression, compiled against a schema.

    Args:
        text: The expression; ``self`` is the value, ``oldSelf`` what it was.
        schema: Of the values; None for values of which nothing is known.
        is_object: Whether it is the schema of a whole object, whose apiVersion, kind and name can be seen.
        optional_old_self: Whether ``oldSelf`` is an optional, as a rule may say.

    Attributes:
        text: The expression.
        program: What was made of it.

    Raises:
        RuleError: it does not compile; behind the API server's words stands, on lines of its own, what may help.
    """

    def __init__(
        self,
        text: str,
        schema: Structural | None = None,
        *,
        is_object: bool = False,
        optional_old_self: bool = False,
    ) -> None:
        variables = variables_of(schema, is_object=is_object, optional_old_self=optional_old_self)
        kind = variables["self"]
        self.text = text
        try:
            self.program: Program = compile_expression(text, variables)
        except RuleError as error:
            raise RuleError("\n".join([str(error), *suggestions(text, variables)])) from error
        rule = Rule(
            ValidationRule(rule=text, optional_old_self=optional_old_self or None),
            self.program,
            has_lossy_old=optional_old_self and "oldSelf" in self.program.used and differs_from_json(kind),
        )
        self._node = Node(
            schema or NOTHING_DECLARED, (rule,), {}, None, None, has_type=True, convert=converter_of(kind)
        )

    @property
    def type(self) -> Type:
        """What it gives."""
        return self.program.type

    @property
    def source(self) -> str:
        """The Python that was generated for it."""
        return self.program.source

    def evaluate(self, value: Any, old: Any = ABSENT) -> Outcome:
        """Run it on one value.

        Args:
            value: A JSON value, as `prepared` gives it; its schema must hold.
            old: What it was before; `ABSENT` when it is new.
        """
        if value is None:
            return Outcome(fault="there is no value here, and the API server runs no rule on it")
        found: list[Any] = []
        evaluation = Evaluation(observe=lambda _, outcome: found.append(outcome))
        evaluation.run(self._node, value, old, "")
        if not found:
            fault = evaluation.errors[0].detail if evaluation.errors else _NOT_RUN
            return Outcome(cost=evaluation.cost, fault=fault)
        if isinstance(found[0], CelError):
            return Outcome(cost=evaluation.cost, fault=str(found[0]))
        return Outcome(found[0], evaluation.cost)
