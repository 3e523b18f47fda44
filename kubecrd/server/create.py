"""POST to a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from kubecrd.errors import DecodeError, StatusError
from kubecrd.resource.status import bad_request

from .answers import Document
from .bodies import body_type, cannot_be_handled, check_size, parse_body, report_strict
from .managed import record_update
from .options import write_options
from .owners import report_new_finalizers, without_repeated_owners
from .writing import Target, check_namespace, create_object

if TYPE_CHECKING:
    from .kinds import ServedKind
    from .registry import Registry
    from .request import Request
    from .routes import Route

_DEFINITIONS: Final = "apiextensions.k8s.io"
_DEFINITION_SCHEME: Final = "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55"
_SYSTEM_FIELDS: Final = frozenset(
    {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"}
)

__all__ = ["create", "decode_object", "new_object"]


async def create(registry: Registry, request: Request, route: Route) -> Document:
    """Store a new object, and give it as it is stored.

    Raises:
        StatusError: in the order of the checks: media type, size, options, body, namespace, admission, validity, name.
    """
    kind = route.kind
    body_type(request)
    check_size(request)
    options = write_options(request, "CreateOptions")
    obj = decode_object(request, kind, options.field_validation)
    target = Target(kind, route.namespace, "", options, request=request)
    obj = check_namespace(_without_system_fields(obj), target)
    return Document(await new_object(registry, target, obj), 201, kind)


def _without_system_fields(obj: dict[str, Any]) -> dict[str, Any]:
    """Drop what a creator cannot choose (`rest.WipeObjectMetaSystemFields`)."""
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key not in _SYSTEM_FIELDS}}


async def new_object(registry: Registry, target: Target, obj: dict[str, Any]) -> dict[str, Any]:
    """Record who creates *obj*, and store it; used by every write that can create.

    Raises:
        StatusError: as `create_object`.
    """
    obj = without_repeated_owners(obj, target.request)
    obj = {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "managedFields"}}
    manager = target.options.field_manager
    obj = record_update(target.kind, None, obj, manager=manager, subresource="", now=registry.now())
    made = await create_object(registry, target, obj)
    if target.request is not None:
        report_new_finalizers(target.request, made, None)
    return made


def decode_object(request: Request, kind: ServedKind, validation: str) -> dict[str, Any]:
    """Read the object in a body of *kind*: decoded, pruned, defaulted, with its version checked.

    Raises:
        StatusError: 400 or 415.
    """
    body = parse_body(request, kind.kind, kind_required=kind.is_custom)
    document: dict[str, Any] = body.document
    if not kind.is_custom:
        _check_builtin_kind(document, kind)
        said = {
            key: document.get(key) or value for key, value in (("apiVersion", kind.api_version), ("kind", kind.kind))
        }
        # Go leaves zero values out when it writes; what is no list or map may be left out before it is decoded.
        document = {k: v for k, v in document.items() if v or isinstance(v, dict | list)} | said
    obj, unknown = decoded(kind, document)
    report_strict(request, evolve(body, document=document), unknown, validation, kind.kind)
    version = document.get("apiVersion") or ""
    if version != kind.api_version:
        message = (
            f"the API version in the data ({version}) does not match the expected API version ({kind.api_version})"
        )
        raise StatusError.of(bad_request(message))
    return obj


def _check_builtin_kind(document: dict[str, Any], kind: ServedKind) -> None:
    """Refuse a body of another built-in kind, in the words of the scheme that would have to convert it.

    Raises:
        StatusError: 400.
    """
    said, api_version = document.get("kind") or kind.kind, document.get("apiVersion") or kind.api_version
    group, _, version = api_version.rpartition("/")
    if said == kind.kind and group == kind.group:
        return
    if kind.group == _DEFINITIONS:
        why = f'no kind "{said}" is registered for version "{api_version}" in scheme "{_DEFINITION_SCHEME}"'
    else:
        internal = kind.group.split(".", maxsplit=1)[0] or "core"
        why = f"converting ({version}.{said}) to ({internal}.{kind.kind}): unknown conversion"
    raise StatusError.of(cannot_be_handled({"kind": said, "apiVersion": api_version}, kind.kind, why))


def decoded(kind: ServedKind, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Let the strategy of *kind* decode a document.

    Raises:
        StatusError: 400, a field has a type that cannot be decoded.
    """
    try:
        obj, unknown = kind.strategy.decode(document)
    except DecodeError as error:
        raise StatusError.of(cannot_be_handled(document, kind.kind, str(error))) from None
    obj.setdefault("metadata", {})
    return obj, unknown
