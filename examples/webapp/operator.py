"""The operator: keeps the children of every WebApp, says how it is, and cleans up outside when it goes.

kubecrd run examples.webapp.operator:controller              # against the cluster of your kubeconfig
kubecrd run examples.webapp.operator:controller --embedded   # against a server that it brings along
"""

from __future__ import annotations

import os
from pathlib import Path

from kubecrd import Action, Context, Controller, set_condition
from kubecrd.k8s.apps.v1 import Deployment
from kubecrd.k8s.core.v1 import ConfigMap, Service

from .children import children_of
from .models import WebApp, WebAppStatus
from .zone import Zone

ZONE_FILE = Path(os.environ.get("WEBAPP_ZONE_FILE", "/tmp/webapp-zone.txt"))  # noqa: S108 - an example

controller = Controller(WebApp, name="webapp-operator").owns(Deployment).owns(Service).owns(ConfigMap)


@controller.reconciler
async def reconcile(app: WebApp, ctx: Context) -> Action:
    """Make what *app* asks for, and say how far that has come."""
    for child in children_of(app):
        await ctx.apply(child, owner=app)
    _register(app)
    deployment = await ctx.api(Deployment).get(str(app.metadata.name))
    app.status = _status(app, deployment)
    await ctx.patch_status(app)
    # Metadata is all that is followed of a Deployment: how many replicas are ready must be asked for.
    waiting = app.status.ready_replicas != app.spec.replicas
    return Action.requeue(seconds=0.2) if waiting else Action.requeue(minutes=5)


@controller.finalizer("apps.example.com/zone")
async def clean_up(app: WebApp, ctx: Context) -> None:
    """Take the host out of the zone file before the object may go."""
    Zone(ZONE_FILE).remove(_target(app))
    ctx.logger.info("removed %s from the zone", _target(app))


def _register(app: WebApp) -> None:
    if app.spec.ingress is None:
        Zone(ZONE_FILE).remove(_target(app))
    else:
        Zone(ZONE_FILE).register(app.spec.ingress.host, _target(app))


def _target(app: WebApp) -> str:
    return f"{app.metadata.name}.{app.metadata.namespace}.svc"


def _status(app: WebApp, deployment: Deployment) -> WebAppStatus:
    ready = (deployment.status and deployment.status.ready_replicas) or 0
    status = app.status or WebAppStatus()
    status.observed_generation = app.metadata.generation
    status.ready_replicas = ready
    status.url = f"https://{app.spec.ingress.host}" if app.spec.ingress else None
    is_ready = ready == app.spec.replicas
    set_condition(
        status.conditions,
        "Ready",
        "True" if is_ready else "False",
        reason="AllReplicasReady" if is_ready else "ReplicasPending",
        message=f"{ready} of {app.spec.replicas} replicas are ready",
        observed_generation=app.metadata.generation,
    )
    return status
