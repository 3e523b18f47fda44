"""What a kind is called and where it lives: group, version, kind, plural, scope, path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kubecrd.errors import RequestError

from .naming import plural_of

if TYPE_CHECKING:
    from .metadata import OwnerReference

__all__ = ["ApiResource", "GroupVersion", "GroupVersionKind", "GroupVersionResource", "ObjectRef", "Version"]


@frozen
class GroupVersion:
    """An API group at a version; the core group is the empty string."""

    group: str
    version: str

    @classmethod
    def parse(cls, api_version: str) -> GroupVersion:
        """Read ``apps/v1`` or ``v1``.

        Raises:
            RequestError: there is more than one slash, or no version.
        """
        group, slash, version = api_version.rpartition("/")
        if not version or "/" in group or (slash and not group):
            raise RequestError(f"apiVersion: {api_version!r} is neither 'version' nor 'group/version'")
        return cls(group, version)

    @property
    def api_version(self) -> str:
        """``group/version``, or only the version for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def with_kind(self, kind: str) -> GroupVersionKind:
        """Name a kind of this group and version."""
        return GroupVersionKind(self.group, self.version, kind)

    def with_resource(self, resource: str) -> GroupVersionResource:
        """Name a resource of this group and version by its plural."""
        return GroupVersionResource(self.group, self.version, resource)

    def __str__(self) -> str:
        return self.api_version


@frozen
class GroupVersionKind:
    """A kind at a version, as objects name it.

    Attributes:
        group: API group; empty for the core group.
        version: Such as ``v1``.
        kind: Such as ``Pizza``.
    """

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, named: Mapping[str, Any] | OwnerReference) -> GroupVersionKind:
        """Read the kind from a document with apiVersion and kind (an object, an ObjectReference) or an owner reference.

        Raises:
            RequestError: either is missing, or the apiVersion is malformed.
        """
        get = named.get if isinstance(named, Mapping) else {"apiVersion": named.api_version, "kind": named.kind}.get
        api_version, kind = get("apiVersion"), get("kind")
        if not api_version or not kind:
            raise RequestError("no apiVersion and kind here, by which a document says what it is")
        return GroupVersion.parse(api_version).with_kind(kind)

    @property
    def api_version(self) -> str:
        """``group/version``, or only the version for the core group."""
        return GroupVersion(self.group, self.version).api_version

    def __str__(self) -> str:
        return f"{self.api_version}, Kind={self.kind}"


@frozen
class GroupVersionResource:
    """A resource at a version, as paths name it.

    Attributes:
        group: API group; empty for the core group.
        version: Such as ``v1``.
        resource: The plural, such as ``pizzas``.
    """

    group: str
    version: str
    resource: str

    @property
    def api_version(self) -> str:
        """``group/version``, or only the version for the core group."""
        return GroupVersion(self.group, self.version).api_version

    def __str__(self) -> str:
        return f"{self.api_version}, Resource={self.resource}"


@frozen
class ApiResource:
    """One kind at one version, as an API server serves it.

    Attributes:
        group: API group; empty for the core group.
        version: Such as ``v1``.
        kind: Such as ``Pizza``.
        plural: The name in paths, such as ``pizzas``.
        namespaced: Whether its objects live in namespaces.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @classmethod
    def of(cls, api_version: str, kind: str, *, plural: str | None = None, namespaced: bool = True) -> ApiResource:
        """Name a kind by its apiVersion; the plural is guessed by `plural_of` when it is not given.

        Raises:
            RequestError: *api_version* is malformed.
        """
        parsed = GroupVersion.parse(api_version)
        return cls(parsed.group, parsed.version, kind, plural or plural_of(kind), namespaced)

    @property
    def api_version(self) -> str:
        """``group/version``, or only the version for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def gvk(self) -> GroupVersionKind:
        """Group, version and kind."""
        return GroupVersionKind(self.group, self.version, self.kind)

    @property
    def gvr(self) -> GroupVersionResource:
        """Group, version and plural."""
        return GroupVersionResource(self.group, self.version, self.plural)

    @property
    def resource(self) -> str:
        """``plural.group``, as error messages and RBAC name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """Give the URL path of the collection, of one object, or of one of its subresources.

        Args:
            namespace: None for all namespaces, or for a cluster-scoped kind.
            name: One object; None for the collection.
            subresource: Such as ``status``.
        """
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/".join(parts)

    def __str__(self) -> str:
        return f"{self.kind}.{self.version}.{self.group}" if self.group else f"{self.kind}.{self.version}"


@frozen
class ObjectRef:
    """Which object is meant: kind, namespace and name. Usable as a key.

    Attributes:
        resource: The kind.
        name: The object's name.
        namespace: None for a cluster-scoped object.
    """

    resource: ApiResource
    name: str
    namespace: str | None = None

    def to_object_reference(self, **more: Any) -> dict[str, Any]:
        """Give the core/v1 ObjectReference, as Events carry it; *more* may add ``uid`` and ``resourceVersion``."""
        reference = {"apiVersion": self.resource.api_version, "kind": self.resource.kind, "name": self.name}
        if self.namespace:
            reference["namespace"] = self.namespace
        return {**reference, **more}

    def __str__(self) -> str:
        return f"{self.resource}/{self.name}.{self.namespace}" if self.namespace else f"{self.resource}/{self.name}"


_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


def _alphabetical(text: str) -> tuple[int, ...]:
    """Give what sorts *text* backwards, since priorities are sorted highest first: ``foo1`` above ``foo10``."""
    return (*(-ord(letter) for letter in text), 1)


_STABILITY = {None: 2, "beta": 1, "alpha": 0}


@frozen
class Version:
    """A version with its place in an order; any text is one, if only a nonconformant one.

    There is deliberately no ``<``: choose `priority` (what kubectl prefers) or `generation` (what came later).
    """

    text: str

    @property
    def conforms(self) -> bool:
        """Whether it has the form ``v1``, ``v1beta2`` or ``v1alpha3``."""
        return _VERSION.fullmatch(self.text) is not None

    @property
    def priority(self) -> tuple[int, int, int, tuple[int, ...]]:
        """Sort by it, highest first, to get kubectl's order: stable, beta, alpha, then the rest by alphabet."""
        match = _VERSION.fullmatch(self.text)
        if match is None:
            return (-1, 0, 0, _alphabetical(self.text))
        return (_STABILITY[match[2]], int(match[1]), int(match[3] or 0), ())

    @property
    def generation(self) -> tuple[int, int, int, tuple[int, ...]]:
        """Sort by it to go by major version first, then by stability."""
        match = _VERSION.fullmatch(self.text)
        if match is None:
            return (-1, 0, 0, _alphabetical(self.text))
        return (int(match[1]), _STABILITY[match[2]], int(match[3] or 0), ())
