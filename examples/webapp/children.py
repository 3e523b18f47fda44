"""What a WebApp consists of in the cluster: a ConfigMap, a Deployment, a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd import ApiResource, DynamicObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .models import WebApp

__all__ = ["CONFIG_MAP", "DEPLOYMENT", "SERVICE", "children_of"]

CONFIG_MAP = ApiResource.of("v1", "ConfigMap")
DEPLOYMENT = ApiResource.of("apps/v1", "Deployment")
SERVICE = ApiResource.of("v1", "Service")


def children_of(app: WebApp) -> Iterator[DynamicObject]:
    """Yield the objects that *app* is made of, with only the fields the operator has an opinion on."""
    yield _child(app, CONFIG_MAP, {"data": {variable.name: variable.value for variable in app.spec.environment}})
    yield _child(app, DEPLOYMENT, {"spec": _deployment_spec(app)})
    ports = [{"name": port.name, "port": port.port, "targetPort": port.name} for port in app.spec.ports]
    yield _child(app, SERVICE, {"spec": {"selector": _labels(app), "ports": ports}})


def _deployment_spec(app: WebApp) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": app.spec.image,
        "ports": [{"name": port.name, "containerPort": port.port} for port in app.spec.ports],
        "envFrom": [{"configMapRef": {"name": app.metadata.name}}],
    }
    return {
        "replicas": app.spec.replicas,
        "selector": {"matchLabels": _labels(app)},
        "template": {"metadata": {"labels": _labels(app)}, "spec": {"containers": [container]}},
    }


def _child(app: WebApp, kind: ApiResource, fields: dict[str, Any]) -> DynamicObject:
    metadata = {"name": app.metadata.name, "namespace": app.metadata.namespace, "labels": _labels(app)}
    return DynamicObject.from_dict({"metadata": metadata, **fields}, kind)


def _labels(app: WebApp) -> dict[str, str]:
    return {"app.kubernetes.io/name": str(app.metadata.name), "app.kubernetes.io/managed-by": "webapp-operator"}
