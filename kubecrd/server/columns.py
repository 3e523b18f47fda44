"""The columns of built-in kinds, as ``kubectl get`` shows them (kubernetes `printers/internalversion`)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from . import columncells as cells
from .columncells import Cell, at

__all__ = ["BuiltinColumn", "builtin_columns"]


@frozen
class BuiltinColumn:
    """One column.

    Attributes:
        name: The heading.
        cell: Gives the cell of an object.
        doc: What it is; or, as ``apps/v1/DeploymentStatus.replicas``, the field whose description says so.
        type: As in a definition.
        priority: Above 0 it is shown by ``-o wide`` only.
    """

    name: str
    cell: Cell
    doc: str = ""
    type: str = "string"
    priority: int = 0


def _wide(name: str, cell: Cell, doc: str = "") -> BuiltinColumn:
    return BuiltinColumn(name, cell, doc, priority=1)


def _int(name: str, doc: str, *path: str) -> BuiltinColumn:
    return BuiltinColumn(name, at(*path, default=0), doc, "integer")


_C = BuiltinColumn
_META: Final = "meta/v1/ObjectMeta"
_NAME: Final = _C("Name", cells.name_cell, f"{_META}.name")
_AGE: Final = _C("Age", cells.age_cell, f"{_META}.creationTimestamp")
_ROLE: Final = (
    "RoleRef can {} in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error."
)
_PODS: Final = (
    _wide("Containers", cells.containers, "Names of each container in the template."),
    _wide("Images", cells.images, "Images referenced by each container in the template."),
)
_CREATED: Final = (_NAME, _C("Created At", at("metadata", "creationTimestamp"), f"{_META}.creationTimestamp", "date"))
_READY: Final = _C(
    "Ready", cells.ratio(("status", "readyReplicas"), ("spec", "replicas")), "Number of the pod with ready state"
)


def _selector(doc: str, *path: str) -> BuiltinColumn:
    return _wide("Selector", cells.selector(*path), doc)


def _webhooks() -> tuple[BuiltinColumn, ...]:
    doc = "Webhooks indicates the number of webhooks registered in this configuration"
    return (_NAME, _C("Webhooks", cells.amount("webhooks"), doc, "integer"), _AGE)


def _policy(name: str, field: str, doc: str) -> tuple[BuiltinColumn, ...]:
    kinds = "ParamKind specifies the kind of resources used to parameterize this policy"
    return (
        _NAME,
        _C(name, cells.amount("spec", field), doc, "integer"),
        _C("ParamKind", cells.param_kind, kinds),
        _AGE,
    )


def _policy_binding(kind: str) -> tuple[BuiltinColumn, ...]:
    of = f"admissionregistration/v1/{kind}BindingSpec"
    return (
        _NAME,
        _C("PolicyName", at("spec", "policyName", default=""), f"{of}.policyName"),
        _C("ParamRef", cells.param_ref, f"{of}.paramRef"),
        _AGE,
    )


def _bindings(kind: str) -> tuple[BuiltinColumn, ...]:
    role = lambda obj: f"{obj['roleRef'].get('kind', '')}/{obj['roleRef'].get('name', '')}"  # noqa: E731
    who = kind[0].lower() + kind[1:]
    local = kind == "RoleBinding"
    scope = "reference a Role in the current namespace or a ClusterRole" if local else "only reference a ClusterRole"
    return (
        _NAME,
        _C("Role", role, _ROLE.format(scope)),
        _AGE,
        _wide("Users", cells.subjects("User"), f"Users in the {who}"),
        _wide("Groups", cells.subjects("Group"), f"Groups in the {who}"),
        _wide("ServiceAccounts", cells.subjects("ServiceAccount"), f"ServiceAccounts in the {who}"),
    )


_CORE: Final[dict[str, tuple[BuiltinColumn, ...]]] = {
    "configmaps": (
        _NAME,
        _C("Data", lambda obj: len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), "core/v1/ConfigMap.data"),
        _AGE,
    ),
    "endpoints": (_NAME, _C("Endpoints", cells.endpoints, "core/v1/Endpoints.subsets"), _AGE),
    "events": (
        _C(
            "Last Seen",
            lambda obj: cells.age_of(obj.get("lastTimestamp") or obj.get("eventTime")),
            "core/v1/Event.lastTimestamp",
        ),
        _C("Type", at("type", default=""), "core/v1/Event.type"),
        _C("Reason", at("reason", default=""), "core/v1/Event.reason"),
        _C("Object", cells.event_object, "core/v1/Event.involvedObject"),
        _wide("Subobject", at("involvedObject", "fieldPath", default=""), "core/v1/ObjectReference.fieldPath"),
        _wide("Source", cells.event_source, "core/v1/Event.source"),
        _C("Message", lambda obj: str(obj.get("message") or obj.get("note") or "").strip(), "core/v1/Event.message"),
        _wide("First Seen", lambda obj: cells.age_of(obj.get("firstTimestamp")), "core/v1/Event.firstTimestamp"),
        _wide("Count", at("count", default=1), "core/v1/Event.count"),
        _wide("Name", cells.name_cell, f"{_META}.name"),
    ),
    "limitranges": _CREATED,
    "namespaces": (_NAME, _C("Status", at("status", "phase", default=""), "The status of the namespace"), _AGE),
    "nodes": (
        _NAME,
        _C("Status", cells.node_status, "The status of the node"),
        _C("Roles", cells.node_roles, "The roles of the node"),
        _AGE,
        _C(
            "Version",
            at("status", "nodeInfo", "kubeletVersion", default=""),
            "core/v1/NodeSystemInfo.kubeletVersion",
        ),
        _wide("Internal-IP", cells.node_address("InternalIP"), "core/v1/NodeStatus.addresses"),
        _wide("External-IP", cells.node_address("ExternalIP"), "core/v1/NodeStatus.addresses"),
        _wide("OS-Image", cells.unknown_info("osImage"), "core/v1/NodeSystemInfo.osImage"),
        _wide("Kernel-Version", cells.unknown_info("kernelVersion"), "core/v1/NodeSystemInfo.kernelVersion"),
        _wide(
            "Container-Runtime",
            cells.unknown_info("containerRuntimeVersion"),
            "core/v1/NodeSystemInfo.containerRuntimeVersion",
        ),
    ),
    "persistentvolumeclaims": (
        _NAME,
        _C("Status", cells.phase_or_terminating, "core/v1/PersistentVolumeClaimStatus.phase"),
        _C("Volume", at("spec", "volumeName", default=""), "core/v1/PersistentVolumeClaimSpec.volumeName"),
        _C(
            "Capacity",
            cells.bound_only("status", "capacity", "storage"),
            "core/v1/PersistentVolumeClaimStatus.capacity",
        ),
        _C(
            "Access Modes",
            lambda obj: (
                cells.access_modes("status", "accessModes")(obj) if obj.get("spec", {}).get("volumeName") else ""
            ),
            "core/v1/PersistentVolumeClaimStatus.accessModes",
        ),
        _C("StorageClass", cells.storage_class, "StorageClass of the pvc"),
        _C(
            "VolumeAttributesClass",
            at("spec", "volumeAttributesClassName", default="<unset>"),
            "VolumeAttributesClass of the pvc",
        ),
        _AGE,
        _wide(
            "VolumeMode", at("spec", "volumeMode", default="<unset>"), "core/v1/PersistentVolumeClaimSpec.volumeMode"
        ),
    ),
    "persistentvolumes": (
        _NAME,
        _C("Capacity", at("spec", "capacity", "storage", default=""), "core/v1/PersistentVolumeSpec.capacity"),
        _C("Access Modes", cells.access_modes("spec", "accessModes"), "core/v1/PersistentVolumeSpec.accessModes"),
        _C(
            "Reclaim Policy",
            at("spec", "persistentVolumeReclaimPolicy", default=""),
            "core/v1/PersistentVolumeSpec.persistentVolumeReclaimPolicy",
        ),
        _C("Status", cells.phase_or_terminating, "core/v1/PersistentVolumeStatus.phase"),
        _C("Claim", cells.claim, "core/v1/PersistentVolumeSpec.claimRef"),
        _C("StorageClass", cells.storage_class, "StorageClass of the pv"),
        _C(
            "VolumeAttributesClass",
            at("spec", "volumeAttributesClassName", default="<unset>"),
            "VolumeAttributesClass of the pv",
        ),
        _C("Reason", at("status", "reason", default=""), "core/v1/PersistentVolumeStatus.reason"),
        _AGE,
        _wide("VolumeMode", at("spec", "volumeMode", default="<unset>"), "core/v1/PersistentVolumeSpec.volumeMode"),
    ),
    "pods": (
        _NAME,
        _C("Ready", cells.pod_ready, "The aggregate readiness state of this pod for accepting traffic."),
        _C("Status", cells.pod_status, "The aggregate status of the containers in this pod."),
        _C(
            "Restarts",
            cells.restarts,
            "The number of times the containers in this pod have been restarted and when the last container in this "
            "pod has restarted.",
        ),
        _AGE,
        _wide("IP", at("status", "podIP"), "core/v1/PodStatus.podIP"),
        _wide("Node", at("spec", "nodeName"), "core/v1/PodSpec.nodeName"),
        _wide("Nominated Node", at("status", "nominatedNodeName"), "core/v1/PodStatus.nominatedNodeName"),
        _wide("Readiness Gates", cells.readiness_gates, "core/v1/PodSpec.readinessGates"),
    ),
    "podtemplates": (
        _NAME,
        _C("Containers", cells.template_containers, "Names of each container in the template."),
        _C("Images", cells.template_images, "Images referenced by each container in the template."),
        _C("Pod Labels", cells.labels("template", "metadata", "labels"), "The labels for the pod template."),
    ),
    "replicationcontrollers": (
        _NAME,
        _int("Desired", "core/v1/ReplicationControllerSpec.replicas", "spec", "replicas"),
        _int("Current", "core/v1/ReplicationControllerStatus.replicas", "status", "replicas"),
        _int("Ready", "core/v1/ReplicationControllerStatus.readyReplicas", "status", "readyReplicas"),
        _AGE,
        *_PODS,
        _wide("Selector", cells.labels("spec", "selector"), "core/v1/ReplicationControllerSpec.selector"),
    ),
    "resourcequotas": (
        _NAME,
        _C(
            "Request",
            cells.quota("requests"),
            "Request represents a minimum amount of cpu/memory that a container may consume.",
        ),
        _C(
            "Limit",
            cells.quota("limits"),
            "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the "
            "node.",
        ),
        _AGE,
    ),
    "secrets": (
        _NAME,
        _C("Type", at("type", default="Opaque"), "core/v1/Secret.type"),
        _C("Data", cells.amount("data"), "core/v1/Secret.data"),
        _AGE,
    ),
    "services": (
        _NAME,
        _C("Type", at("spec", "type", default="ClusterIP"), "core/v1/ServiceSpec.type"),
        _C("Cluster-IP", at("spec", "clusterIP"), "core/v1/ServiceSpec.clusterIP"),
        _C("External-IP", cells.external, "core/v1/ServiceSpec.externalIPs"),
        _C("Port(s)", cells.ports, "core/v1/ServiceSpec.ports"),
        _AGE,
        _wide("Selector", cells.labels("spec", "selector"), "core/v1/ServiceSpec.selector"),
    ),
}

_WORKLOADS: Final[dict[str, tuple[BuiltinColumn, ...]]] = {
    "controllerrevisions": (
        _NAME,
        _C("Controller", cells.owner, "Controller of the object"),
        _C("Revision", at("revision", default=0), "apps/v1/ControllerRevision.revision"),
        _AGE,
    ),
    "cronjobs": (
        _NAME,
        _C("Schedule", at("spec", "schedule"), "batch/v1/CronJobSpec.schedule"),
        _C("Timezone", at("spec", "timeZone"), "batch/v1/CronJobSpec.timeZone"),
        _C("Suspend", at("spec", "suspend", default=False), "batch/v1/CronJobSpec.suspend", "boolean"),
        _C("Active", cells.amount("status", "active"), "batch/v1/CronJobStatus.active", "integer"),
        _C("Last Schedule", cells.since("status", "lastScheduleTime"), "batch/v1/CronJobStatus.lastScheduleTime"),
        _AGE,
        *_PODS,
        _selector("batch/v1/JobSpec.selector", "spec", "jobTemplate", "spec", "selector"),
    ),
    "daemonsets": (
        _NAME,
        _int("Desired", "apps/v1/DaemonSetStatus.desiredNumberScheduled", "status", "desiredNumberScheduled"),
        _int("Current", "apps/v1/DaemonSetStatus.currentNumberScheduled", "status", "currentNumberScheduled"),
        _int("Ready", "apps/v1/DaemonSetStatus.numberReady", "status", "numberReady"),
        _int("Up-to-date", "apps/v1/DaemonSetStatus.updatedNumberScheduled", "status", "updatedNumberScheduled"),
        _int("Available", "apps/v1/DaemonSetStatus.numberAvailable", "status", "numberAvailable"),
        _C(
            "Node Selector",
            cells.labels("spec", "template", "spec", "nodeSelector"),
            "core/v1/PodSpec.nodeSelector",
        ),
        _AGE,
        *_PODS,
        _selector("apps/v1/DaemonSetSpec.selector", "spec", "selector"),
    ),
    "deployments": (
        _NAME,
        _READY,
        _C("Up-to-date", at("status", "updatedReplicas", default=0), "apps/v1/DeploymentStatus.updatedReplicas"),
        _C("Available", at("status", "availableReplicas", default=0), "apps/v1/DeploymentStatus.availableReplicas"),
        _AGE,
        *_PODS,
        _selector("apps/v1/DeploymentSpec.selector", "spec", "selector"),
    ),
    "horizontalpodautoscalers": (
        _NAME,
        _C("Reference", cells.scale_target, "autoscaling/v2/HorizontalPodAutoscalerSpec.scaleTargetRef"),
        _C("Targets", cells.metric_targets, "autoscaling/v2/HorizontalPodAutoscalerSpec.metrics"),
        _C(
            "MinPods",
            lambda obj: str(at("spec", "minReplicas", default="<unset>")(obj)),
            "autoscaling/v2/HorizontalPodAutoscalerSpec.minReplicas",
        ),
        _C("MaxPods", at("spec", "maxReplicas", default=0), "autoscaling/v2/HorizontalPodAutoscalerSpec.maxReplicas"),
        _C(
            "Replicas",
            at("status", "currentReplicas", default=0),
            "autoscaling/v2/HorizontalPodAutoscalerStatus.currentReplicas",
        ),
        _AGE,
    ),
    "jobs": (
        _NAME,
        _C("Status", cells.job_status, "Status of the job."),
        _C("Completions", cells.job_completions, "batch/v1/JobStatus.succeeded"),
        _C("Duration", cells.job_duration, "Time required to complete the job."),
        _AGE,
        *_PODS,
        _selector("batch/v1/JobSpec.selector", "spec", "selector"),
    ),
    "poddisruptionbudgets": (
        _NAME,
        _C(
            "Min Available",
            lambda obj: str(at("spec", "minAvailable", default="N/A")(obj)),
            "The minimum number of pods that must be available.",
        ),
        _C(
            "Max Unavailable",
            lambda obj: str(at("spec", "maxUnavailable", default="N/A")(obj)),
            "The maximum number of pods that may be unavailable.",
        ),
        _C(
            "Allowed Disruptions",
            at("status", "disruptionsAllowed", default=0),
            "Calculated number of pods that may be disrupted at this time.",
            "integer",
        ),
        _AGE,
    ),
    "replicasets": (
        _NAME,
        _int("Desired", "apps/v1/ReplicaSetSpec.replicas", "spec", "replicas"),
        _int("Current", "apps/v1/ReplicaSetStatus.replicas", "status", "replicas"),
        _int("Ready", "apps/v1/ReplicaSetStatus.readyReplicas", "status", "readyReplicas"),
        _AGE,
        *_PODS,
        _selector("apps/v1/ReplicaSetSpec.selector", "spec", "selector"),
    ),
    "statefulsets": (_NAME, _READY, _AGE, *_PODS),
}

_CLUSTER: Final[dict[str, tuple[BuiltinColumn, ...]]] = {
    "apiservices": (
        _NAME,
        _C("Service", cells.api_service, "The reference to the service that hosts this API endpoint."),
        _C("Available", cells.api_available, "Whether this service is available."),
        _AGE,
    ),
    "certificatesigningrequests": (
        _NAME,
        _AGE,
        _C("SignerName", at("spec", "signerName"), "certificates/v1/CertificateSigningRequestSpec.signerName"),
        _C("Requestor", at("spec", "username", default=""), "certificates/v1/CertificateSigningRequestSpec.request"),
        _C(
            "RequestedDuration",
            cells.requested_duration,
            "certificates/v1/CertificateSigningRequestSpec.expirationSeconds",
        ),
        _C(
            "Condition",
            cells.certificate_condition,
            "certificates/v1/CertificateSigningRequestStatus.conditions",
        ),
    ),
    "clusterrolebindings": _bindings("ClusterRoleBinding"),
    "clusterroles": _CREATED,
    "csidrivers": (
        _NAME,
        _C(
            "AttachRequired",
            at("spec", "attachRequired", default=True),
            "storage/v1/CSIDriverSpec.attachRequired",
            "boolean",
        ),
        _C(
            "PodInfoOnMount",
            at("spec", "podInfoOnMount", default=False),
            "storage/v1/CSIDriverSpec.podInfoOnMount",
            "boolean",
        ),
        _C(
            "StorageCapacity",
            at("spec", "storageCapacity", default=False),
            "storage/v1/CSIDriverSpec.storageCapacity",
            "boolean",
        ),
        _C(
            "TokenRequests",
            lambda obj: (
                ",".join(each.get("audience", "") for each in at("spec", "tokenRequests", default=[])(obj)) or "<unset>"
            ),
            "storage/v1/CSIDriverSpec.tokenRequests",
        ),
        _C(
            "RequiresRepublish",
            at("spec", "requiresRepublish", default=False),
            "storage/v1/CSIDriverSpec.requiresRepublish",
            "boolean",
        ),
        _C("Modes", cells.joined("spec", "volumeLifecycleModes"), "storage/v1/CSIDriverSpec.volumeLifecycleModes"),
        _AGE,
    ),
    "csinodes": (
        _NAME,
        _C(
            "Drivers",
            cells.amount("spec", "drivers"),
            "Drivers indicates the number of CSI drivers registered on the node",
            "integer",
        ),
        _AGE,
    ),
    "csistoragecapacities": (
        _NAME,
        _C("StorageClassName", at("storageClassName", default=""), "storage/v1/CSIStorageCapacity.storageClassName"),
        _C("Capacity", at("capacity", default="<unset>"), "storage/v1/CSIStorageCapacity.capacity"),
    ),
    "customresourcedefinitions": _CREATED,
    "endpointslices": (
        _NAME,
        _C("AddressType", at("addressType", default=""), "discovery/v1/EndpointSlice.addressType"),
        _C("Ports", cells.slice_ports, "discovery/v1/EndpointSlice.ports"),
        _C("Endpoints", cells.slice_endpoints, "discovery/v1/EndpointSlice.endpoints"),
        _AGE,
    ),
    "flowschemas": (
        _NAME,
        _C(
            "PriorityLevel",
            at("spec", "priorityLevelConfiguration", "name"),
            "flowcontrol/v1/PriorityLevelConfigurationReference.name",
        ),
        _int(
            "MatchingPrecedence",
            "flowcontrol/v1/FlowSchemaSpec.matchingPrecedence",
            "spec",
            "matchingPrecedence",
        ),
        _C(
            "DistinguisherMethod",
            at("spec", "distinguisherMethod", "type"),
            "flowcontrol/v1/FlowSchemaSpec.distinguisherMethod",
        ),
        _AGE,
        _C("MissingPL", cells.missing_level, "references a broken or non-existent PriorityLevelConfiguration"),
    ),
    "ingressclasses": (
        _NAME,
        _C(
            "Controller", at("spec", "controller", default=""), "Controller that is responsible for handling this class"
        ),
        _C("Parameters", cells.ingress_class_parameters, "A reference to a resource with additional parameters"),
        _AGE,
    ),
    "ingresses": (
        _NAME,
        _C(
            "Class",
            at("spec", "ingressClassName"),
            "The name of the IngressClass resource that should be used for additional configuration",
        ),
        _C("Hosts", cells.ingress_hosts, "Hosts that incoming requests are matched against before the ingress rule"),
        _C(
            "Address",
            cells.balancer_addresses,
            "Address is a list containing ingress points for the load-balancer",
        ),
        _C(
            "Ports",
            lambda obj: "80, 443" if at("spec", "tls", default=[])(obj) else "80",
            "Ports of TLS configurations that open",
        ),
        _AGE,
    ),
    "ipaddresses": (
        _NAME,
        _C("ParentRef", cells.parent, "networking/v1/IPAddressSpec.parentRef"),
        _AGE,
    ),
    "leases": (
        _NAME,
        _C("Holder", at("spec", "holderIdentity", default=""), "coordination/v1/LeaseSpec.holderIdentity"),
        _AGE,
    ),
    "mutatingadmissionpolicies": _policy(
        "Mutations",
        "mutations",
        "Mutation indicates the number of mutations rules defined in this configuration",
    ),
    "mutatingadmissionpolicybindings": _policy_binding("MutatingAdmissionPolicy"),
    "mutatingwebhookconfigurations": _webhooks(),
    "networkpolicies": (
        _NAME,
        _C("Pod-Selector", cells.selector("spec", "podSelector"), "networking/v1/NetworkPolicySpec.podSelector"),
        _AGE,
    ),
    "priorityclasses": (
        _NAME,
        _int("Value", "scheduling/v1/PriorityClass.value", "value"),
        _C(
            "Global-Default", at("globalDefault", default=False), "scheduling/v1/PriorityClass.globalDefault", "boolean"
        ),
        _AGE,
        _C(
            "PreemptionPolicy",
            at("preemptionPolicy", default=""),
            "scheduling/v1/PriorityClass.preemptionPolicy",
        ),
    ),
    "rolebindings": _bindings("RoleBinding"),
    "roles": _CREATED,
    "runtimeclasses": (_NAME, _C("Handler", at("handler", default=""), "node/v1/RuntimeClass.handler"), _AGE),
    "servicecidrs": (_NAME, _C("CIDRs", cells.joined("spec", "cidrs"), "networking/v1/ServiceCIDRSpec.cidrs"), _AGE),
    "storageclasses": (
        _C("Name", cells.default_marked, f"{_META}.name"),
        _C("Provisioner", at("provisioner", default=""), "storage/v1/StorageClass.provisioner"),
        _C("ReclaimPolicy", at("reclaimPolicy", default="Delete"), "storage/v1/StorageClass.reclaimPolicy"),
        _C(
            "VolumeBindingMode", at("volumeBindingMode", default="<unset>"), "storage/v1/StorageClass.volumeBindingMode"
        ),
        _C(
            "AllowVolumeExpansion",
            at("allowVolumeExpansion", default=False),
            "storage/v1/StorageClass.allowVolumeExpansion",
        ),
        _AGE,
    ),
    "validatingadmissionpolicies": _policy(
        "Validations",
        "validations",
        "Validations indicates the number of validation rules defined in this configuration",
    ),
    "validatingadmissionpolicybindings": _policy_binding("ValidatingAdmissionPolicy"),
    "validatingwebhookconfigurations": _webhooks(),
    "volumeattachments": (
        _NAME,
        _C("Attacher", at("spec", "attacher", default=""), "storage/v1/VolumeAttachmentSpec.attacher"),
        _C(
            "PV",
            at("spec", "source", "persistentVolumeName", default=""),
            "storage/v1/VolumeAttachmentSource.persistentVolumeName",
        ),
        _C("Node", at("spec", "nodeName", default=""), "storage/v1/VolumeAttachmentSpec.nodeName"),
        _C(
            "Attached",
            at("status", "attached", default=False),
            "storage/v1/VolumeAttachmentStatus.attached",
            "boolean",
        ),
        _AGE,
    ),
    "volumeattributesclasses": (
        _NAME,
        _C("DriverName", at("driverName", default=""), "storage/v1/VolumeAttributesClass.driverName"),
        _AGE,
    ),
}

_COLUMNS: Final = {**_CORE, **_WORKLOADS, **_CLUSTER}


def builtin_columns(plural: str) -> tuple[BuiltinColumn, ...]:
    """Give the columns of a built-in kind: its own, or name and age."""
    return _COLUMNS.get(plural, (_NAME, _AGE))
