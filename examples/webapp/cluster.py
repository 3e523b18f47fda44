"""What a cluster does and an API server alone does not: it makes Deployments ready.

In a real cluster the deployment controller makes pods, kubelets run them, and the count of those that are ready comes back
into the Deployment's status. For the demonstration this controller takes that part, with the same API and no pods.
"""

from __future__ import annotations

from kubecrd import Action, Context, Controller
from kubecrd.k8s.apps.v1 import Deployment, DeploymentStatus

kubelet = Controller(Deployment, name="stand-in-kubelet")


@kubelet.reconciler
async def make_ready(deployment: Deployment, ctx: Context) -> Action:
    """Say that one replica more is ready, or all that are too many are gone."""
    wanted = (deployment.spec and deployment.spec.replicas) or 0
    ready = (deployment.status and deployment.status.ready_replicas) or 0
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
