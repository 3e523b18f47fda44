"""The authorizer of admission policies: whether someone may do something, asked of whoever knows.

Source: Kubernetes `apiserver/pkg/cel/library/authz.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import evolve, frozen

from kubecrd.cel.values import CelError

__all__ = ["FUNCTIONS", "Authorizer", "Decision", "Query"]


@frozen
class Query:
    """What is asked.

    Attributes:
        service_account: Namespace and name of who wants to do it; empty for who sent the request.
        verb: Such as ``get``.
        path: Of a request that is for no resource; empty otherwise.
        group: Of the resource, empty for the core group.
        resource: In the plural.
        subresource: Empty for none.
        namespace: Empty for all, and for resources without.
        name: Empty for all.
        field_selector: What objects the request is limited to, by fields.
        label_selector: By labels.
    """

    service_account: tuple[str, str] | None = None
    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""


@frozen
class Decision:
    """The answer.

    Attributes:
        allowed: Whether it may be done.
        reason: Why, or why not.
        error: What kept it from being found out; empty if nothing did.
    """

    allowed: bool
    reason: str = ""
    error: str = ""
    cel_type = "kubernetes.authorization.Decision"


Answer = Callable[[Query], Decision]


@frozen
class Authorizer:
    """The variable ``authorizer``: asks *answer*, which decides.

    Attributes:
        answer: Decides.
        query: What has been said so far.
    """

    answer: Answer
    query: Query = Query()
    cel_type = "kubernetes.authorization.Authorizer"


class _PathCheck(Authorizer):
    cel_type = "kubernetes.authorization.PathCheck"


class _GroupCheck(Authorizer):
    cel_type = "kubernetes.authorization.GroupCheck"


class _ResourceCheck(Authorizer):
    cel_type = "kubernetes.authorization.ResourceCheck"


def service_account(authorizer: Authorizer, namespace: str, name: str) -> Authorizer:
    """Ask on behalf of a service account."""
    if not namespace or not name:
        raise CelError(f"Invalid service account {'name' if namespace else 'namespace'}")
    return evolve(authorizer, query=evolve(authorizer.query, service_account=(namespace, name)))


def path(authorizer: Authorizer, text: str) -> Authorizer:
    """Ask about a path."""
    if not text.strip():
        raise CelError("path must not be empty")
    return _PathCheck(authorizer.answer, evolve(authorizer.query, path=text))


def group(authorizer: Authorizer, name: str) -> Authorizer:
    """Ask about a group of the API."""
    return _GroupCheck(authorizer.answer, evolve(authorizer.query, group=name))


def resource(check: Authorizer, name: str) -> Authorizer:
    """Ask about a resource of a group."""
    return _ResourceCheck(check.answer, evolve(check.query, resource=name))


def check(asked: Authorizer, verb: str) -> Decision:
    """Ask whether something may be done."""
    return asked.answer(evolve(asked.query, verb=verb))


def _said(field: str) -> Callable[[Authorizer, str], Authorizer]:
    def say(asked: Authorizer, text: str) -> Authorizer:
        said: dict[str, Any] = {field: text}
        return evolve(asked, query=evolve(asked.query, **said))

    return say


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "allowed": lambda decision: decision.allowed,
    "check": check,
    "error": lambda decision: decision.error,
    "errored": lambda decision: bool(decision.error),
    "fieldSelector": _said("field_selector"),
    "group": group,
    "labelSelector": _said("label_selector"),
    "name": _said("name"),
    "namespace": _said("namespace"),
    "path": path,
    "reason": lambda decision: decision.reason,
    "resource": resource,
    "serviceAccount": service_account,
    "subresource": _said("subresource"),
}
