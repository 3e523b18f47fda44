"""Objects: of a class, of any kind, or only their metadata; and lists of them."""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, dataclass_transform

from attrs import Factory, define, field

from kubecrd.errors import DecodeError, DefinitionError, RequestError

from .identity import ApiResource, ObjectRef
from .metadata import ListMeta, ObjectMeta, OwnerReference
from .naming import plural_of
from .records import record
from .typehints import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubecrd.schema.crd import CustomResourceDefinition

__all__ = [
    "DynamicObject",
    "KubeObject",
    "ObjectList",
    "PartialObject",
    "Resource",
    "Undecodable",
    "identify",
    "resource_view",
]


class KubeObject:
    """What objects of classes and of any kind have in common: metadata, and knowing their kind.

    ``_source`` holds the JSON an object was decoded from, so that a replace does not lose fields its class does not know.
    """

    __slots__ = ("__weakref__", "_source")

    _source: object

    resource: ApiResource
    """The kind; of a class, or of the object itself where its kind has no class."""
    metadata: ObjectMeta

    @property
    def ref(self) -> ObjectRef:
        """Which object this is.

        Raises:
            RequestError: it has no name.
        """
        if not self.metadata.name:
            raise RequestError(f"{self.resource.kind}: metadata.name is not set; an object is found by its name")
        return ObjectRef(self.resource, self.metadata.name, self.metadata.namespace)

    def owner_reference(self, *, controller: bool = True, block_owner_deletion: bool = True) -> OwnerReference:
        """Make the reference that dependents of this object carry.

        Args:
            controller: Whether this object manages the dependent.
            block_owner_deletion: Whether a foreground deletion of this object waits for the dependent.

        Raises:
            RequestError: name or uid is not set: the server gives the uid when the object is created.
        """
        if not self.metadata.name or not self.metadata.uid:
            raise RequestError(
                f"{self.resource.kind} {self.metadata.name or ''!r}: an owner needs metadata.name and metadata.uid; "
                f"use the object that the server returned"
            )
        return OwnerReference(
            api_version=self.resource.api_version,
            kind=self.resource.kind,
            name=self.metadata.name,
            uid=self.metadata.uid,
            controller=controller or None,
            block_owner_deletion=block_owner_deletion or None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document: None is left out, names are in camelCase, apiVersion and kind come first."""
        raise NotImplementedError


T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(field, Factory))
def _model(cls: type[T]) -> type[T]:
    # By a decorator of our own, because type checkers inherit fields only among classes of one kind of decorator.
    return define(kw_only=True)(cls)


@_model
class Resource(KubeObject):
    """The base of classes that describe one kind; `custom_resource` and `resource_view` give it its identity.

    Attributes:
        metadata: Name, labels and bookkeeping.
    """

    api_resource: ClassVar[ApiResource]
    api_version: ClassVar[str]
    kind: ClassVar[str]

    metadata: ObjectMeta = field(factory=ObjectMeta)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document: None is left out, names are in camelCase, apiVersion and kind come first."""
        from .codec import to_dict

        return to_dict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Make an object of a JSON document, as YAML gives it.

        Raises:
            DecodeError: the document is of another kind, or fields do not fit; every fault is told, with its path.
        """
        from .codec import from_dict

        return from_dict(cls, document)

    @classmethod
    def crd(cls) -> CustomResourceDefinition:
        """Give the CustomResourceDefinition of this class.

        Raises:
            DefinitionError: the class is not decorated with `custom_resource`.
        """
        make = getattr(cls, "__kube_definition__", None)
        if make is None:
            raise DefinitionError(f"{cls.__name__}: only a class decorated with @custom_resource has a definition")
        definition: CustomResourceDefinition = make()
        return definition


@define
class DynamicObject(KubeObject):
    """An object of a kind that has no class here; its fields are plain JSON.

    Attributes:
        resource: The kind.
        metadata: Name, labels and bookkeeping.
        data: The rest of the document: ``spec``, ``status`` and whatever else stands beside the metadata.
    """

    resource: ApiResource
    metadata: ObjectMeta = field(factory=ObjectMeta)
    data: dict[str, Any] = field(factory=dict)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], resource: ApiResource | None = None) -> Self:
        """Make an object of a JSON document, as YAML gives it.

        Args:
            document: With apiVersion, kind and metadata.
            resource: The kind. By default it is what the document says, with the plural guessed, and namespaced
                when the document names a namespace.

        Raises:
            DecodeError: the metadata does not fit.
            RequestError: the apiVersion is malformed.
        """
        from .codec import from_dict

        metadata = from_dict(ObjectMeta, document.get("metadata") or {})
        kind = resource or ApiResource.of(
            document.get("apiVersion", ""), document.get("kind", ""), namespaced=metadata.namespace is not None
        )
        rest = {name: value for name, value in document.items() if name not in {"apiVersion", "kind", "metadata"}}
        return cls(resource=kind, metadata=metadata, data=copy.deepcopy(rest))

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document."""
        from .codec import to_dict

        head = {"apiVersion": self.resource.api_version, "kind": self.resource.kind}
        return {**head, "metadata": to_dict(self.metadata), **copy.deepcopy(self.data)}


@define
class PartialObject(KubeObject):
    """Only the metadata of an object, as a metadata-only list or watch gives it.

    Attributes:
        resource: The kind whose metadata this is.
        metadata: Name, labels and bookkeeping.
    """

    resource: ApiResource
    metadata: ObjectMeta = field(factory=ObjectMeta)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document with the apiVersion and kind of the object itself, as an apply needs them."""
        from .codec import to_dict

        head = {"apiVersion": self.resource.api_version, "kind": self.resource.kind}
        return {**head, "metadata": to_dict(self.metadata)}


@define
class Undecodable(PartialObject):
    """What is left of an object that does not fit its class: one bad object must not hide all others.

    Attributes:
        resource: The kind.
        metadata: Name, labels and bookkeeping.
        error: What does not fit.
    """

    error: DecodeError = field(kw_only=True)


K = TypeVar("K", bound=KubeObject)
R = TypeVar("R", bound=Resource)


@define
class ObjectList(Generic[K]):
    """One page of objects of a kind; iterate over it as over a list.

    Attributes:
        items: The objects.
        metadata: The resource version of the list and the token for the next page.
    """

    items: list[K] = Factory(list)
    metadata: ListMeta = Factory(ListMeta)

    def __iter__(self) -> Iterator[K]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> K:
        return self.items[index]


def identify(cls: type[Resource], resource: ApiResource) -> None:
    """Say which kind *cls* describes."""
    cls.api_resource = cls.resource = resource
    cls.api_version = resource.api_version
    cls.kind = resource.kind


@dataclass_transform(kw_only_default=True, field_specifiers=(field, Factory))
def resource_view(
    *,
    group: str = "",
    version: str = "v1",
    kind: str | None = None,
    plural: str | None = None,
    namespaced: bool = True,
) -> Callable[[type[R]], type[R]]:
    """Make a class a typed view of a kind that exists already, with only the fields one needs.

    What the class does not declare is kept when an object is read and written back, and is never sent by apply.

    Args:
        group: API group; empty for the core group.
        version: Such as ``v1``.
        kind: The class's name by default.
        plural: By the rules of English by default.
        namespaced: Whether the objects live in namespaces.

    Raises:
        DefinitionError: the class does not derive from `Resource`.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the class may be defined in a function
    # The names of a function are in reach only now; those of a module stay, and some may come later.
    names = None if frame.f_locals is frame.f_globals else frame.f_locals

    def decorate(cls: type[R]) -> type[R]:
        if not issubclass(cls, Resource):
            raise DefinitionError(f"{cls.__name__}: a resource view derives from Resource")
        # An inherited `__attrs_attrs__` does not make a class attrs.
        made = cls if "__attrs_attrs__" in vars(cls) else record(cls)
        name = kind or cls.__name__
        identify(made, ApiResource(group, version, name, plural or plural_of(name), namespaced))
        if names is not None:
            type_hints(made, names)
        return made

    return decorate
