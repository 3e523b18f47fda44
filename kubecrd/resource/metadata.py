"""The metadata that every object and every list has."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from attrs import define, field

from .lazymodule import LazyModule
from .naming import Alias

if TYPE_CHECKING:
    import msgspec
else:
    # A third of what `import kubecrd.k8s.apps.v1` would cost; needed when the first object is decoded.
    msgspec = LazyModule("msgspec")

__all__ = ["OMIT_EMPTY", "ListMeta", "ManagedFieldsEntry", "ObjectMeta", "OwnerReference"]

OMIT_EMPTY: Final = "kubecrd.omit_empty"
"""Key of the attrs field metadata that says: an empty container is not sent, as Go's ``omitempty``."""

_OMIT: Final = {OMIT_EMPTY: True}


@define(kw_only=True)
class OwnerReference:
    """Says who an object belongs to; when all owners are gone, the object is collected (meta/v1 OwnerReference).

    Attributes:
        api_version: Of the owner.
        kind: Of the owner.
        name: Of the owner, in the same namespace, or cluster-scoped.
        uid: Of the owner: another object of the same name is not meant.
        controller: Whether this owner manages the object; at most one does.
        block_owner_deletion: Whether a foreground deletion of the owner waits for this object.
    """

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


@define(kw_only=True)
class ManagedFieldsEntry:
    """Which fields one manager has set (meta/v1 ManagedFieldsEntry).

    Attributes:
        manager: Who.
        operation: ``Apply`` or ``Update``.
        api_version: In which version the fields are named.
        time: When the set of fields last changed.
        fields_type: Always ``FieldsV1``.
        fields_v1: The fields, as a tree of ``f:name``, ``k:{…}`` and ``v:…`` keys. It stays JSON text until somebody
            decodes it (``msgspec.json.decode``): every object carries such trees, and few look.
        subresource: Through which subresource they were set; None for the object itself.
    """

    manager: str | None = None
    operation: str | None = None
    api_version: str | None = None
    time: datetime | None = None
    fields_type: str | None = None
    fields_v1: Annotated[msgspec.Raw | None, Alias("fieldsV1")] = None
    subresource: str | None = None


@define(kw_only=True)
class ObjectMeta:
    """Name, labels and bookkeeping of an object (meta/v1 ObjectMeta); what is empty is not sent.

    Attributes:
        name: Unique among the objects of the kind in the namespace.
        generate_name: Prefix of a name that the server makes up; used when there is no name.
        namespace: None for a cluster-scoped object.
        uid: Set by the server; never used twice.
        resource_version: Opaque; sent with a replace it guards against lost updates.
        generation: Counts changes of the desired state; set by the server.
        creation_timestamp: Set by the server.
        deletion_timestamp: Set when deletion was asked for and finalizers hold the object.
        deletion_grace_period_seconds: Seconds until it may be removed.
        labels: For selecting.
        annotations: For tools.
        owner_references: Who it belongs to.
        finalizers: Who must act before it may go.
        managed_fields: Which manager set which fields.
        self_link: No longer set by servers.
    """

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = field(factory=dict, metadata=_OMIT)
    annotations: dict[str, str] = field(factory=dict, metadata=_OMIT)
    owner_references: list[OwnerReference] = field(factory=list, metadata=_OMIT)
    finalizers: list[str] = field(factory=list, metadata=_OMIT)
    managed_fields: list[ManagedFieldsEntry] = field(factory=list, metadata=_OMIT)
    self_link: str | None = None


@define(kw_only=True)
class ListMeta:
    """The metadata of a list (meta/v1 ListMeta).

    Attributes:
        resource_version: The state of the server that the list shows; a watch can go on from it.
        continue_: Token for the next page; None on the last.
        remaining_item_count: How many objects follow, where the server knows it.
        self_link: No longer set by servers.
    """

    resource_version: str | None = None
    continue_: str | None = None
    remaining_item_count: int | None = None
    self_link: str | None = None
