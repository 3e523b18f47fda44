"""What may help with a rule that the API server refuses, said beside its words and never among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.cel.suggestions import suggestions
from kubecrd.errors import RuleError

from .expressions import variables_of
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["rule_hints"]

_RULE: Final = re.compile(
    r"spec\.(?:validation|versions\[(\d+)\]\.schema)\.openAPIV3Schema(.*)"
    r"\.x-kubernetes-validations\[(\d+)\]\.(rule|messageExpression)"
)
_STEP: Final = re.compile(r"\.properties\[([^\]]*)\]|\.(items)|\.(additionalProperties)")


def rule_hints(document: Mapping[str, Any], error: FieldError) -> list[str]:
    """Give what may help with an error of a definition, if it is about an expression.

    Args:
        document: The definition.
        error: What `check_crd` says of it.
    """
    match = _RULE.fullmatch(error.field)
    if match is None:
        return []
    version = document["spec"]["versions"][int(match[1] or 0)]
    schema = Structural.of(version["schema"]["openAPIV3Schema"])
    node = _node(schema, match[2])
    rule = node.validations[int(match[3])]
    text = rule.rule if match[4] == "rule" else rule.message_expression or ""
    try:
        variables = variables_of(node, is_object=not match[2], optional_old_self=bool(rule.optional_old_self))
    except RuleError:
        return []
    return suggestions(text, variables)


def _node(schema: Structural, path: str) -> Structural:
    """Follow a path of the definition, such as ``.properties[spec].items``."""
    node: Structural | bool | None = schema
    for name, items, _ in _STEP.findall(path):
        assert isinstance(node, Structural)
        inner = node.items if items else node.additional_properties
        node = node.properties[name] if name else inner
    assert isinstance(node, Structural)
    return node
