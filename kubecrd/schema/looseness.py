"""What an update of a definition need not fulfil, since the stored definition does not: it is no reason to refuse an update.

Source: apiextensions `pkg/apis/apiextensions/validation`, `ValidateCustomResourceDefinitionUpdate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from .acceptance_defaults import check_defaults
from .acceptance_openapi import check_openapi
from .acceptance_structural import check_structural, converts_to_structural
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["STRICT", "Looseness"]

_FAULTS: Final[dict[str, Callable[[FieldError], bool]]] = {
    "types": lambda error: error.reason == "FieldValueNotSupported" and error.field.endswith(".type"),
    "sets": lambda error: error.detail.startswith("must be atomic as item of a list with"),
    "keys": lambda error: error.detail.startswith(
        ("this property is in x-kubernetes-list-map-keys", "cannot be nullable when")
    ),
    "defaults": lambda error: error.detail == "must not have unknown fields",
}
"""Sorts of faults that a definition of an older server may have."""


@frozen
class Looseness:
    """What is let pass.

    Attributes:
        has_schema: Whether each version needs a schema.
        is_structural: Whether schemas are structural; where they need not be, defaults and rules are not looked at either.
        faults: Which sorts of faults are let pass.
    """

    has_schema: bool = True
    is_structural: bool = True
    faults: frozenset[str] = frozenset()

    @classmethod
    def of(cls, old: dict[str, Any] | None) -> Looseness:
        """Say what a stored definition lets pass; None for a new one, which lets nothing pass."""
        if old is None:
            return STRICT
        versions = old["spec"].get("versions") or ()
        schemas = [(version.get("schema") or {}).get("openAPIV3Schema") for version in versions]
        found = [error for schema in schemas if schema for error in _faults_of(schema)]
        return cls(
            has_schema=all(schemas),
            is_structural=all(_is_structural(schema) for schema in schemas if schema),
            faults=frozenset(name for name, fits in _FAULTS.items() if any(map(fits, found))),
        )

    def left(self, errors: Iterable[FieldError]) -> list[FieldError]:
        """Give those of *errors* that are not let pass."""
        return [error for error in errors if not any(_FAULTS[name](error) for name in self.faults)]


STRICT: Final = Looseness()
"""As new definitions are judged."""


def _is_structural(schema: dict[str, Any]) -> bool:
    return converts_to_structural(schema) and not check_structural(schema, "")


def _faults_of(schema: dict[str, Any]) -> list[FieldError]:
    errors = check_openapi(schema, "")
    return errors + (check_defaults(Structural.of(schema), "") if _is_structural(schema) else [])
