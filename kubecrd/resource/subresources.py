"""Requests to the subresources of pods, nodes and workloads, as pure functions like those of `kubecrd.resource.request`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import RequestError

from . import request
from .identity import ApiResource
from .patches import MergePatch, StrategicMergePatch
from .timestamps import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .params import DeleteParams, PatchParams, WriteParams
    from .request import Request

__all__ = [
    "ExecParams",
    "LogParams",
    "attach",
    "cordon",
    "evict",
    "exec_",
    "log",
    "port_forward",
    "restart",
    "service_account_token",
]

POD: Final = ApiResource("", "v1", "Pod", "pods")
NODE: Final = ApiResource("", "v1", "Node", "nodes", namespaced=False)
SERVICE_ACCOUNT: Final = ApiResource("", "v1", "ServiceAccount", "serviceaccounts")

_RESTARTED: Final = "kubectl.kubernetes.io/restartedAt"
"""The annotation that ``kubectl rollout restart`` sets, so that both are one history."""

_RESTARTABLE: Final = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
_MOST_PORTS: Final = 128


@frozen(kw_only=True)
class LogParams:
    """Which part of a container's log.

    Attributes:
        container: Needed where a pod has several.
        follow: Whether to go on as lines are written.
        previous: Whether to read the log of the container that ran before.
        since: Only what is newer than this, or younger than this span.
        tail_lines: Only so many lines from the end.
        limit_bytes: Only so many bytes.
        timestamps: Whether each line begins with its time.

    Raises:
        RequestError: a number is negative, or *limit_bytes* is 0.
    """

    container: str | None = None
    follow: bool = False
    previous: bool = False
    since: dt.datetime | dt.timedelta | None = None
    tail_lines: int | None = None
    limit_bytes: int | None = None
    timestamps: bool = False

    def __attrs_post_init__(self) -> None:
        if self.tail_lines is not None and self.tail_lines < 0:
            raise RequestError(f"tail_lines is {self.tail_lines}; give 0 or more lines")
        if self.limit_bytes is not None and self.limit_bytes < 1:
            raise RequestError(f"limit_bytes is {self.limit_bytes}; give 1 byte or more")

    def query(self) -> tuple[tuple[str, str], ...]:
        """Give the query parameters."""
        since = self.since
        is_span = isinstance(since, dt.timedelta)
        given: dict[str, str | int | None] = {
            "container": self.container,
            "follow": "true" if self.follow else None,
            "limitBytes": self.limit_bytes,
            "previous": "true" if self.previous else None,
            # The server refuses 0 seconds; what is younger than a second is within the last one.
            "sinceSeconds": max(1, round(since.total_seconds())) if isinstance(since, dt.timedelta) else None,
            "sinceTime": None if since is None or is_span else format_time(_whole_seconds(since)),  # type: ignore[arg-type]
            "tailLines": self.tail_lines,
            "timestamps": "true" if self.timestamps else None,
        }
        return tuple((name, str(value)) for name, value in given.items() if value is not None)


def _whole_seconds(time: dt.datetime) -> dt.datetime:
    return time.replace(microsecond=0)


@frozen(kw_only=True)
class ExecParams:
    """Which streams of a container are connected.

    Attributes:
        container: Needed where a pod has several.
        stdin: Whether something is sent.
        stdout: Whether output is read.
        stderr: Whether errors are read apart from it; not with a terminal, which has one stream.
        tty: Whether the process gets a terminal.

    Raises:
        RequestError: no stream at all, or both stderr and a terminal.
    """

    container: str | None = None
    stdin: bool = False
    stdout: bool = True
    stderr: bool = True
    tty: bool = False

    @classmethod
    def interactive(cls, container: str | None = None) -> ExecParams:
        """Give what a shell needs: a terminal, with input and output."""
        return cls(container=container, stdin=True, stdout=True, stderr=False, tty=True)

    def __attrs_post_init__(self) -> None:
        if not (self.stdin or self.stdout or self.stderr):
            raise RequestError("no stream is asked for; set one of stdin, stdout and stderr")
        if self.tty and self.stderr:
            raise RequestError("a terminal has no stderr of its own; set stderr=False, or ExecParams.interactive()")

    def query(self) -> tuple[tuple[str, str], ...]:
        """Give the query parameters."""
        streams = ("stdin", "stdout", "stderr", "tty")
        given = [("container", self.container)] if self.container else []
        return (*given, *((name, "true") for name in streams if getattr(self, name)))


def _of_pod(name: str, namespace: str, subresource: str, query: tuple[tuple[str, str], ...], *, verb: str) -> Request:
    built = request.get(POD, name, namespace=namespace, subresource=subresource)
    return evolve(built, verb=verb, query=query)


def log(name: str, *, namespace: str, params: LogParams | None = None) -> Request:
    """Build the request for the log of a pod; the answer is text.

    Raises:
        RequestError: *name* or *namespace* is empty.
    """
    built = _of_pod(name, namespace, "log", (params or LogParams()).query(), verb="get")
    return evolve(built, headers={"Accept": "*/*"})


def exec_(name: str, command: Sequence[str], *, namespace: str, params: ExecParams | None = None) -> Request:
    """Build the request that runs *command* in a container; it is to be upgraded to a websocket.

    Raises:
        RequestError: *command*, *name* or *namespace* is empty.
    """
    if not command or isinstance(command, str):
        raise RequestError('a command is a list of its words, such as ["sh", "-c", "date"]')
    words = tuple(("command", word) for word in command)
    return _of_pod(name, namespace, "exec", (*words, *(params or ExecParams()).query()), verb="create")


def attach(name: str, *, namespace: str, params: ExecParams | None = None) -> Request:
    """Build the request that connects to the process of a container; it is to be upgraded to a websocket.

    Raises:
        RequestError: *name* or *namespace* is empty.
    """
    return _of_pod(name, namespace, "attach", (params or ExecParams()).query(), verb="create")


def port_forward(name: str, ports: Sequence[int], *, namespace: str) -> Request:
    """Build the request that connects to ports of a pod; it is to be upgraded to a websocket.

    Args:
        name: Of the pod.
        ports: 1 to 128 of them, each once.
        namespace: Of the pod.

    Raises:
        RequestError: a port is no port or there twice, there are none or too many, or *name* or *namespace* is empty.
    """
    if not 1 <= len(ports) <= _MOST_PORTS:
        raise RequestError(f"{len(ports)} ports; forward 1 to {_MOST_PORTS} at once")
    wrong = [port for port in ports if not 1 <= port <= 65535]
    if wrong:
        raise RequestError(f"{wrong[0]} is no port; ports are 1 to 65535")
    if len(set(ports)) != len(ports):
        raise RequestError(
            f"{next(port for port in ports if ports.count(port) > 1)} is there twice; name each port once"
        )
    query = (("ports", ",".join(map(str, ports))),)
    return _of_pod(name, namespace, "portforward", query, verb="create")


def evict(
    name: str, *, namespace: str, params: WriteParams | None = None, options: DeleteParams | None = None
) -> Request:
    """Build the request that evicts a pod: a delete that disruption budgets may refuse with 429.

    Args:
        name: Of the pod.
        namespace: Of the pod.
        params: How to write.
        options: How the pod is deleted.

    Raises:
        RequestError: *name* or *namespace* is empty.

    Source: policy/v1 Eviction.
    """
    how = options.body() if options else None
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        **({"deleteOptions": how} if how else {}),
    }
    return request.create(POD, eviction, namespace=namespace, name=name, subresource="eviction", params=params)


def service_account_token(
    name: str, spec: Mapping[str, Any] | None = None, *, namespace: str, params: WriteParams | None = None
) -> Request:
    """Build the request for a token of a service account.

    Args:
        name: Of the service account.
        spec: Of the TokenRequest: ``audiences``, ``expirationSeconds``, ``boundObjectRef``.
        namespace: Of the service account.
        params: How to write.

    Raises:
        RequestError: *name* or *namespace* is empty.

    Source: authentication.k8s.io/v1 TokenRequest.
    """
    document = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": dict(spec or {})}
    return request.create(SERVICE_ACCOUNT, document, namespace=namespace, name=name, subresource="token", params=params)


def restart(
    resource: ApiResource, name: str, *, namespace: str, now: dt.datetime, params: PatchParams | None = None
) -> Request:
    """Build the request that starts the pods of a workload anew, as ``kubectl rollout restart`` does.

    Args:
        resource: A DaemonSet, Deployment, ReplicaSet or StatefulSet.
        name: Of the workload.
        namespace: Of the workload.
        now: Written into the pod template, whose change makes the controller act.
        params: How to patch.

    Raises:
        RequestError: *resource* has no pod template that is rolled out, or *name* or *namespace* is empty.
    """
    if resource.group != "apps" or resource.kind not in _RESTARTABLE:
        raise RequestError(f"{resource.kind}: only {', '.join(sorted(_RESTARTABLE))} of apps are restarted")
    annotations = {_RESTARTED: format_time(_whole_seconds(now))}
    change = MergePatch({"spec": {"template": {"metadata": {"annotations": annotations}}}})
    return request.patch(resource, name, change, namespace=namespace, params=params)


def cordon(name: str, *, on: bool = True, params: PatchParams | None = None) -> Request:
    """Build the request that keeps new pods off a node, or with ``on=False`` lets them come again.

    Raises:
        RequestError: *name* is empty.
    """
    return request.patch(NODE, name, StrategicMergePatch({"spec": {"unschedulable": on or None}}), params=params)
