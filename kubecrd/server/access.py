"""Who may do what: role-based access control, over the roles and bindings that are stored.

Source: kubernetes `plugin/pkg/auth/authorizer/rbac`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from attrs import frozen

from kubecrd.cel.library.authorizer import Decision
from kubecrd.errors import StatusError
from kubecrd.resource.gotext import quoted
from kubecrd.resource.status import Status, StatusDetails, forbidden

from .storage import Key
from .users import AUTHENTICATED, MASTERS, UNAUTHENTICATED, account_of, service_account_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .registry import Registry
    from .request import Request
    from .users import User

__all__ = ["Access", "Attributes", "refusal"]

_RBAC: Final = "rbac.authorization.k8s.io"
_AUTHENTICATION: Final = "authentication.k8s.io"
_VERBS: Final = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_OF_COLLECTIONS: Final = {"get": "list", "delete": "deletecollection"}
_DISCOVERY: Final = (
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
)
_BOOTSTRAP: Final[tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]] = (
    (
        "system:basic-user",
        (
            {
                "verbs": ["create"],
                "apiGroups": ["authorization.k8s.io"],
                "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            },
            {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]},
        ),
    ),
    ("system:discovery", ({"verbs": ["get"], "nonResourceURLs": list(_DISCOVERY)},)),
    (
        "system:public-info-viewer",
        ({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"]},),
    ),
)
"""What everybody may do who has shown who it is, in a cluster where nobody has changed that."""


@frozen
class Attributes:
    """What somebody wants to do.

    Attributes:
        verb: Such as ``get``.
        group: API group of the resource; empty for the core group.
        resource: In the plural; empty for a path.
        subresource: Empty for none.
        namespace: Empty for all, and for resources without.
        name: Empty for all.
        path: Of a request that is about no resource.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @classmethod
    def of(cls, request: Request) -> Attributes:
        """Say what a request is about (apiserver `request/requestinfo.go`)."""
        parts = request.path.strip("/").split("/")
        prefix = {"api": 2, "apis": 3}.get(parts[0], 0)
        if not prefix or len(parts) <= prefix:
            return cls(request.method.lower(), path=request.path)
        group, rest = parts[1] if prefix == 3 else "", parts[prefix:]
        verb = _VERBS.get(request.method, "")
        if rest[0] == "watch" and len(rest) > 1:
            verb, rest = "watch", rest[1:]
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 1:
            namespace = rest[1]
            if len(rest) > 2 and rest[2] not in {"status", "finalize"}:
                rest = rest[2:]
        resource, name, subresource = [*rest, "", ""][:3]
        if not name and verb in _OF_COLLECTIONS:
            verb = "watch" if verb == "get" and request.flag("watch") else _OF_COLLECTIONS[verb]
            name = _selected_name(request)
        return cls(verb, group, resource, subresource, namespace, name)


def _selected_name(request: Request) -> str:
    """Give the name that a selector for a single object has."""
    for term in (request.param("fieldSelector") or "").split(","):
        field, _, name = term.partition("=")
        if field == "metadata.name":
            return name.removeprefix("=")
    return ""


def refusal(user: User, wanted: Attributes) -> Status:
    """403: *user* may not do that."""
    who = f"User {quoted(user.name)} cannot {wanted.verb}"
    if not wanted.resource:
        message = f"forbidden: {who} path {quoted(wanted.path)}"
        return Status(code=403, reason="Forbidden", message=message, details=StatusDetails())
    resource = f"{wanted.resource}/{wanted.subresource}" if wanted.subresource else wanted.resource
    within = f"in the namespace {quoted(wanted.namespace)}" if wanted.namespace else "at the cluster scope"
    why = f"{who} resource {quoted(resource)} in API group {quoted(wanted.group)} {within}"
    return forbidden(wanted.resource, wanted.name, why, group=wanted.group)


@final
class Access:
    """Decides by the roles that are stored.

    Args:
        registry: Where roles and bindings are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def decide(self, user: User, wanted: Attributes) -> Decision:
        """Say whether *user* may do something, and why.

        Members of ``system:masters`` may do everything. What nothing allows is not allowed.
        """
        if MASTERS in user.groups:
            return Decision(allowed=True)
        for reason, rules in self._rules(user, wanted.namespace):
            if any(_allows(rule, wanted) for rule in rules):
                return Decision(allowed=True, reason=reason)
        return Decision(allowed=False)

    def check(self, user: User, wanted: Attributes) -> None:
        """Refuse what *user* may not do.

        Raises:
            StatusError: 403.
        """
        if not self.decide(user, wanted).allowed:
            raise StatusError.of(refusal(user, wanted))

    def check_impersonation(self, user: User, wanted: User) -> None:
        """Refuse to take *user* for somebody whom it may not be taken for.

        Raises:
            StatusError: 403.
        """
        account = account_of(wanted.name)
        if account is None:
            asked = [Attributes("impersonate", resource="users", name=wanted.name)]
        else:
            namespace, name = account
            asked = [Attributes("impersonate", resource="serviceaccounts", namespace=namespace, name=name)]
        if wanted.uid:
            asked.append(Attributes("impersonate", _AUTHENTICATION, "uids", name=wanted.uid))
        implied = {AUTHENTICATED, UNAUTHENTICATED, *service_account_groups(wanted.name)}
        for group in wanted.groups:
            if group not in implied:
                asked.append(Attributes("impersonate", resource="groups", name=group))
        for key, values in wanted.extra.items():
            asked += [Attributes("impersonate", _AUTHENTICATION, "userextras", key, name=value) for value in values]
        for each in asked:
            self.check(user, each)

    def rules(self, user: User, namespace: str) -> list[Mapping[str, Any]]:
        """Give every rule that says what *user* may do in a namespace."""
        if MASTERS in user.groups:
            everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
            return [everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}]
        return [rule for _, rules in self._rules(user, namespace) for rule in rules]

    def _rules(self, user: User, namespace: str) -> Iterator[tuple[str, tuple[Mapping[str, Any], ...]]]:
        if AUTHENTICATED in user.groups:
            for name, rules in _BOOTSTRAP:
                yield _reason("ClusterRoleBinding", name, "ClusterRole", name, f'Group "{AUTHENTICATED}"'), rules
        for binding in self._registry.store.list(_RBAC, "clusterrolebindings")[0]:
            yield from self._granted(user, binding, "")
        if namespace:
            for binding in self._registry.store.list(_RBAC, "rolebindings", namespace)[0]:
                yield from self._granted(user, binding, namespace)

    def _granted(
        self, user: User, binding: Mapping[str, Any], namespace: str
    ) -> Iterator[tuple[str, tuple[Mapping[str, Any], ...]]]:
        """Give what one binding grants."""
        subject = next((each for each in binding.get("subjects") or () if _is(user, each, namespace)), None)
        if subject is None:
            return
        reference, metadata = binding.get("roleRef") or {}, binding["metadata"]
        is_cluster = reference.get("kind") == "ClusterRole"
        plural = "clusterroles" if is_cluster else "roles"
        role = self._registry.store.get(
            Key(_RBAC, plural, "" if is_cluster else namespace, reference.get("name") or "")
        )
        if role is None:
            return
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        name = f"{metadata['name']}/{namespace}" if namespace else metadata["name"]
        who = f'{subject["kind"]} "{_shown(subject, namespace)}"'
        yield _reason(kind, name, reference.get("kind"), reference.get("name"), who), tuple(role.get("rules") or ())


def _reason(kind: str, name: str, role_kind: Any, role: Any, who: str) -> str:
    return f'RBAC: allowed by {kind} "{name}" of {role_kind} "{role}" to {who}'


def _shown(subject: Mapping[str, Any], namespace: str) -> str:
    if subject.get("kind") != "ServiceAccount":
        return str(subject.get("name"))
    return f"{subject.get('name')}/{subject.get('namespace') or namespace}"


def _is(user: User, subject: Mapping[str, Any], namespace: str) -> bool:
    name = subject.get("name")
    match subject.get("kind"):
        case "User":
            return user.name == name
        case "Group":
            return name in user.groups
        case "ServiceAccount":
            return account_of(user.name) == (subject.get("namespace") or namespace, name)
        case _:
            return False


def _allows(rule: Mapping[str, Any], wanted: Attributes) -> bool:
    verbs = rule.get("verbs") or ()
    if "*" not in verbs and wanted.verb not in verbs:
        return False
    if not wanted.resource:
        return any(_is_path(pattern, wanted.path) for pattern in rule.get("nonResourceURLs") or ())
    groups, resources = rule.get("apiGroups") or (), rule.get("resources") or ()
    whole = f"{wanted.resource}/{wanted.subresource}" if wanted.subresource else wanted.resource
    any_resource = {"*", whole} | ({f"*/{wanted.subresource}"} if wanted.subresource else set())
    names = rule.get("resourceNames") or ()
    return (
        ("*" in groups or wanted.group in groups)
        and not any_resource.isdisjoint(resources)
        and (not names or wanted.name in names)
    )


def _is_path(pattern: str, path: str) -> bool:
    return pattern in {"*", path} or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))
