"""The way of an object into the store: field management, admission, preparation, validation, conflict."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import evolve, frozen

from kubecrd.errors import AlreadyExistsError, ConflictError, StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import (
    Status,
    StatusDetails,
    already_exists,
    bad_request,
    conflict,
    internal_error,
    invalid,
    not_found,
)
from kubecrd.schema.metadecoding import decode_metadata
from kubecrd.schema.wording import RULES_NOT_CHECKED

from .admission import Operation
from .answers import encode_json
from .conversion import worked_out
from .kinds import ServedKind
from .managed import without_times
from .managedfields import Managed, ManagedFieldsError
from .options import WriteOptions, parse_revision, plain_failure
from .owners import report_new_finalizers, without_repeated_owners
from .registry import MODIFIED
from .request import Request

if TYPE_CHECKING:
    from .registry import Registry

__all__ = [
    "Change",
    "Target",
    "View",
    "check_identity",
    "check_namespace",
    "create_object",
    "uid_without_object",
    "update_object",
]

_NAME_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_NAME_SUFFIX: Final = 5
_NAME_BASE: Final = 58
_NAME_ATTEMPTS: Final = 8
_CHANGE_ATTEMPTS: Final = 5
"""How often a patch is worked out anew when the object changes meanwhile (`MaxRetryWhenPatchConflicts`)."""
_STORED_BYTES: Final = 1536 * 1024
"""The size of one request to etcd, at most (`--max-request-bytes`)."""

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the new object of the stored one; called again when the stored one has changed meanwhile."""


class View(Protocol):
    """What admission sees in the place of an object, such as its Scale."""

    def shown(self, obj: dict[str, Any], /, *, final: bool, is_old: bool) -> dict[str, Any]:
        """Give what is seen.

        Args:
            obj: The object.
            final: Whether the object is final, and about to be validated.
            is_old: Whether it is the one that is stored.
        """
        ...

    def taken(self, obj: dict[str, Any], seen: dict[str, Any], /) -> dict[str, Any]:
        """Give *obj* with what admission has made of what it has *seen*."""
        ...


@frozen
class Target:
    """What is written, and how.

    Attributes:
        kind: The kind, in the version of the request.
        namespace: Of the path; empty for a cluster-scoped kind.
        name: Of the path; empty for a create.
        options: Dry run, field manager and the like.
        subresource: ``status`` or empty; a write to scale is one of the object itself.
        request: Where warnings go; None for what the server does by itself.
        applied: Whether an apply made the object, which is pruned only when it is stored.
        view: How admission sees the objects, where it is otherwise than they are stored.
    """

    kind: ServedKind
    namespace: str
    name: str
    options: WriteOptions
    subresource: str = ""
    request: Request | None = None
    applied: bool = False
    view: View | None = None


async def create_object(registry: Registry, target: Target, obj: dict[str, Any]) -> dict[str, Any]:
    """Put a new object into the store, and give it as it is there.

    Raises:
        StatusError: admission refuses, it is not valid, or its name is taken.
    """
    kind = target.kind
    operation = Operation(
        "CREATE",
        kind,
        target.namespace,
        obj["metadata"].get("name") or "",
        obj,
        dry_run=target.options.dry_run,
        options=target.options.given,
        request=target.request,
    )
    await registry.admission.mutate(operation)
    assert operation.obj is not None
    admitted = operation.obj
    mutated = admitted is not obj
    if mutated:
        admitted = check_namespace(_cleaned(admitted, obj), target)
        _check_revision(admitted)
    generated = bool(admitted["metadata"].get("generateName"))
    for attempt in range(_NAME_ATTEMPTS):
        named = _with_system_fields(admitted, registry.now())
        made = kind.strategy.prepare_create(named)
        name = made["metadata"].get("name", "")
        if errors := kind.strategy.validate_create(made):
            raise StatusError.of(_invalid(kind, made, errors))
        _warn(target, made, None)
        operation.obj, operation.name = made, name
        _check_storable(target, made)
        await registry.admission.validate(operation)
        made = kind.strategy.decode(made)[0] if target.applied or mutated else made
        try:
            return await registry.add(kind, made, dry_run=target.options.dry_run)
        except AlreadyExistsError:
            may_retry = generated and not admitted["metadata"].get("name")
            if not may_retry or attempt == _NAME_ATTEMPTS - 1:
                raise StatusError.of(_taken(registry, kind, target.namespace, name, generated=generated)) from None
    raise AssertionError("the last attempt returns or raises")


async def update_object(
    registry: Registry,
    target: Target,
    change: Change,
    *,
    uid: str | None = None,
    create: Callable[[], Awaitable[dict[str, Any]]] | None = None,
    patch: bool = False,
) -> tuple[dict[str, Any], bool]:
    """Change a stored object, and give it as it is now, and whether it was created.

    Args:
        registry: Where it is.
        target: Which one.
        change: Makes the new object of the stored one.
        uid: What the stored object's uid must be; None for any.
        create: What to do when there is none; None refuses.
        patch: Whether *change* starts from the stored object, so that it can be tried again on a newer one.

    Raises:
        StatusError: it is not there, has changed meanwhile, admission refuses, or it would not be valid.
    """
    kind = target.kind
    for attempts_left in reversed(range(_CHANGE_ATTEMPTS)):
        old = await registry.fetch(kind, target.namespace, target.name)
        if old is None:
            if create is None:
                raise StatusError.of(not_found(kind.plural, target.name, group=kind.group))
            return await create(), True
        if uid and uid != old["metadata"].get("uid"):
            raise StatusError.of(_other_uid(registry, target, uid, old))
        try:
            return await _change(registry, target, change, old), False
        except ConflictError:
            if not patch or not attempts_left or not registry.has_moved(kind, old):
                raise
    raise AssertionError("the last attempt returns or raises")


async def _change(registry: Registry, target: Target, change: Change, old: dict[str, Any]) -> dict[str, Any]:
    kind, view = target.kind, target.view
    changed = await worked_out(kind, change, old)
    shown = changed if view is None else view.shown(changed, final=False, is_old=False)
    operation = Operation(
        "UPDATE",
        kind,
        target.namespace,
        target.name,
        shown,
        old if view is None else view.shown(old, final=False, is_old=True),
        subresource=target.subresource,
        dry_run=target.options.dry_run,
        options=target.options.given,
        request=target.request,
    )
    await registry.admission.mutate(operation)
    assert operation.obj is not None
    mutated = operation.obj is not shown
    if view is not None:
        obj = view.taken(changed, operation.obj) if mutated else changed
    else:
        obj = _cleaned(operation.obj, changed) if mutated else changed
    obj = without_repeated_owners(obj, target.request, mutated=True)
    obj = _with_revision(obj, old, target)
    status = target.subresource == "status"
    strategy = kind.strategy
    obj = strategy.prepare_status_update(obj, old) if status else strategy.prepare_update(obj, old)
    errors = strategy.validate_status_update(obj, old) if status else strategy.validate_update(obj, old)
    if errors:
        if kind.is_custom and RULES_NOT_CHECKED not in errors:
            _warn(target, obj, old)  # rules that are forgiven are told of while the others are checked
        raise StatusError.of(_invalid(kind, obj, errors))
    _warn(target, obj, old)
    _check_storable(target, obj)
    if view is None:
        operation.obj = obj
    else:
        operation.obj = view.shown(obj, final=True, is_old=False)
        operation.old = view.shown(old, final=True, is_old=True)
    await registry.admission.validate(operation)
    obj = strategy.decode(obj)[0] if target.applied or mutated else obj
    if target.request is not None and not status:
        report_new_finalizers(target.request, obj, old)
    if without_times(obj) == without_times(old):
        obj = old
    if _is_released(obj, status=status):
        return registry.remove(kind, old, last=obj, dry_run=target.options.dry_run)
    return await registry.change(kind, obj, old, dry_run=target.options.dry_run)


def _cleaned(obj: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Give what admission has made of *before* with metadata that can be read: what is malformed is dropped.

    Raises:
        StatusError: 500, its metadata are no object.
    """
    metadata = obj.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise StatusError.of(internal_error("system metadata was not initialized"))
    decoded, _ = decode_metadata(metadata or {}, drop_malformed=True)
    entries = (metadata or {}).get("managedFields")
    try:
        Managed.of_entries(entries)
    except ManagedFieldsError:
        # As the server does: what cannot be read is put back.
        decoded["managedFields"] = before["metadata"].get("managedFields")
    if not decoded.get("managedFields"):
        decoded.pop("managedFields", None)
    return {**obj, "metadata": decoded}


def _check_revision(obj: dict[str, Any]) -> None:
    """Refuse a resourceVersion that admission has given to a new object.

    Raises:
        StatusError: 500.
    """
    if parse_revision(obj["metadata"].get("resourceVersion") or "", bare=True):
        raise StatusError.of(plain_failure("resourceVersion should not be set on objects to be created"))


def _warn(target: Target, obj: dict[str, Any], old: dict[str, Any] | None) -> None:
    if target.request is not None and target.kind.warnings is not None:
        for text in target.kind.warnings(obj, old):
            target.request.warn(text)


def _check_storable(target: Target, obj: dict[str, Any]) -> None:
    """Refuse what the storage beneath would refuse.

    Raises:
        StatusError: 500, the object is too large, or a new one of a built-in kind has a resourceVersion.
    """
    request, metadata = target.request, obj["metadata"]
    if request is None or target.options.dry_run:
        return
    is_new = not target.name
    revision = metadata.get("resourceVersion") or ""
    if is_new and not target.kind.is_custom and revision.isascii() and revision.isdigit() and int(revision):
        raise StatusError.of(plain_failure("resourceVersion should not be set on objects to be created"))
    if len(request.body) > _STORED_BYTES // 2 and len(encode_json(obj)) > _STORED_BYTES:
        raise StatusError.of(plain_failure("etcdserver: request is too large"))


def _is_released(obj: dict[str, Any], *, status: bool) -> bool:
    """Say whether a write has taken the last finalizer from an object that waits for its removal."""
    metadata = obj["metadata"]
    return (
        not status
        and bool(metadata.get("deletionTimestamp"))
        and not metadata.get("finalizers")
        and not metadata.get("deletionGracePeriodSeconds")
    )


def _with_revision(obj: dict[str, Any], old: dict[str, Any], target: Target) -> dict[str, Any]:
    """Check the resourceVersion of a written object against the stored one, and put the stored one in."""
    kind, metadata = target.kind, obj["metadata"]
    given = parse_revision(metadata.get("resourceVersion") or "", bare=True)
    stored = old["metadata"]["resourceVersion"]
    if not given and not kind.unconditional_update and target.subresource != "scale":
        why = FieldError("metadata.resourceVersion", "FieldValueInvalid", "must be specified for an update", 0)
        raise StatusError.of(invalid(kind.plural, target.name, [why], group=kind.group))
    if given and given != int(stored):
        raise StatusError.of(conflict(kind.plural, target.name, MODIFIED, group=kind.group))
    return {**obj, "metadata": {**metadata, "resourceVersion": stored}}


def _with_system_fields(obj: dict[str, Any], now: str) -> dict[str, Any]:
    """Give a new object its uid, time and name; what a client cannot choose is dropped."""
    metadata = dict(obj["metadata"])
    metadata.pop("selfLink", None)
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = now
    if not metadata.get("name") and (base := metadata.get("generateName")):
        suffix = "".join(secrets.choice(_NAME_LETTERS) for _ in range(_NAME_SUFFIX))
        metadata["name"] = base[:_NAME_BASE] + suffix
    return {**obj, "metadata": metadata}


def _invalid(kind: ServedKind, obj: dict[str, Any], errors: list[FieldError]) -> Status:
    """422, which names kind and group as the object says them, since these may be what is wrong."""
    said = obj.get("kind", kind.kind) if kind.is_custom else kind.kind
    group = (obj.get("apiVersion") or kind.api_version).rpartition("/")[0] if kind.is_custom else kind.group
    if group == "events.k8s.io":
        # Events are validated as what they are stored as, which is in the core group.
        group = ""
    return invalid(said, obj["metadata"].get("name", ""), errors, group=group)


def _taken(registry: Registry, kind: ServedKind, namespace: str, name: str, *, generated: bool) -> Status:
    """409: the name is taken, or is being given up."""
    status = already_exists(kind.plural, name, group=kind.group)
    there = registry.store.get(registry.key(kind, namespace, name))
    if generated:
        assert status.details is not None
        text = f"{status.message}, the server was not able to generate a unique name for the object"
        return evolve(status, message=text, details=evolve(status.details, retry_after_seconds=1))
    if there is not None and there["metadata"].get("deletionTimestamp"):
        return evolve(status, message=f"object is being deleted: {status.message}")
    return status


def _other_uid(registry: Registry, target: Target, uid: str, old: dict[str, Any]) -> Status:
    """409: the object is another one of the same name."""
    key = registry.storage_path(target.kind, target.namespace, target.name)
    why = (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata'].get('uid', '')}"
    )
    return conflict(target.kind.plural, target.name, why, group=target.kind.group)


def check_identity(obj: dict[str, Any], target: Target) -> dict[str, Any]:
    """Hold what a written object says about itself against the path, and fill in the namespace.

    Raises:
        StatusError: 400, version, namespace or name do not fit.
    """
    obj = check_namespace(obj, target)
    name = obj["metadata"].get("name") or ""
    if not name:
        message = f"the name of the object ({target.name} based on URL) was undeterminable: name must be provided"
        raise StatusError.of(bad_request(message))
    if name != target.name:
        message = f"the name of the object ({name}) does not match the name on the URL ({target.name})"
        raise StatusError.of(bad_request(message))
    return obj


def check_namespace(obj: dict[str, Any], target: Target) -> dict[str, Any]:
    """Fill in the namespace of the path, or clear it where the kind has none.

    Raises:
        StatusError: 400, the object says another one.
    """
    metadata = dict(obj["metadata"])
    if not target.kind.namespaced:
        metadata.pop("namespace", None)
        return {**obj, "metadata": metadata}
    if metadata.get("namespace") not in {None, "", target.namespace}:
        message = "the namespace of the provided object does not match the namespace sent on the request"
        raise StatusError.of(bad_request(message))
    metadata["namespace"] = target.namespace
    return {**obj, "metadata": metadata}


def uid_without_object(target: Target, uid: str) -> Status:
    """409: an apply that would create says which uid the object has."""
    why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
    return evolve(
        conflict(target.kind.plural, target.name, why, group=target.kind.group),
        details=StatusDetails(name=target.name, group=target.kind.group, kind=target.kind.plural),
    )
