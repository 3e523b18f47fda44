"""What a server says it serves: kinds with their verbs and subresources, by the old lists and the aggregated one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .identity import ApiResource, GroupVersion

__all__ = ["ServedResource", "read_aggregated_discovery", "read_resource_list"]


@frozen(kw_only=True)
class ServedResource:
    """A kind as a server serves it.

    Attributes:
        resource: Which kind, with its real plural and scope.
        verbs: Such as ``get`` and ``watch``.
        singular: What one is called.
        short_names: For ``kubectl get``.
        categories: Groups of kinds that ``kubectl get`` knows.
        subresources: Verbs by name, such as those of ``status``.
    """

    resource: ApiResource
    verbs: frozenset[str] = frozenset()
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: Mapping[str, frozenset[str]] = field(factory=dict)

    def supports(self, verb: str, subresource: str | None = None) -> bool:
        """Say whether the server knows *verb* for the kind, or for one of its subresources."""
        verbs = self.verbs if subresource is None else self.subresources.get(subresource, frozenset())
        return verb in verbs


def read_resource_list(document: Mapping[str, Any]) -> list[ServedResource]:
    """Read an APIResourceList (meta/v1), as ``/api/v1`` and ``/apis/apps/v1`` give it.

    Raises:
        RequestError: the groupVersion is malformed.
    """
    version = GroupVersion.parse(document.get("groupVersion", ""))
    entries = [dict(each) for each in document.get("resources") or ()]
    subresources: dict[str, dict[str, frozenset[str]]] = {}
    for each in entries:
        plural, slash, name = each["name"].partition("/")
        if slash:
            subresources.setdefault(plural, {})[name] = frozenset(each.get("verbs") or ())
    return [
        ServedResource(
            resource=ApiResource(
                each.get("group") or version.group,
                each.get("version") or version.version,
                each["kind"],
                each["name"],
                bool(each.get("namespaced")),
            ),
            verbs=frozenset(each.get("verbs") or ()),
            singular=each.get("singularName") or "",
            short_names=tuple(each.get("shortNames") or ()),
            categories=tuple(each.get("categories") or ()),
            subresources=subresources.get(each["name"], {}),
        )
        for each in entries
        if "/" not in each["name"]
    ]


def read_aggregated_discovery(document: Mapping[str, Any]) -> list[ServedResource]:
    """Read an APIGroupDiscoveryList (apidiscovery.k8s.io/v2), which says all in one answer.

    Groups whose server does not answer are marked ``Stale`` and left out; the rest is not lost with them.

    Source: KEP-3352.
    """
    return [
        _aggregated(group["metadata"].get("name") or "", version["version"], each)
        for group in document.get("items") or ()
        for version in group.get("versions") or ()
        if version.get("freshness") != "Stale"
        for each in version.get("resources") or ()
        if each.get("responseKind")
    ]


def _aggregated(group: str, version: str, entry: Mapping[str, Any]) -> ServedResource:
    kind = entry["responseKind"]
    return ServedResource(
        resource=ApiResource(
            kind.get("group") or group,
            kind.get("version") or version,
            kind["kind"],
            entry["resource"],
            entry.get("scope") == "Namespaced",
        ),
        verbs=frozenset(entry.get("verbs") or ()),
        singular=entry.get("singularResource") or "",
        short_names=tuple(entry.get("shortNames") or ()),
        categories=tuple(entry.get("categories") or ()),
        subresources={
            each["subresource"]: frozenset(each.get("verbs") or ()) for each in entry.get("subresources") or ()
        },
    )
