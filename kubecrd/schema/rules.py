"""The CEL rules of a schema: compiled once, run on every object, in the API server's order and words.

Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go` and `pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen

from kubecrd.cel.bounds import multiplied
from kubecrd.cel.ceilings import ceiling_of
from kubecrd.cel.conversions import converter_of
from kubecrd.cel.equality import differs_from_json
from kubecrd.cel.program import Program, ProgramError, compile_expression
from kubecrd.cel.typesystem import Type, optional_of
from kubecrd.errors import RuleError
from kubecrd.resource.fielderrors import ABSENT, FieldError

from .declarations import declare
from .evaluation import API_SERVER, Budget, Evaluation
from .fieldpaths import FieldPathError, follow
from .observation import observer_for
from .rulecosts import ONCE, Cardinality, CostLedger
from .sizes import least_size
from .structural import Structural, ValidationRule
from .wording import go_struct

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Node", "Rule", "SchemaRules"]

_NO_TYPE: Final = (
    "failed to construct type information for x-kubernetes-validations rules: "
    "unable to convert structural schema to CEL declarations"
)


@frozen(eq=False)
class Rule:
    """One rule, compiled; or what is wrong with it.

    Attributes:
        spec: As the schema has it.
        program: The rule; None if it does not compile.
        message: Its messageExpression, if it has one that compiles.
        fault: What is wrong with the rule.
        message_fault: What is wrong with the messageExpression.
        suffix: Its fieldPath, as errors have it.
        has_lossy_old: Whether it sees an optional oldSelf, which has lost its schema, and that makes a difference.
        cardinality: How often it can run in one object.
        least_size: Bytes of JSON that its value has at least.
    """

    spec: ValidationRule
    program: Program | None = None
    message: Program | None = None
    fault: str = ""
    message_fault: str = ""
    suffix: str = ""
    has_lossy_old: bool = False
    cardinality: Cardinality = ONCE
    least_size: int = 0

    @property
    def estimate(self) -> int:
        """What one evaluation can cost by the API server's estimate; 0 if it does not compile."""
        return 0 if self.program is None else self.program.estimate.most

    @property
    def message_estimate(self) -> int:
        """What one evaluation of its messageExpression can cost; 0 if it has none that compiles."""
        return 0 if self.message is None else self.message.estimate.most

    @property
    def count(self) -> int:
        """How often it can run in one object."""
        return self.cardinality.count(self.least_size)

    @property
    def estimate_in_object(self) -> int:
        """What it can cost in one object, which is what the API server limits."""
        return multiplied(self.estimate, self.count)

    @cached_property
    def uses_old(self) -> bool:
        """Whether it compares with what was before."""
        return self.program is not None and "oldSelf" in self.program.used

    @cached_property
    def ceiling(self) -> int | None:
        """The most that one evaluation can cost, whatever the values; None if that cannot be told."""
        return None if self.program is None else ceiling_of(self.program.tree)

    @cached_property
    def valid_ceiling(self) -> int | None:
        """Likewise, for values of ``self`` that the schema has been found to hold for."""
        return None if self.program is None else ceiling_of(self.program.tree, frozenset({"self"}))

    @property
    def text(self) -> str:
        """What errors of evaluation quote: the message where there is one, else the rule."""
        return (self.spec.message or "").strip() or self.spec.rule.strip()


@define(eq=False)
class Node:
    """A node of the schema that has rules, or rules below it.

    Attributes:
        schema: The node.
        rules: Its own, in order.
        properties: The nodes below it, by name.
        values: The node of additionalProperties.
        items: That of the items.
        has_type: Whether its rules can see it at all.
        convert: Makes a CEL value of JSON; None where the two are the same.
    """

    schema: Structural
    rules: tuple[Rule, ...]
    properties: dict[str, Node]
    values: Node | None
    items: Node | None
    has_type: bool
    convert: Callable[[Any], Any] | None = None

    @property
    def uses_old(self) -> bool:
        """Whether any of its rules compares with what was before."""
        return any(rule.uses_old for rule in self.rules)

    @property
    def type_name(self) -> str:
        """What errors of evaluation give for the value: its type in JSON."""
        return "" if self.schema.int_or_string else self.schema.type or ""


class SchemaRules:
    """All rules of a schema; those of equal schemas are compiled once.

    Args:
        structural: The schema.
        is_root: Whether it is that of a whole object, whose apiVersion, kind and name rules can see.
        name: Of what kind the objects are, for those who watch; see `watching`.

    Attributes:
        name: Likewise.
    """

    def __init__(self, structural: Structural, *, is_root: bool = True, name: str = "") -> None:
        self.name = name
        # A class, what judges its objects and the server that stores them have the same schema.
        self.root = _compile_whole(_Whole(json.dumps(structural.raw, default=repr), is_root, structural))

    def definition_errors(
        self, path: str, *, skips: Callable[[str], bool] = lambda _: False, limits_each: bool = True
    ) -> list[FieldError]:
        """List what the API server says to the rules when the definition is written.

        Args:
            path: Where the schema is, such as ``spec.validation.openAPIV3Schema``.
            skips: Says of the place of a node whether its rules are not looked at, since its form is wrong already.
            limits_each: Whether a single rule can be too dear; not where an update leaves the schema as it was.
        """
        if self.root is None:
            return []
        ledger = CostLedger(limits_each)
        errors = list(_definition_errors(self.root, path, _Round(ledger, skips), uncorrelatable=None))
        return [*errors, *ledger.close(path)]

    def validate(self, obj: Any, old: Any = ABSENT, *, path: str = "") -> list[FieldError]:
        """List which rules an object breaks.

        Args:
            obj: The value; its schema must hold.
            old: What it was before, when this is an update.
            path: Where it stands, such as ``spec``; empty for the object itself.
        """
        return self.evaluate(obj, old, path=path).errors

    def forgiven(self, obj: Any, old: Any, *, path: str = "") -> list[FieldError]:
        """List which rules an update leaves broken in parts that it does not change; the API server warns of these.

        Args:
            obj: The new value; its schema must hold.
            old: What it was before.
            path: Where it stands; empty for the object itself.
        """
        evaluation = Evaluation(counts=False)
        if self.root is not None:
            # Nobody watches: these rules have run before, when the object was judged.
            evaluation.run(self.root, obj, old, path)
        return evaluation.forgiven

    def placed(self) -> Iterator[tuple[str, Rule]]:
        """Yield every rule with the place of what it judges, such as ``spec.toppings[*]``; empty for the whole object."""
        if self.root is not None:
            yield from _placed(self.root, "")

    def evaluate(
        self,
        obj: Any,
        old: Any = ABSENT,
        *,
        path: str = "",
        budget: Budget | None = None,
        observe: Callable[[Rule, Any], None] | None = None,
        trusts: bool = True,
    ) -> Evaluation:
        """Run all rules on an object, and give all there is to say of that.

        Args:
            obj: The value; its schema must hold if that is trusted.
            old: What it was before, when this is an update.
            path: Where it stands; empty for the object itself.
            budget: What the rules may cost, which is then counted; None is the API server's limits, and counts costs
                only where they could be reached.
            observe: Called with each rule and its outcome: True, False or a `CelError`.
            trusts: Whether the schema is known to hold for *obj*. If not, what it does not allow is an error of the
                rules that read it; the API server runs no rules on such an object.
        """
        observer = observer_for(self, observe)
        evaluation = Evaluation(budget or API_SERVER, counts=bool(budget or observer), observe=observer, trusts=trusts)
        if self.root is not None:
            evaluation.run(self.root, obj, old, path)
        return evaluation


def _placed(node: Node, path: str) -> Iterator[tuple[str, Rule]]:
    for rule in node.rules:
        yield path, rule
    for name, child in node.properties.items():
        yield from _placed(child, f"{path}.{name}" if path else name)
    for inner in (node.values, node.items):
        if inner is not None:
            yield from _placed(inner, f"{path}[*]")


# --- compiling


@frozen
class _Whole:
    """A schema that equals every one of the same content."""

    text: str
    is_object: bool
    schema: Structural = field(eq=False)


@lru_cache(maxsize=256)
def _compile_whole(whole: _Whole) -> Node | None:
    return _compile(whole.schema, ONCE, is_object=whole.is_object)


def _compile(schema: Structural, cardinality: Cardinality, *, is_object: bool = False) -> Node | None:
    properties = {
        name: node for name, child in schema.properties.items() if (node := _compile(child, cardinality)) is not None
    }
    additional = schema.additional_properties
    entry = cardinality.inside(schema.max_properties)
    values = _compile(additional, entry) if isinstance(additional, Structural) else None
    items = None if schema.items is None else _compile(schema.items, cardinality.inside(schema.max_items))
    if not (schema.validations or properties or values or items):
        return None
    kind = declare(schema, is_object=is_object) if schema.validations else None
    least = 0 if kind is None else least_size(schema, is_object=is_object) or 0
    rules = () if kind is None else tuple(_compile_rule(rule, kind, schema) for rule in schema.validations)
    rules = tuple(evolve(rule, cardinality=cardinality, least_size=least) for rule in rules)
    convert = None if kind is None else converter_of(kind)
    return Node(schema, rules, properties, values, items, kind is not None or not schema.validations, convert)


def _compile_rule(spec: ValidationRule, kind: Type, schema: Structural) -> Rule:
    if not spec.rule.strip():
        return Rule(spec)  # refused by the form of the definition, and never run
    old = optional_of(kind) if spec.optional_old_self else kind
    variables = {"self": kind, "oldSelf": old}
    try:
        program = compile_expression(spec.rule, variables)
    except ProgramError as error:
        return Rule(spec, fault=f"program instantiation failed: {error}")
    except RuleError as error:
        return Rule(spec, fault=f"compilation failed: {error}")
    if program.type.name != "bool":
        return Rule(spec, fault="cel expression must evaluate to a bool")
    message, message_fault = None, ""
    if (spec.message_expression or "").strip():
        try:
            message = compile_expression(str(spec.message_expression), variables)
            message_fault = "" if message.type.name == "string" else "messageExpression must evaluate to a string"
        except ProgramError as error:
            message_fault = f"messageExpression instantiation failed: {error}"
        except RuleError as error:
            message_fault = f"messageExpression compilation failed: {error}"
    return Rule(
        spec,
        program,
        None if message_fault else message,
        message_fault=message_fault,
        suffix=_suffix(spec, schema),
        has_lossy_old=bool(spec.optional_old_self) and "oldSelf" in program.used and differs_from_json(kind),
    )


def _suffix(spec: ValidationRule, schema: Structural) -> str:
    """Write the fieldPath as errors have it: properties behind dots, keys of mappings in brackets."""
    if not spec.field_path:
        return ""
    try:
        names, _ = follow(spec.field_path, dict(schema.raw))
    except FieldPathError:
        return ""
    suffix, node = "", dict(schema.raw)
    for name in names:
        is_property = name in node.get("properties", {})
        suffix += f".{name}" if is_property else f"[{name}]"
        node = node["properties"][name] if is_property else node.get("additionalProperties") or {}
    return suffix.removeprefix(".")


# --- the definition


@frozen
class _Round:
    """One look at the rules of a definition.

    Attributes:
        ledger: Adds up what they cost.
        skips: Says of the place of a node whether its rules are not looked at.
    """

    ledger: CostLedger
    skips: Callable[[str], bool]


def _definition_errors(node: Node, path: str, look: _Round, *, uncorrelatable: str | None) -> Iterator[FieldError]:
    """Yield what is said to the rules below a node, and then to its own: the server comes back to a node."""
    if node.values is not None:
        yield from _definition_errors(node.values, f"{path}.additionalProperties", look, uncorrelatable=uncorrelatable)
    for name, child in node.properties.items():
        yield from _definition_errors(child, f"{path}.properties[{name}]", look, uncorrelatable=uncorrelatable)
    if node.items is not None:
        within = uncorrelatable or (None if node.schema.list_type == "map" else path)
        yield from _definition_errors(node.items, f"{path}.items", look, uncorrelatable=within)
    if look.skips(path):
        return
    if not node.has_type:
        yield FieldError(f"{path}.x-kubernetes-validations", "InternalError", f"internal error: {_NO_TYPE}")
    for number, rule in enumerate(node.rules):
        yield from _rule_errors(rule, f"{path}.x-kubernetes-validations[{number}]", look.ledger, uncorrelatable)


def _rule_errors(rule: Rule, place: str, ledger: CostLedger, uncorrelatable: str | None) -> Iterator[FieldError]:
    spec = rule.spec
    yield from ledger.enter(f"{place}.rule", "rule", rule.estimate_in_object)
    shown = go_struct(
        {
            "Rule": spec.rule,
            "Message": spec.message or "",
            "MessageExpression": spec.message_expression or "",
            "Reason": spec.reason,
            "FieldPath": spec.field_path or "",
            "OptionalOldSelf": spec.optional_old_self,
        }
    )
    if rule.fault:
        yield FieldError(f"{place}.rule", "FieldValueInvalid", rule.fault, shown)
    if rule.message_fault:
        yield FieldError(f"{place}.messageExpression", "FieldValueInvalid", rule.message_fault, shown)
    elif rule.message is not None:
        # The server takes a message for one that is made once.
        yield from ledger.enter(f"{place}.messageExpression", "messageExpression", rule.message_estimate)
    if rule.uses_old and uncorrelatable is not None:
        detail = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}"
        yield FieldError(f"{place}.rule", "FieldValueInvalid", detail, spec.rule)
    if spec.optional_old_self is not None and not rule.uses_old:
        detail = "may not be set if oldSelf is not used in rule"
        yield FieldError(f"{place}.optionalOldSelf", "FieldValueInvalid", detail, spec.optional_old_self)
