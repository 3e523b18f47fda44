"""Namespaces: the ones that are always there, the ones that are going, and what that means for their objects."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import anyio
from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.status import StatusCause, forbidden, invalid, not_found
from kubecrd.schema import names

from .answers import Document
from .create import decode_object, new_object
from .delete import delete_object
from .deleteoptions import DeleteOptions
from .garbage import REACTION_SECONDS
from .history import DELETED
from .kinds import ServedKind, Subresource
from .options import WriteOptions, write_options
from .strategies import BuiltinStrategy
from .writing import Target, check_identity

if TYPE_CHECKING:
    from .admission import Operation
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = [
    "DEFAULT_NAMESPACES",
    "NamespaceController",
    "NamespaceLifecycle",
    "NamespaceStrategy",
    "create_defaults",
    "finalize",
    "namespace_kind",
]

DEFAULT_NAMESPACES: Final = ("default", "kube-system", "kube-public", "kube-node-lease")
_IMMORTAL: Final = frozenset({"default", "kube-system", "kube-public"})
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
_FINALIZER: Final = "kubernetes"
_POLL_SECONDS: Final = 0.1
"""How often a namespace that is going looks whether its objects are gone."""
_logger = logging.getLogger(__name__)


@frozen
class NamespaceStrategy(BuiltinStrategy):
    """Namespaces carry their name as a label, and a finalizer in their spec."""

    def decode(self, obj: dict[str, Any], /, *, drop_malformed: bool = False) -> tuple[dict[str, Any], list[str]]:
        """Decode, and put the label and the phase in, which are defaults like others.

        Raises:
            DecodeError: something has a wrong type.
        """
        decoded, unknown = super().decode(obj, drop_malformed=drop_malformed)
        status = {**(decoded.get("status") or {})}
        status.setdefault("phase", "Active")
        return {**_labelled(decoded), "spec": decoded.get("spec") or {}, "status": status}, unknown

    def prepare_create(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Make a new namespace active, and put the finalizer in."""
        prepared = super().prepare_create(obj)
        finalizers: list[str] = list((obj.get("spec") or {}).get("finalizers") or ())
        if _FINALIZER not in finalizers:
            finalizers.append(_FINALIZER)
        return {**_labelled(prepared), "spec": {"finalizers": finalizers}, "status": {"phase": "Active"}}

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Keep the finalizers of the spec, which only ``/finalize`` changes."""
        prepared = _labelled(super().prepare_update(obj, old))
        return {**prepared, "spec": old.get("spec", {})}

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Take the status."""
        return _labelled(super().prepare_status_update(obj, old))

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with the metadata, and with a phase that does not fit them."""
        errors = super().validate_status_update(obj, old)
        phase = (obj.get("status") or {}).get("phase", "")
        is_going = bool(obj["metadata"].get("deletionTimestamp"))
        wanted, when = ("Terminating", "not empty") if is_going else ("Active", "empty")
        if phase != wanted:
            detail = f"may only be '{wanted}' if `deletionTimestamp` is {when}"
            errors.append(FieldError("status.Phase", "FieldValueInvalid", detail, phase))
        return errors


def _labelled(namespace: dict[str, Any]) -> dict[str, Any]:
    metadata = namespace["metadata"]
    if not metadata.get("name"):
        return namespace
    labels = {**(metadata.get("labels") or {}), _NAME_LABEL: metadata["name"]}
    return {**namespace, "metadata": {**metadata, "labels": labels}}


def mark_terminating(namespace: dict[str, Any], now: str) -> dict[str, Any] | None:
    """Give a namespace as a deletion leaves it: it goes when it is empty, and its finalizers are gone."""
    metadata = namespace["metadata"]
    if not metadata.get("deletionTimestamp"):
        status = {**(namespace.get("status") or {}), "phase": "Terminating"}
        return {**namespace, "metadata": {**metadata, "deletionTimestamp": now}, "status": status}
    return namespace if (namespace.get("spec") or {}).get("finalizers") else None


def namespace_kind(base: ServedKind | None = None) -> ServedKind:
    """Give the kind Namespace, with what *base* knows about it from the OpenAPI documents."""
    strategy = NamespaceStrategy(namespaced=False, has_status=True, name_rule=_name_faults)
    if base is not None:
        if isinstance(base.strategy, BuiltinStrategy):
            strategy = evolve(strategy, decoder=base.strategy.decoder)
        return evolve(
            base,
            strategy=strategy,
            mark_deleted=mark_terminating,
            unconditional_update=True,
            handlers={("finalize", "update"): update_finalizers},
        )
    return ServedKind(
        ApiResource("", "v1", "Namespace", "namespaces", namespaced=False),
        strategy,
        "NamespaceList",
        singular="namespace",
        short_names=("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources={"status": Subresource("status"), "finalize": Subresource("finalize", ("update",))},
        selectable_fields=("status.phase",),
        mark_deleted=mark_terminating,
        unconditional_update=True,
        handlers={("finalize", "update"): update_finalizers},
    )


async def update_finalizers(registry: Registry, request: Request, route: Route) -> Document:
    """PUT to ``/finalize``: the one way to change the finalizers in a namespace's spec.

    Raises:
        StatusError: the body is no namespace, names another one, or its finalizers are not valid.
    """
    options = write_options(request, "UpdateOptions")
    target = Target(route.kind, "", route.name, options, route.subresource, request)
    wanted = check_identity(decode_object(request, route.kind, options.field_validation), target)
    namespace = registry.read(route.kind, "", route.name)
    if namespace is None:
        raise StatusError.of(not_found("namespaces", route.name))
    finalizers = (wanted.get("spec") or {}).get("finalizers") or []
    errors = [
        FieldError(f"spec.finalizers[{index}]", "FieldValueInvalid", text, name)
        for index, name in enumerate(finalizers)
        for text in _finalizer_faults(name)
    ]
    if errors:
        raise StatusError.of(invalid("Namespace", route.name, errors))
    return Document(finalize(registry, namespace, finalizers, dry_run=options.dry_run), kind=route.kind)


def _finalizer_faults(name: str) -> list[str]:
    faults = names.qualified_name(name)
    if "/" not in name and name not in {_FINALIZER, "orphan", "foregroundDeletion"}:
        faults.append("name is neither a standard finalizer name nor is it fully qualified")
    return faults


def _name_faults(name: str) -> list[str]:
    return names.dns1123_label(name)


class NamespaceLifecycle:
    """Admission: nothing new comes into a namespace that is not there, or is going; some namespaces never go."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mutate(self, operation: Operation) -> None:
        """Refuse what the state of its namespace forbids.

        Raises:
            StatusError: 403 or 404.
        """
        kind = operation.kind
        if operation.verb == "DELETE" and (kind.group, kind.plural) == ("", "namespaces"):
            if operation.name in _IMMORTAL:
                raise StatusError.of(forbidden("namespaces", operation.name, "this namespace may not be deleted"))
            return
        if operation.verb != "CREATE" or not kind.namespaced:
            return
        namespace = self._registry.namespace(operation.namespace)
        if namespace is None:
            raise StatusError.of(not_found("namespaces", operation.namespace))
        if namespace["metadata"].get("deletionTimestamp"):
            raise StatusError.of(_terminating(operation))

    async def validate(self, operation: Operation) -> None:
        """Nothing is left to say when the object is final."""


class NamespaceController:
    """Empties namespaces that are going, and then lets them go: the controller manager's part.

    Args:
        registry: Where objects are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def run(self) -> None:
        """Work until cancelled."""
        store = self._registry.store
        watch = store.watch("", "namespaces")
        async with anyio.create_task_group() as tasks:
            for namespace in store.list("", "namespaces")[0]:
                if namespace["metadata"].get("deletionTimestamp"):
                    tasks.start_soon(self._empty, namespace["metadata"]["name"])
            async for event in watch:
                # Only the write that marks it: the others would start the work anew.
                marked = event.object["metadata"].get("deletionTimestamp")
                before = event.previous is not None and event.previous["metadata"].get("deletionTimestamp")
                if marked and not before and event.type != DELETED:
                    tasks.start_soon(self._empty, event.key.name)

    async def _empty(self, name: str) -> None:
        """Delete what is in a namespace until nothing is, and take its finalizer off."""
        await anyio.sleep(REACTION_SECONDS)
        while (namespace := self._registry.namespace(name)) is not None:
            if not await self._delete_contents(name):
                finalize(self._registry, namespace, [])
                return
            await anyio.sleep(_POLL_SECONDS)

    async def _delete_contents(self, name: str) -> int:
        """Delete every object in a namespace; give how many are still there."""
        left = 0
        for kind in self._registry.kinds.resources():
            if not kind.namespaced or "delete" not in kind.verbs:
                continue
            for obj in self._registry.store.list(kind.group, kind.plural, name)[0]:
                if obj["metadata"].get("deletionTimestamp"):
                    left += 1
                    continue
                try:
                    _, removed = await delete_object(
                        self._registry, kind, name, obj["metadata"]["name"], DeleteOptions(policy="Background")
                    )
                except StatusError as error:
                    _logger.debug("namespace %s: %s", name, error)
                    removed = False
                left += not removed
        return left


def finalize(
    registry: Registry, namespace: dict[str, Any], finalizers: list[str], *, dry_run: bool = False
) -> dict[str, Any]:
    """Put other finalizers into a namespace's spec; one that is going and has none left is gone."""
    kind = registry.kinds.find("", "v1", "namespaces")
    assert kind is not None
    spec = {key: value for key, value in (namespace.get("spec") or {}).items() if key != "finalizers"}
    changed = {**namespace, "spec": {**spec, **({"finalizers": finalizers} if finalizers else {})}}
    metadata = namespace["metadata"]
    if metadata.get("deletionTimestamp") and not finalizers and not metadata.get("finalizers"):
        return registry.remove(kind, namespace, dry_run=dry_run, last=changed)
    return registry.replace(kind, changed, namespace, dry_run=dry_run)


def _terminating(operation: Operation) -> Any:
    kind, namespace = operation.kind, operation.namespace
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    status = forbidden(kind.plural, operation.name, why, group=kind.group)
    cause = StatusCause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
    assert status.details is not None
    return evolve(status, details=evolve(status.details, causes=(cause,)))


async def create_defaults(registry: Registry) -> None:
    """Make the namespaces that every server has, unless the store remembers them."""
    kind = registry.kinds.find("", "v1", "namespaces")
    assert kind is not None
    for name in DEFAULT_NAMESPACES:
        if registry.read(kind, "", name) is None:
            target = Target(kind, "", "", WriteOptions("kube-apiserver"))
            obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            await new_object(registry, target, kind.strategy.decode(obj)[0])
