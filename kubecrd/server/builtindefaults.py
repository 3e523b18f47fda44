"""What a real server fills into objects of built-in kinds (kubernetes `pkg/apis/*/v1/defaults.go`)."""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from .policyvalidation import fill_binding_defaults, fill_policy_defaults
from .webhookconfigurations import fill_webhook_defaults

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_defaults"]

Json = dict[str, Any]

_RBAC: Final = "rbac.authorization.k8s.io"
_VOLUME_MODE: Final = 0o644
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE: Final = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_QUARTER: Final = "25%"


def with_defaults(plural: str, obj: Json) -> Json:
    """Give *obj* with what its kind fills in where a client has said nothing.

    Args:
        plural: Of the kind, such as ``deployments``.
        obj: The decoded object; it is left as it is.
    """
    fill = _KINDS.get(plural)
    if fill is None:
        return obj
    filled = copy.deepcopy(obj)
    fill(filled)
    return filled


def _fill(part: Json, **values: Any) -> Json:
    for name, value in values.items():
        if part.get(name) is None:
            part[name] = value
    return part


def _within(part: Json, name: str) -> Json:
    """Give a member that is a struct in Go, which is there whatever a client says."""
    if not isinstance(part.get(name), dict):
        part[name] = {}
    member: Json = part[name]
    return member


def _objects(part: Json, name: str) -> list[Json]:
    found = part.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _pod(pod: Json) -> None:
    spec = _within(pod, "spec")
    _pod_spec(spec)
    _fill(spec, enableServiceLinks=True)


def _template(spec: Json) -> None:
    template = _within(spec, "template")
    _within(template, "metadata")
    _pod_spec(_within(template, "spec"))


def _pod_spec(spec: Json) -> None:
    _fill(
        spec,
        dnsPolicy="ClusterFirst",
        restartPolicy="Always",
        schedulerName="default-scheduler",
        securityContext={},
        terminationGracePeriodSeconds=30,
    )
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for container in _objects(spec, name):
            _container(container)
    for volume in _objects(spec, "volumes"):
        _volume(volume)


def _container(container: Json) -> None:
    _fill(
        container,
        imagePullPolicy=_pull_policy(str(container.get("image", ""))),
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
    )
    for port in _objects(container, "ports"):
        _fill(port, protocol="TCP")
    for name in _PROBES:
        if isinstance(container.get(name), dict):
            _probe(container[name])
    for handler in (container.get("lifecycle") or {}).values():
        _http_get(handler)
    for variable in _objects(container, "env"):
        _field_reference(variable.get("valueFrom") or {})
    _requests(container["resources"])


def _pull_policy(image: str) -> str:
    """Say when an image is pulled: one that may change under its name each time, another only when it is not there."""
    if "@" in image:
        return "IfNotPresent"
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if tag in {"", "latest"} else "IfNotPresent"


def _probe(probe: Json) -> None:
    _fill(probe, **_PROBE)
    _http_get(probe)
    if isinstance(probe.get("grpc"), dict):
        _fill(probe["grpc"], service="")


def _http_get(handler: Any) -> None:
    if isinstance(handler, dict) and isinstance(handler.get("httpGet"), dict):
        _fill(handler["httpGet"], path="/", scheme="HTTP")


def _field_reference(source: Json) -> None:
    if isinstance(source.get("fieldRef"), dict):
        _fill(source["fieldRef"], apiVersion="v1")


def _requests(resources: Json) -> None:
    limits = resources.get("limits")
    if limits:
        resources["requests"] = {**limits, **(resources.get("requests") or {})}


def _volume(volume: Json) -> None:
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        if isinstance(volume.get(name), dict):
            _fill(volume[name], defaultMode=_VOLUME_MODE)
    if isinstance(volume.get("hostPath"), dict):
        _fill(volume["hostPath"], type="")
    for item in _objects(volume.get("downwardAPI") or {}, "items"):
        _field_reference(item)
    for source in _objects(volume.get("projected") or {}, "sources"):
        if isinstance(source.get("serviceAccountToken"), dict):
            _fill(source["serviceAccountToken"], expirationSeconds=3600)
        for item in _objects(source.get("downwardAPI") or {}, "items"):
            _field_reference(item)


def _deployment(obj: Json) -> None:
    spec = _within(obj, "spec")
    _fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = _fill(_within(spec, "strategy"), type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(_within(strategy, "rollingUpdate"), maxSurge=_QUARTER, maxUnavailable=_QUARTER)
    _template(spec)


def _replica_set(obj: Json) -> None:
    spec = _fill(_within(obj, "spec"), replicas=1)
    _template(spec)


def _stateful_set(obj: Json) -> None:
    spec = _fill(_within(obj, "spec"), replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady")
    strategy = _fill(_within(spec, "updateStrategy"), type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(_within(strategy, "rollingUpdate"), partition=0)
    _fill(_within(spec, "persistentVolumeClaimRetentionPolicy"), whenDeleted="Retain", whenScaled="Retain")
    _template(spec)


def _daemon_set(obj: Json) -> None:
    spec = _fill(_within(obj, "spec"), revisionHistoryLimit=10)
    strategy = _fill(_within(spec, "updateStrategy"), type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(_within(strategy, "rollingUpdate"), maxSurge=0, maxUnavailable=1)
    _template(spec)


def _job(obj: Json) -> None:
    spec = _within(obj, "spec")
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    _fill(
        spec,
        parallelism=1,
        backoffLimit=6,
        completionMode="NonIndexed",
        suspend=False,
        manualSelector=False,
        podReplacementPolicy="Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed",
    )
    _template(spec)


def _cron_job(obj: Json) -> None:
    spec = _fill(
        _within(obj, "spec"),
        concurrencyPolicy="Allow",
        suspend=False,
        successfulJobsHistoryLimit=3,
        failedJobsHistoryLimit=1,
    )
    job = _within(spec, "jobTemplate")
    _within(job, "metadata")
    _template(_within(job, "spec"))


def _binding(obj: Json) -> None:
    reference = _within(obj, "roleRef")
    reference["apiGroup"] = reference.get("apiGroup") or _RBAC
    for subject in _objects(obj, "subjects"):
        if subject.get("kind") in {"User", "Group"}:
            subject["apiGroup"] = subject.get("apiGroup") or _RBAC


def _event(obj: Json) -> None:
    """Write what Go writes though it is empty."""
    if str(obj.get("apiVersion", "v1")) != "v1":
        _within(obj, "deprecatedSource")
        for name in ("eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"):
            obj.setdefault(name, None)
        return
    _within(obj, "source")
    for name in ("eventTime", "firstTimestamp", "lastTimestamp"):
        obj.setdefault(name, None)
    for name in ("reportingComponent", "reportingInstance"):
        obj.setdefault(name, "")


def _service(obj: Json) -> None:
    spec = _fill(_within(obj, "spec"), sessionAffinity="None", type="ClusterIP")
    if spec["type"] == "ExternalName":
        return
    _fill(spec, internalTrafficPolicy="Cluster")
    if spec["type"] in {"NodePort", "LoadBalancer"}:
        _fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _fill(spec, allocateLoadBalancerNodePorts=True)
    if spec["sessionAffinity"] == "ClientIP":
        _fill(_within(_within(spec, "sessionAffinityConfig"), "clientIP"), timeoutSeconds=10800)
    for port in _objects(spec, "ports"):
        _fill(port, protocol="TCP", targetPort=port.get("port"))


def _claim(obj: Json) -> None:
    _fill(_within(obj, "spec"), volumeMode="Filesystem")


def _lease(obj: Json) -> None:
    _within(obj, "spec")


def _role(obj: Json) -> None:
    obj.setdefault("rules", None)


_KINDS: Final[dict[str, Callable[[Json], None]]] = {
    "clusterrolebindings": _binding,
    "clusterroles": _role,
    "cronjobs": _cron_job,
    "daemonsets": _daemon_set,
    "deployments": _deployment,
    "events": _event,
    "jobs": _job,
    "leases": _lease,
    "mutatingadmissionpolicies": fill_policy_defaults,
    "mutatingadmissionpolicybindings": fill_binding_defaults,
    "mutatingwebhookconfigurations": partial(fill_webhook_defaults, mutating=True),
    "persistentvolumeclaims": _claim,
    "pods": _pod,
    "replicasets": _replica_set,
    "rolebindings": _binding,
    "roles": _role,
    "services": _service,
    "statefulsets": _stateful_set,
    "validatingadmissionpolicies": fill_policy_defaults,
    "validatingadmissionpolicybindings": fill_binding_defaults,
    "validatingwebhookconfigurations": partial(fill_webhook_defaults, mutating=False),
}
