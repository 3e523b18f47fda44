"""Object to verdict: what the API server finds wrong with a value under a structural schema.

The keywords do the work; here their faults get their places, and what an update may leave wrong is forgiven.
What is valid is told by the compiled schema alone, and the keywords look only where it says no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .compiled import QUICK, compile_schema
from .keywords import MapKey, faults_of, keywords_of
from .ratcheting import Ratchet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubecrd.resource.fielderrors import FieldError

    from .keywords import Fault
    from .structural import Structural

__all__ = ["SchemaValidator"]


class SchemaValidator:
    """Validates values against one structural schema.

    Args:
        structural: The schema, or any part of it.
        of_default: Whether defaults are to be judged, as `keywords_of` has it.
    """

    def __init__(self, structural: Structural, *, of_default: bool = False) -> None:
        self._structural = structural
        # Defaults are judged once, by another translation; only the many objects are worth compiling for.
        self._keywords = keywords_of(structural, of_default=of_default, quick=None if of_default else QUICK)
        self._fits: Callable[[Any], bool] = (lambda _: False) if of_default else compile_schema(structural)

    def errors(self, value: Any, *, root: str | None = None) -> list[FieldError]:
        """List what is wrong with *value*, in the server's order.

        Args:
            value: A JSON value, pruned and defaulted.
            root: The field that *value* stands in, such as ``status``; None for a whole object.
        """
        return [] if self._fits(value) else _placed(faults_of(self._keywords, value), root)

    def update_errors(self, value: Any, old: Any, *, root: str | None = None) -> list[FieldError]:
        """List what is wrong with *value* in place of *old*: what has not changed is not held against it (KEP-4008)."""
        if self._fits(value):
            return []
        faults = list(faults_of(self._keywords, value))
        ratchet = Ratchet(self._structural, value, old)
        return _placed((fault for fault in faults if not ratchet.forgives(_ratcheted_path(fault))), root)


def _path_text(steps: Iterable[str | int]) -> str:
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif text or isinstance(step, MapKey):
            text += f".{step}"
        else:
            text = str(step)
    return text


def _placed(faults: Iterable[Any], root: str | None) -> list[FieldError]:
    # The server keeps each text once.
    found = {}
    for fault in faults:
        error = fault.finding.at(_path_text(fault.relative_path), root)
        found[str(error)] = error
    return list(found.values())


def _ratcheted_path(fault: Fault) -> list[str | int]:
    steps = list(fault.relative_path)
    return steps[: len(steps) - fault.below]
