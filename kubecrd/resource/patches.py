"""The four ways to say a change: apply, merge, JSON patch, strategic merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from kubecrd.errors import RequestError

__all__ = ["ApplyPatch", "JsonPatch", "MergePatch", "Patch", "StrategicMergePatch", "merge_difference"]


@frozen
class ApplyPatch:
    """Server-side apply: the fields this manager wants, and no others (KEP-555).

    Attributes:
        document: The wanted fields, with apiVersion, kind and metadata.name.
    """

    document: Mapping[str, Any]
    content_type = "application/apply-patch+yaml"

    def body(self) -> Any:
        """Give what is sent; JSON is YAML."""
        return self.document


@frozen
class MergePatch:
    """RFC 7386: the fields that change; null removes one, lists are replaced whole.

    Attributes:
        document: The changes.
    """

    document: Mapping[str, Any]
    content_type = "application/merge-patch+json"

    def body(self) -> Any:
        """Give what is sent."""
        return self.document


@frozen
class StrategicMergePatch:
    """As a merge patch, with lists merged by their keys; only for built-in kinds.

    Attributes:
        document: The changes.
    """

    document: Mapping[str, Any]
    content_type = "application/strategic-merge-patch+json"

    def body(self) -> Any:
        """Give what is sent."""
        return self.document


@frozen
class JsonPatch:
    """RFC 6902: operations in order; all of them hold, or none.

    Attributes:
        operations: Each with ``op``, ``path`` and, as it needs, ``value`` or ``from``.

    Raises:
        RequestError: an operation has no ``op`` or ``path``.
    """

    operations: Sequence[Mapping[str, Any]]
    content_type = "application/json-patch+json"

    def __attrs_post_init__(self) -> None:
        for index, operation in enumerate(self.operations):
            missing = [key for key in ("op", "path") if key not in operation]
            if missing:
                raise RequestError(f"[{index}]: a JSON patch operation needs {' and '.join(map(repr, missing))}")

    @staticmethod
    def operation(
        op: Literal["add", "remove", "replace", "test"], *path: str | int, value: Any = None
    ) -> dict[str, Any]:
        """Make one operation; the parts of *path* are escaped as JSON pointers want it."""
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
        return {"op": op, "path": pointer} if op == "remove" else {"op": op, "path": pointer, "value": value}

    def body(self) -> Any:
        """Give what is sent."""
        return list(self.operations)


Patch = ApplyPatch | MergePatch | StrategicMergePatch | JsonPatch


def merge_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Give the smallest merge patch that turns *before* into *after*; empty when they are equal."""
    changes: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        if name not in before:
            changes[name] = value
        elif isinstance(before[name], dict) and isinstance(value, dict):
            inner = merge_difference(before[name], value)
            changes |= {name: inner} if inner else {}
        elif before[name] != value or type(before[name]) is not type(value):
            changes[name] = value
    return changes
