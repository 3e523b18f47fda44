"""The cells of built-in kinds, as ``kubectl get`` shows them (kubernetes `printers/internalversion`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from .ages import age, human_duration

__all__ = [
    "Cell",
    "access_modes",
    "age_cell",
    "age_of",
    "amount",
    "api_available",
    "api_service",
    "at",
    "balancer_addresses",
    "bound_only",
    "certificate_condition",
    "claim",
    "containers",
    "default_marked",
    "endpoints",
    "event_object",
    "event_source",
    "external",
    "flag",
    "images",
    "ingress_class_parameters",
    "ingress_hosts",
    "job_completions",
    "job_duration",
    "job_status",
    "joined",
    "labels",
    "metric_targets",
    "missing_level",
    "name_cell",
    "node_address",
    "node_roles",
    "node_status",
    "owner",
    "param_kind",
    "param_ref",
    "parent",
    "phase_or_terminating",
    "pod_ready",
    "pod_spec",
    "pod_status",
    "ports",
    "quota",
    "ratio",
    "readiness_gates",
    "requested_duration",
    "restarts",
    "scale_target",
    "selector",
    "since",
    "slice_endpoints",
    "slice_ports",
    "statuses",
    "storage_class",
    "subjects",
    "template_containers",
    "template_images",
    "unknown_info",
]

_NONE: Final = "<none>"
_UNSET: Final = "<unset>"

Cell = Callable[[dict[str, Any]], Any]
"""Gives the cell of an object."""


def at(*path: str, default: Any = _NONE) -> Callable[[dict[str, Any]], Any]:
    """Give what stands at a path, or *default* where nothing does."""

    def cell(obj: dict[str, Any]) -> Any:
        value: Any = obj
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return default if value is None or value == "" else value

    return cell


def name_cell(obj: dict[str, Any]) -> str:
    """Give the name."""
    return str(obj["metadata"].get("name", ""))


def age_cell(obj: dict[str, Any]) -> str:
    """Say how long ago the object was made."""
    return age(obj["metadata"].get("creationTimestamp"))


def labels(*path: str) -> Callable[[dict[str, Any]], str]:
    """Write a map of labels."""

    def cell(obj: dict[str, Any]) -> str:
        labels = at(*path, default={})(obj)
        return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or _NONE

    return cell


def pod_spec(obj: dict[str, Any]) -> dict[str, Any]:
    """Give the pod that a workload makes."""
    found = at("spec", "template", "spec", default=None)(obj)
    spec: dict[str, Any] = found or at("spec", "jobTemplate", "spec", "template", "spec", default={})(obj)
    return spec


def containers(obj: dict[str, Any]) -> str:
    """Name the containers of a workload."""
    return ",".join(each["name"] for each in pod_spec(obj).get("containers", ()))


def images(obj: dict[str, Any]) -> str:
    """List the images of a workload."""
    return ",".join(each.get("image", "") for each in pod_spec(obj).get("containers", ()))


def ratio(ready: tuple[str, ...], wanted: tuple[str, ...]) -> Callable[[dict[str, Any]], str]:
    """Give two numbers with a slash."""
    return lambda obj: f"{at(*ready, default=0)(obj)}/{at(*wanted, default=0)(obj)}"


def ports(obj: dict[str, Any]) -> str:
    """List the ports of a service."""
    ports = at("spec", "ports", default=[])(obj)
    shown = [
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port.get('protocol', 'TCP')}"
        for port in ports
    ]
    return ",".join(shown) or _NONE


def external(obj: dict[str, Any]) -> str:
    """Say where a service is reached from outside."""
    spec = obj.get("spec", {})
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", _NONE))
    addresses = [
        each.get("ip") or each.get("hostname", "") for each in at("status", "loadBalancer", "ingress", default=[])(obj)
    ]
    if spec.get("type") == "LoadBalancer" and not addresses:
        return "<pending>"
    return ",".join([*addresses, *spec.get("externalIPs", ())]) or _NONE


def statuses(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the states of the containers of a pod."""
    statuses: list[dict[str, Any]] = at("status", "containerStatuses", default=[])(pod)
    return statuses


def pod_ready(pod: dict[str, Any]) -> str:
    """Say how many containers of how many are ready."""
    containers = at("spec", "containers", default=[])(pod)
    return f"{sum(bool(each.get('ready')) for each in statuses(pod))}/{len(containers)}"


def pod_status(pod: dict[str, Any]) -> str:
    """Say how a pod is: its phase, or why a container is not running."""
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for each in statuses(pod):
        state = each.get("state", {})
        reason = state.get("waiting", {}).get("reason") or state.get("terminated", {}).get("reason")
        if reason:
            return str(reason)
    return str(at("status", "reason", default="")(pod) or at("status", "phase", default="")(pod))


def restarts(pod: dict[str, Any]) -> str:
    """Count how often containers have been restarted."""
    return str(sum(each.get("restartCount", 0) for each in statuses(pod)))


def job_status(job: dict[str, Any]) -> str:
    """Say how a job is."""
    for condition in at("status", "conditions", default=[])(job):
        if condition.get("status") == "True" and condition.get("type") in {"Complete", "Failed", "Suspended"}:
            return str(condition["type"])
    return "Terminating" if job["metadata"].get("deletionTimestamp") else "Running"


def event_object(event: dict[str, Any]) -> str:
    """Name what an event is about."""
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def event_source(event: dict[str, Any]) -> str:
    """Name who tells of an event."""
    source = event.get("source") or {}
    return ", ".join(part for part in (source.get("component"), source.get("host")) if part)


def subjects(kind: str) -> Callable[[dict[str, Any]], str]:
    """List the subjects of one kind."""

    def cell(binding: dict[str, Any]) -> str:
        subjects = [each for each in binding.get("subjects") or () if each.get("kind") == kind]
        return ", ".join(
            f"{each.get('namespace', '')}/{each['name']}" if kind == "ServiceAccount" else each["name"]
            for each in subjects
        )

    return cell


def node_status(node: dict[str, Any]) -> str:
    """Say whether a node is ready, and takes pods."""
    ready = [each for each in at("status", "conditions", default=[])(node) if each.get("type") == "Ready"]
    word = ("Ready" if ready[0].get("status") == "True" else "NotReady") if ready else "Unknown"
    return f"{word},SchedulingDisabled" if at("spec", "unschedulable", default=False)(node) else word


def node_roles(node: dict[str, Any]) -> str:
    """List the roles that labels give a node."""
    prefix = "node-role.kubernetes.io/"
    labels = node["metadata"].get("labels") or {}
    return ",".join(sorted(label.removeprefix(prefix) for label in labels if label.startswith(prefix))) or _NONE


def age_of(text: str | None) -> str:
    """Say how long ago a time was."""
    return age(text)


def readiness_gates(pod: dict[str, Any]) -> str:
    """Say how many gates of how many are open."""
    gates = at("spec", "readinessGates", default=[])(pod)
    conditions = {each.get("type"): each.get("status") for each in at("status", "conditions", default=[])(pod)}
    open_gates = sum(conditions.get(gate["conditionType"]) == "True" for gate in gates)
    return f"{open_gates}/{len(gates)}" if gates else _NONE


def template_containers(template: dict[str, Any]) -> str:
    """Name the containers of a pod template."""
    return containers({"spec": template})


def template_images(template: dict[str, Any]) -> str:
    """List the images of a pod template."""
    return images({"spec": template})


def missing_level(schema: dict[str, Any]) -> str:
    """Say whether a flow schema names a priority level that is not there."""
    conditions = {each.get("type"): each.get("status") for each in at("status", "conditions", default=[])(schema)}
    return str(conditions.get("Dangling") or "?")


def parent(address: dict[str, Any]) -> str:
    """Name what an address belongs to."""
    found = at("spec", "parentRef", default={})(address)
    group = f".{found['group']}" if found.get("group") else ""
    return f"{found.get('resource', '')}{group}/{found.get('namespace', '')}/{found.get('name', '')}"


def since(*path: str, default: str = _NONE) -> Cell:
    """Say how long ago a time of the object was."""

    def cell(obj: dict[str, Any]) -> str:
        text = at(*path, default="")(obj)
        return age(text) if text else default

    return cell


def joined(*path: str, limit: int = 0) -> Cell:
    """Join the texts of a list by commas, at most *limit* of them where that is above 0."""
    return lambda obj: _joined(at(*path, default=[])(obj), limit)


def _joined(values: list[Any], limit: int = 0) -> str:
    texts = [str(value) for value in values]
    if limit and len(texts) > limit:
        return f"{','.join(texts[:limit])} + {len(texts) - limit} more..."
    return ",".join(texts) or _NONE


def amount(*path: str) -> Cell:
    """Count the members of a list or map."""
    return lambda obj: len(at(*path, default=())(obj))


def flag(*path: str, default: object = False) -> Cell:
    """Write a boolean as a text."""
    return lambda obj: str(at(*path, default=default)(obj)).lower()


def selector(*path: str) -> Cell:
    """Write a label selector as ``kubectl`` does."""

    def cell(obj: dict[str, Any]) -> str:
        found = at(*path, default={})(obj)
        parts = [f"{key}={value}" for key, value in sorted((found.get("matchLabels") or {}).items())]
        parts += [_requirement(each) for each in found.get("matchExpressions") or ()]
        return ",".join(parts) or _NONE

    return cell


def _requirement(each: dict[str, Any]) -> str:
    match each.get("operator"):
        case "Exists":
            return str(each["key"])
        case "DoesNotExist":
            return f"!{each['key']}"
        case operator:
            return f"{each['key']} {str(operator).lower()} ({','.join(sorted(each.get('values') or ()))})"


_ACCESS: Final = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def access_modes(*path: str) -> Cell:
    """Write the modes of a volume short, each once and in a fixed order."""

    def cell(obj: dict[str, Any]) -> str:
        modes = at(*path, default=[])(obj)
        return ",".join(short for mode, short in _ACCESS.items() if mode in modes)

    return cell


def claim(volume: dict[str, Any]) -> str:
    """Name the claim that a volume is bound to."""
    found = at("spec", "claimRef", default={})(volume)
    return f"{found.get('namespace', '')}/{found.get('name', '')}" if found else ""


def phase_or_terminating(obj: dict[str, Any]) -> str:
    """Give the phase of a claim or volume, unless it is going."""
    return "Terminating" if obj["metadata"].get("deletionTimestamp") else str(at("status", "phase", default="")(obj))


def bound_only(*path: str) -> Cell:
    """Give a part of a claim that is of interest once it has a volume."""
    return lambda claim: at(*path, default="")(claim) if at("spec", "volumeName", default="")(claim) else ""


def storage_class(obj: dict[str, Any]) -> str:
    """Name the class: by the annotation of old, or by the field."""
    annotated = (obj["metadata"].get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
    return str(annotated or at("spec", "storageClassName", default="")(obj))


def default_marked(obj: dict[str, Any]) -> str:
    """Name a storage class, and say whether it is the default one."""
    annotations = obj["metadata"].get("annotations") or {}
    marks = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
    mark = " (default)" if any(annotations.get(each) == "true" for each in marks) else ""
    return name_cell(obj) + mark


def ingress_hosts(ingress: dict[str, Any]) -> str:
    """List the hosts of the rules."""
    hosts = [rule["host"] for rule in at("spec", "rules", default=[])(ingress) if rule.get("host")]
    return _joined(hosts, 3) if hosts else "*"


def balancer_addresses(obj: dict[str, Any]) -> str:
    """List where a load balancer is reached."""
    points = at("status", "loadBalancer", "ingress", default=[])(obj)
    return ",".join(each.get("ip") or each.get("hostname", "") for each in points)


def endpoints(obj: dict[str, Any]) -> str:
    """List the first three addresses with their ports."""
    found = []
    for subset in obj.get("subsets") or ():
        for address in subset.get("addresses") or ():
            ports = [port["port"] for port in subset.get("ports") or ()]
            found += [f"{address['ip']}:{port}" for port in ports] or [address["ip"]]
    return _joined(found, 3)


def slice_ports(obj: dict[str, Any]) -> str:
    """List the ports of an endpoint slice."""
    ports = obj.get("ports") or ()
    if not ports:
        return _UNSET
    return _joined([port.get("port", "*") for port in ports], 3)


def slice_endpoints(obj: dict[str, Any]) -> str:
    """List the addresses of an endpoint slice."""
    found = [address for each in obj.get("endpoints") or () for address in each.get("addresses") or ()]
    return _joined(found, 3) if found else _UNSET


def node_address(kind: str) -> Cell:
    """Give the first address of a node that is of *kind*."""

    def cell(node: dict[str, Any]) -> str:
        addresses = at("status", "addresses", default=[])(node)
        return next((str(each["address"]) for each in addresses if each.get("type") == kind), _NONE)

    return cell


def unknown_info(name: str) -> Cell:
    """Give a part of what the kubelet tells of its node."""
    return at("status", "nodeInfo", name, default="<unknown>")


def requested_duration(request: dict[str, Any]) -> str:
    """Say how long a certificate is to be good."""
    seconds = at("spec", "expirationSeconds", default=0)(request)
    return human_duration(seconds) if seconds else _NONE


def certificate_condition(request: dict[str, Any]) -> str:
    """Say what became of a request for a certificate."""
    types = {each.get("type") for each in at("status", "conditions", default=[])(request)}
    words = [word for word in ("Approved", "Denied") if word in types] or ["Pending"]
    words += ["Failed"] if "Failed" in types else []
    return ",".join(words + (["Issued"] if at("status", "certificate", default="")(request) else []))


def job_duration(job: dict[str, Any]) -> str:
    """Say how long a job has run, or took."""
    start, end = at("status", "startTime", default="")(job), at("status", "completionTime", default="")(job)
    if not start:
        return ""
    return age(start, datetime.fromisoformat(end) if end else None)


def job_completions(job: dict[str, Any]) -> str:
    """Say how many pods of how many have succeeded."""
    succeeded, spec = at("status", "succeeded", default=0)(job), job.get("spec", {})
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallel = spec.get("parallelism") or 0
    return f"{succeeded}/1 of {parallel}" if parallel > 1 else f"{succeeded}/1"


def scale_target(autoscaler: dict[str, Any]) -> str:
    """Name what an autoscaler scales."""
    target = at("spec", "scaleTargetRef", default={})(autoscaler)
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def metric_targets(autoscaler: dict[str, Any]) -> str:
    """Say of the first two metrics what they are and what they should be."""
    wanted = at("spec", "metrics", default=[])(autoscaler)
    current = at("status", "currentMetrics", default=[])(autoscaler)
    texts = [_metric(each, current[place] if place < len(current) else {}) for place, each in enumerate(wanted)]
    return _joined(texts, 2)


def _metric(wanted: dict[str, Any], current: dict[str, Any]) -> str:
    source = wanted["type"][:1].lower() + wanted["type"][1:]
    part, found = wanted.get(source) or {}, current.get(source) or {}
    target, now = part.get("target") or {}, found.get("current") or {}
    prefix = f"{part['name']}: " if "name" in part else ""
    if "averageUtilization" in target:
        share = now.get("averageUtilization")
        return f"{prefix}{'<unknown>' if share is None else f'{share}%'}/{target['averageUtilization']}%"
    if "averageValue" in target:
        mark = "" if source in {"resource", "containerResource", "pods"} else " (avg)"
        return f"{prefix}{now.get('averageValue', '<unknown>')}/{target['averageValue']}{mark}"
    return f"{prefix}{now.get('value', '<unknown>')}/{target.get('value', '<auto>')}"


def api_service(obj: dict[str, Any]) -> str:
    """Name the service behind an API, or say that there is none."""
    service = at("spec", "service", default={})(obj)
    return f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"


def api_available(obj: dict[str, Any]) -> str:
    """Say whether an API can be reached, and if not why."""
    for each in at("status", "conditions", default=[])(obj):
        if each.get("type") == "Available":
            reason = f" ({each['reason']})" if each.get("reason") else ""
            return "True" if each.get("status") == "True" else f"{each.get('status')}{reason}"
    return "Unknown"


def owner(obj: dict[str, Any]) -> str:
    """Name the controller of an object with its kind and group."""
    for each in obj["metadata"].get("ownerReferences") or ():
        if each.get("controller"):
            group = each["apiVersion"].rpartition("/")[0]
            return f"{each['kind'].lower()}{'.' + group if group else ''}/{each['name']}"
    return _NONE


def param_kind(policy: dict[str, Any]) -> str:
    """Name the kind of a policy's parameters."""
    found = at("spec", "paramKind", default={})(policy)
    return f"{found.get('apiVersion', '')}/{found.get('kind', '')}" if found else _UNSET


def param_ref(binding: dict[str, Any]) -> str:
    """Name the parameters of a binding."""
    found = at("spec", "paramRef", default={})(binding)
    if not found:
        return _UNSET
    return f"{found['namespace']}/{found.get('name', '*')}" if found.get("namespace") else str(found.get("name", "*"))


def quota(scope: str) -> Cell:
    """Say how much of a quota is used: of what limits are named by, or of all else."""

    def cell(obj: dict[str, Any]) -> str:
        hard, used = at("status", "hard", default={})(obj), at("status", "used", default={})(obj)
        names = [name for name in sorted(hard) if name.startswith("limits.") == (scope == "limits")]
        return ", ".join(f"{name}: {used.get(name, 0)}/{hard[name]}" for name in names)

    return cell


def ingress_class_parameters(obj: dict[str, Any]) -> str:
    """Name the parameters of an ingress class."""
    found = at("spec", "parameters", default={})(obj)
    group = f".{found['apiGroup']}" if found.get("apiGroup") else ""
    return f"{found.get('kind', '')}{group}/{found.get('name', '')}" if found else _NONE
