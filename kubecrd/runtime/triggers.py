"""What makes a controller look at an object: itself, what it owns, what else it watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import define, field

from kubecrd.resource.identity import ApiResource, ObjectRef

from .store import Store
from .watcher import WatcherConfig

if TYPE_CHECKING:
    from kubecrd.resource.objects import KubeObject

__all__ = ["Mapper", "Trigger", "owners_of", "resource_of"]

Mapper = Callable[[Any], Iterable[ObjectRef]]
"""Says which objects of the controller's kind an object is news about."""


@define(eq=False)
class Trigger:
    """A kind that is followed.

    Attributes:
        kind: A class, or the name of a kind without one.
        mapper: Which objects of the controller's kind are to be looked at.
        reason: Why, for logs.
        config: Which objects are followed, and how.
        metadata_only: Whether only metadata is fetched and kept.
        store: What was last seen.
    """

    kind: Any
    mapper: Mapper
    reason: str
    config: WatcherConfig
    metadata_only: bool = False
    store: Store[Any] = field(factory=Store)

    @property
    def resource(self) -> ApiResource:
        """The kind."""
        return resource_of(self.kind)


def resource_of(kind: Any) -> ApiResource:
    """Give the kind that a class describes, or *kind* itself."""
    found: ApiResource = kind if isinstance(kind, ApiResource) else kind.api_resource
    return found


def owners_of(resource: ApiResource) -> Mapper:
    """Make the mapper from a dependent to its owners of the kind *resource*, whichever version they are named in."""

    def mapper(obj: KubeObject) -> Iterable[ObjectRef]:
        for reference in obj.metadata.owner_references:
            group = reference.api_version.rpartition("/")[0]
            if (group, reference.kind) == (resource.group, resource.kind):
                namespace = obj.metadata.namespace if resource.namespaced else None
                yield ObjectRef(resource, reference.name, namespace)

    return mapper
