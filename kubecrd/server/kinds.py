"""The kinds a server serves now: what each is called, how it is judged, and where to find it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import define, field, frozen

from kubecrd.resource.identity import ApiResource, Version

from .conversionwebhooks import ConversionWebhook
from .events import Alias
from .managed import field_manager
from .typeschema import TypeSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .answers import Answer, Document, Stream
    from .fieldmanager import FieldManager
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["CUSTOM_RESOURCE_VERBS", "Handler", "Kinds", "ServedKind", "Strategy", "Subresource"]

CUSTOM_RESOURCE_VERBS: Final = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""In exactly this odd order discovery lists them for custom resources (reads: section 9)."""


Handler = Callable[["Registry", "Request", "Route"], Awaitable["Answer | Document | Stream"]]
"""Answers one verb of a kind."""


class Strategy(Protocol):
    """What is done to objects of one kind and version before they are stored (the "strategy" of a registry).

    None of these changes its arguments; all objects are JSON documents of the kind's own version.
    """

    def decode(self, obj: dict[str, Any], /, *, drop_malformed: bool = False) -> tuple[dict[str, Any], list[str]]:
        """Give *obj* coerced, pruned and defaulted, and the paths of the fields that were not known.

        Args:
            obj: What a client has sent, or what is stored.
            drop_malformed: Whether what cannot be decoded vanishes, as when reading from storage.

        Raises:
            DecodeError: a part of it has a wrong type; with Go's words.
        """
        ...

    def decode_merged(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Give what an apply has made of a stored object defaulted; it is decoded again before it is stored.

        Raises:
            DecodeError: a part of it has a wrong type; with Go's words.
        """
        ...

    def prepare_create(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Reset what a creator cannot choose, such as the status and the generation."""
        ...

    def validate_create(self, obj: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a new object."""
        ...

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Take over from *old* what an update cannot change, and count the generation."""
        ...

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with the change from *old* to *obj*."""
        ...

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Take over from *old* everything that a write to the status subresource leaves alone."""
        ...

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with the change of status from *old* to *obj*."""
        ...


@frozen
class Subresource:
    """A part of an object with a path of its own.

    Attributes:
        name: The last part of the path, such as ``status``.
        verbs: What can be done there, in the order of discovery.
        group: API group of the objects read and written there; None where they are of the kind itself.
        version: Likewise the version.
        kind: Likewise the kind, such as ``Scale``; None for the kind itself.
    """

    name: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    group: str | None = None
    version: str | None = None
    kind: str | None = None


@define(eq=False)
class ServedKind:
    """One kind at one version, with all the server needs to serve it. Never changed once registered.

    Attributes:
        resource: Group, version, kind, plural and scope.
        strategy: How its objects are decoded, prepared and validated.
        storage: The same kind at the version its objects are stored in; None where that is this one.
        list_kind: Kind of its lists; ``<kind>List`` unless the definition says otherwise.
        singular: Singular name; empty only for a few built-in kinds.
        short_names: Such as ``po``.
        categories: Such as ``all``.
        verbs: What can be done with it, in the order of discovery.
        subresources: By name.
        definition: The CustomResourceDefinition it comes from; None for a built-in kind.
        columns: The ``additionalPrinterColumns`` of the version.
        selectable_fields: Paths beyond metadata.name and metadata.namespace that field selectors may use, without
            the leading dot.
        openapi: The OpenAPI v3 schema of an object; None where there is none.
        deprecation: The text of the Warning header that goes with every answer; empty for none.
        unconditional_update: Whether a PUT without resourceVersion overwrites.
        create_on_update: Whether a PUT of an absent object creates it.
        returns_deleted: Whether a DELETE that removes an object answers with the object, not with a Status.
        orphans_by_default: Whether a DELETE without propagationPolicy leaves dependents alone.
        mark_deleted: Gives an object as a deletion at a time leaves it, where the kind has a way of its own; the very
            same object means that nothing is to be done, and None that it goes the way of all others.
        warnings: Says what is worth a Warning about a new object, or about one in the place of an old one.
        handlers: What answers instead of the usual verb, by subresource (empty for the object itself) and verb, such
            as ``("finalize", "update")``.
        make_type_schema: Gives the merge types, called when they are first needed.
        versions: The same kind in each version of its definition, also in those that are not served.
        webhook: Converts its objects; None where versions differ in nothing but the name.
        alias: Another kind that shows the same objects; None for nearly all.
    """

    resource: ApiResource
    strategy: Strategy
    list_kind: str
    storage: ServedKind | None = None
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = CUSTOM_RESOURCE_VERBS
    subresources: Mapping[str, Subresource] = field(factory=dict)
    definition: Mapping[str, Any] | None = None
    columns: tuple[Mapping[str, Any], ...] = ()
    selectable_fields: tuple[str, ...] = ()
    openapi: Mapping[str, Any] | None = None
    deprecation: str = ""
    unconditional_update: bool = False
    create_on_update: bool = False
    returns_deleted: bool = False
    orphans_by_default: bool = False
    mark_deleted: Callable[[dict[str, Any], str], dict[str, Any] | None] | None = None
    warnings: Callable[[dict[str, Any], dict[str, Any] | None], list[str]] | None = None
    handlers: Mapping[tuple[str, str], Handler] = field(factory=dict)
    make_type_schema: Callable[[], TypeSchema] | None = None
    versions: Mapping[str, ServedKind] = field(factory=dict, repr=False)
    webhook: ConversionWebhook | None = None
    alias: Alias | None = None

    @property
    def stored_group(self) -> str:
        """The group that its objects are kept under."""
        return self.group if self.alias is None or self.alias.is_stored else self.alias.group

    @property
    def group(self) -> str:
        """API group; empty for the core group."""
        return self.resource.group

    @property
    def version(self) -> str:
        """Such as ``v1``."""
        return self.resource.version

    @property
    def kind(self) -> str:
        """Such as ``Pizza``."""
        return self.resource.kind

    @property
    def plural(self) -> str:
        """The name in paths."""
        return self.resource.plural

    @property
    def namespaced(self) -> bool:
        """Whether its objects live in namespaces."""
        return self.resource.namespaced

    @property
    def api_version(self) -> str:
        """``group/version``, or only the version for the core group."""
        return self.resource.api_version

    @property
    def storage_version(self) -> str:
        """The version its objects are stored in."""
        return self.version if self.storage is None else self.storage.version

    @property
    def is_custom(self) -> bool:
        """Whether a CustomResourceDefinition brought it."""
        return self.definition is not None

    @cached_property
    def type_schema(self) -> TypeSchema | None:
        """The merge types that apply and strategic merge patch work by; None where the kind has none."""
        return None if self.make_type_schema is None else self.make_type_schema()

    @cached_property
    def field_manager(self) -> FieldManager | None:
        """Keeps its objects' managedFields; None where the kind has no merge types."""
        return field_manager(self)


class Kinds:
    """All kinds served now, by path and by name.

    Attributes:
        revision: Grows with every change, so that what is derived from all kinds can be kept until then.
    """

    def __init__(self, kinds: Iterable[ServedKind] = ()) -> None:
        self.revision = 0
        self._by_path: dict[tuple[str, str, str], ServedKind] = {}
        self._builtin_groups: list[str] = []
        self._broken: set[tuple[str, str]] = set()
        for kind in kinds:
            self.add(kind)

    def __iter__(self) -> Iterator[ServedKind]:
        return iter(self._by_path.values())

    def add(self, kind: ServedKind) -> None:
        """Serve *kind* from now on, instead of any other at the same path."""
        self._by_path[kind.group, kind.version, kind.plural] = kind
        if not kind.is_custom and kind.group not in self._builtin_groups:
            self._builtin_groups.append(kind.group)
        self.revision += 1

    def remove_definition(self, name: str) -> list[ServedKind]:
        """Serve no version any more that came from the CustomResourceDefinition *name*; give those that were served."""
        gone = [kind for kind in self if kind.definition is not None and kind.definition["metadata"]["name"] == name]
        for kind in gone:
            del self._by_path[kind.group, kind.version, kind.plural]
        self.revision += bool(gone)
        return gone

    def set_broken(self, group: str, plural: str, *, broken: bool) -> None:
        """Say whether a resource is defined, but in a way in which it can never be served."""
        if broken:
            self._broken.add((group, plural))
        else:
            self._broken.discard((group, plural))

    def is_broken(self, group: str, plural: str) -> bool:
        """Whether a resource is defined, but cannot be served."""
        return (group, plural) in self._broken

    def find(self, group: str, version: str, plural: str) -> ServedKind | None:
        """Find what is served at a path."""
        return self._by_path.get((group, version, plural))

    def named(self, api_version: str, kind: str) -> ServedKind | None:
        """Find a kind by what stands in an object's ``apiVersion`` and ``kind``."""
        return next((each for each in self if each.kind == kind and each.api_version == api_version), None)

    def resources(self) -> list[ServedKind]:
        """Give one version, the preferred one, of every resource."""
        preferred: dict[tuple[str, str], ServedKind] = {}
        for kind in self:
            held = preferred.get((kind.group, kind.plural))
            if held is None or Version(kind.version).priority > Version(held.version).priority:
                preferred[kind.group, kind.plural] = kind
        return list(preferred.values())

    def is_builtin_group(self, group: str) -> bool:
        """Whether *group* is there without any CustomResourceDefinition."""
        return group in self._builtin_groups

    def groups(self) -> list[str]:
        """Give the groups: built-in ones in the order they were added, then those of definitions by name."""
        custom = sorted({kind.group for kind in self if not self.is_builtin_group(kind.group)})
        return [*self._builtin_groups, *custom]

    def versions(self, group: str) -> list[str]:
        """Give the served versions of *group*, the preferred one first."""
        found = {kind.version for kind in self if kind.group == group}
        return sorted(found, key=lambda version: Version(version).priority, reverse=True)

    def at(self, group: str, version: str) -> list[ServedKind]:
        """Give all kinds of one group and version, in the order they were added."""
        return [kind for kind in self if kind.group == group and kind.version == version]
