"""The scale subresource of custom resources: which fields of an object it reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.errors import DecodeError

from .accessors import nested
from .wording import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["ScalePaths"]

MOST_REPLICAS: Final = 2**31 - 1


@frozen
class ScalePaths:
    """Where replicas and selector stand, as ``subresources.scale`` of a version names them.

    Attributes:
        spec_replicas: Path of the wanted count, such as ``.spec.replicas``.
        status_replicas: Path of the count that is there.
        label_selector: Path of the selector's text; empty if the kind has none.
    """

    spec_replicas: str
    status_replicas: str
    label_selector: str = ""

    @classmethod
    def of(cls, scale: Mapping[str, Any] | None) -> ScalePaths | None:
        """Read ``subresources.scale``; None if it is not enabled."""
        if scale is None:
            return None
        return cls(
            scale.get("specReplicasPath") or "",
            scale.get("statusReplicasPath") or "",
            scale.get("labelSelectorPath") or "",
        )

    def check_spec(self, obj: dict[str, Any]) -> list[FieldError]:
        """List what is wrong with the wanted count."""
        return _check_count(obj, self.spec_replicas)

    def check_status(self, obj: dict[str, Any]) -> list[FieldError]:
        """List what is wrong with the count that is there, and with the selector."""
        errors = _check_count(obj, self.status_replicas)
        if self.label_selector:
            try:
                nested(obj, self.label_selector, "string")
            except DecodeError as error:
                errors.append(invalid(self.label_selector, "", str(error)))
        return errors


def _check_count(obj: dict[str, Any], path: str) -> list[FieldError]:
    try:
        count = nested(obj, path, "integer") or 0
    except DecodeError as error:
        return [invalid(path, 0, str(error))]
    if count < 0:
        return [invalid(path, count, "should be a non-negative integer")]
    if count > MOST_REPLICAS:
        return [invalid(path, count, f"should be less than or equal to {MOST_REPLICAS}")]
    return []
