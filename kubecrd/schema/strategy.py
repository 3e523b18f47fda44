"""What the API server does with the objects of one version of a custom resource before it stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["CustomResourceStrategy"]


class CustomResourceStrategy:
    """Decoding, preparation and validation of the objects of one version.

    Objects are plain JSON documents. What is given is never changed; what is returned may share parts with it.

    Args:
        crd: The definition, as `prepare_crd` gives it.
        version: Which of its versions the objects are in.
    """

    def __init__(self, crd: dict[str, Any], version: str) -> None: ...

    def decode(self, obj: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Coerce, prune and default a copy of *obj*; with it the paths of unknown fields, in the server's order."""
        raise NotImplementedError

    def prepare_create(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Give the object that a create would validate: generation 1, no status where that is a subresource."""
        raise NotImplementedError

    def validate_create(self, obj: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with a new object, in its order."""
        raise NotImplementedError

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Give the object that an update would validate: system fields and status from *old*, generation counted."""
        raise NotImplementedError

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with *obj* in place of *old*, in its order."""
        raise NotImplementedError

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Give the object that a write to ``/status`` would validate: all of *old* but the status."""
        raise NotImplementedError

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with the status of *obj*."""
        raise NotImplementedError
