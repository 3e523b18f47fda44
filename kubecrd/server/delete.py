"""DELETE of an object: removed at once, or marked until its finalizers are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.errors import ConflictError, StatusError
from kubecrd.resource.status import Status, StatusDetails, conflict, not_found

from .admission import Operation
from .answers import Document
from .deleteoptions import delete_options

if TYPE_CHECKING:
    from .deleteoptions import DeleteOptions
    from .kinds import ServedKind
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["delete", "delete_object"]


async def delete(registry: Registry, request: Request, route: Route) -> Document:
    """Delete one object: the answer is the object where it is only marked, else a Status.

    Raises:
        StatusError: the options are not valid, it is not there, or it is not the one that was meant.
    """
    options = delete_options(request)
    kind = route.kind
    obj, removed = await delete_object(registry, kind, route.namespace, route.name, options, request=request)
    if removed and not kind.returns_deleted:
        metadata = obj["metadata"]
        details = StatusDetails(name=metadata["name"], group=kind.group, kind=kind.plural, uid=metadata.get("uid"))
        return Document(Status(status="Success", details=details).to_dict(), kind=kind)
    return Document(obj, kind=kind)


async def delete_object(
    registry: Registry,
    kind: ServedKind,
    namespace: str,
    name: str,
    options: DeleteOptions,
    *,
    request: Request | None = None,
    collection: bool = False,
    admit: bool = True,
) -> tuple[dict[str, Any], bool]:
    """Delete one object; give it as it is or was last, and whether it is gone.

    Args:
        registry: Where it is.
        kind: Of the object.
        namespace: Empty for a cluster-scoped one.
        name: Its name.
        options: How it is to go.
        request: Where warnings go; None for what the server does by itself.
        collection: Whether it goes with its collection, so that admission is not told its name.
        admit: Whether admission is asked.

    Raises:
        StatusError: it is not there, a precondition does not hold, or admission refuses.
    """
    while True:
        old = await registry.fetch(kind, namespace, name)
        if old is None:
            raise StatusError.of(not_found(kind.plural, name, group=kind.group))
        _check_preconditions(kind, old, options)
        operation = Operation(
            "DELETE",
            kind,
            namespace,
            "" if collection else name,
            None,
            old,
            dry_run=options.dry_run,
            options=options.given,
            request=request,
        )
        if admit:
            await registry.admission.mutate(operation)
            await registry.admission.validate(operation)
        try:
            return await _delete(registry, kind, old, options)
        except ConflictError:
            if not registry.has_moved(kind, old):
                raise


async def _delete(
    registry: Registry, kind: ServedKind, old: dict[str, Any], options: DeleteOptions
) -> tuple[dict[str, Any], bool]:
    now = registry.now()
    if kind.mark_deleted is not None and (own := kind.mark_deleted(old, now)) is not None:
        return (old if own is old else await registry.change(kind, own, old, dry_run=options.dry_run)), False
    metadata = old["metadata"]
    present: list[str] = list(metadata.get("finalizers") or ())
    finalizers = options.finalizers(present, orphan_by_default=kind.orphans_by_default)
    if not finalizers:
        last = _marked(old, now, []) if kind.returns_deleted else None
        return registry.remove(kind, old, dry_run=options.dry_run, last=last), True
    changed = _marked(old, now, finalizers)
    if changed["metadata"] == metadata:
        return old, False
    return await registry.change(kind, changed, old, dry_run=options.dry_run), False


def _marked(old: dict[str, Any], now: str, finalizers: list[str]) -> dict[str, Any]:
    """Give an object as its deletion marks it."""
    metadata = old["metadata"]
    changed = {**metadata, "finalizers": finalizers, "deletionGracePeriodSeconds": 0}
    if not finalizers:
        del changed["finalizers"]
    if not metadata.get("deletionTimestamp"):
        changed["deletionTimestamp"] = now
        if "generation" in metadata:
            changed["generation"] = metadata["generation"] + 1
    return {**old, "metadata": changed}


def _check_preconditions(kind: ServedKind, obj: dict[str, Any], options: DeleteOptions) -> None:
    metadata = obj["metadata"]
    if kind.mark_deleted is not None and options.uid is not None and options.uid != metadata.get("uid"):
        why = f"Precondition failed: UID in precondition: {options.uid}, UID in object meta: {metadata.get('uid')}"
        raise StatusError.of(conflict(kind.plural, metadata["name"], why, group=kind.group))
    why = ""
    if options.uid is not None and options.uid != metadata.get("uid"):
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata.get('uid')}). "
            "The object might have been deleted and then recreated"
        )
    elif options.revision is not None and options.revision != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({options.revision}) does not match the ResourceVersion in "
            f"record ({metadata['resourceVersion']}). The object might have been modified"
        )
    if why:
        raise StatusError.of(conflict(kind.kind, metadata["name"], why, group=kind.group))
