"""Finalizers: what must be cleaned up outside of the cluster before an object may go.

Source: kube-rs R110 to R112. Both patches are guarded by a test of what was seen, so that a change made by somebody else
in between is not undone: the patch fails, and the object is looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.resource.patches import JsonPatch

if TYPE_CHECKING:
    from kubecrd.client.api import Api
    from kubecrd.resource.objects import KubeObject

__all__ = ["add_finalizer", "remove_finalizer"]


async def add_finalizer(api: Api[Any], obj: KubeObject, name: str) -> None:
    """Hold *obj* until *name* is taken away; the change brings the object back to its reconciler.

    Raises:
        InvalidError: it has changed meanwhile, or *name* is no qualified name such as ``example.com/cleanup``.
    """
    held = list(obj.metadata.finalizers)
    guard = JsonPatch.operation("test", "metadata", "uid", value=obj.metadata.uid)
    if held:
        operations = [
            JsonPatch.operation("test", "metadata", "finalizers", value=held),
            JsonPatch.operation("add", "metadata", "finalizers", "-", value=name),
        ]
    else:
        guard_version = JsonPatch.operation("test", "metadata", "resourceVersion", value=obj.metadata.resource_version)
        operations = [guard_version, JsonPatch.operation("add", "metadata", "finalizers", value=[name])]
    await _patch(api, obj, [guard, *operations])


async def remove_finalizer(api: Api[Any], obj: KubeObject, name: str) -> None:
    """Let *obj* go, as far as *name* is concerned.

    Raises:
        NotFoundError: it is gone already.
        InvalidError: it has changed meanwhile.
    """
    place = obj.metadata.finalizers.index(name)
    await _patch(
        api,
        obj,
        [
            JsonPatch.operation("test", "metadata", "finalizers", place, value=name),
            JsonPatch.operation("remove", "metadata", "finalizers", place),
        ],
    )


async def _patch(api: Api[Any], obj: KubeObject, operations: list[dict[str, Any]]) -> None:
    await api.patch(obj.metadata.name or "", JsonPatch(operations), namespace=obj.metadata.namespace)
