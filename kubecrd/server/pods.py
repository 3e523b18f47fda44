"""Admission of pods: whose rights they have, how important they are, what they put up with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import quoted
from kubecrd.resource.status import forbidden, not_found

from .answers import Answer
from .storage import Key

if TYPE_CHECKING:
    from .admission import Operation
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["PodAdmission", "read_log"]

_DEFAULT: Final = "default"
_SECONDS: Final = 300
_TAINTS: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


async def read_log(registry: Registry, _request: Request, route: Route) -> Answer:
    """GET of a pod's log: nothing, since nothing runs here.

    Raises:
        StatusError: 404, there is no such pod.
    """
    kind = route.kind
    if registry.store.get(registry.key(kind, route.namespace, route.name)) is None:
        raise StatusError.of(not_found(kind.plural, route.name))
    return Answer(204, b"", "text/plain")


@final
class PodAdmission:
    """Admission: what the plugins ServiceAccount, Priority and DefaultTolerationSeconds do to new pods.

    The service account ``default`` need not exist, since only a controller manager makes it.

    Args:
        registry: Where service accounts and priority classes are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mutate(self, operation: Operation) -> None:
        """Fill in what is missing, or refuse.

        Raises:
            StatusError: 403, it is to have the rights of an account that is not there.
        """
        kind = operation.kind
        is_new = operation.verb == "CREATE" and not operation.subresource and operation.obj is not None
        if not is_new or (kind.group, kind.plural) != ("", "pods"):
            return
        assert operation.obj is not None
        spec = dict(operation.obj.get("spec") or {})
        account = spec.get("serviceAccountName") or _DEFAULT
        self._check_account(operation, account)
        spec["serviceAccountName"] = spec["serviceAccount"] = account
        spec.setdefault("priority", 0)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
        spec["tolerations"] = _with_defaults(spec.get("tolerations") or [])
        operation.obj = {**operation.obj, "spec": spec}

    async def validate(self, operation: Operation) -> None:
        """Nothing is left to say when the object is final."""

    def _check_account(self, operation: Operation, account: str) -> None:
        if account == _DEFAULT:
            return
        namespace = operation.namespace
        if self._registry.store.get(Key("", "serviceaccounts", namespace, account)) is None:
            missing = f"serviceaccount {quoted(account)} not found"
            why = f"error looking up service account {namespace}/{account}: {missing}"
            raise StatusError.of(forbidden("pods", operation.name, why))


def _with_defaults(tolerations: list[Any]) -> list[Any]:
    """Let a pod stay a while on a node that is not ready or not reachable, unless it says itself what happens then."""
    known = {each.get("key", "") for each in tolerations if each.get("effect", "NoExecute") == "NoExecute"}
    added = [
        {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}
        for taint in _TAINTS
        if taint not in known and "" not in known
    ]
    return [*tolerations, *added]
