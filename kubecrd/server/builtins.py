"""The kinds that are there without any definition, derived from the OpenAPI documents of a real API server.

The documents are shipped compressed, one a group and version, and read when they are first needed.
"""

from __future__ import annotations

import gzip
import json
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.identity import ApiResource
from kubecrd.schema import names
from kubecrd.schema.metadecoding import decode_metadata

from .accessreviews import REVIEWS
from .builtindecoding import decode_known
from .builtindefaults import with_defaults
from .builtinstrategies import (
    ClaimStrategy,
    DaemonSetStrategy,
    JobStrategy,
    LeaseStrategy,
    NodeStrategy,
    PodStrategy,
    ServiceStrategy,
)
from .builtinvalidation import check_builtin
from .configmaps import ConfigMapStrategy, SecretStrategy, check_base64
from .crds import definition_kind
from .events import CORE_EVENTS, NEW_EVENTS
from .kinds import ServedKind, Subresource
from .namespaces import namespace_kind
from .pods import read_log
from .strategies import BuiltinStrategy
from .tokens import request_token
from .typeschema import TypeSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kinds import Handler

__all__ = ["builtin_kinds", "group_names", "group_order", "openapi_document"]

_FOLDER: Final = resources.files("kubecrd.server").joinpath("openapi_v1_36")

_NOT_STORED: Final = frozenset({"bindings", "componentstatuses"})
"""Resources that are actions, or views of something else."""
_SERVED_SUBRESOURCES: Final = frozenset({"status", "finalize", "scale", "token", "log"})

_SHORT_NAMES: Final = {
    "certificatesigningrequests": ("csr",),
    "configmaps": ("cm",),
    "cronjobs": ("cj",),
    "customresourcedefinitions": ("crd", "crds"),
    "daemonsets": ("ds",),
    "deployments": ("deploy",),
    "endpoints": ("ep",),
    "events": ("ev",),
    "horizontalpodautoscalers": ("hpa",),
    "ingresses": ("ing",),
    "ipaddresses": ("ip",),
    "limitranges": ("limits",),
    "namespaces": ("ns",),
    "networkpolicies": ("netpol",),
    "nodes": ("no",),
    "persistentvolumeclaims": ("pvc",),
    "persistentvolumes": ("pv",),
    "poddisruptionbudgets": ("pdb",),
    "pods": ("po",),
    "priorityclasses": ("pc",),
    "replicasets": ("rs",),
    "replicationcontrollers": ("rc",),
    "resourcequotas": ("quota",),
    "serviceaccounts": ("sa",),
    "services": ("svc",),
    "statefulsets": ("sts",),
    "storageclasses": ("sc",),
}
_IN_ALL: Final = frozenset(
    [
        "pods",
        "replicationcontrollers",
        "services",
        "daemonsets",
        "deployments",
        "replicasets",
        "statefulsets",
        "horizontalpodautoscalers",
        "cronjobs",
        "jobs",
    ]
)
_CATEGORIES: Final = {
    "apiservices": ("api-extensions",),
    "customresourcedefinitions": ("api-extensions",),
    "mutatingadmissionpolicies": ("api-extensions",),
    "mutatingadmissionpolicybindings": ("api-extensions",),
    "mutatingwebhookconfigurations": ("api-extensions",),
    "validatingadmissionpolicies": ("api-extensions",),
    "validatingadmissionpolicybindings": ("api-extensions",),
    "validatingwebhookconfigurations": ("api-extensions",),
    **dict.fromkeys(_IN_ALL, ("all",)),
}
_WITH_GENERATION: Final = frozenset(
    [
        "pods",
        "deployments",
        "replicasets",
        "statefulsets",
        "daemonsets",
        "jobs",
        "cronjobs",
        "ingresses",
        "poddisruptionbudgets",
        "networkpolicies",
        "replicationcontrollers",
        "flowschemas",
        "prioritylevelconfigurations",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "csidrivers",
        "resourceclaims",
    ]
)
_INITIAL_STATUS: Final[dict[str, dict[str, Any]]] = {
    "cronjobs": {},
    "daemonsets": {"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0},
    "deployments": {},
    "ingresses": {"loadBalancer": {}},
    "jobs": {},
    "persistentvolumeclaims": {"phase": "Pending"},
    "poddisruptionbudgets": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    "pods": {"phase": "Pending"},
    "replicasets": {"replicas": 0},
    "services": {"loadBalancer": {}},
    "statefulsets": {"availableReplicas": 0, "replicas": 0},
    "validatingadmissionpolicies": {},
}
_SELECTABLE: Final = {
    "events": (
        *(
            f"involvedObject.{name}"
            for name in ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
        ),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "events.k8s.io/events": (
        *(
            f"regarding.{name}"
            for name in ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
        ),
        "reason",
        "reportingController",
        "type",
    ),
    "jobs": ("status.successful",),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "replicationcontrollers": ("status.replicas",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
}
_CREATED_BY_UPDATE: Final = frozenset({"endpoints", "events", "leases"})
_CONDITIONAL_UPDATE: Final = frozenset({"leases", "customresourcedefinitions"})
_FREE_NAMES: Final = frozenset({"roles", "rolebindings", "clusterroles", "clusterrolebindings"})
_LABEL_NAMES: Final = frozenset({"services"})

_GROUPS: Final = (
    "",
    *[
        "apiregistration.k8s.io",
        "apps",
        "events.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
    ],
    *["certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io"],
    *[
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "scheduling.k8s.io",
        "coordination.k8s.io",
        "node.k8s.io",
    ],
    *["discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io"],
)


def group_order(group: str) -> tuple[int, str]:
    """Sort groups by it to have them in the order in which discovery lists them: by priority, then definitions by name."""
    return (_GROUPS.index(group) if group in _GROUPS else len(_GROUPS), group)


def group_names() -> tuple[str, ...]:
    """Give the built-in groups in the order of discovery."""
    return _GROUPS


@cache
def openapi_document(group: str, version: str) -> dict[str, Any] | None:
    """Give the OpenAPI v3 document of a built-in group and version; None when there is none."""
    name = f"apis__{group}__{version}" if group else f"api__{version}"
    file = _FOLDER.joinpath(f"{name}.json.gz")
    if not file.is_file():
        return None
    document: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return document


def builtin_kinds() -> Iterator[ServedKind]:
    """Yield every built-in kind that is stored or asked, group by group in the order of discovery."""
    table = json.loads(_FOLDER.joinpath("kinds.json").read_text("utf-8"))
    for entry in sorted(table, key=lambda entry: (group_order(entry["group"]), entry["plural"])):
        if entry["plural"] in _NOT_STORED or not ("list" in entry["verbs"] or entry["plural"] in REVIEWS):
            continue
        kind = _served(entry)
        match kind.plural:
            case "namespaces":
                yield namespace_kind(kind)
            case "customresourcedefinitions":
                yield definition_kind(kind)
            case _:
                yield kind


def _served(entry: dict[str, Any]) -> ServedKind:
    group, version, plural = entry["group"], entry["version"], entry["plural"]
    has_status = "status" in entry["subresources"]
    strategy = _STRATEGIES.get(plural, BuiltinStrategy)(
        namespaced=entry["namespaced"],
        has_generation=plural in _WITH_GENERATION,
        has_status=has_status,
        initial_status=_INITIAL_STATUS.get(plural),
        name_rule=_name_rule(plural),
        checker=partial(check_builtin, plural),
        decoder=partial(_decode, group, version, plural, entry["schema"]),
    )
    return ServedKind(
        ApiResource(group, version, entry["kind"], plural, entry["namespaced"]),
        strategy,
        f"{entry['kind']}List",
        singular=entry["kind"].lower(),
        short_names=_SHORT_NAMES.get(plural, ()),
        categories=_CATEGORIES.get(plural, ()),
        verbs=tuple(entry["verbs"]),
        subresources={
            name: _subresource(name, subresource, entry["kind"])
            for name, subresource in entry["subresources"].items()
            if name in _SERVED_SUBRESOURCES
        },
        selectable_fields=_SELECTABLE.get(f"{group}/{plural}" if group == "events.k8s.io" else plural, ()),
        unconditional_update=plural not in _CONDITIONAL_UPDATE,
        create_on_update=plural in _CREATED_BY_UPDATE,
        returns_deleted=plural == "pods",
        orphans_by_default=plural == "jobs",
        handlers=_handlers(plural),
        alias={"": CORE_EVENTS, "events.k8s.io": NEW_EVENTS}.get(group) if plural == "events" else None,
        make_type_schema=partial(_type_schema, group, version, entry["schema"]),
    )


_STRATEGIES: Final[dict[str, type[BuiltinStrategy]]] = {
    "configmaps": ConfigMapStrategy,
    "daemonsets": DaemonSetStrategy,
    "jobs": JobStrategy,
    "leases": LeaseStrategy,
    "nodes": NodeStrategy,
    "persistentvolumeclaims": ClaimStrategy,
    "pods": PodStrategy,
    "secrets": SecretStrategy,
    "services": ServiceStrategy,
}


def _handlers(plural: str) -> dict[tuple[str, str], Handler]:
    """Give what answers instead of the usual verbs."""
    if plural in REVIEWS:
        return {("", "create"): REVIEWS[plural]}
    own: dict[str, dict[tuple[str, str], Handler]] = {
        "pods": {("log", "get"): read_log},
        "serviceaccounts": {("token", "create"): request_token},
    }
    return own.get(plural, {})


def _subresource(name: str, entry: dict[str, Any], kind: str) -> Subresource:
    verbs = tuple(entry["verbs"])
    if entry["kind"] == kind:
        return Subresource(name, verbs)
    return Subresource(name, verbs, entry["group"], entry["version"], entry["kind"])


def _name_rule(plural: str) -> Any:
    if plural in _FREE_NAMES:
        return names.path_segment
    return names.dns1123_label if plural in _LABEL_NAMES else names.dns1123_subdomain


def _components(group: str, version: str) -> dict[str, Any]:
    document = openapi_document(group, version)
    assert document is not None, f"{group}/{version} is in the table, so its document is shipped"
    components: dict[str, Any] = document["components"]["schemas"]
    return components


def _type_schema(group: str, version: str, schema: str) -> TypeSchema:
    return TypeSchema.of_openapi(_components(group, version), schema)


def _decode(
    group: str,
    version: str,
    plural: str,
    schema: str,
    obj: dict[str, Any],
    drop_malformed: bool,  # noqa: FBT001 - as decoders are called
) -> tuple[dict[str, Any], list[str]]:
    """Drop what the schema does not know, as Go does when it decodes, and say where it stood."""
    components = _components(group, version)
    decoded, unknown = decode_known(obj, schema, components)
    metadata, unknown_metadata = decode_metadata(obj.get("metadata"), drop_malformed=drop_malformed)
    decoded["metadata"] = metadata
    if schema.endswith(".core.v1.ConfigMap"):
        check_base64(decoded.get("binaryData"))
    if schema.endswith(".core.v1.Secret"):
        check_base64(decoded.get("data"))
        decoded = _with_string_data(decoded)
    return with_defaults(plural, decoded), unknown_metadata + unknown


def _with_string_data(secret: dict[str, Any]) -> dict[str, Any]:
    """Take ``stringData`` into ``data``, and give the type that a secret has when it names none."""
    import base64

    texts = secret.pop("stringData", None) or {}
    data = {
        **(secret.get("data") or {}),
        **{key: base64.b64encode(text.encode()).decode() for key, text in texts.items()},
    }
    return {**secret, **({"data": data} if data else {}), "type": secret.get("type") or "Opaque"}
