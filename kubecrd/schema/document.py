"""The document of a definition: names, scope and one version, with whatever was not said left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .markers import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubecrd.resource.identity import ApiResource

    from .options import DefinitionOptions

__all__ = ["definition_document"]


def definition_document(resource: ApiResource, schema: Mapping[str, Any], options: DefinitionOptions) -> dict[str, Any]:
    """Give the CustomResourceDefinition as JSON.

    Args:
        resource: What the kind is called.
        schema: Of its objects.
        options: What else is said of it.
    """
    metadata = {
        "name": f"{resource.plural}.{resource.group}",
        "labels": dict(options.labels),
        "annotations": dict(options.annotations),
    }
    names = {
        "plural": resource.plural,
        "kind": resource.kind,
        "singular": options.singular or resource.kind.lower(),
        "listKind": options.list_kind or f"{resource.kind}List",
        "shortNames": list(options.short_names),
        "categories": list(options.categories),
    }
    spec = {
        "group": resource.group,
        "names": _said(names),
        "scope": options.scope,
        "versions": [_version(schema, options)],
        "conversion": dict(options.conversion or {}),
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": _said(metadata),
        "spec": _said(spec),
    }


def _version(schema: Mapping[str, Any], options: DefinitionOptions) -> dict[str, Any]:
    is_worded = isinstance(options.deprecated, str)
    version = {
        "name": options.version,
        "served": options.served,
        "storage": options.storage,
        "deprecated": True if is_worded or options.deprecated else None,
        "deprecationWarning": options.deprecated if is_worded else None,
        "schema": {"openAPIV3Schema": dict(schema)},
        "subresources": _subresources(schema, options),
        "additionalPrinterColumns": [column.to_dict() for column in options.columns],
        "selectableFields": [{"jsonPath": path} for path in options.selectable_fields],
    }
    return _said(version)


def _subresources(schema: Mapping[str, Any], options: DefinitionOptions) -> dict[str, Any] | None:
    has_status = options.status_subresource
    if has_status is None:
        has_status = "status" in schema.get("properties", {})
    scale = options.scale if options.scale is None or isinstance(options.scale, Scale) else Scale(**options.scale)
    subresources = {"status": {} if has_status else None, "scale": None if scale is None else scale.to_dict()}
    return {name: value for name, value in subresources.items() if value is not None} or None


def _said(entries: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing, or a GitOps tool would see a difference for ever."""
    return {name: value for name, value in entries.items() if value not in (None, [], {})}
