"""What the server says of itself: its groups, versions and kinds, its own version, its health."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import StatusError

from .answers import PAGE_NOT_FOUND, Answer, Document, encode_json
from .builtins import group_order
from .routes import METHOD_NOT_ALLOWED, NO_SUCH_RESOURCE

if TYPE_CHECKING:
    from .kinds import Kinds, ServedKind
    from .request import Request

__all__ = ["discover"]

_AGGREGATED: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_TEXT: Final = "text/plain; charset=utf-8"
_HEALTH: Final = frozenset({"healthz", "livez", "readyz"})
_CHECKS: Final = ("ping", "log", "etcd")
_STORED_AS: Final = {
    "events.k8s.io/v1/Event": "/v1/Event",
    "autoscaling/v1/HorizontalPodAutoscaler": "autoscaling/v2/HorizontalPodAutoscaler",
    **{
        f"{group}/v1/{kind}": f"{group}/v1beta1/{kind}"
        for group, kind in (
            ("apiextensions.k8s.io", "CustomResourceDefinition"),
            ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
            ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        )
    },
}
"""Built-in kinds that a real server stores in another group or version than this one serves (reads: `discovery`)."""

VERSION: Final = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "kubecrd",
    "platform": "python",
}
"""What ``/version`` says: the server whose answers these are."""


def discover(request: Request, kinds: Kinds) -> Answer | Document | None:
    """Answer a request about the server itself; None where the path is none of these.

    Raises:
        StatusError: 405, the path has no such method; 404, a built-in group has no such version.
    """
    match request.path.rstrip("/").split("/")[1:]:
        case ["version"] if request.method not in {"GET", "HEAD"}:
            raise StatusError.of(METHOD_NOT_ALLOWED)
        case ["version"]:
            return Document(dict(VERSION))
        case [health, *check] if health in _HEALTH and not request.path.endswith("/"):
            known = len(check) < 2 and set(check) <= set(_CHECKS)
            return Answer(200, _health(request, health, check), _TEXT) if known else PAGE_NOT_FOUND
        case ["api"]:
            return _aggregated(request, kinds, core=True) or Document(_core_versions(request))
        case ["apis"]:
            return _aggregated(request, kinds, core=False) or Document(_group_list(kinds))
        case ["apis", group] if group in _groups(kinds):
            return Document({"kind": "APIGroup", "apiVersion": "v1", **_group(kinds, group)})
        case ["api", version] if version:
            return _resources_of_version(request, kinds, "", version)
        case ["apis", group, version] if group and (kinds.at(group, version) or kinds.is_builtin_group(group)):
            return _resources_of_version(request, kinds, group, version)
        case []:
            return Document({"paths": _paths(kinds)})
        case _:
            return None


def _resources_of_version(request: Request, kinds: Kinds, group: str, version: str) -> Document:
    found = kinds.at(group, version)
    if not found:
        raise StatusError.of(NO_SUCH_RESOURCE)
    if request.method != "GET" and not any(kind.is_custom for kind in found):
        raise StatusError.of(METHOD_NOT_ALLOWED)
    return Document(_resource_list(kinds, group, version))


def _health(request: Request, path: str, check: list[str]) -> bytes:
    """Say that all is well, with ``?verbose`` one line for each thing that is (`healthz.handleRootHealth`)."""
    if check or request.param("verbose") is None:
        return b"ok"
    excluded = list(dict.fromkeys(request.params("exclude")))
    lines = [f"[+]{each} excluded: ok" if each in excluded else f"[+]{each} ok" for each in _CHECKS]
    if strange := [f'"{each}"' for each in excluded if each not in _CHECKS]:
        lines.append(f"warn: some health checks cannot be excluded: no matches for {', '.join(strange)}")
    return "\n".join([*lines, f"{path} check passed", ""]).encode()


def _groups(kinds: Kinds) -> list[str]:
    return sorted((group for group in kinds.groups() if group), key=group_order)


def _paths(kinds: Kinds) -> list[str]:
    paths = {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/openapi/v2", "/openapi/v3", "/version"}
    for group in _groups(kinds):
        paths |= {f"/apis/{group}", *(f"/apis/{group}/{version}" for version in kinds.versions(group))}
    return sorted(paths)


def _core_versions(request: Request) -> dict[str, Any]:
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": request.address}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def _group_list(kinds: Kinds) -> dict[str, Any]:
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(kinds, group) for group in _groups(kinds)]}


def _group(kinds: Kinds, group: str) -> dict[str, Any]:
    versions = [{"groupVersion": f"{group}/{version}", "version": version} for version in kinds.versions(group)]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(kinds: Kinds, group: str, version: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    for kind in kinds.at(group, version):
        entries += _resources(kind)
    group_version = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": entries}


def _resources(kind: ServedKind) -> list[dict[str, Any]]:
    common = {"namespaced": kind.namespaced, "kind": kind.kind}
    itself: dict[str, Any] = {"name": kind.plural, "singularName": kind.singular, **common, "verbs": list(kind.verbs)}
    if kind.short_names:
        itself["shortNames"] = list(kind.short_names)
    if kind.categories:
        itself["categories"] = list(kind.categories)
    if "list" in kind.verbs:
        itself["storageVersionHash"] = _storage_hash(kind)
    entries = [itself]
    for name, subresource in kind.subresources.items():
        entry = {"name": f"{kind.plural}/{name}", "singularName": "", **common, "verbs": list(subresource.verbs)}
        if subresource.kind is not None:
            entry |= {"group": subresource.group, "version": subresource.version, "kind": subresource.kind}
        entries.append(entry)
    return entries


def _storage_hash(kind: ServedKind) -> str:
    """Give the hash of what a kind is stored as, which is not always what it is served as."""
    stored = f"{kind.group}/{kind.storage_version}/{kind.kind}"
    digest = hashlib.sha256(_STORED_AS.get(stored, stored).encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _aggregated(request: Request, kinds: Kinds, *, core: bool) -> Answer | None:
    """Give all groups in one document, to clients that ask for it before they ask for plain JSON."""
    if not _wants_aggregated(request):
        return None
    groups = [""] if core else _groups(kinds)
    document = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [_discovered_group(kinds, group) for group in groups],
    }
    body = encode_json(document)
    tag = f'"{hashlib.sha512(body).hexdigest().upper()}"'
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public"}
    if request.headers.get("if-none-match") == tag:
        return Answer(304, b"", _AGGREGATED, headers)
    return Answer(200, body, _AGGREGATED, headers)


def _wants_aggregated(request: Request) -> bool:
    for clause in request.accept.split(","):
        parts = {part.strip() for part in clause.split(";")}
        if {"application/json", "g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"} <= parts:
            return True
        if parts & {"application/json", "*/*"} and not any(part.startswith("as=") for part in parts):
            return False
    return False


def _discovered_group(kinds: Kinds, group: str) -> dict[str, Any]:
    versions = [
        {
            "version": version,
            "resources": [_discovered(kind) for kind in kinds.at(group, version)],
            "freshness": "Current",
        }
        for version in kinds.versions(group)
    ]
    return {"metadata": {"name": group} if group else {}, "versions": versions}


def _discovered(kind: ServedKind) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subresources:
        entry["subresources"] = [
            {
                "subresource": name,
                "responseKind": {
                    "group": subresource.group if subresource.kind else kind.group,
                    "version": subresource.version if subresource.kind else kind.version,
                    "kind": subresource.kind or kind.kind,
                },
                "verbs": list(subresource.verbs),
            }
            for name, subresource in kind.subresources.items()
        ]
    return entry
