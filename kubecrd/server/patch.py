"""PATCH of an object or its status: JSON patch, merge patch, strategic merge patch, and apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.errors import DecodeError, StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import Status, StatusDetails, bad_request, internal_error, invalid, unsupported_media_type
from kubecrd.schema.goyaml import YamlError, parse_yaml

from .access import Attributes
from .answers import Document
from .bodies import check_size, type_meta_fault
from .gojson import JsonSyntaxError, go_type_name, parse_json
from .goprint import plain
from .managed import record_update
from .options import WriteOptions, write_options
from .owners import report_new_finalizers
from .patches import json_patch, merge_patch, strategic_merge_patch
from .request import Request
from .restoring import restoring_fault
from .scale import SCALE, patch_scale
from .writing import Target, check_identity, create_object, uid_without_object, update_object

if TYPE_CHECKING:
    from .kinds import ServedKind
    from .registry import Registry
    from .routes import Route

__all__ = [
    "APPLY",
    "applied_config",
    "check_patch_type",
    "patch",
    "patched",
    "report_strict_patch",
    "unusable",
]

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH: Final = "application/strategic-merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"
_CUSTOM: Final = (JSON_PATCH, MERGE_PATCH, APPLY)


def check_patch_type(request: Request, kind: ServedKind) -> str:
    """Give the type of a patch: three for custom resources, four for built-in kinds.

    Raises:
        StatusError: 415.
    """
    media = request.content_type.split(";", maxsplit=1)[0]
    if media in _CUSTOM or (media == STRATEGIC_MERGE_PATCH and not kind.is_custom):
        return media
    if kind.is_custom:
        raise StatusError.of(unsupported_media_type(_CUSTOM))
    message = "415: Unsupported Media Type"
    raise StatusError.of(Status(code=415, reason="UnsupportedMediaType", message=message, details=StatusDetails()))


@frozen
class _Patch:
    """A patch on its way.

    Attributes:
        media: Its type.
        request: Which brought it.
        options: Of the request.
        target: What it is applied to.
    """

    media: str
    request: Request
    options: WriteOptions
    target: Target


async def patch(registry: Registry, request: Request, route: Route) -> Document:
    """Change an object by a patch, and give it as it is stored; an apply creates it where it is missing.

    Raises:
        StatusError: in the order of the checks: type, size, options, existence, the patch itself, conflict, validity.
    """
    kind = route.kind
    media = check_patch_type(request, kind)
    check_size(request)
    options = write_options(request, "ApplyOptions" if media == APPLY else "PatchOptions")
    applied = media == APPLY
    target = Target(kind, route.namespace, route.name, options, route.subresource, request, applied=applied)
    what = _Patch(media, request, options, target)
    if route.subresource == SCALE:
        return await patch_scale(registry, request, target, media)

    def change(old: dict[str, Any]) -> dict[str, Any]:
        if media == APPLY:
            return _applied(registry, what, old)
        return _changed(registry, what, old)

    async def create() -> dict[str, Any]:
        registry.access.check(request.user, evolve(Attributes.of(request), verb="create"))
        obj = _applied(registry, what, None)
        if uid := obj["metadata"].get("uid"):
            raise StatusError.of(uid_without_object(target, uid))
        made = await create_object(registry, target, obj)
        report_new_finalizers(request, made, None)
        return made

    may_create = create if media == APPLY and not route.subresource else None
    stored, created = await update_object(registry, target, change, create=may_create, patch=True)
    return Document(stored, 201 if created else 200, kind)


def _changed(registry: Registry, what: _Patch, old: dict[str, Any]) -> dict[str, Any]:
    """Give *old* changed by a JSON, merge or strategic merge patch, decoded and with who did it."""
    kind, target = what.target.kind, what.target
    document, strict = patched(what.request, what.media, old, kind, what.options.field_validation)
    shown = what.request.body if what.media == STRATEGIC_MERGE_PATCH else None
    obj = decode_patched(what.request, kind, document, strict, what.options.field_validation, strategic=shown)
    obj = check_identity(obj, target)
    manager = what.options.field_manager
    return record_update(kind, old, obj, manager=manager, subresource=target.subresource, now=registry.now())


def patched(
    request: Request, media: str, old: dict[str, Any], kind: ServedKind, validation: str
) -> tuple[Any, list[str]]:
    """Give the document that a patch makes of *old*, and what strict decoding says to the patch itself.

    Raises:
        StatusError: the patch cannot be read, or cannot be applied.
    """
    try:
        parsed = parse_json(request.body)
    except JsonSyntaxError as error:
        message = str(error)
        if media == MERGE_PATCH and validation == "Ignore":
            message = "Invalid JSON Patch"
        elif media != STRATEGIC_MERGE_PATCH and validation != "Ignore":
            message = f"error decoding patch: {message}"
        raise StatusError.of(bad_request(message)) from None
    duplicates = [f'duplicate field "{path}"' for path in parsed.duplicates]
    if media == JSON_PATCH:
        strict = [text.replace("duplicate", "json patch duplicate", 1) for text in duplicates]
        strict += _unknown_operation_fields(parsed.document)
        document = json_patch(old, parsed.document, strict=validation != "Ignore", text=request.body)
        return document, strict
    if media == MERGE_PATCH:
        return merge_patch(old, parsed.document, strict=validation != "Ignore"), duplicates
    return strategic_merge_patch(old, parsed.document, kind.type_schema), duplicates


def _unknown_operation_fields(operations: Any) -> list[str]:
    if not isinstance(operations, list):
        return []
    known = {"op", "path", "from", "value"}
    return [
        f'json patch unknown field "[{index}].{key}"'
        for index, operation in enumerate(operations)
        if isinstance(operation, dict)
        for key in operation
        if key not in known
    ]


def decode_patched(
    request: Request,
    kind: ServedKind,
    document: Any,
    strict: list[str],
    validation: str,
    *,
    strategic: bytes | None = None,
) -> dict[str, Any]:
    """Decode what a patch has made; whatever is wrong with it is wrong with the patch.

    Args:
        request: Is warned.
        kind: Of the object.
        document: What the patch has made.
        strict: What strict decoding says to the patch itself.
        validation: Of fields: ``Strict``, ``Warn`` or ``Ignore``.
        strategic: The text of a strategic merge patch, which is shown instead of what it made, and of which the
            server speaks in other words.

    Raises:
        StatusError: 422 on the field ``patch``, or 500 without an apiVersion.
    """
    if (why := type_meta_fault(document)) and (kind.is_custom or not isinstance(document, dict)):
        raise StatusError.of(unusable(document, why))
    if kind.is_custom:
        if not document.get("kind"):
            raise StatusError.of(unusable(document, f"Object 'Kind' is missing in '{_compact(document)}'"))
        if document.get("apiVersion", "") == "":
            raise StatusError.of(internal_error("Object 'apiVersion' is missing in 'object has no apiVersion field'"))
    else:
        document = {**document, "apiVersion": kind.api_version, "kind": kind.kind}
    try:
        obj, unknown = kind.strategy.decode(document)
    except DecodeError as error:
        why = str(error) if strategic is None else restoring_fault(str(error))
        raise StatusError.of(unusable(document, why, strategic)) from None
    errors = [*strict, *(f'unknown field "{path}"' for path in unknown)]
    report_strict_patch(request, document, errors, validation, strategic)
    obj.setdefault("metadata", {})
    return obj


def report_strict_patch(
    request: Request, document: Any, errors: list[str], validation: str, strategic: bytes | None = None
) -> None:
    """Do what *validation* asks for with unknown and repeated fields in a patch and in what it makes.

    Raises:
        StatusError: 422 under Strict.
    """
    if validation == "Strict" and errors:
        raise StatusError.of(unusable(document, f"strict decoding error: {', '.join(errors)}", strategic))
    if validation == "Warn":
        for text in errors:
            request.warn(text)


def unusable(document: Any, why: str, strategic: bytes | None = None) -> Status:
    """422 with an empty kind: what the patch made, or the text of a strategic one, is no object of the kind."""
    shown = _compact(document) if strategic is None else plain(parse_json(strategic).document)
    return invalid("", "", [FieldError("patch", "FieldValueInvalid", why, shown)])


def _compact(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _applied(registry: Registry, what: _Patch, live: dict[str, Any] | None) -> dict[str, Any]:
    """Give *live*, or nothing, with an applied configuration merged into it."""
    kind, target = what.target.kind, what.target
    config, duplicates = applied_config(what.request)
    assert kind.field_manager is not None, f"{kind.resource} has no merge types"
    merged: dict[str, Any] = kind.field_manager.apply(
        live,
        config,
        manager=what.options.field_manager,
        force=what.options.force,
        api_version=kind.api_version,
        subresource=target.subresource,
        now=registry.now(),
    )
    report_yaml_duplicates(what.request, duplicates, what.options.field_validation)
    try:
        obj = kind.strategy.decode_merged(merged)
    except DecodeError as error:
        message = f"failed to convert new object: {error}"
        if not kind.is_custom:
            metadata, version = config.get("metadata") or {}, kind.api_version if kind.group else f"/{kind.version}"
            named = f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
            gvk = f"{version}, Kind={kind.kind}"
            message = (
                f"failed to convert new object ({named}; {gvk}) to proper version: unable to convert unstructured "
                f"object to {gvk}: error decoding from json: {error}"
            )
        raise StatusError.of(Status(code=500, message=message)) from None
    return check_identity(obj, target)


def applied_config(request: Request) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read the configuration in the body of an apply, and its repeated keys.

    Raises:
        StatusError: 400, it is not YAML, or no object.
    """
    try:
        parsed = parse_yaml(request.body)
    except YamlError as error:
        message = f"error decoding YAML: error converting YAML to JSON: {error}"
        raise StatusError.of(bad_request(message)) from None
    if parsed.document is not None and not isinstance(parsed.document, dict):
        found = go_type_name(parsed.document)
        message = (
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{found} into Go value of type map[string]interface {{}}"
        )
        raise StatusError.of(bad_request(message))
    return parsed.document or {}, parsed.duplicates


def report_yaml_duplicates(request: Request, duplicates: tuple[str, ...], validation: str) -> None:
    """Refuse or tell of repeated keys in an applied configuration.

    Raises:
        StatusError: 400 under Strict.
    """
    if validation == "Strict" and duplicates:
        errors = "\n  ".join(["yaml: unmarshal errors:", *duplicates])
        raise StatusError.of(bad_request(f"error strict decoding YAML: error converting YAML to JSON: {errors}"))
    if validation == "Warn":
        for text in duplicates:
            request.warn(text)
