"""The columns of built-in kinds, as ``kubectl get`` shows them (kubernetes `printers/internalversion`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from .ages import age

__all__ = ["BuiltinColumn", "builtin_columns"]

_NONE: Final = "<none>"


@frozen
class BuiltinColumn:
    """One column.

    Attributes:
        name: The heading.
        cell: Gives the cell of an object.
        type: As in a definition.
        priority: Above 0 it is shown by ``-o wide`` only.
    """

    name: str
    cell: Callable[[dict[str, Any]], Any]
    type: str = "string"
    priority: int = 0


def _at(*path: str, default: Any = _NONE) -> Callable[[dict[str, Any]], Any]:
    def cell(obj: dict[str, Any]) -> Any:
        value: Any = obj
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return default if value is None or value == "" else value

    return cell


def _name(obj: dict[str, Any]) -> str:
    return str(obj["metadata"].get("name", ""))


def _age(obj: dict[str, Any]) -> str:
    return age(obj["metadata"].get("creationTimestamp"))


def _labels(*path: str) -> Callable[[dict[str, Any]], str]:
    def cell(obj: dict[str, Any]) -> str:
        labels = _at(*path, default={})(obj)
        return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or _NONE

    return cell


def _pod_spec(obj: dict[str, Any]) -> dict[str, Any]:
    found = _at("spec", "template", "spec", default=None)(obj)
    spec: dict[str, Any] = found or _at("spec", "jobTemplate", "spec", "template", "spec", default={})(obj)
    return spec


def _containers(obj: dict[str, Any]) -> str:
    return ",".join(each["name"] for each in _pod_spec(obj).get("containers", ()))


def _images(obj: dict[str, Any]) -> str:
    return ",".join(each.get("image", "") for each in _pod_spec(obj).get("containers", ()))


def _ratio(ready: tuple[str, ...], wanted: tuple[str, ...]) -> Callable[[dict[str, Any]], str]:
    return lambda obj: f"{_at(*ready, default=0)(obj)}/{_at(*wanted, default=0)(obj)}"


def _ports(obj: dict[str, Any]) -> str:
    ports = _at("spec", "ports", default=[])(obj)
    shown = [
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port.get('protocol', 'TCP')}"
        for port in ports
    ]
    return ",".join(shown) or _NONE


def _external(obj: dict[str, Any]) -> str:
    spec = obj.get("spec", {})
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", _NONE))
    addresses = [
        each.get("ip") or each.get("hostname", "") for each in _at("status", "loadBalancer", "ingress", default=[])(obj)
    ]
    if spec.get("type") == "LoadBalancer" and not addresses:
        return "<pending>"
    return ",".join([*addresses, *spec.get("externalIPs", ())]) or _NONE


def _statuses(pod: dict[str, Any]) -> list[dict[str, Any]]:
    statuses: list[dict[str, Any]] = _at("status", "containerStatuses", default=[])(pod)
    return statuses


def _pod_ready(pod: dict[str, Any]) -> str:
    containers = _at("spec", "containers", default=[])(pod)
    return f"{sum(bool(each.get('ready')) for each in _statuses(pod))}/{len(containers)}"


def _pod_status(pod: dict[str, Any]) -> str:
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for each in _statuses(pod):
        state = each.get("state", {})
        reason = state.get("waiting", {}).get("reason") or state.get("terminated", {}).get("reason")
        if reason:
            return str(reason)
    return str(_at("status", "reason", default="")(pod) or _at("status", "phase", default="")(pod))


def _restarts(pod: dict[str, Any]) -> str:
    return str(sum(each.get("restartCount", 0) for each in _statuses(pod)))


def _job_status(job: dict[str, Any]) -> str:
    for condition in _at("status", "conditions", default=[])(job):
        if condition.get("status") == "True" and condition.get("type") in {"Complete", "Failed", "Suspended"}:
            return str(condition["type"])
    return "Terminating" if job["metadata"].get("deletionTimestamp") else "Running"


def _event_object(event: dict[str, Any]) -> str:
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def _event_source(event: dict[str, Any]) -> str:
    source = event.get("source") or {}
    return ", ".join(part for part in (source.get("component"), source.get("host")) if part)


def _subjects(kind: str) -> Callable[[dict[str, Any]], str]:
    def cell(binding: dict[str, Any]) -> str:
        subjects = [each for each in binding.get("subjects") or () if each.get("kind") == kind]
        return ", ".join(
            f"{each.get('namespace', '')}/{each['name']}" if kind == "ServiceAccount" else each["name"]
            for each in subjects
        )

    return cell


def _node_status(node: dict[str, Any]) -> str:
    ready = [each for each in _at("status", "conditions", default=[])(node) if each.get("type") == "Ready"]
    word = ("Ready" if ready[0].get("status") == "True" else "NotReady") if ready else "Unknown"
    return f"{word},SchedulingDisabled" if _at("spec", "unschedulable", default=False)(node) else word


def _node_roles(node: dict[str, Any]) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = node["metadata"].get("labels") or {}
    return ",".join(sorted(label.removeprefix(prefix) for label in labels if label.startswith(prefix))) or _NONE


_NAME: Final = BuiltinColumn("Name", _name)
_AGE: Final = BuiltinColumn("Age", _age)
_PODS: Final = (
    BuiltinColumn("Containers", _containers, priority=1),
    BuiltinColumn("Images", _images, priority=1),
)
_SELECTOR: Final = BuiltinColumn("Selector", _labels("spec", "selector", "matchLabels"), priority=1)
_CREATED: Final = (_NAME, BuiltinColumn("Created At", _at("metadata", "creationTimestamp"), "date"))


def _count(name: str, *path: str) -> BuiltinColumn:
    return BuiltinColumn(name, _at(*path, default=0), "integer")


_COLUMNS: Final[dict[str, tuple[BuiltinColumn, ...]]] = {
    "clusterroles": _CREATED,
    "configmaps": (
        _NAME,
        BuiltinColumn("Data", lambda obj: len(obj.get("data") or ()) + len(obj.get("binaryData") or ())),
        _AGE,
    ),
    "cronjobs": (
        _NAME,
        BuiltinColumn("Schedule", _at("spec", "schedule")),
        BuiltinColumn("Timezone", _at("spec", "timeZone")),
        BuiltinColumn("Suspend", _at("spec", "suspend", default=False), "boolean"),
        BuiltinColumn("Active", lambda obj: len(_at("status", "active", default=[])(obj)), "integer"),
        BuiltinColumn("Last Schedule", lambda obj: _since(_at("status", "lastScheduleTime", default="")(obj))),
        _AGE,
        *_PODS,
        _SELECTOR,
    ),
    "customresourcedefinitions": _CREATED,
    "deployments": (
        _NAME,
        BuiltinColumn("Ready", _ratio(("status", "readyReplicas"), ("spec", "replicas"))),
        BuiltinColumn("Up-to-date", _at("status", "updatedReplicas", default=0)),
        BuiltinColumn("Available", _at("status", "availableReplicas", default=0)),
        _AGE,
        *_PODS,
        _SELECTOR,
    ),
    "events": (
        BuiltinColumn("Last Seen", lambda obj: age(obj.get("lastTimestamp") or obj.get("eventTime"))),
        BuiltinColumn("Type", _at("type", default="")),
        BuiltinColumn("Reason", _at("reason", default="")),
        BuiltinColumn("Object", _event_object),
        BuiltinColumn("Subobject", _at("involvedObject", "fieldPath", default=""), priority=1),
        BuiltinColumn("Source", _event_source, priority=1),
        BuiltinColumn("Message", lambda obj: str(obj.get("message") or obj.get("note") or "").strip()),
        BuiltinColumn("First Seen", lambda obj: age(obj.get("firstTimestamp")), priority=1),
        BuiltinColumn("Count", _at("count", default=1), priority=1),
        BuiltinColumn("Name", _name, priority=1),
    ),
    "jobs": (
        _NAME,
        BuiltinColumn("Status", _job_status),
        BuiltinColumn("Completions", _ratio(("status", "succeeded"), ("spec", "completions"))),
        BuiltinColumn("Duration", lambda _: ""),
        _AGE,
        *_PODS,
        _SELECTOR,
    ),
    "leases": (_NAME, BuiltinColumn("Holder", _at("spec", "holderIdentity", default="")), _AGE),
    "namespaces": (_NAME, BuiltinColumn("Status", _at("status", "phase", default="")), _AGE),
    "nodes": (
        _NAME,
        BuiltinColumn("Status", _node_status),
        BuiltinColumn("Roles", _node_roles),
        _AGE,
        BuiltinColumn("Version", _at("status", "nodeInfo", "kubeletVersion", default="")),
    ),
    "pods": (
        _NAME,
        BuiltinColumn("Ready", _pod_ready),
        BuiltinColumn("Status", _pod_status),
        BuiltinColumn("Restarts", _restarts),
        _AGE,
        BuiltinColumn("IP", _at("status", "podIP"), priority=1),
        BuiltinColumn("Node", _at("spec", "nodeName"), priority=1),
        BuiltinColumn("Nominated Node", _at("status", "nominatedNodeName"), priority=1),
        BuiltinColumn("Readiness Gates", lambda _: _NONE, priority=1),
    ),
    "replicasets": (
        _NAME,
        _count("Desired", "spec", "replicas"),
        _count("Current", "status", "replicas"),
        _count("Ready", "status", "readyReplicas"),
        _AGE,
        *_PODS,
        _SELECTOR,
    ),
    "rolebindings": (
        _NAME,
        BuiltinColumn("Role", lambda obj: f"{obj['roleRef'].get('kind', '')}/{obj['roleRef'].get('name', '')}"),
        _AGE,
        BuiltinColumn("Users", _subjects("User"), priority=1),
        BuiltinColumn("Groups", _subjects("Group"), priority=1),
        BuiltinColumn("ServiceAccounts", _subjects("ServiceAccount"), priority=1),
    ),
    "roles": _CREATED,
    "secrets": (
        _NAME,
        BuiltinColumn("Type", _at("type", default="Opaque")),
        BuiltinColumn("Data", lambda obj: len(obj.get("data") or ())),
        _AGE,
    ),
    "services": (
        _NAME,
        BuiltinColumn("Type", _at("spec", "type", default="ClusterIP")),
        BuiltinColumn("Cluster-IP", _at("spec", "clusterIP")),
        BuiltinColumn("External-IP", _external),
        BuiltinColumn("Port(s)", _ports),
        _AGE,
        BuiltinColumn("Selector", _labels("spec", "selector"), priority=1),
    ),
    "statefulsets": (
        _NAME,
        BuiltinColumn("Ready", _ratio(("status", "readyReplicas"), ("spec", "replicas"))),
        _AGE,
        *_PODS,
    ),
}
_COLUMNS_OF_BINDINGS: Final = {"clusterrolebindings": _COLUMNS["rolebindings"]}


def _since(text: str) -> str:
    return age(text) if text else _NONE


def builtin_columns(plural: str) -> tuple[BuiltinColumn, ...]:
    """Give the columns of a built-in kind: its own, or name and age."""
    return _COLUMNS.get(plural) or _COLUMNS_OF_BINDINGS.get(plural) or (_NAME, _AGE)
