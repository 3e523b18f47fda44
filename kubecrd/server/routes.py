"""From method and path to what is asked: which kind, which object, which verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import (
    Status,
    StatusDetails,
    bad_request,
    internal_error,
    method_not_supported,
    not_found,
)

from .kinds import ServedKind

if TYPE_CHECKING:
    from .kinds import Kinds
    from .request import Request

__all__ = ["METHOD_NOT_ALLOWED", "NO_SUCH_RESOURCE", "Route", "UnknownPathError", "resolve"]

NO_SUCH_RESOURCE: Final = Status(
    code=404,
    reason="NotFound",
    message="the server could not find the requested resource",
    details=StatusDetails(),
)
"""A path below a built-in group that is not there."""

METHOD_NOT_ALLOWED: Final = Status(
    code=405,
    reason="MethodNotAllowed",
    message="the server does not allow this method on the requested resource",
    details=StatusDetails(),
)
"""A method that a built-in path does not have."""

_VERBS_OF_OBJECT: Final = {"GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_VERBS_OF_COLLECTION: Final = {"GET": "list", "HEAD": "list", "POST": "create", "DELETE": "deletecollection"}


class UnknownPathError(LookupError):
    """Nothing is served at a path; the answer is a plain text and no Status."""


@frozen
class Route:
    """What a request is about.

    Attributes:
        kind: The kind at the version of the path.
        verb: One of get, list, watch, create, update, patch, delete, deletecollection.
        namespace: Empty for all namespaces, or for a cluster-scoped kind.
        name: Empty for the collection.
        subresource: Such as ``status``; empty for the object itself.
    """

    kind: ServedKind
    verb: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@frozen
class _Place:
    """Where a path points, whatever the method: the parts after group and version."""

    namespace: str
    plural: str
    name: str
    subresource: str
    watch: bool


def resolve(request: Request, kinds: Kinds) -> Route | None:
    """Find what *request* asks; None where the path is not one of objects, such as ``/version`` or ``/apis/G/V``.

    Raises:
        UnknownPathError: the path is below a group without definition, or not one of a custom resource.
        StatusError: the resource, the subresource or the method is not there.
    """
    parts = request.path.rstrip("/").split("/")[1:]
    if not parts or "" in parts:
        return None
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    place = _place(rest, core=not group)
    kind = kinds.find(group, version, place.plural)
    if kind is not None:
        _check_name(place.name)
    if kind is not None and kind.is_custom:
        return _custom(kind, place, request)
    if kinds.is_builtin_group(group) and (kind is None or not kind.is_custom):
        return _builtin(kind, place, request)
    if kinds.is_broken(group, place.plural):
        raise StatusError.of(internal_error("error resolving resource"))
    raise UnknownPathError(request.path)


def _check_name(name: str) -> None:
    """Refuse names that would lead elsewhere in a tree of files.

    Raises:
        StatusError: 400.
    """
    if name in {".", ".."}:
        raise StatusError.of(bad_request(f"Name parameter invalid: \"{name}\": may not be '{name}'"))


def _place(rest: list[str], *, core: bool) -> _Place:
    watch = rest[0] == "watch" and len(rest) > 1
    if watch:
        rest = rest[1:]
    namespace = ""
    # /api/v1/namespaces/x, and its status and finalize, are the namespace itself.
    itself = core and (len(rest) < 3 or rest[2] in {"status", "finalize"})
    if rest[0] == "namespaces" and len(rest) > 2 and not itself:
        namespace, rest = rest[1], rest[2:]
    padded = [*rest, "", ""]
    return _Place(namespace, padded[0], padded[1], padded[2], watch)


def _verb(place: _Place, request: Request) -> str:
    """Give the verb, empty where the method has none at such a path."""
    if place.name and not place.watch:
        return _VERBS_OF_OBJECT.get(request.method, "")
    verb = _VERBS_OF_COLLECTION.get(request.method, "")
    return "watch" if verb == "list" and (place.watch or request.flag("watch")) else verb


def _custom(kind: ServedKind, place: _Place, request: Request) -> Route:
    """Route below the path of a custom resource, which has words of its own for what is not there."""
    if kind.namespaced != bool(place.namespace) and not (
        kind.namespaced and not place.name and request.method in {"GET", "HEAD"}
    ):
        raise UnknownPathError(request.path)
    verb = _verb(place, request)
    route = Route(kind, verb, place.namespace, place.name, place.subresource)
    if place.subresource:
        return _custom_subresource(route, request)
    if request.method == "POST":
        # The name is as good as absent; the body says how the object is called.
        return evolve(route, verb="create", name="")
    if not place.name and request.method in {"PUT", "PATCH"}:
        raise StatusError.of(bad_request("name must be provided"))
    if not verb:
        raise StatusError.of(method_not_supported(kind.plural, "", group=kind.group))
    return route


def _custom_subresource(route: Route, request: Request) -> Route:
    kind, name = route.kind, route.name
    subresource = kind.subresources.get(route.subresource)
    if subresource is None:
        raise StatusError.of(not_found(kind.plural, name, group=kind.group))
    if route.verb not in subresource.verbs:
        action = "create" if request.method == "POST" else route.verb
        raise StatusError.of(method_not_supported(kind.plural, action, group=kind.group))
    return route


def _builtin(kind: ServedKind | None, place: _Place, request: Request) -> Route:
    """Route below the path of a built-in group."""
    if kind is None or (place.watch and place.subresource):
        raise StatusError.of(NO_SUCH_RESOURCE)
    if not kind.namespaced and place.namespace:
        raise StatusError.of(NO_SUCH_RESOURCE)
    if kind.namespaced and not place.namespace and place.name and not place.watch:
        raise StatusError.of(NO_SUCH_RESOURCE)
    verb = _verb(place, request)
    verbs = kind.verbs
    if place.subresource:
        subresource = kind.subresources.get(place.subresource)
        if subresource is None:
            raise StatusError.of(NO_SUCH_RESOURCE)
        verbs = subresource.verbs
        verb = "create" if request.method == "POST" else verb
    elsewhere = kind.namespaced and not place.namespace and verb not in {"list", "watch"}
    if not verb or verb not in verbs or elsewhere or request.method == "HEAD":
        raise StatusError.of(METHOD_NOT_ALLOWED)
    return Route(kind, verb, place.namespace, place.name, place.subresource)
