"""Who owns which field: where the field manager meets the kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.errors import StatusError
from kubecrd.schema.structural import Structural

from .fieldmanager import FieldManager, reset_fields
from .ownership import ConversionError
from .typeschema import TypeSchema

if TYPE_CHECKING:
    from .conversionwebhooks import ConversionWebhook
    from .fieldset import FieldSet
    from .kinds import ServedKind
    from .ownership import Convert

__all__ = ["field_manager", "record_update", "without_times"]


def field_manager(kind: ServedKind) -> FieldManager | None:
    """Make the field manager of a kind; None where the kind has no merge types."""
    schema = kind.type_schema
    if schema is None:
        return None
    convert = None if kind.webhook is None else _converter(kind.webhook)
    if kind.alias is not None:
        convert = kind.alias.convert
    return FieldManager(schema, kind=kind.kind, versions=_versions(kind, schema), resets=_resets(kind), convert=convert)


def _converter(webhook: ConversionWebhook) -> Convert:
    """Make what the field manager converts by: it waits for a webhook, so it must run in a worker thread."""

    def convert(obj: dict[str, Any], api_version: str) -> dict[str, Any]:
        try:
            return webhook.convert_from_thread(obj, api_version)
        except StatusError as error:
            raise ConversionError(str(error.status.message)) from error

    return convert


def _versions(kind: ServedKind, own: TypeSchema) -> dict[str, TypeSchema]:
    """Give the merge types of all versions of a kind, also of those that are not served: entries may still be in them."""
    versions = {kind.api_version: own}
    if kind.alias is not None:
        versions[kind.alias.other] = kind.alias.type_schema()
    if kind.definition is not None:
        for version in kind.definition["spec"]["versions"]:
            if version["name"] != kind.version:
                schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
                made = TypeSchema.of_structural(Structural.of(schema))
                versions[f"{kind.group}/{version['name']}"] = made
    return versions


def _resets(kind: ServedKind) -> dict[str, FieldSet]:
    """Say what a write leaves alone, by subresource (``GetResetFields`` of the strategies)."""
    if "status" not in kind.subresources:
        return {}
    # Built-in kinds store the metadata that comes with a status, so who writes it owns it.
    left = reset_fields("metadata", "spec") if kind.is_custom else reset_fields("spec")
    return {"": reset_fields("status"), "status": left}


def record_update(
    kind: ServedKind, live: dict[str, Any] | None, new: dict[str, Any], *, manager: str, subresource: str, now: str
) -> dict[str, Any]:
    """Give *new* with the managedFields that a create, update or patch by *manager* leads to."""
    recorder = kind.field_manager
    if recorder is None:
        return new
    recorded: dict[str, Any] = recorder.update(
        live, new, manager=manager, api_version=kind.api_version, subresource=subresource, now=now
    )
    return recorded


def without_times(obj: dict[str, Any]) -> dict[str, Any]:
    """Give *obj* without the times of its managedFields entries, which alone are no change."""
    entries = obj["metadata"].get("managedFields")
    if not entries:
        return obj
    timeless = [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": timeless}}
