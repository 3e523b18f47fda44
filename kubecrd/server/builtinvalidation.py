"""What a real server refuses in objects of the common built-in kinds (kubernetes `pkg/apis/*/validation`).

Not all of it: what operators write, and what goes wrong there. Everything else of these kinds is taken as it is.
"""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RequestError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.labels import Selector
from kubecrd.resource.quantity import Quantity
from kubecrd.schema import names
from kubecrd.schema.wording import duplicate, forbidden, immutable, invalid, not_supported, required

from .eventvalidation import check_event
from .mutationvalidation import check_mutating_policy
from .policyvalidation import check_binding, check_mutating_binding, check_policy
from .webhookconfigurations import check_webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_builtin"]

Json = dict[str, Any]

_NOT_NEGATIVE: Final = "must be greater than or equal to 0"
_RESTART_POLICIES: Final = ("Always", "OnFailure", "Never")


def check_builtin(plural: str, obj: Json, old: Json | None = None) -> list[FieldError]:
    """Say what is wrong with the rest of an object, beside its metadata.

    Args:
        plural: Of the kind, such as ``deployments``.
        obj: The decoded and defaulted object.
        old: What is stored of it; None where it is new.
    """
    check = _KINDS.get(plural)
    return [] if check is None else check(obj, old)


def _at(part: Any, *path: str) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def _pod(obj: Json, _old: Json | None) -> list[FieldError]:
    return _pod_spec(obj.get("spec") or {}, "spec", _RESTART_POLICIES)


def _pod_spec(spec: Json, path: str, policies: tuple[str, ...]) -> list[FieldError]:
    errors: list[FieldError] = []
    containers = spec.get("containers") or []
    if not containers:
        errors.append(required(f"{path}.containers"))
    seen: set[str] = set()
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    for index, container in enumerate(containers):
        errors += _container(container, f"{path}.containers[{index}]", seen, volumes)
    policy = spec.get("restartPolicy")
    if policy not in policies:
        errors.append(not_supported(f"{path}.restartPolicy", policy, policies))
    return errors


def _container(container: Json, path: str, seen: set[str], volumes: set[Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    name = str(container.get("name") or "")
    if not name:
        errors.append(required(f"{path}.name"))
    else:
        errors += [invalid(f"{path}.name", name, text) for text in names.dns1123_label(name)]
    if name in seen:
        errors.append(duplicate(f"{path}.name", name))
    seen.add(name)
    if not container.get("image"):
        errors.append(required(f"{path}.image"))
    errors += _resources(container.get("resources") or {}, f"{path}.resources")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            errors.append(_not_found(f"{path}.volumeMounts[{index}].name", mount.get("name", "")))
    return errors


def _resources(resources: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    limits = resources.get("limits") or {}
    for name, asked in (resources.get("requests") or {}).items():
        limit = limits.get(name)
        if limit is not None and Quantity(asked) > Quantity(limit):
            text = f"must be less than or equal to {name} limit of {limit}"
            errors.append(invalid(f"{path}.requests", str(asked), text))
    return errors


def _not_found(path: str, value: str) -> FieldError:
    return FieldError(path, "FieldValueNotFound", "", value)


def _workload(obj: Json, old: Json | None) -> list[FieldError]:
    spec = obj.get("spec") or {}
    errors: list[FieldError] = []
    replicas = spec.get("replicas", 0)
    if isinstance(replicas, int) and replicas < 0:
        errors.append(invalid("spec.replicas", replicas, _NOT_NEGATIVE))
    selector = spec.get("selector")
    if selector is None:
        errors.append(required("spec.selector"))
    labels = _at(spec, "template", "metadata", "labels") or {}
    if not _selects(selector, labels):
        errors.append(
            invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"),
        )
    errors += _pod_spec(_at(spec, "template", "spec") or {}, "spec.template.spec", ("Always",))
    if old is not None and selector != _at(old, "spec", "selector"):
        errors.append(immutable("spec.selector", selector))
    return errors


def _selects(selector: Json | None, labels: dict[str, str]) -> bool:
    try:
        return selector is not None and Selector.from_dict(selector).matches(labels)
    except RequestError:
        return True


def _deployment(obj: Json, old: Json | None) -> list[FieldError]:
    errors = _workload(obj, old)
    strategy = _at(obj, "spec", "strategy") or {}
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        text = "may not be specified when strategy `type` is 'Recreate'"
        errors.append(forbidden("spec.strategy.rollingUpdate", text))
    return errors


def _job(obj: Json, _old: Json | None) -> list[FieldError]:
    return _job_spec(obj.get("spec") or {}, "spec")


def _job_spec(spec: Json, path: str) -> list[FieldError]:
    template = _at(spec, "template", "spec") or {}
    errors = _pod_spec(template, f"{path}.template.spec", _RESTART_POLICIES)
    if template.get("restartPolicy") == "Always":
        # It is the default of a pod, so whoever has it has most often said nothing.
        errors.append(required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'))
    return errors


def _cron_job(obj: Json, _old: Json | None) -> list[FieldError]:
    spec = obj.get("spec") or {}
    errors: list[FieldError] = []
    schedule = str(spec.get("schedule") or "")
    fields = schedule.split()
    if not schedule:
        errors.append(required("spec.schedule"))
    elif not schedule.startswith("@") and len(fields) != _CRON_FIELDS:
        text = f"expected exactly {_CRON_FIELDS} fields, found {len(fields)}: [{' '.join(fields)}]"
        errors.append(invalid("spec.schedule", schedule, text))
    errors += _time_zone(spec.get("timeZone"))
    policy = spec.get("concurrencyPolicy")
    if policy not in _CONCURRENCY:
        errors.append(not_supported("spec.concurrencyPolicy", policy, _CONCURRENCY))
    return errors + _job_spec(_at(spec, "jobTemplate", "spec") or {}, "spec.jobTemplate.spec")


def _time_zone(name: str | None) -> list[FieldError]:
    if name is None:
        return []
    if not name:
        return [invalid("spec.timeZone", name, "timeZone must be nil or non-empty string")]
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return [invalid("spec.timeZone", name, f"unknown time zone {name}")]
    return []


_CONCURRENCY: Final = ("Allow", "Forbid", "Replace")


_CRON_FIELDS: Final = 5


def _ingress(obj: Json, _old: Json | None) -> list[FieldError]:
    spec = obj.get("spec") or {}
    if spec.get("defaultBackend") is None and not spec.get("rules"):
        return [invalid("spec", None, "either `defaultBackend` or `rules` must be specified")]
    return []


def _role(obj: Json, _old: Json | None) -> list[FieldError]:
    return _rules(obj, namespaced=True)


def _cluster_role(obj: Json, _old: Json | None) -> list[FieldError]:
    return _rules(obj, namespaced=False)


def _rules(obj: Json, *, namespaced: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, rule in enumerate(obj.get("rules") or ()):
        path = f"rules[{index}]"
        if not rule.get("verbs"):
            errors.append(required(f"{path}.verbs", "verbs must contain at least one value"))
        urls = rule.get("nonResourceURLs")
        if urls and namespaced:
            text = "namespaced rules cannot apply to non-resource URLs"
            errors.append(invalid(f"{path}.nonResourceURLs", urls, text))
        elif urls:
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                text = "rules cannot apply to both regular resources and non-resource URLs"
                errors.append(invalid(f"{path}.nonResourceURLs", urls, text))
        else:
            errors += _resource_rule(rule, path)
    return errors


def _resource_rule(rule: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if not rule.get("apiGroups"):
        errors.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return errors


def _role_binding(obj: Json, old: Json | None) -> list[FieldError]:
    return _binding(obj, old, ("Role", "ClusterRole"))


def _cluster_role_binding(obj: Json, old: Json | None) -> list[FieldError]:
    return _binding(obj, old, ("ClusterRole",))


def _binding(obj: Json, old: Json | None, kinds: tuple[str, ...]) -> list[FieldError]:
    errors: list[FieldError] = []
    role = obj.get("roleRef") or {}
    if role.get("kind", "") not in kinds:
        errors.append(not_supported("roleRef.kind", role.get("kind", ""), kinds))
    if not role.get("name"):
        errors.append(required("roleRef.name"))
    for index, subject in enumerate(obj.get("subjects") or ()):
        # A service account of a RoleBinding without a namespace is one of the binding's own.
        namespace = subject.get("namespace") or (len(kinds) > 1 and subject.get("kind") == "ServiceAccount")
        if not subject.get("name"):
            errors.append(required(f"subjects[{index}].name"))
        if subject.get("kind") == "ServiceAccount" and not namespace:
            errors.append(required(f"subjects[{index}].namespace"))
    if old is not None and role != (old.get("roleRef") or {}):
        errors.append(invalid("roleRef", role, "cannot change roleRef"))
    return errors


def _secret(obj: Json, _old: Json | None) -> list[FieldError]:
    data, kind = obj.get("data") or {}, obj.get("type")
    if kind == "kubernetes.io/service-account-token":
        annotation = "kubernetes.io/service-account.name"
        found = (obj["metadata"].get("annotations") or {}).get(annotation)
        return [] if found else [required(f"metadata.annotations[{annotation}]")]
    if kind == "kubernetes.io/basic-auth":
        both = ("username", "password")
        return [] if set(both) & set(data) else [required(f"data[{key}]") for key in both]
    return [required(f"data[{key}]") for key in _SECRET_KEYS.get(str(kind), ()) if key not in data]


_SECRET_KEYS: Final = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}


def _service(obj: Json, _old: Json | None) -> list[FieldError]:
    spec = obj.get("spec") or {}
    ports, kind = spec.get("ports") or [], spec.get("type")
    errors: list[FieldError] = []
    if not ports and spec.get("clusterIP") != "None" and kind != "ExternalName":
        errors.append(required("spec.ports"))
    names_seen: set[str] = set()
    places_seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        errors += _service_port(port, f"spec.ports[{index}]", names_seen, alone=len(ports) == 1)
        place = (port.get("port"), port.get("protocol"))
        if place in places_seen:
            shown = {"port": port.get("port"), "protocol": port.get("protocol")}
            errors.append(duplicate(f"spec.ports[{index}]", shown))
        places_seen.add(place)
    if kind not in _SERVICE_TYPES:
        errors.append(not_supported("spec.type", kind, _SERVICE_TYPES))
    return errors


def _service_port(port: Json, path: str, seen: set[str], *, alone: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    name, number, protocol = port.get("name") or "", port.get("port") or 0, port.get("protocol")
    if not name and not alone:
        errors.append(required(f"{path}.name"))
    elif name:
        errors += [invalid(f"{path}.name", name, text) for text in names.dns1123_label(name)]
        if name in seen:
            errors.append(duplicate(f"{path}.name", name))
        seen.add(name)
    if not 1 <= number <= _PORTS:
        errors.append(invalid(f"{path}.port", number, f"must be between 1 and {_PORTS}, inclusive"))
    if protocol not in _PROTOCOLS:
        errors.append(not_supported(f"{path}.protocol", protocol, _PROTOCOLS))
    target = port.get("targetPort")
    if isinstance(target, int) and target != number and not 1 <= target <= _PORTS:
        errors.append(invalid(f"{path}.targetPort", target, f"must be between 1 and {_PORTS}, inclusive"))
    return errors


_PORTS: Final = 65535
_PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
_SERVICE_TYPES: Final = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")


def _lease(obj: Json, _old: Json | None) -> list[FieldError]:
    spec = obj.get("spec") or {}
    errors: list[FieldError] = []
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        errors.append(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    if transitions is not None and transitions < 0:
        errors.append(invalid("spec.leaseTransitions", transitions, _NOT_NEGATIVE))
    return errors


_KINDS: Final[dict[str, Callable[[Json, Json | None], list[FieldError]]]] = {
    "clusterrolebindings": _cluster_role_binding,
    "clusterroles": _cluster_role,
    "cronjobs": _cron_job,
    "daemonsets": _workload,
    "deployments": _deployment,
    "events": check_event,
    "ingresses": _ingress,
    "jobs": _job,
    "leases": _lease,
    "mutatingadmissionpolicies": check_mutating_policy,
    "mutatingadmissionpolicybindings": check_mutating_binding,
    "mutatingwebhookconfigurations": check_webhooks,
    "pods": _pod,
    "replicasets": _workload,
    "rolebindings": _role_binding,
    "roles": _role,
    "secrets": _secret,
    "services": _service,
    "statefulsets": _workload,
    "validatingadmissionpolicies": check_policy,
    "validatingadmissionpolicybindings": check_binding,
    "validatingwebhookconfigurations": check_webhooks,
}
