"""Reconciling: making the world what an object says it should be.

A reconciler is called with an object, never with what happened to it. It looks at what the object wants, at what is there, and
does what is missing. Called again, it finds that nothing is missing, and does nothing. So it does not matter how often
it is called, whether three changes came together, or what was missed while the operator was down: the next call puts it
right. That is why there is no "on create" and no "on update" here.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Protocol, Self, TypeVar, overload

from attrs import define, frozen

from kubecrd.client.api import Api
from kubecrd.client.client import Client
from kubecrd.resource.codec import to_dict
from kubecrd.resource.identity import ApiResource, ObjectRef
from kubecrd.resource.objects import DynamicObject, KubeObject, Resource
from kubecrd.resource.patches import MergePatch, merge_difference

from .store import Store

__all__ = ["Action", "Context", "Reconciler"]

K_contra = TypeVar("K_contra", bound=KubeObject, contravariant=True)
K = TypeVar("K", bound=KubeObject)
R = TypeVar("R", bound=Resource)


@frozen
class Action:
    """When to look at the object again.

    Attributes:
        requeue_after: Seconds after this run; None to wait for a change.
    """

    requeue_after: float | None = None

    @classmethod
    def done(cls) -> Self:
        """Look again when something changes."""
        return cls()

    @classmethod
    def requeue(cls, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> Self:
        """Look again after a while, or when something changes.

        Raises:
            ValueError: the time is negative, or no number.
        """
        after = timedelta(seconds=seconds, minutes=minutes, hours=hours).total_seconds()
        if after < 0:
            raise ValueError(f"an object cannot be looked at {-after:g} seconds ago; give a time from 0 on")
        return cls(after)


class Reconciler(Protocol[K_contra]):
    """What a user writes: makes the world what *obj* says.

    Whatever it raises is logged, and the object is tried again after a delay that grows with each failure.
    """

    async def __call__(self, obj: K_contra, ctx: Context, /) -> Action | None:
        """Reconcile *obj*, which is a copy that may be changed; None is `Action.done`."""
        ...


@define(eq=False)
class Context:
    """What a reconciler has to hand.

    Attributes:
        client: The connection.
        ref: Which object this is about.
        reason: Why it is looked at; for logs.
        attempt: 1, or one more than the failures in a row.
        store: The objects of the controller's kind, as last seen.
        stores: Those of the kinds that the controller owns or watches, by kind.
        field_manager: Who applies; the controller's name.
        logger: Logs with the object's name.
    """

    client: Client
    ref: ObjectRef
    reason: str
    attempt: int
    store: Store[Any]
    stores: dict[ApiResource, Store[Any]]
    field_manager: str
    logger: logging.LoggerAdapter[logging.Logger]

    @overload
    def api(self, kind: type[R], *, namespace: str | None = None) -> Api[R]: ...

    @overload
    def api(self, kind: ApiResource, *, namespace: str | None = None) -> Api[DynamicObject]: ...

    def api(self, kind: Any, *, namespace: str | None = None) -> Any:
        """Give access to a kind, in the namespace of the object by default."""
        return Api(self.client, kind, namespace=namespace or self.ref.namespace)

    async def apply(self, obj: K, *, owner: KubeObject | None = None, force: bool = True) -> K:
        """Say what an object should be, by server-side apply, and give it as the server has it.

        Args:
            obj: With only the fields there is an opinion on.
            owner: Who it belongs to: when the owner goes, so does it. Its namespace is taken when *obj* names none.
            force: Whether to take fields over from other managers, as controllers should: they know better.

        Raises:
            ConflictError: another manager owns a field, and *force* is False.
            InvalidError: the server refuses it.
        """
        document = obj.to_dict()
        metadata = document.setdefault("metadata", {})
        if owner is not None:
            metadata["ownerReferences"] = [*metadata.get("ownerReferences", ()), to_dict(owner.owner_reference())]
        if obj.resource.namespaced:
            metadata.setdefault("namespace", (owner or obj).metadata.namespace or self.ref.namespace)
        kind: Any = type(obj) if isinstance(obj, Resource) else obj.resource
        api: Api[Any] = self.api(kind, namespace=metadata.get("namespace"))
        applied: K = await api.apply(document, field_manager=self.field_manager, force=force)
        return applied

    async def patch_status(self, obj: KubeObject) -> None:
        """Write what has changed in the status of *obj* since it was last seen; nothing when nothing has.

        Raises:
            NotFoundError: it is gone.
            InvalidError: the server refuses it.
        """
        seen = self.store.get(self.ref)
        before = seen.to_dict().get("status", {}) if seen is not None else {}
        changes = merge_difference(before, obj.to_dict().get("status", {}))
        if changes:
            kind: Any = type(obj) if isinstance(obj, Resource) else obj.resource
            api: Api[Any] = self.api(kind)
            await api.patch(self.ref.name, MergePatch({"status": changes}), subresource="status")
