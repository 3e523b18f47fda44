"""PUT of an object, or of its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from .access import Attributes
from .answers import Document
from .bodies import body_type, check_size
from .create import decode_object, new_object
from .managed import record_update
from .options import write_options
from .owners import without_repeated_owners
from .scale import SCALE, update_scale
from .writing import Target, check_identity, update_object

if TYPE_CHECKING:
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["update"]


async def update(registry: Registry, request: Request, route: Route) -> Document:
    """Replace an object, and give it as it is stored.

    Raises:
        StatusError: in the order of the checks: size, options, media type, body, name, existence, conflict, validity.
    """
    kind = route.kind
    check_size(request)
    options = write_options(request, "UpdateOptions")
    body_type(request)
    target = Target(kind, route.namespace, route.name, options, route.subresource, request)
    if route.subresource == SCALE:
        return await update_scale(registry, request, target)
    obj = check_identity(decode_object(request, kind, options.field_validation), target)
    obj = without_repeated_owners(obj, request)

    def change(old: dict[str, Any]) -> dict[str, Any]:
        return record_update(
            kind, old, obj, manager=options.field_manager, subresource=route.subresource, now=registry.now()
        )

    async def create() -> dict[str, Any]:
        registry.access.check(request.user, evolve(Attributes.of(request), verb="create"))
        return await new_object(registry, target, obj)

    may_create = create if kind.create_on_update and not route.subresource else None
    uid = obj["metadata"].get("uid")
    stored, created = await update_object(registry, target, change, uid=uid, create=may_create)
    return Document(stored, 201 if created else 200, kind)
