"""Requests as values: verb, path, query, headers, body. Pure functions, one a verb; `client` sends what they build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import msgspec
from attrs import field, frozen

from kubecrd.errors import RequestError

from .params import DeleteParams, GetParams, ListParams, PatchParams, WatchParams, WriteParams
from .patches import ApplyPatch, Patch

if TYPE_CHECKING:
    from .identity import ApiResource

__all__ = ["Request", "create", "delete", "delete_collection", "get", "list_", "patch", "replace", "watch"]

_JSON: Final = "application/json"
_PARTIAL: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_PARTIAL_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@frozen(kw_only=True)
class Request:
    """What is to be sent.

    Attributes:
        verb: What Kubernetes calls it, for logs and RBAC: ``get``, ``list``, ``deletecollection``, ….
        method: The HTTP method.
        path: URL path, without the server's own prefix.
        query: Parameters in order; empty for none.
        headers: ``Accept``, and ``Content-Type`` where there is a body.
        body: JSON, or None.
    """

    verb: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes | None = field(default=None, repr=False)  # may be a Secret

    @property
    def target(self) -> str:
        """Path and query, as the request line has them."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


def get(
    resource: ApiResource,
    name: str,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    params: GetParams | None = None,
    partial: bool = False,
) -> Request:
    """Build the request that reads one object, or one of its subresources.

    Args:
        resource: The kind.
        name: Which object.
        namespace: Where it is; None for a cluster-scoped kind.
        subresource: Such as ``status`` or ``scale``; None for the object itself.
        params: How fresh; the newest by default.
        partial: Whether to ask for the metadata only.

    Raises:
        RequestError: *name* is empty: the server would answer with a list.
    """
    return Request(
        verb="get",
        method="GET",
        path=_object_path(resource, namespace, name, subresource),
        query=(params or GetParams()).query(),
        headers={"Accept": _PARTIAL if partial else _JSON},
    )


def list_(
    resource: ApiResource, *, namespace: str | None = None, params: ListParams | None = None, partial: bool = False
) -> Request:
    """Build the request that lists one page; *namespace* None lists all namespaces, *partial* the metadata only."""
    return Request(
        verb="list",
        method="GET",
        path=resource.path(namespace),
        query=(params or ListParams()).query(),
        headers={"Accept": _PARTIAL_LIST if partial else _JSON},
    )


def watch(
    resource: ApiResource,
    *,
    since: str = "0",
    namespace: str | None = None,
    params: WatchParams | None = None,
    partial: bool = False,
) -> Request:
    """Build the request that watches a collection.

    Args:
        resource: The kind.
        since: The resource version after which events are wanted; ``"0"`` begins with what the server has cached.
        namespace: None for all namespaces.
        params: Which objects, and for how long.
        partial: Whether to ask for the metadata only.

    Source: Kubernetes API concepts, "Efficient detection of changes".
    """
    return Request(
        verb="watch",
        method="GET",
        path=resource.path(namespace),
        query=(params or WatchParams()).query(since),
        headers={"Accept": _PARTIAL if partial else _JSON},
    )


def create(
    resource: ApiResource,
    document: Any,
    *,
    namespace: str | None = None,
    name: str | None = None,
    subresource: str | None = None,
    params: WriteParams | None = None,
) -> Request:
    """Build the request that creates an object; with *name* and *subresource*, one that posts to a subresource.

    Raises:
        RequestError: the kind is namespaced and *namespace* is missing.
    """
    _require_namespace(resource, namespace, "create")
    path = _object_path(resource, namespace, name or "", subresource) if subresource else resource.path(namespace)
    return _write("create", "POST", path, document, params or WriteParams())


def replace(
    resource: ApiResource,
    name: str,
    document: Any,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    params: WriteParams | None = None,
) -> Request:
    """Build the request that replaces an object; its resourceVersion guards against lost updates.

    Raises:
        RequestError: *name* is empty, or *namespace* is missing.
    """
    return _write(
        "update", "PUT", _object_path(resource, namespace, name, subresource), document, params or WriteParams()
    )


def patch(
    resource: ApiResource,
    name: str,
    change: Patch,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    params: PatchParams | None = None,
) -> Request:
    """Build the request that patches an object.

    Raises:
        RequestError: *name* is empty or *namespace* missing; an apply has no field manager; another patch has ``force``.
    """
    params = params or PatchParams()
    is_apply = isinstance(change, ApplyPatch)
    if is_apply and not params.field_manager:
        raise RequestError(f"{resource.kind} {name!r}: an apply needs a field_manager: whose fields are these?")
    if params.force and not is_apply:
        raise RequestError(
            f"{resource.kind} {name!r}: force is for an apply; a {type(change).__name__} has no conflicts"
        )
    path = _object_path(resource, namespace, name, subresource)
    return _write("patch", "PATCH", path, change.body(), params, content_type=change.content_type)


def delete(
    resource: ApiResource, name: str, *, namespace: str | None = None, params: DeleteParams | None = None
) -> Request:
    """Build the request that deletes an object.

    Raises:
        RequestError: *name* is empty: the server would delete the whole collection.
    """
    return _delete("delete", _object_path(resource, namespace, name, None), (), params)


def delete_collection(
    resource: ApiResource,
    *,
    namespace: str | None = None,
    params: DeleteParams | None = None,
    which: ListParams | None = None,
) -> Request:
    """Build the request that deletes all objects that *which* selects, all of them when it is None.

    Raises:
        RequestError: *namespace* is missing: no server deletes over all namespaces at once.
    """
    _require_namespace(resource, namespace, "delete a collection")
    return _delete("deletecollection", resource.path(namespace), (which or ListParams()).query(), params)


def _object_path(resource: ApiResource, namespace: str | None, name: str, subresource: str | None) -> str:
    if not name:
        raise RequestError(f"{resource.kind}: the name is empty; an object is found by its name")
    if "/" in name or name in {".", ".."}:
        raise RequestError(
            f"{resource.kind}: {name!r} is no name of an object: it may not contain '/' or be '.' or '..'"
        )
    _require_namespace(resource, namespace, "read or write one object")
    return resource.path(namespace, quote(name, safe=":"), subresource)


def _require_namespace(resource: ApiResource, namespace: str | None, to: str) -> None:
    if resource.namespaced and not namespace:
        raise RequestError(f"{resource.kind} is namespaced; say which namespace to {to} in")


def _write(
    verb: str, method: str, path: str, document: Any, params: WriteParams, *, content_type: str = _JSON
) -> Request:
    return Request(
        verb=verb,
        method=method,
        path=path,
        query=params.query(),
        headers={"Accept": _JSON, "Content-Type": content_type},
        body=msgspec.json.encode(document),
    )


def _delete(verb: str, path: str, query: tuple[tuple[str, str], ...], params: DeleteParams | None) -> Request:
    options = (params or DeleteParams()).body()
    return Request(
        verb=verb,
        method="DELETE",
        path=path,
        query=query,
        headers={"Accept": _JSON} | ({"Content-Type": _JSON} if options else {}),
        body=msgspec.json.encode(options) if options else None,
    )
