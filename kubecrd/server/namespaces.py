"""Namespaces: the ones that are always there, the ones that are going, and what that means for their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.status import StatusCause, forbidden, not_found
from kubecrd.schema import names

from .kinds import ServedKind, Subresource
from .options import WriteOptions
from .strategies import BuiltinStrategy
from .writing import Target, create_object

if TYPE_CHECKING:
    from .admission import Operation
    from .registry import Registry

__all__ = ["DEFAULT_NAMESPACES", "NamespaceLifecycle", "NamespaceStrategy", "create_defaults", "namespace_kind"]

DEFAULT_NAMESPACES: Final = ("default", "kube-system", "kube-public", "kube-node-lease")
_IMMORTAL: Final = frozenset({"default", "kube-system", "kube-public"})
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
_FINALIZER: Final = "kubernetes"


@frozen
class NamespaceStrategy(BuiltinStrategy):
    """Namespaces carry their name as a label, and a finalizer in their spec."""

    def prepare_create(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Make a new namespace active, and put the finalizer in."""
        prepared = _labelled(super().prepare_create(obj))
        finalizers = list((obj.get("spec") or {}).get("finalizers") or ())
        if _FINALIZER not in finalizers:
            finalizers.append(_FINALIZER)
        return {**prepared, "spec": {"finalizers": finalizers}, "status": {"phase": "Active"}}

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Keep the finalizers of the spec, which only ``/finalize`` changes."""
        prepared = _labelled(super().prepare_update(obj, old))
        return {**prepared, "spec": old.get("spec", {})}

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Take the status."""
        return _labelled(super().prepare_status_update(obj, old))


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
        return evolve(base, strategy=strategy, mark_deleted=mark_terminating, unconditional_update=True)
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
    )


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
            await create_object(registry, target, obj)
