"""CustomResourceDefinitions as objects: names, versions, columns, subresources; and several versions made one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import define, evolve, field

from kubecrd.errors import DefinitionError
from kubecrd.resource.codec import to_dict, with_unknown
from kubecrd.resource.conversion import Versions
from kubecrd.resource.fielderrors import join
from kubecrd.resource.naming import Alias
from kubecrd.resource.objects import Resource, resource_view

from .acceptance import check_crd
from .jsonschemaprops import JSONSchemaProps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CustomResourceColumnDefinition",
    "CustomResourceConversion",
    "CustomResourceDefinition",
    "CustomResourceDefinitionCondition",
    "CustomResourceDefinitionNames",
    "CustomResourceDefinitionSpec",
    "CustomResourceDefinitionStatus",
    "CustomResourceDefinitionVersion",
    "CustomResourceSubresourceScale",
    "CustomResourceSubresources",
    "CustomResourceValidation",
    "SelectableField",
    "ServiceReference",
    "WebhookClientConfig",
    "WebhookConversion",
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
        open_api_v3_schema: The structural schema.
    """

    open_api_v3_schema: Annotated[JSONSchemaProps | None, Alias("openAPIV3Schema")] = None


@define(kw_only=True)
class SelectableField:
    """A field that field selectors may use.

    Attributes:
        json_path: Where it is, such as ``.spec.color``.
    """

    json_path: str


@define(kw_only=True)
class CustomResourceColumnDefinition:
    """A column of ``kubectl get``.

    Attributes:
        name: Its title.
        type: Of what is shown: ``boolean``, ``date``, ``integer``, ``number`` or ``string``.
        description: For people.
        format: How it is shown, such as ``date-time``.
        priority: Columns of more than 0 are shown only with ``-o wide``.
        json_path: Where what is shown is, such as ``.spec.size``.
    """

    name: str
    type: str
    description: str | None = None
    format: str | None = None
    priority: int | None = None
    json_path: str


@define(kw_only=True)
class CustomResourceSubresourceScale:
    """Where the scale subresource reads and writes.

    Attributes:
        spec_replicas_path: Such as ``.spec.replicas``.
        status_replicas_path: Such as ``.status.replicas``.
        label_selector_path: Such as ``.status.selector``, for autoscalers.
    """

    spec_replicas_path: str
    status_replicas_path: str
    label_selector_path: str | None = None


@define(kw_only=True)
class CustomResourceSubresources:
    """Which subresources a version has.

    Attributes:
        status: An empty dictionary where the status has an endpoint of its own; None where it has not.
        scale: The scale subresource; None where there is none.
    """

    status: dict[str, Any] | None = None
    scale: CustomResourceSubresourceScale | None = None


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
        subresources: Which subresources it has.
        additional_printer_columns: The columns of ``kubectl get``.
        selectable_fields: What field selectors may use.
    """

    name: str
    served: bool
    storage: bool
    deprecated: bool | None = None
    deprecation_warning: str | None = None
    schema: CustomResourceValidation | None = None
    subresources: CustomResourceSubresources | None = None
    additional_printer_columns: list[CustomResourceColumnDefinition] | None = None
    selectable_fields: list[SelectableField] | None = None


@define(kw_only=True)
class ServiceReference:
    """A service that the server calls.

    Attributes:
        namespace: Where it is.
        name: What it is called.
        path: Where requests go; the root by default.
        port: 443 by default.
    """

    namespace: str
    name: str
    path: str | None = None
    port: int | None = None


@define(kw_only=True)
class WebhookClientConfig:
    """How the server reaches a webhook: by exactly one of *url* and *service*.

    Attributes:
        url: Such as ``https://example.com/convert``.
        service: A service in the cluster.
        ca_bundle: The certificates to trust, PEM in base64 as it stands in JSON.
    """

    url: str | None = None
    service: ServiceReference | None = None
    ca_bundle: str | None = None


@define(kw_only=True)
class WebhookConversion:
    """The webhook that converts objects.

    Attributes:
        client_config: Where it is.
        conversion_review_versions: Which versions of ConversionReview it understands, best first; such as ``v1``.
    """

    client_config: WebhookClientConfig | None = None
    conversion_review_versions: list[str] | None = None


@define(kw_only=True)
class CustomResourceConversion:
    """How the versions of a kind become each other.

    Attributes:
        strategy: ``None`` where only the apiVersion changes, or ``Webhook``.
        webhook: Who converts, when the strategy is ``Webhook``.
    """

    strategy: str
    webhook: WebhookConversion | None = None


@define(kw_only=True)
class CustomResourceDefinitionSpec:
    """What is to be served.

    Attributes:
        group: API group.
        names: What the kind is called.
        scope: Whether its objects live in namespaces.
        versions: At least one.
        conversion: How versions become each other; None where they differ in name only.
        preserve_unknown_fields: True only in definitions of old; the server refuses it in new ones.
    """

    group: str
    names: CustomResourceDefinitionNames
    scope: Literal["Namespaced", "Cluster"]
    versions: list[CustomResourceDefinitionVersion]
    conversion: CustomResourceConversion | None = None
    preserve_unknown_fields: bool | None = None


@define(kw_only=True)
class CustomResourceDefinitionCondition:
    """One thing that the server says of a definition.

    Attributes:
        type: Such as ``Established`` or ``NamesAccepted``.
        status: ``True``, ``False`` or ``Unknown``.
        last_transition_time: When the status last changed.
        reason: Why, in one word.
        message: Why, for people.
        observed_generation: Of which generation of the definition this is said.
    """

    type: str
    status: str
    last_transition_time: datetime | None = None
    reason: str | None = None
    message: str | None = None
    observed_generation: int | None = None


@define(kw_only=True)
class CustomResourceDefinitionStatus:
    """What the server says of a definition.

    Attributes:
        conditions: Whether it is served, and why not.
        accepted_names: Under which names.
        stored_versions: In which versions objects may be stored.
        observed_generation: Which generation of the definition this is about.
    """

    conditions: list[CustomResourceDefinitionCondition] | None = None
    accepted_names: CustomResourceDefinitionNames | None = None
    stored_versions: list[str] | None = None
    observed_generation: int | None = None

    def is_true(self, condition: str) -> bool:
        """Say whether *condition*, such as ``Established``, is there and true."""
        return any(each.type == condition and each.status == "True" for each in self.conditions or ())


@resource_view(group="apiextensions.k8s.io", namespaced=False)
class CustomResourceDefinition(Resource):
    """A kind that users bring to a server (apiextensions.k8s.io/v1).

    What was read is written back whole: a field that no attribute stands for stays.

    Attributes:
        spec: What is to be served.
        status: What the server says of it.
    """

    spec: CustomResourceDefinitionSpec
    status: CustomResourceDefinitionStatus | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document, with the fields that the server does not know where the object was read."""
        return with_unknown(self, to_dict(self))


def merge_crds(
    crds: Iterable[CustomResourceDefinition | type[Resource]] | Versions,
    *,
    stored: str | None = None,
    conversion: CustomResourceConversion | None = None,
) -> CustomResourceDefinition:
    """Make one definition of several of one kind, each with one version.

    Args:
        crds: The definitions, or the classes that have them, or the family that the classes are declared as; group, names,
            scope and conversion must be the same.
        stored: The version that objects are stored in; its definition gives the metadata, and comes first. By default
            the one that says ``storage=True``, as all do that do not say otherwise.
        conversion: How the versions become each other; what the definitions say by default.

    Raises:
        DefinitionError: there are none, one has several versions, one is there twice, none is *stored*, they differ in what
            must be the same, or the API server would refuse the whole.
    """
    given = crds.classes if isinstance(crds, Versions) else crds
    by_version = _by_version([each.crd() if isinstance(each, type) else each for each in given])
    stored = stored or _stored(by_version)
    root = by_version.get(stored)
    if root is None:
        raise DefinitionError(
            f"merge_crds: no definition has the stored version {stored!r}; choose from {', '.join(by_version)}"
        )
    for name, crd in by_version.items():
        for part in ("group", "names", "scope", "conversion"):
            mine, theirs = getattr(root.spec, part), getattr(crd.spec, part)
            if mine != theirs:
                raise DefinitionError(f"merge_crds: {part} differs between {stored} and {name}: {mine!r}, {theirs!r}")
    others = [crd.spec.versions[0] for crd in by_version.values() if crd is not root]
    versions = [evolve(root.spec.versions[0], storage=True), *(evolve(version, storage=False) for version in others)]
    spec = evolve(root.spec, versions=versions, conversion=conversion or root.spec.conversion)
    merged = CustomResourceDefinition(metadata=root.metadata, spec=spec)
    errors = check_crd(merged.to_dict())
    if errors:
        raise DefinitionError(f"merge_crds: {join(errors)}")
    return merged


def _by_version(crds: list[CustomResourceDefinition]) -> dict[str, CustomResourceDefinition]:
    if not crds:
        raise DefinitionError("merge_crds: no definitions to merge")
    found: dict[str, CustomResourceDefinition] = {}
    for crd in crds:
        if len(crd.spec.versions) != 1:
            raise DefinitionError(
                f"merge_crds: {crd.metadata.name} has {len(crd.spec.versions)} versions; give one each"
            )
        name = crd.spec.versions[0].name
        if name in found:
            raise DefinitionError(f"merge_crds: the version {name!r} is there twice")
        found[name] = crd
    return found


def _stored(by_version: Mapping[str, CustomResourceDefinition]) -> str:
    stored = [name for name, crd in by_version.items() if crd.spec.versions[0].storage]
    if len(stored) != 1:
        raise DefinitionError(
            f"merge_crds: of the versions {', '.join(by_version)}, {len(stored)} are stored; say which one by stored=, "
            "or say storage=False to @custom_resource of the others"
        )
    return stored[0]
