"""What may help with a rule that the API server refuses, said beside its words and never among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.suggestions import suggestions
from kubecrd.errors import RuleError

from .costadvice import EACH, Limit, RuleCost, schemas_down
from .expressions import variables_of
from .rulecosts import RULE_LIMIT, WORTH_NAMING
from .structural import Structural, ValidationRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["cost_hint", "rule_hints"]

_RULE: Final = re.compile(
    r"spec\.(?:validation|versions\[(\d+)\]\.schema)\.openAPIV3Schema(.*)"
    r"\.x-kubernetes-validations\[(\d+)\]\.(rule|messageExpression)"
)
_STEP: Final = re.compile(r"\.properties\[([^\]]*)\]|\.(?:items|additionalProperties)")


def rule_hints(
    document: Mapping[str, Any], error: FieldError, show_limit: Callable[[Limit, int], str] | None = None
) -> list[str]:
    """Give what may help with an error of a definition, if it is about an expression.

    Args:
        document: The definition.
        error: What `check_crd` says of it.
        show_limit: Says what is to be done to set a limit; in the words of OpenAPI by default.
    """
    match = _RULE.fullmatch(error.field)
    if match is None:
        return []
    schema = document["spec"]["versions"][int(match[1] or 0)]["schema"]["openAPIV3Schema"]
    place = tuple(step[1] or EACH for step in _STEP.finditer(match[2]))
    node = schemas_down(schema, place)[-1]
    rule = ValidationRule.of(node["x-kubernetes-validations"][int(match[3])])
    is_message = match[4] == "messageExpression"
    text = (rule.message_expression if is_message else rule.rule) or ""
    optional = bool(rule.optional_old_self)
    try:
        if error.reason != "FieldValueForbidden":
            variables = variables_of(Structural.of(node), is_object=not place, optional_old_self=optional)
            return suggestions(text, variables)
        cost = RuleCost(text, schema, place, optional_old_self=optional, is_message=is_message)
    except RuleError:
        return []  # the node has no type, or the rule is wrong in another way, and that is told
    if error.detail.startswith("estimated"):
        return [cost_hint(cost, RULE_LIMIT, show_limit)]
    # It is named because all together are too dear; what is too dear by itself has its own error.
    return [] if cost.total > RULE_LIMIT else [cost_hint(cost, WORTH_NAMING, show_limit)]


def cost_hint(cost: RuleCost, most: int, show_limit: Callable[[Limit, int], str] | None = None) -> str:
    """Say which limits would bring the cost of a rule down.

    Args:
        cost: Of the rule.
        most: What it may cost.
        show_limit: Says what is to be done to set a limit; in the words of OpenAPI by default.
    """
    advice = cost.advice(most)
    if not advice:
        return "no limits in the schema make this cheap enough; simplify the rule"
    done = [(show_limit or _in_openapi)(limit, value) for limit, value in advice.items()]
    return f"{' and '.join(done)} to get the cost under the limit"


def _in_openapi(limit: Limit, value: int) -> str:
    if limit.now is None:
        return f"add {limit.keyword}: {value} to {limit.path}"
    return f"lower {limit.keyword} of {limit.path} from {limit.now} to {value}"
