"""The scale subresource of custom resources: one number of an object, as autoscaling/v1 Scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve

from kubecrd.errors import StatusError
from kubecrd.resource.labels import Selector
from kubecrd.resource.status import bad_request, internal_error

from .answers import Document
from .bodies import parse_body
from .gojson import go_type_name
from .kinds import ServedKind
from .options import plain_failure
from .scalefields import SCALE, SCALE_VERSION, from_scale, scale_manager, to_scale
from .tables import age_column
from .writing import Target, check_identity, update_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .registry import Registry
    from .request import Request

__all__ = ["SCALE", "patch_scale", "scale_document", "scale_of", "update_scale"]

_DESIRED: Final = ".spec.replicas"
_ACTUAL: Final = ".status.replicas"
_PARTS: Final = {"metadata": "v1.ObjectMeta", "spec": "v1.ScaleSpec", "status": "v1.ScaleStatus"}
_INT32: Final = range(-(2**31), 2**31)
_WRONG_KIND: Final = (
    'no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/'
    'customresource_handler.go:781"'
)


def _paths(kind: ServedKind) -> dict[str, str]:
    """Give the paths of the scale subresource, without leading dots."""
    if kind.definition is None:
        return {"specReplicasPath": _DESIRED[1:], "statusReplicasPath": _ACTUAL[1:]}
    for version in kind.definition["spec"]["versions"]:
        if version["name"] == kind.version:
            scale = version["subresources"]["scale"]
            return {key: scale.get(key, "").lstrip(".") for key in scale}
    raise AssertionError(f"{kind.resource} is served, so its definition has the version")


def _at(obj: dict[str, Any], path: str) -> Any:
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(obj: dict[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """Give *obj* with *value* at *path*; missing parents are made."""
    if not path:
        raise ValueError("a scale path has at least one part")
    head, *rest = path
    inner = obj.get(head)
    return {**obj, head: _put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def scale_document(kind: ServedKind, obj: dict[str, Any]) -> Document:
    """Give the Scale of an object as an answer, with columns of its own.

    Raises:
        StatusError: 500, the object has no number of replicas.
    """
    columns = (
        {"name": "Desired", "type": "integer", "description": "Number of desired replicas", "jsonPath": _DESIRED},
        {"name": "Available", "type": "integer", "description": "Number of actual replicas", "jsonPath": _ACTUAL},
        age_column(),
    )
    return Document(scale_of(kind, obj), kind=evolve(kind, columns=columns))


def scale_of(kind: ServedKind, obj: dict[str, Any]) -> dict[str, Any]:
    """Give the Scale of an object.

    Raises:
        StatusError: 500, the object has no number of replicas.
    """
    paths = _paths(kind)
    replicas = _at(obj, paths["specReplicasPath"])
    if replicas is None:
        path = f".{paths['specReplicasPath']}"
        raise StatusError.of(internal_error(f'the spec replicas field "{path}" does not exist'))
    return _scale(kind, obj)


def _scale(kind: ServedKind, obj: dict[str, Any]) -> dict[str, Any]:
    paths = _paths(kind)
    replicas = _at(obj, paths["specReplicasPath"])
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: dict[str, Any] = {"replicas": _at(obj, paths["statusReplicasPath"]) or 0}
    if selector := _selector(kind, obj, paths):
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": SCALE_VERSION,
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _is_int32(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT32


@define
class _ScaleView:
    """What admission sees of an object whose number of replicas is written.

    Attributes:
        kind: Of the object.
        sent: The Scale that a client has sent; None where it is worked out from the object.
        entries: Who owns the new number; None where the object says so itself.
    """

    kind: ServedKind
    sent: Mapping[str, Any] | None = None
    entries: Any = None

    def shown(self, obj: dict[str, Any], /, *, final: bool, is_old: bool) -> dict[str, Any]:
        """Give the Scale, with its owners where it is not final."""
        if final:
            return _scale(self.kind, obj)
        scale = _live_scale(self.kind, obj)
        if is_old:
            return scale
        entries = scale["metadata"]["managedFields"] if self.entries is None else self.entries
        metadata = {**(scale if self.sent is None else self.sent)["metadata"], "managedFields": entries}
        if self.sent is None:
            return {**scale, "metadata": metadata}
        return {**scale, "metadata": metadata, "status": {"replicas": 0, **(self.sent.get("status") or {})}}

    def taken(self, obj: dict[str, Any], seen: dict[str, Any], /) -> dict[str, Any]:
        """Take the number of replicas."""
        replicas = _at(seen, _DESIRED[1:])
        path = _paths(self.kind)["specReplicasPath"]
        return _put(obj, path.split("."), replicas if _is_int32(replicas) else 0)


async def update_scale(registry: Registry, request: Request, target: Target) -> Document:
    """PUT of a Scale: only its spec.replicas counts; none is 0.

    Raises:
        StatusError: the body is no Scale, or the object would not be valid.
    """
    scale = parse_body(request, "Scale").document
    fits = scale.get("kind") == "Scale" and scale.get("apiVersion") == SCALE_VERSION and not _unreadable(scale)
    if not fits or (target.options.field_validation == "Strict" and _unknown_fields(scale)):
        raise StatusError.of(bad_request(_WRONG_KIND))
    replicas = (scale.get("spec") or {}).get("replicas")
    scale = check_identity({**scale, "metadata": scale.get("metadata") or {}}, target)
    view = _ScaleView(target.kind, scale)

    def change(old: dict[str, Any]) -> dict[str, Any]:
        revision = scale["metadata"].get("resourceVersion")
        return _scaled(registry, target, old, replicas or 0, view, revision=revision)

    uid = scale["metadata"].get("uid")
    target = evolve(target, view=view)
    obj, _ = await update_object(registry, target, change, uid=uid, patch=True)
    return scale_document(target.kind, obj)


async def patch_scale(registry: Registry, request: Request, target: Target, media: str) -> Document:
    """PATCH of a Scale; of an apply the real server can do only those that change nothing.

    Raises:
        StatusError: the patch cannot be applied, or the object would not be valid.
    """
    from .patch import APPLY, applied_config, patched, report_strict_patch, unusable

    kind = target.kind
    view = _ScaleView(kind)

    def change(old: dict[str, Any]) -> dict[str, Any]:
        if media == APPLY:
            return _applied(registry, target, old, applied_config(request)[0])
        scale = _scale(kind, old)
        document, strict = patched(request, media, scale, kind, target.options.field_validation)
        if why := _unreadable(document):
            raise StatusError.of(unusable(document, why))
        strict = [*strict, *(f'unknown field "{path}"' for path in _unknown_fields(document))]
        report_strict_patch(request, document, strict, target.options.field_validation)
        document = check_identity({**document, "metadata": document.get("metadata") or {}}, target)
        spec = document.get("spec") or {}
        path = _paths(kind)["specReplicasPath"]
        if "replicas" not in spec and _at(old, path) is None:
            raise StatusError.of(bad_request(f'the spec replicas field ".{path}" cannot be empty'))
        revision = document["metadata"].get("resourceVersion")
        return _scaled(registry, target, old, spec.get("replicas") or 0, view, revision=revision)

    obj, _ = await update_object(registry, evolve(target, view=view), change, patch=True)
    return scale_document(kind, obj)


def _unreadable(document: dict[str, Any]) -> str:
    """Say in Go's words why a patched Scale is none; empty where it is one."""
    for part in ("metadata", "spec", "status"):
        value = document.get(part)
        if value is not None and not isinstance(value, dict):
            return _mismatch(value, f"Scale.{part}", _PARTS[part])
    spec, status = document.get("spec") or {}, document.get("status") or {}
    for struct, holder in (("ScaleSpec.spec", spec), ("ScaleStatus.status", status)):
        replicas = holder.get("replicas")
        if replicas is not None and not _is_int32(replicas):
            return _mismatch(replicas, f"{struct}.replicas", "int32", shows=True)
    selector = status.get("selector")
    if selector is not None and not isinstance(selector, str):
        return _mismatch(selector, "ScaleStatus.status.selector", "string")
    return ""


def _mismatch(value: Any, field: str, wanted: str, *, shows: bool = False) -> str:
    found = go_type_name(value)
    if shows and found == "number":
        found += f" {value}"
    return f"json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"


def _unknown_fields(scale: dict[str, Any]) -> list[str]:
    known = {"apiVersion", "kind", "metadata", "spec", "status"}
    inner = {"spec": {"replicas"}, "status": {"replicas", "selector"}}
    found = [key for key in scale if key not in known]
    found += [f"{part}.{key}" for part, names in inner.items() for key in scale.get(part) or () if key not in names]
    return sorted(found)


def _selector(kind: ServedKind, obj: dict[str, Any], paths: dict[str, str]) -> Any:
    """Give the selector of the pods that are counted, as text: built-in kinds have a structured one."""
    if kind.definition is not None:
        return _at(obj, paths.get("labelSelectorPath", ""))
    selector = _at(obj, "spec.selector") or {}
    if not {"matchLabels", "matchExpressions"} & selector.keys():
        selector = {"matchLabels": selector}
    return str(Selector.from_dict(selector))


def _replica_paths(kind: ServedKind) -> dict[str, str]:
    """Give where the number of replicas stands in each version of a kind, by apiVersion; empty where there is none."""
    if kind.definition is None:
        return {kind.api_version: _DESIRED[1:]}
    return {
        f"{kind.group}/{version['name']}": (
            ((version.get("subresources") or {}).get("scale") or {}).get("specReplicasPath", "").lstrip(".")
        )
        for version in kind.definition["spec"]["versions"]
    }


def _live_scale(kind: ServedKind, old: dict[str, Any]) -> dict[str, Any]:
    """Give the Scale of an object with its owners, as field management sees it."""
    scale = _scale(kind, old)
    entries = to_scale(old["metadata"].get("managedFields"), _replica_paths(kind))
    return {**scale, "metadata": {**scale["metadata"], "managedFields": entries}}


def _applied(registry: Registry, target: Target, old: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Apply a Scale: who applies what is there already becomes an owner; any other apply fails in the real server.

    Raises:
        StatusError: 400, 409 or 500.
    """
    kind, options = target.kind, target.options
    live = _live_scale(kind, old)
    merged = scale_manager().apply(
        live,
        config,
        manager=options.field_manager,
        force=options.force,
        api_version=SCALE_VERSION,
        subresource=SCALE,
        now=registry.now(),
    )
    if not kind.is_custom:
        replicas = (merged.get("spec") or {}).get("replicas") or 0
        return _with_entries(
            kind, _put(old, _DESIRED[1:].split("."), replicas), merged["metadata"].get("managedFields")
        )
    named = f"/{live['metadata']['name']}; {SCALE_VERSION}, Kind=Scale"
    why = f"to proper version: request to convert CR to an invalid group/version: {SCALE_VERSION}"
    if not live["metadata"]["managedFields"]:
        text = f"failed to create manager for existing fields: failed to convert live object (/; {SCALE_VERSION}, Kind=Scale)"
        raise StatusError.of(plain_failure(f"{text} {why}"))
    if {**merged, "metadata": None} != {**live, "metadata": None}:
        raise StatusError.of(plain_failure(f"failed to convert new object ({named}) {why}"))
    return _with_entries(kind, old, merged["metadata"].get("managedFields"))


def _scaled(
    registry: Registry, target: Target, old: dict[str, Any], replicas: int, view: _ScaleView, *, revision: str | None
) -> dict[str, Any]:
    """Give *old* with another number of replicas, and with who set it."""
    kind = target.kind
    path = _paths(kind)["specReplicasPath"]
    live = _live_scale(kind, old)
    scale = scale_manager().update(
        live,
        {**live, "spec": {"replicas": replicas} if replicas else {}},
        manager=target.options.field_manager,
        api_version=SCALE_VERSION,
        subresource=SCALE,
        now=registry.now(),
    )
    view.entries = scale["metadata"].get("managedFields")
    obj = _with_entries(kind, _put(old, path.split("."), replicas), view.entries)
    return {**obj, "metadata": {**obj["metadata"], "resourceVersion": revision or old["metadata"]["resourceVersion"]}}


def _with_entries(kind: ServedKind, obj: dict[str, Any], scale_entries: Any) -> dict[str, Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    before = obj["metadata"].get("managedFields")
    entries = from_scale(before, scale_entries, _replica_paths(kind), kind.api_version)
    return {**obj, "metadata": {**metadata, "managedFields": entries} if entries else metadata}
