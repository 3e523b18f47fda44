"""The four ways to say a change: apply, merge, JSON patch, strategic merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from kubecrd.errors import RequestError

__all__ = [
    "ApplyPatch",
    "JsonPatch",
    "MergePatch",
    "Patch",
    "StrategicMergePatch",
    "json_difference",
    "merge_difference",
]


@frozen
class _DocumentPatch:
    """A change that is told by a document, shaped like the object."""

    document: Mapping[str, Any]

    def body(self) -> Any:
        """Give what is sent."""
        return self.document


@frozen
class ApplyPatch(_DocumentPatch):
    """Server-side apply: the fields this manager wants, and no others (KEP-555).

    Attributes:
        document: The wanted fields, with apiVersion, kind and metadata.name; sent as JSON, which is YAML.
    """

    content_type = "application/apply-patch+yaml"


@frozen
class MergePatch(_DocumentPatch):
    """RFC 7386: the fields that change; null removes one, lists are replaced whole.

    Attributes:
        document: The changes.
    """

    content_type = "application/merge-patch+json"


@frozen
class StrategicMergePatch(_DocumentPatch):
    """As a merge patch, with lists merged by their keys; only for built-in kinds.

    Attributes:
        document: The changes.
    """

    content_type = "application/strategic-merge-patch+json"


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


def json_difference(before: Any, after: Any, *path: str | int) -> list[dict[str, Any]]:
    """Give JSON Patch operations that turn *before* into *after*; none when they are equal.

    Args:
        before: Any JSON.
        after: Any JSON.
        path: Where both are, for operations on a part of a document.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        return _mapping_difference(before, after, path)
    if isinstance(before, list) and isinstance(after, list):
        return _list_difference(before, after, path)
    if before == after and type(before) is type(after):
        return []
    return [JsonPatch.operation("replace", *path, value=after)]


def _mapping_difference(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str | int, ...]
) -> list[dict[str, Any]]:
    operations = [JsonPatch.operation("remove", *path, name) for name in before if name not in after]
    for name, value in after.items():
        if name in before:
            operations += json_difference(before[name], value, *path, name)
        else:
            operations.append(JsonPatch.operation("add", *path, name, value=value))
    return operations


def _list_difference(before: list[Any], after: list[Any], path: tuple[str | int, ...]) -> list[dict[str, Any]]:
    """Compare item by item; what is over goes from the end, where indexes stay what they are."""
    both = min(len(before), len(after))
    operations = [
        operation for index in range(both) for operation in json_difference(before[index], after[index], *path, index)
    ]
    operations += [JsonPatch.operation("remove", *path, index) for index in reversed(range(both, len(before)))]
    return operations + [JsonPatch.operation("add", *path, "-", value=value) for value in after[both:]]
