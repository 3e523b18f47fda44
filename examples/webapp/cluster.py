"""What a cluster does and an API server alone does not: it makes Deployments ready.

In a real cluster the deployment controller makes pods, kubelets run them, and the count of those that are ready comes back
into the Deployment's status. For the demonstration this controller takes that part, with the same API and no pods.
"""

from __future__ import annotations

from attrs import define

from kubecrd import Action, Context, Controller, Resource, resource_view


@define(kw_only=True)
class DeploymentSpec:
    """The one field of a Deployment's spec that matters here."""

    replicas: int = 1


@define(kw_only=True)
class DeploymentStatus:
    """The counts that a Deployment's status has."""

    observed_generation: int | None = None
    replicas: int | None = None
    updated_replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None


@resource_view(group="apps")
class Deployment(Resource):
    """A typed view of a Deployment: only what is used is decoded."""

    spec: DeploymentSpec
    status: DeploymentStatus | None = None


kubelet = Controller(Deployment, name="stand-in-kubelet")


@kubelet.reconciler
async def make_ready(deployment: Deployment, ctx: Context) -> Action:
    """Say that one replica more is ready, or all that are too many are gone."""
    wanted = deployment.spec.replicas
    ready = deployment.status.ready_replicas or 0 if deployment.status else 0
    if ready == wanted:
        return Action.done()
    ready = min(ready + 1, wanted)
    deployment.status = DeploymentStatus(
        observed_generation=deployment.metadata.generation,
        replicas=ready,
        updated_replicas=ready,
        ready_replicas=ready,
        available_replicas=ready,
    )
    await ctx.patch_status(deployment)
    return Action.requeue(seconds=0.05)
