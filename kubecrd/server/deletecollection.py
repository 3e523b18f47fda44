"""DELETE of a collection: every selected object, or a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubecrd.errors import NotFoundError

from .delete import delete_object
from .deleteoptions import delete_options
from .list import list_document, list_page
from .options import check_list_options, list_options
from .selectors import selection_of

if TYPE_CHECKING:
    from .answers import Document
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["delete_collection"]


async def delete_collection(registry: Registry, request: Request, route: Route) -> Document:
    """Delete what the selectors select, and give it as it was before.

    Raises:
        StatusError: parameters or options are not valid, or an object does not meet the preconditions.
    """
    options = list_options(request)
    selection = selection_of(route.kind, options)
    check_list_options(options, watch=False)
    selection.check()
    how = delete_options(request)
    items, metadata = await list_page(registry, route, options, selection)
    for item in items:
        namespace = item["metadata"].get("namespace", "")
        try:
            await delete_object(
                registry, route.kind, namespace, item["metadata"]["name"], how, request=request, collection=True
            )
        except NotFoundError:
            # Somebody else was faster, which is as good.
            continue
    return list_document(route, items, metadata)
