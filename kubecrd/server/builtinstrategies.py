"""What the server itself writes into new objects of some built-in kinds (kubernetes `pkg/registry/*/strategy.go`)."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from kubecrd.resource.quantity import Quantity

from .strategies import BuiltinStrategy

__all__ = [
    "ClaimStrategy",
    "DaemonSetStrategy",
    "JobStrategy",
    "LeaseStrategy",
    "NodeStrategy",
    "PodStrategy",
    "ServiceStrategy",
]

Json = dict[str, Any]

_CONTROLLER: Final = "batch.kubernetes.io/controller-uid"
_JOB: Final = "batch.kubernetes.io/job-name"


@frozen
class JobStrategy(BuiltinStrategy):
    """A Job finds its pods by labels with its uid, unless its author takes care of that."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Give a new Job its selector, and the labels that it selects by."""
        prepared = super().prepare_create(obj)
        spec, metadata = prepared.get("spec") or {}, prepared["metadata"]
        if spec.get("manualSelector"):
            return prepared
        uid, name = metadata["uid"], metadata.get("name", "")
        labels = {_CONTROLLER: uid, _JOB: name, "controller-uid": uid, "job-name": name}
        template = spec.get("template") or {}
        inner = template.get("metadata") or {}
        own = inner.get("labels") or {}
        labelled = {**template, "metadata": {**inner, "labels": {**own, **labels}}}
        selector = {**(spec.get("selector") or {})}
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), _CONTROLLER: uid}
        prepared["spec"] = {**spec, "selector": selector, "template": labelled}
        prepared["metadata"] = {**metadata, "labels": {**(metadata.get("labels") or {}), **own, **labels}}
        return prepared


@frozen
class PodStrategy(BuiltinStrategy):
    """A pod has a class of service by what its containers ask for."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Give a new pod its class."""
        prepared = super().prepare_create(obj)
        prepared["status"] = {**(prepared.get("status") or {}), "qosClass": _quality(prepared.get("spec") or {})}
        return prepared


def _quality(spec: Json) -> str:
    """Say how well a pod is served (`pkg/apis/core/v1/helper/qos`)."""
    resources = [
        each.get("resources") or {}
        for name in ("containers", "initContainers")
        for each in spec.get(name) or ()
        if isinstance(each, dict)
    ]
    asked = [(each.get("requests") or {}, each.get("limits") or {}) for each in resources]
    relevant = ("cpu", "memory")
    if not any(name in part and Quantity(part[name]) for pair in asked for part in pair for name in relevant):
        return "BestEffort"
    guaranteed = all(
        name in limits and Quantity(requests.get(name, limits[name])) == Quantity(limits[name])
        for requests, limits in asked
        for name in relevant
    )
    return "Guaranteed" if guaranteed else "Burstable"


@frozen
class ServiceStrategy(BuiltinStrategy):
    """A Service has its addresses as a list too; this server has none to give away."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Say in which family of addresses a new Service is."""
        prepared = super().prepare_create(obj)
        prepared["spec"] = _with_addresses(prepared.get("spec") or {})
        return prepared

    def prepare_update(self, obj: Json, old: Json, /) -> Json:
        """Keep what a client that knows nothing of it has left out."""
        prepared = super().prepare_update(obj, old)
        spec, before = prepared.get("spec") or {}, old.get("spec") or {}
        kept = {}
        if spec.get("type") != "ExternalName" and before.get("type") != "ExternalName":
            names = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
            kept = {name: before[name] for name in names if name in before and not spec.get(name)}
        prepared["spec"] = _with_addresses({**spec, **kept})
        return prepared


def _with_addresses(spec: Json) -> Json:
    if spec.get("type") == "ExternalName":
        return spec
    filled = {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", **spec}
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        filled["clusterIPs"] = [spec["clusterIP"]]
    return filled


@frozen
class DaemonSetStrategy(BuiltinStrategy):
    """A DaemonSet counts the changes of its template in an annotation, where the field for it has gone."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Count the first template."""
        return _annotated(super().prepare_create(obj), _TEMPLATE_GENERATION, "1")

    def prepare_update(self, obj: Json, old: Json, /) -> Json:
        """Count on where the template has changed."""
        before = (old["metadata"].get("annotations") or {}).get(_TEMPLATE_GENERATION, "0")
        changed = (obj.get("spec") or {}).get("template") != (old.get("spec") or {}).get("template")
        count = int(before) + changed
        return _annotated(super().prepare_update(obj, old), _TEMPLATE_GENERATION, str(count))


_TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"


def _annotated(obj: Json, key: str, value: str) -> Json:
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), key: value}}}


@frozen
class ClaimStrategy(BuiltinStrategy):
    """A claim of a volume stays as long as something uses it."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Put in the finalizer that keeps it (`StorageObjectInUseProtection`)."""
        prepared = super().prepare_create(obj)
        finalizers = prepared["metadata"].get("finalizers") or []
        if _CLAIM_FINALIZER not in finalizers:
            prepared["metadata"] = {**prepared["metadata"], "finalizers": [*finalizers, _CLAIM_FINALIZER]}
        return prepared


_CLAIM_FINALIZER: Final = "kubernetes.io/pvc-protection"


@frozen
class NodeStrategy(BuiltinStrategy):
    """A node brings its status along, and takes no pods before it is ready."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Taint a new node (`TaintNodesByCondition`)."""
        prepared = super().prepare_create(obj)
        spec, status = prepared.get("spec") or {}, obj.get("status") or {}
        taints = spec.get("taints") or []
        if not any((each.get("key"), each.get("effect")) == (_NOT_READY, "NoSchedule") for each in taints):
            taints = [*taints, {"effect": "NoSchedule", "key": _NOT_READY}]
        return {**prepared, "spec": {**spec, "taints": taints}, "status": {**_NODE_STATUS, **status}}

    def prepare_status_update(self, obj: Json, old: Json, /) -> Json:
        """Take what a node has for what it can give, where it does not say that."""
        prepared = super().prepare_status_update(obj, old)
        status = {**_NODE_STATUS, **(prepared.get("status") or {})}
        before = (old.get("status") or {}).get("allocatable")
        if status.get("capacity") and not status.get("allocatable") and not before:
            status["allocatable"] = dict(status["capacity"])
        return {**prepared, "status": status}


_NOT_READY: Final = "node.kubernetes.io/not-ready"
_NODE_STATUS: Final[Json] = {
    "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
    "nodeInfo": dict.fromkeys(
        (
            "architecture",
            "bootID",
            "containerRuntimeVersion",
            "kernelVersion",
            "kubeProxyVersion",
            "kubeletVersion",
            "machineID",
            "operatingSystem",
            "osImage",
            "systemUUID",
        ),
        "",
    ),
}
"""What Go writes of a node though it is empty."""


@frozen
class LeaseStrategy(BuiltinStrategy):
    """A Lease says nothing of strategies for choosing who holds it: that is switched off."""

    def prepare_create(self, obj: Json, /) -> Json:
        """Drop what is switched off."""
        return _without_strategy(super().prepare_create(obj))

    def prepare_update(self, obj: Json, old: Json, /) -> Json:
        """Drop what is switched off."""
        return _without_strategy(super().prepare_update(obj, old))


def _without_strategy(lease: Json) -> Json:
    spec = lease.get("spec") or {}
    return {**lease, "spec": {key: value for key, value in spec.items() if key not in {"strategy", "preferredHolder"}}}
