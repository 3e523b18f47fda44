"""GET of one object, of its status or of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request, not_found

from .answers import Document
from .options import parse_revision
from .scale import SCALE, scale_document

if TYPE_CHECKING:
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["get"]


async def get(registry: Registry, request: Request, route: Route) -> Document:
    """Give one object, at least as new as the resourceVersion asked for.

    Raises:
        StatusError: it is not there, the resourceVersion is malformed, or is not reached in time.
    """
    kind = route.kind
    if request.param("export") is not None and request.flag("export"):
        message = "the export parameter, deprecated since v1.14, is no longer supported"
        raise StatusError.of(bad_request(message))
    revision = parse_revision(request.param("resourceVersion") or "")
    await registry.reach(revision)
    obj = await registry.fetch(kind, route.namespace, route.name)
    if obj is None:
        raise StatusError.of(not_found(kind.plural, route.name, group=kind.group))
    if route.subresource == SCALE:
        return scale_document(kind, obj)
    return Document(obj, kind=kind)
