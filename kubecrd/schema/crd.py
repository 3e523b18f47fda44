"""CustomResourceDefinitions as objects: names, versions, columns, subresources; and several versions made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import define, evolve, field

from kubecrd.errors import DefinitionError
from kubecrd.resource.fielderrors import join
from kubecrd.resource.naming import Alias
from kubecrd.resource.objects import Resource, resource_view

from .acceptance import check_crd, prepare_crd

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CustomResourceDefinition",
    "CustomResourceDefinitionNames",
    "CustomResourceDefinitionSpec",
    "CustomResourceDefinitionVersion",
    "CustomResourceValidation",
    "SelectableField",
    "merge_crds",
]


@define(kw_only=True)
class CustomResourceDefinitionNames:
    """What a kind is called.

    Attributes:
        plural: In paths, such as ``pizzas``.
        kind: In objects, such as ``Pizza``.
        singular: For people, such as ``pizza``; the server takes the kind in lower case by default.
        list_kind: Of its lists; the server takes the kind with ``List`` by default.
        short_names: For ``kubectl get``.
        categories: Groups of kinds that ``kubectl get`` knows, such as ``all``.
    """

    plural: str
    kind: str
    singular: str | None = None
    list_kind: str | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None


@define(kw_only=True)
class CustomResourceValidation:
    """The schema of a version.

    Attributes:
        open_api_v3_schema: The structural schema, as JSON.
    """

    open_api_v3_schema: Annotated[dict[str, Any], Alias("openAPIV3Schema")]


@define(kw_only=True)
class SelectableField:
    """A field that field selectors may use.

    Attributes:
        json_path: Where it is, such as ``.spec.color``.
    """

    json_path: str


@define(kw_only=True)
class CustomResourceDefinitionVersion:
    """One version of a kind.

    Attributes:
        name: Such as ``v1``.
        served: Whether the server has it.
        storage: Whether objects are stored in it; exactly one version is.
        deprecated: Whether clients are warned.
        deprecation_warning: What they are told; the server has a text of its own.
        schema: What its objects look like.
        subresources: ``status`` and ``scale``, as JSON.
        additional_printer_columns: The columns of ``kubectl get``, as JSON.
        selectable_fields: What field selectors may use.
    """

    name: str
    served: bool
    storage: bool
    deprecated: bool | None = None
    deprecation_warning: str | None = None
    schema: CustomResourceValidation | None = None
    subresources: dict[str, Any] | None = None
    additional_printer_columns: list[dict[str, Any]] | None = None
    selectable_fields: list[SelectableField] | None = None


@define(kw_only=True)
class CustomResourceDefinitionSpec:
    """What is to be served.

    Attributes:
        group: API group.
        names: What the kind is called.
        scope: Whether its objects live in namespaces.
        versions: At least one.
        conversion: How versions become each other, as JSON; None where they differ in name only.
        preserve_unknown_fields: True only in definitions of old; the server refuses it in new ones.
    """

    group: str
    names: CustomResourceDefinitionNames
    scope: Literal["Namespaced", "Cluster"]
    versions: list[CustomResourceDefinitionVersion]
    conversion: dict[str, Any] | None = None
    preserve_unknown_fields: bool | None = None


@resource_view(group="apiextensions.k8s.io", namespaced=False)
class CustomResourceDefinition(Resource):
    """A kind that users bring to a server (apiextensions.k8s.io/v1).

    Attributes:
        spec: What is to be served.
        status: What the server says of it, as JSON.
    """

    spec: CustomResourceDefinitionSpec
    status: dict[str, Any] | None = field(default=None)


def merge_crds(crds: Sequence[CustomResourceDefinition], *, stored: str) -> CustomResourceDefinition:
    """Make one definition of several of one kind, each with one version.

    Args:
        crds: The definitions; group, names, scope and conversion must be the same.
        stored: The version that objects are stored in; its definition gives the metadata, and comes first.

    Raises:
        DefinitionError: there are none, one has several versions, one is there twice, none is *stored*, they differ in what
            must be the same, or the API server would refuse the whole.
    """
    if not crds:
        raise DefinitionError("merge_crds: no definitions to merge")
    by_version: dict[str, CustomResourceDefinition] = {}
    for crd in crds:
        if len(crd.spec.versions) != 1:
            raise DefinitionError(
                f"merge_crds: {crd.metadata.name} has {len(crd.spec.versions)} versions; give one each"
            )
        name = crd.spec.versions[0].name
        if name in by_version:
            raise DefinitionError(f"merge_crds: the version {name!r} is there twice")
        by_version[name] = crd
    root = by_version.get(stored)
    if root is None:
        raise DefinitionError(
            f"merge_crds: no definition has the stored version {stored!r}; choose from {', '.join(by_version)}"
        )
    for crd in crds:
        for part in ("group", "names", "scope", "conversion"):
            mine, theirs = getattr(root.spec, part), getattr(crd.spec, part)
            if mine != theirs:
                raise DefinitionError(
                    f"merge_crds: {part} differs between {stored} and {crd.spec.versions[0].name}: {mine!r}, {theirs!r}"
                )
    others = [crd.spec.versions[0] for crd in crds if crd is not root]
    versions = [evolve(root.spec.versions[0], storage=True), *(evolve(version, storage=False) for version in others)]
    merged = CustomResourceDefinition(metadata=root.metadata, spec=evolve(root.spec, versions=versions))
    errors = check_crd(prepare_crd(merged.to_dict()))
    if errors:
        raise DefinitionError(f"merge_crds: {join(errors)}")
    return merged
