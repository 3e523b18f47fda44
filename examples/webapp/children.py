"""What a WebApp consists of in the cluster: a ConfigMap, a Deployment, a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubecrd import ObjectMeta
from kubecrd.k8s.apps.v1 import Deployment, DeploymentSpec
from kubecrd.k8s.core.v1 import (
    ConfigMap,
    ConfigMapEnvSource,
    Container,
    ContainerPort,
    EnvFromSource,
    PodSpec,
    PodTemplateSpec,
    Service,
    ServicePort,
    ServiceSpec,
)
from kubecrd.k8s.meta.v1 import LabelSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .models import WebApp

__all__ = ["children_of"]


def children_of(app: WebApp) -> Iterator[ConfigMap | Deployment | Service]:
    """Yield the objects that *app* is made of, with only the fields the operator has an opinion on."""
    yield ConfigMap(metadata=_metadata(app), data={each.name: each.value for each in app.spec.environment})
    yield Deployment(metadata=_metadata(app), spec=_deployment_spec(app))
    ports = [ServicePort(name=each.name, port=each.port, target_port=each.name) for each in app.spec.ports]
    yield Service(metadata=_metadata(app), spec=ServiceSpec(selector=_labels(app), ports=ports))


def _deployment_spec(app: WebApp) -> DeploymentSpec:
    container = Container(
        name="app",
        image=app.spec.image,
        ports=[ContainerPort(name=each.name, container_port=each.port) for each in app.spec.ports],
        env_from=[EnvFromSource(config_map_ref=ConfigMapEnvSource(name=app.metadata.name))],
    )
    return DeploymentSpec(
        replicas=app.spec.replicas,
        selector=LabelSelector(match_labels=_labels(app)),
        template=PodTemplateSpec(metadata=ObjectMeta(labels=_labels(app)), spec=PodSpec(containers=[container])),
    )


def _metadata(app: WebApp) -> ObjectMeta:
    return ObjectMeta(name=app.metadata.name, namespace=app.metadata.namespace, labels=_labels(app))


def _labels(app: WebApp) -> dict[str, str]:
    return {"app.kubernetes.io/name": str(app.metadata.name), "app.kubernetes.io/managed-by": "webapp-operator"}
