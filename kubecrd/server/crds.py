"""CustomResourceDefinitions: how they are stored, and the kinds they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.identity import ApiResource, Version
from kubecrd.resource.status import forbidden
from kubecrd.schema.acceptance import check_crd, check_crd_status, prepare_crd
from kubecrd.schema.acceptance_formats import format_warnings
from kubecrd.schema.crddecoding import decode_crd, fill_crd_defaults
from kubecrd.schema.strategy import CustomResourceStrategy

from .conversionwebhooks import ConversionWebhook
from .kinds import ServedKind, Subresource
from .storage import Key
from .strategies import BuiltinStrategy, with_system_fields
from .typeschema import TypeSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .admission import Operation
    from .registry import Registry
    from .webhookclient import WebhookClient

__all__ = [
    "CLEANUP_FINALIZER",
    "CRD_GROUP",
    "CRD_PLURAL",
    "DefinitionLifecycle",
    "condition",
    "definition_kind",
    "kinds_of",
    "with_condition",
]

CRD_GROUP: Final = "apiextensions.k8s.io"
CRD_PLURAL: Final = "customresourcedefinitions"
CLEANUP_FINALIZER: Final = "customresourcecleanup.apiextensions.k8s.io"


@frozen
class DefinitionStrategy(BuiltinStrategy):
    """Definitions are checked by `check_crd`; the server alone writes their status."""

    def decode(
        self,
        obj: dict[str, Any],
        /,
        *,
        drop_malformed: bool = False,  # noqa: ARG002
    ) -> tuple[dict[str, Any], list[str]]:
        """Decode, drop what is empty, and fill in the defaults.

        Raises:
            DecodeError: something has a wrong type; with Go's words.
        """
        decoded, unknown = decode_crd(obj)
        fill_crd_defaults(decoded)
        return {**decoded, "apiVersion": f"{CRD_GROUP}/v1", "kind": "CustomResourceDefinition"}, unknown

    def prepare_create(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Give a new definition a status that nothing is accepted in yet."""
        prepared = prepare_crd(obj)
        kept = {key: obj["metadata"][key] for key in ("uid", "creationTimestamp") if key in obj["metadata"]}
        status = {"conditions": None, "acceptedNames": {"kind": "", "plural": ""}, "storedVersions": None}
        prepared = {**prepared, "metadata": prepared["metadata"] | kept | {"generation": 1}, "status": status}
        fill_crd_defaults(prepared)
        return prepared

    def validate_create(self, obj: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a new definition."""
        return check_crd(obj)

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Keep the status, remember the storage version, and count the generation."""
        prepared = prepare_crd(obj, old)
        generation = prepared["metadata"]["generation"]
        metadata = with_system_fields(obj["metadata"], old["metadata"]) | {"generation": generation}
        return {**prepared, "metadata": metadata}

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a changed definition."""
        return check_crd(obj, old)

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with the change of the metadata and of the accepted names."""
        return check_crd_status(obj, old)


def definition_kind(base: ServedKind | None = None) -> ServedKind:
    """Give the kind CustomResourceDefinition, with what *base* knows about it from the OpenAPI documents."""
    strategy = DefinitionStrategy(namespaced=False, has_generation=True, has_status=True)
    if base is not None:
        if isinstance(base.strategy, BuiltinStrategy):
            strategy = evolve(strategy, decoder=base.strategy.decoder)
        return evolve(base, strategy=strategy, mark_deleted=mark_for_cleanup, warnings=format_warnings)
    return ServedKind(
        ApiResource(CRD_GROUP, "v1", "CustomResourceDefinition", CRD_PLURAL, namespaced=False),
        strategy,
        "CustomResourceDefinitionList",
        singular="customresourcedefinition",
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        verbs=("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
        subresources={"status": Subresource("status")},
        mark_deleted=mark_for_cleanup,
        warnings=format_warnings,
    )


def mark_for_cleanup(crd: dict[str, Any], now: str) -> dict[str, Any] | None:
    """Give a definition as its first deletion leaves it: its objects go before it does."""
    metadata = crd["metadata"]
    if metadata.get("deletionTimestamp"):
        return None
    finalizers: list[str] = list(metadata.get("finalizers") or ())
    if CLEANUP_FINALIZER not in finalizers:
        finalizers.append(CLEANUP_FINALIZER)
    marked = {**crd, "metadata": {**metadata, "deletionTimestamp": now, "finalizers": finalizers}}
    return with_condition(
        marked,
        "Terminating",
        status="True",
        reason="InstanceDeletionPending",
        message="CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        now=now,
    )


class DefinitionLifecycle:
    """Admission: no new object comes where its definition is going."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mutate(self, operation: Operation) -> None:
        """Refuse to create what would have to go at once.

        Raises:
            StatusError: 403.
        """
        kind = operation.kind
        if operation.verb != "CREATE" or kind.definition is None:
            return
        crd = self._registry.store.get(Key(CRD_GROUP, CRD_PLURAL, "", kind.definition["metadata"]["name"]))
        if crd is not None and crd["metadata"].get("deletionTimestamp"):
            why = "create not allowed while custom resource definition is terminating"
            raise StatusError.of(forbidden(kind.plural, operation.name, why, group=kind.group))

    async def validate(self, operation: Operation) -> None:
        """Nothing is left to say when the object is final."""


def condition(crd: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Find a condition of a definition."""
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return next((each for each in conditions if each["type"] == name), None)


def with_condition(
    crd: dict[str, Any], name: str, *, status: str, reason: str, message: str, now: str
) -> dict[str, Any]:
    """Give a definition with a condition set; its time moves only where its status does."""
    before = condition(crd, name)
    changed = before is None or before["status"] != status
    time = now if changed or before is None else before.get("lastTransitionTime", now)
    made = {"type": name, "status": status, "lastTransitionTime": time, "reason": reason, "message": message}
    conditions: list[dict[str, Any]] = list((crd.get("status") or {}).get("conditions") or ())
    if before is None:
        conditions.append(made)
    else:
        conditions = [made if each["type"] == name else each for each in conditions]
    return {**crd, "status": {**(crd.get("status") or {}), "conditions": conditions}}


def kinds_of(crd: dict[str, Any], client: WebhookClient | None = None) -> Iterator[ServedKind]:
    """Give the kinds that an established definition brings: one for every version that is served.

    Args:
        crd: The definition.
        client: Calls the conversion webhook; without it versions are taken to differ in nothing but the name.
    """
    spec = crd["spec"]
    storage = next((each["name"] for each in spec["versions"] if each["storage"]), spec["versions"][0]["name"])
    conversion = spec.get("conversion") or {}
    webhook = None
    if client is not None and conversion.get("strategy") == "Webhook":
        webhook = ConversionWebhook(conversion.get("webhook") or {}, client)
    stored = _kind_of(crd, storage, None)
    versions = {
        version["name"]: stored if version["name"] == storage else _kind_of(crd, version["name"], stored)
        for version in spec["versions"]
    }
    for kind in versions.values():
        kind.versions, kind.webhook = versions, webhook
    for version in spec["versions"]:
        if version["served"]:
            yield versions[version["name"]]


def _kind_of(crd: dict[str, Any], name: str, storage: ServedKind | None) -> ServedKind:
    spec = crd["spec"]
    names = (crd.get("status") or {}).get("acceptedNames") or spec["names"]
    version = next(each for each in spec["versions"] if each["name"] == name)
    strategy = CustomResourceStrategy(crd, name)
    return ServedKind(
        ApiResource(spec["group"], name, names["kind"], names["plural"], namespaced=spec["scope"] == "Namespaced"),
        strategy,
        names.get("listKind") or f"{names['kind']}List",
        storage=storage,
        singular=names.get("singular", ""),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=_subresources(version.get("subresources") or {}),
        definition=crd,
        columns=tuple(version.get("additionalPrinterColumns") or ()),
        selectable_fields=tuple(each["jsonPath"].lstrip(".") for each in version.get("selectableFields") or ()),
        openapi=(version.get("schema") or {}).get("openAPIV3Schema"),
        deprecation=_deprecation(spec, version),
        make_type_schema=lambda: TypeSchema.of_structural(strategy.structural),
        warnings=strategy.warnings,
    )


def _subresources(subresources: dict[str, Any]) -> dict[str, Subresource]:
    found = {}
    if subresources.get("status") is not None:
        found["status"] = Subresource("status")
    if subresources.get("scale") is not None:
        found["scale"] = Subresource("scale", group="autoscaling", version="v1", kind="Scale")
    return found


def _deprecation(spec: dict[str, Any], version: dict[str, Any]) -> str:
    """Say what goes as a Warning with every answer in a deprecated version; empty otherwise."""
    if not version.get("deprecated"):
        return ""
    if version.get("deprecationWarning") is not None:
        return str(version["deprecationWarning"])
    group, kind = spec["group"], spec["names"]["kind"]
    own = Version(version["name"]).priority
    better = [
        each["name"]
        for each in spec["versions"]
        if each["served"] and not each.get("deprecated") and Version(each["name"]).priority > own
    ]
    text = f"{group}/{version['name']} {kind} is deprecated"
    if better:
        newest = max(better, key=lambda name: Version(name).priority)
        text += f"; use {group}/{newest} {kind}"
    return text
