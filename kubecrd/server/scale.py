"""The scale subresource of custom resources: one number of an object, as autoscaling/v1 Scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request, internal_error

from .answers import Document
from .bodies import parse_body
from .writing import Target, check_identity, update_object

if TYPE_CHECKING:
    from .kinds import ServedKind
    from .registry import Registry
    from .request import Request

__all__ = ["SCALE", "apply_scale", "patch_scale", "scale_of", "update_scale"]

SCALE: Final = "scale"
_API_VERSION: Final = "autoscaling/v1"
_INT32: Final = range(-(2**31), 2**31)
_WRONG_KIND: Final = (
    'no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/'
    'customresource_handler.go:781"'
)


def _paths(kind: ServedKind) -> dict[str, str]:
    """Give the paths of the definition's scale subresource, without leading dots."""
    assert kind.definition is not None
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


def _put(obj: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Give *obj* with *value* at *path*; missing parents are made."""
    if not path:
        raise ValueError("a scale path has at least one part")
    head, *rest = path
    inner = obj.get(head)
    return {**obj, head: _put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


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
    if selector := _at(obj, paths.get("labelSelectorPath", "")):
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": _API_VERSION,
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _replicas(scale: dict[str, Any]) -> int | None:
    """Read the number a Scale asks for; None where it asks for none.

    Raises:
        StatusError: 400, it is not a 32-bit integer.
    """
    replicas = (scale.get("spec") or {}).get("replicas")
    if replicas is None:
        return None
    if isinstance(replicas, bool) or not isinstance(replicas, int) or replicas not in _INT32:
        raise StatusError.of(bad_request(_WRONG_KIND))
    return replicas


async def update_scale(registry: Registry, request: Request, target: Target) -> Document:
    """PUT of a Scale: only its spec.replicas counts; none is 0.

    Raises:
        StatusError: the body is no Scale, or the object would not be valid.
    """
    scale = parse_body(request, "Scale").document
    known = {"apiVersion", "kind", "metadata", "spec", "status"}
    strict = target.options.field_validation == "Strict" and (
        scale.keys() - known or (scale.get("spec") or {}).keys() - {"replicas"}
    )
    if scale.get("kind") != "Scale" or scale.get("apiVersion") != _API_VERSION or strict:
        raise StatusError.of(bad_request(_WRONG_KIND))
    scale = check_identity({**scale, "metadata": scale.get("metadata") or {}}, target)
    replicas = _replicas(scale) or 0

    def change(old: dict[str, Any]) -> dict[str, Any]:
        return apply_scale(registry, target, old, replicas, revision=scale["metadata"].get("resourceVersion"))

    uid = scale["metadata"].get("uid")
    obj, _ = await update_object(registry, target, change, uid=uid, patch=True)
    return Document(scale_of(target.kind, obj), kind=target.kind)


async def patch_scale(registry: Registry, request: Request, target: Target, media: str) -> Document:
    """PATCH of a Scale; of an apply the real server knows only those that change nothing.

    Raises:
        StatusError: the patch cannot be applied, or the object would not be valid.
    """
    from .patch import patched

    kind = target.kind

    def change(old: dict[str, Any]) -> dict[str, Any]:
        paths = _paths(kind)
        scale = _scale(kind, old)
        document, _ = patched(request, media, scale, kind, target.options.field_validation)
        document = check_identity({**document, "metadata": document.get("metadata") or {}}, target)
        spec = document.get("spec") or {}
        replicas = _replicas(document)
        if replicas is None:
            if "replicas" not in spec and _at(old, paths["specReplicasPath"]) is None:
                message = f'the spec replicas field ".{paths["specReplicasPath"]}" cannot be empty'
                raise StatusError.of(bad_request(message))
            replicas = 0
        return apply_scale(registry, target, old, replicas, revision=document["metadata"].get("resourceVersion"))

    obj, _ = await update_object(registry, target, change, patch=True)
    return Document(scale_of(kind, obj), kind=kind)


def apply_scale(
    registry: Registry, target: Target, old: dict[str, Any], replicas: int, *, revision: str | None
) -> dict[str, Any]:
    """Give *old* with another number of replicas, and with who set it."""
    kind = target.kind
    path = _paths(kind)["specReplicasPath"]
    obj = _put(old, path.split("."), replicas)
    if kind.field_manager is not None:
        obj = kind.field_manager.update(
            old,
            obj,
            manager=target.options.field_manager,
            api_version=kind.api_version,
            subresource=SCALE,
            now=registry.now(),
        )
        obj = _without_time(obj, old, target.options.field_manager)
    return {**obj, "metadata": {**obj["metadata"], "resourceVersion": revision or old["metadata"]["resourceVersion"]}}


def _without_time(obj: dict[str, Any], old: dict[str, Any], manager: str) -> dict[str, Any]:
    """Drop the time of a new entry for scale: the real server writes none there."""
    entries = obj["metadata"].get("managedFields") or []
    before = old["metadata"].get("managedFields") or []

    def is_own(entry: dict[str, Any]) -> bool:
        return entry.get("subresource") == SCALE and entry.get("manager") == manager

    kept = next((entry.get("time") for entry in before if is_own(entry)), None)
    timeless = [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
    changed = [
        bare | ({"time": kept} if kept else {}) if is_own(entry) else entry
        for entry, bare in zip(entries, timeless, strict=True)
    ]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": changed}} if changed else obj
