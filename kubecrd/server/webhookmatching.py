"""Which webhooks and policies a write is shown to: by rules, selectors and equivalent versions.

Source: apiserver `pkg/admission/plugin/webhook/generic/webhook.go`, `predicates/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.labels import Selector
from kubecrd.resource.status import not_found

from .conversion import converted
from .scalefields import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .admission import Operation
    from .kinds import Kinds, ServedKind
    from .registry import Registry

__all__ = ["EXEMPT_GROUP", "Rule", "Selection", "equivalents", "is_exempt", "kind_seen", "operation_seen"]

EXEMPT_GROUP: Final = "admissionregistration.k8s.io"
"""Whose objects no webhook and no policy sees, so that nobody can lock everybody out."""


def is_exempt(operation: Operation) -> bool:
    """Say whether no webhook and no policy has a say."""
    return operation.kind.group == EXEMPT_GROUP


@frozen
class Rule:
    """What a webhook wants to see.

    Attributes:
        operations: Verbs, or ``*``.
        groups: API groups, or ``*``.
        versions: Their versions, or ``*``.
        resources: Plurals with subresources behind a slash; each may be ``*``.
        scope: ``Cluster``, ``Namespaced`` or ``*``.
        names: The names of the objects; empty for all.
    """

    operations: frozenset[str]
    groups: frozenset[str]
    versions: frozenset[str]
    resources: tuple[str, ...]
    scope: str = "*"
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Rule:
        """Read a rule of a configuration or a policy."""
        return cls(
            frozenset(document.get("operations") or ()),
            frozenset(document.get("apiGroups") or ()),
            frozenset(document.get("apiVersions") or ()),
            tuple(document.get("resources") or ()),
            document.get("scope") or "*",
            frozenset(document.get("resourceNames") or ()),
        )

    def matches(self, operation: Operation, version: str) -> bool:
        """Say whether an operation is meant, were it one in *version*."""
        return (
            _among(operation.verb, self.operations)
            and _among(operation.kind.group, self.groups)
            and _among(version, self.versions)
            and self._is_in_scope(operation)
            and any(_is_resource(each, operation.kind.plural, operation.subresource) for each in self.resources)
            and (not self.names or operation.name in self.names)
        )

    def _is_in_scope(self, operation: Operation) -> bool:
        is_cluster_scoped = operation.is_namespace or not operation.namespace
        return self.scope == "*" or is_cluster_scoped == (self.scope == "Cluster")


def _among(value: str, allowed: frozenset[str]) -> bool:
    return "*" in allowed or value in allowed


def _is_resource(pattern: str, plural: str, subresource: str) -> bool:
    resource, _, sub = pattern.partition("/")
    return resource in {"*", plural} and sub in {"*", subresource}


@frozen
class Selection:
    """Which namespaces and objects are meant.

    Attributes:
        namespaces: Holds for the labels of the namespace.
        objects: Holds for the labels of the object, as it is or as it was.
    """

    namespaces: Selector
    objects: Selector

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Selection:
        """Read the selectors of a webhook or a policy."""
        return cls(
            Selector.from_dict(document.get("namespaceSelector") or {}),
            Selector.from_dict(document.get("objectSelector") or {}),
        )

    def selects(self, operation: Operation, registry: Registry) -> bool:
        """Say whether an operation is meant.

        Raises:
            StatusError: 404, its namespace is not there.
        """
        return self._selects_namespace(operation, registry) and self._selects_object(operation)

    def _selects_namespace(self, operation: Operation, registry: Registry) -> bool:
        namespace = operation.review_namespace
        if not namespace or self.namespaces.selects_all:
            return True
        if operation.is_namespace and not operation.subresource and operation.verb in {"CREATE", "UPDATE"}:
            return self.namespaces.matches(_labels(operation.obj))
        found = registry.namespace(namespace)
        if found is None:
            raise StatusError.of(not_found("namespaces", namespace))
        return self.namespaces.matches(_labels(found))

    def _selects_object(self, operation: Operation) -> bool:
        if self.objects.selects_all:
            return True
        shown = (obj for obj in (operation.obj, operation.old) if obj is not None)
        return any(self.objects.matches(_labels(obj)) for obj in shown)


def _labels(obj: Mapping[str, Any] | None) -> Mapping[str, str]:
    metadata = (obj or {}).get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    return labels if isinstance(labels, Mapping) else {}


def equivalents(kind: ServedKind, kinds: Kinds) -> list[ServedKind]:
    """Give the other served versions of a resource, in the order of its definition."""
    if kind.definition is None:
        return []
    names = (version["name"] for version in kind.definition["spec"]["versions"] if version["name"] != kind.version)
    found = (kinds.find(kind.group, name, kind.plural) for name in names)
    return [each for each in found if each is not None]


def kind_seen(rules: Sequence[Rule], operation: Operation, kinds: Kinds, *, equivalent: bool) -> ServedKind | None:
    """Say in which version rules want an operation to be seen; None where they do not mean it.

    Args:
        rules: Any of them suffices.
        operation: The write.
        kinds: What is served.
        equivalent: Whether rules for another version of the resource mean it too.
    """
    if _any_matches(rules, operation, operation.kind):
        return operation.kind
    if not equivalent:
        return None
    others = [
        kind
        for kind in equivalents(operation.kind, kinds)
        if not operation.subresource or operation.subresource in kind.subresources
    ]
    return next((kind for rule in rules for kind in others if rule.matches(operation, kind.version)), None)


def _any_matches(rules: Iterable[Rule], operation: Operation, kind: ServedKind) -> bool:
    return any(rule.matches(operation, kind.version) for rule in rules)


async def operation_seen(operation: Operation, seen: ServedKind) -> Operation:
    """Give a write with its objects in the version in which a webhook or a policy is to see them.

    Raises:
        StatusError: they cannot be converted.
    """
    if seen is operation.kind or operation.subresource == SCALE:
        return operation
    obj, old = [None if each is None else await converted(each, seen) for each in (operation.obj, operation.old)]
    return evolve(operation, obj=obj, old=old)
