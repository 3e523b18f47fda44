"""Garbage collection: what becomes of dependents when their owners go.

An object whose owners are all gone is deleted (background). An owner that waits with the finalizer
``foregroundDeletion`` goes when no dependent is left that blocks it; with ``orphan``, its dependents forget it and it
goes at once. This is the controller manager's `garbagecollector`, driven by changes instead of a graph. A claim of a
volume waits for the pods that use it (`pvcprotection`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import anyio

from kubecrd.errors import StatusError

from .delete import delete_object
from .deleteoptions import DeleteOptions
from .options import WriteOptions
from .writing import Target, update_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["REACTION_SECONDS", "GarbageCollector"]

_logger = logging.getLogger(__name__)
_FOREGROUND: Final = "foregroundDeletion"
_ORPHAN: Final = "orphan"
_CLAIM: Final = "kubernetes.io/pvc-protection"
_WAITING: Final = frozenset({_FOREGROUND, _ORPHAN, _CLAIM})
_MANAGER: Final = "kube-controller-manager"
REACTION_SECONDS: Final = 0.2
"""How long a controller takes to act on a change. In a cluster it hears of it by a watch, so that a client that looks at
once still sees a namespace terminating, and a dependent without its owner; and changes seldom come alone."""


class GarbageCollector:
    """Looks at owners and dependents whenever something has changed.

    Args:
        registry: Where objects are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._owner_uids: set[str] = set()
        self._due = anyio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        self._registry.listeners.append(self._notice)
        try:
            while True:
                self._due = anyio.Event()
                await self.collect()
                await self._due.wait()
                await anyio.sleep(REACTION_SECONDS)
        finally:
            self._registry.listeners.remove(self._notice)

    def _notice(self, obj: dict[str, Any], removed: bool) -> None:  # noqa: FBT001
        """Say whether a write can matter: it is about an owner, a dependent, or one that waits for either."""
        metadata = obj["metadata"]
        owners = _owners(obj)
        self._owner_uids.update(owner.get("uid", "") for owner in owners)
        waits = metadata.get("deletionTimestamp") and _WAITING & set(metadata.get("finalizers") or ())
        missed = removed and (metadata.get("uid") in self._owner_uids or obj.get("kind") == "Pod")
        if owners or waits or missed:
            self._due.set()

    async def collect(self) -> None:
        """Look at every object once, and do what is due."""
        objects = list(self._objects())
        alive = {obj["metadata"].get("uid") for _, obj in objects}
        dependents: dict[str, list[tuple[ServedKind, dict[str, Any]]]] = {}
        for kind, obj in objects:
            for owner in obj["metadata"].get("ownerReferences") or ():
                dependents.setdefault(owner.get("uid", ""), []).append((kind, obj))
        self._owner_uids = set(dependents)
        for kind, obj in objects:
            metadata = obj["metadata"]
            finalizers = metadata.get("finalizers") or ()
            if metadata.get("deletionTimestamp") and _CLAIM in finalizers:
                if not any(_uses(pod, metadata) for other, pod in objects if other.plural == "pods"):
                    await self._change(kind, obj, lambda each: _without_finalizer(each, _CLAIM))
            elif metadata.get("deletionTimestamp") and (_ORPHAN in finalizers or _FOREGROUND in finalizers):
                await self._settle(kind, obj, dependents.get(metadata.get("uid", ""), []))
            elif owners := metadata.get("ownerReferences"):
                await self._consider(kind, obj, owners, alive)

    def _objects(self) -> Iterator[tuple[ServedKind, dict[str, Any]]]:
        """Give every object that can own or be owned, with its kind."""
        for kind in self._registry.kinds.resources():
            if "delete" not in kind.verbs:
                continue
            for obj in self._registry.store.list(kind.group, kind.plural)[0]:
                yield kind, obj

    async def _settle(
        self, kind: ServedKind, owner: dict[str, Any], dependents: list[tuple[ServedKind, dict[str, Any]]]
    ) -> None:
        """Let an owner that waits for its dependents go, or bring that nearer."""
        uid = owner["metadata"]["uid"]
        if _ORPHAN in owner["metadata"]["finalizers"]:
            for dependent_kind, dependent in dependents:
                await self._change(dependent_kind, dependent, lambda obj: _without_owner(obj, uid))
            await self._change(kind, owner, lambda obj: _without_finalizer(obj, _ORPHAN))
            return
        blocking = 0
        for dependent_kind, dependent in dependents:
            if any(each.get("uid") == uid and each.get("blockOwnerDeletion") for each in _owners(dependent)):
                blocking += 1
            if not dependent["metadata"].get("deletionTimestamp"):
                await self._delete(dependent_kind, dependent, "Foreground")
        if not blocking:
            await self._change(kind, owner, lambda obj: _without_finalizer(obj, _FOREGROUND))

    async def _consider(
        self, kind: ServedKind, obj: dict[str, Any], owners: list[dict[str, Any]], alive: set[Any]
    ) -> None:
        """Delete an object that has lost all its owners; one that has lost some forgets those."""
        if obj["metadata"].get("deletionTimestamp"):
            return
        lost = [owner.get("uid", "") for owner in owners if owner.get("uid") not in alive and self._is_known(owner)]
        if len(lost) == len(owners):
            await self._delete(kind, obj, "Background")
        elif lost:
            await self._change(kind, obj, lambda each: _without_owner(each, *lost))

    def _is_known(self, owner: dict[str, Any]) -> bool:
        """Say whether this server has the kind of an owner; of other kinds it cannot know what is there."""
        return self._registry.kinds.named(owner.get("apiVersion", ""), owner.get("kind", "")) is not None

    async def _delete(self, kind: ServedKind, obj: dict[str, Any], policy: str) -> None:
        metadata = obj["metadata"]
        options = DeleteOptions(policy=policy, uid=metadata["uid"])
        try:
            await delete_object(self._registry, kind, metadata.get("namespace", ""), metadata["name"], options)
        except StatusError as error:
            # It has changed or gone meanwhile; that is a change, after which everything is looked at again.
            _logger.debug("%s %s: %s", kind.resource, metadata["name"], error)

    async def _change(self, kind: ServedKind, obj: dict[str, Any], change: Any) -> None:
        metadata = obj["metadata"]
        target = Target(kind, metadata.get("namespace", ""), metadata["name"], WriteOptions(_MANAGER))
        try:
            await update_object(self._registry, target, change, uid=metadata["uid"], patch=True)
        except StatusError as error:
            _logger.debug("%s %s: %s", kind.resource, metadata["name"], error)


def _uses(pod: dict[str, Any], claim: dict[str, Any]) -> bool:
    """Say whether a pod has a volume by a claim, told by its metadata."""
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    names = {(volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in volumes}
    return pod["metadata"].get("namespace") == claim.get("namespace") and claim["name"] in names


def _owners(obj: dict[str, Any]) -> list[dict[str, Any]]:
    return obj["metadata"].get("ownerReferences") or []


def _without_owner(obj: dict[str, Any], *uids: str) -> dict[str, Any]:
    left = [owner for owner in _owners(obj) if owner.get("uid") not in uids]
    return _with_metadata(obj, "ownerReferences", left)


def _without_finalizer(obj: dict[str, Any], name: str) -> dict[str, Any]:
    left = [each for each in obj["metadata"].get("finalizers") or () if each != name]
    return _with_metadata(obj, "finalizers", left)


def _with_metadata(obj: dict[str, Any], key: str, value: list[Any]) -> dict[str, Any]:
    metadata = {name: held for name, held in obj["metadata"].items() if name != key}
    return {**obj, "metadata": {**metadata, key: value} if value else metadata}
