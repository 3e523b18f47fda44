"""What the API server says to a CustomResourceDefinition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_crd", "prepare_crd"]


def prepare_crd(crd: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give the definition as the API server would store it: defaults filled in, empty entries dropped.

    Args:
        crd: A CustomResourceDefinition document; it is not changed.
        old: The stored definition when this is an update.
    """
    import copy

    return copy.deepcopy(crd)


def check_crd(crd: dict[str, Any], old: dict[str, Any] | None = None) -> list[FieldError]:
    """List what the API server finds wrong with a definition, in its order.

    Args:
        crd: A CustomResourceDefinition document; it is prepared by `prepare_crd` first.
        old: The stored definition when this is an update.
    """
    return []
