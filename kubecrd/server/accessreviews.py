"""Questions about users that are posted as objects: who am I, whose token is this, who may do what.

Source: kubernetes `pkg/registry/authentication`, `pkg/registry/authorization`, `pkg/apis/authorization/validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import Verbatim, json_text
from kubecrd.resource.status import bad_request, invalid
from kubecrd.schema import wording

from .access import Attributes
from .answers import Document
from .create import decode_object
from .managed import record_update
from .options import write_options
from .users import User
from .writing import Target, check_namespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubecrd.resource.fielderrors import FieldError

    from .kinds import Handler
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["REVIEWS"]

_AUTHORIZATION: Final = "authorization.k8s.io"
_METADATA: Final = ("name", "generateName", "namespace", "labels", "annotations", "finalizers", "managedFields")
_ENTRY: Final = ("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource")


def _received(registry: Registry, request: Request, route: Route) -> dict[str, Any]:
    """Read a review, and note who sends it, as with everything that is created."""
    options = write_options(request, "CreateOptions")
    obj = decode_object(request, route.kind, options.field_validation)
    obj = check_namespace(obj, Target(route.kind, route.namespace, "", options, request=request))
    return record_update(route.kind, None, obj, manager=options.field_manager, subresource="", now=registry.now())


def _answered(obj: dict[str, Any], route: Route, status: dict[str, Any]) -> Document:
    return Document({**obj, "status": status}, 201, route.kind)


async def _self_subject(registry: Registry, request: Request, route: Route) -> Document:
    """Say who asks."""
    options = write_options(request, "CreateOptions")
    obj = decode_object(request, route.kind, options.field_validation)
    made = {**obj, "metadata": {"creationTimestamp": registry.now()}}
    return _answered(made, route, {"userInfo": request.user.to_dict()})


async def _token(registry: Registry, request: Request, route: Route) -> Document:
    """Say whose a token is."""
    obj = _received(registry, request, route)
    token = (obj.get("spec") or {}).get("token")
    if not token:
        raise StatusError.of(bad_request("token is required for TokenReview in authentication"))
    known = registry.tokens.user(token)
    if known is None:
        return _answered(obj, route, {"user": {}, "error": "invalid bearer token"})
    user, audiences = known
    return _answered(obj, route, {"authenticated": True, "user": user.to_dict(), "audiences": audiences})


async def _self_access(registry: Registry, request: Request, route: Route) -> Document:
    """Say whether who asks may do something."""
    obj = _received(registry, request, route)
    _refuse([*_attribute_errors(obj.get("spec") or {}), *_metadata_errors(obj["metadata"], "must be empty")])
    return _decided(registry, obj, route, request.user)


async def _access(registry: Registry, request: Request, route: Route) -> Document:
    """Say whether somebody may do something."""
    obj = _received(registry, request, route)
    _refuse([*_subject_errors(obj.get("spec") or {}), *_metadata_errors(obj["metadata"], "must be empty")])
    return _decided(registry, obj, route, _subject(obj["spec"]))


async def _local_access(registry: Registry, request: Request, route: Route) -> Document:
    """Say whether somebody may do something in a namespace."""
    obj = _received(registry, request, route)
    spec, metadata = obj.get("spec") or {}, obj["metadata"]
    errors = list(_subject_errors(spec))
    rest = {key: value for key, value in metadata.items() if key != "namespace"}
    errors += _metadata_errors(rest, "must be empty except for namespace", shown=metadata)
    wanted = spec.get("resourceAttributes")
    if wanted is not None and (wanted.get("namespace") or "") != metadata.get("namespace", ""):
        place = "spec.resourceAttributes.namespace"
        errors.append(wording.invalid(place, wanted.get("namespace") or "", "must match metadata.namespace"))
    if (path := spec.get("nonResourceAttributes")) is not None:
        text = "disallowed on this kind of request"
        errors.append(wording.invalid("spec.nonResourceAttributes", _path_struct(path), text))
    _refuse(errors)
    return _decided(registry, obj, route, _subject(spec))


async def _rules(registry: Registry, request: Request, route: Route) -> Document:
    """Give everything that who asks may do in a namespace."""
    obj = _received(registry, request, route)
    namespace = (obj.get("spec") or {}).get("namespace")
    if not namespace:
        raise StatusError.of(bad_request("no namespace on request"))
    resources, paths = [], []
    for rule in registry.access.rules(request.user, namespace):
        if rule.get("nonResourceURLs"):
            paths.append({key: rule[key] for key in ("verbs", "nonResourceURLs")})
        else:
            resources.append({key: value for key, value in rule.items() if value})
    status = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
    return _answered(obj, route, status)


def _subject(spec: Mapping[str, Any]) -> User:
    return User(spec.get("user") or "", spec.get("uid") or "", tuple(spec.get("groups") or ()))


def _decided(registry: Registry, obj: dict[str, Any], route: Route, user: User) -> Document:
    spec = obj["spec"]
    wanted = spec.get("resourceAttributes")
    if wanted is None:
        path = spec["nonResourceAttributes"]
        asked = Attributes(path.get("verb") or "", path=path.get("path") or "")
    else:
        names = ("verb", "group", "resource", "subresource", "namespace", "name")
        asked = Attributes(**{name: wanted.get(name) or "" for name in names})
    decision = registry.access.decide(user, asked)
    status: dict[str, Any] = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return _answered(obj, route, status)


# --- validation


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise StatusError.of(invalid("", "", errors, group=_AUTHORIZATION))


def _attribute_errors(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        text = "cannot be specified in combination with resourceAttributes"
        yield wording.invalid("spec.nonResourceAttributes", _path_struct(path), text)
    if resource is None and path is None:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        yield wording.invalid("spec.resourceAttributes", None, text)


def _subject_errors(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _attribute_errors(spec)
    if not spec.get("user") and not spec.get("groups"):
        yield wording.invalid("spec.user", "", "at least one of user or group must be specified")


def _metadata_errors(
    metadata: Mapping[str, Any], text: str, *, shown: Mapping[str, Any] | None = None
) -> Iterator[FieldError]:
    """Refuse metadata that a client has sent; who sends them is noted there, and is no fault."""
    if set(metadata) - {"managedFields"}:
        document = {key: value for key in _METADATA if (value := (shown or metadata).get(key))}
        if "managedFields" in document:
            entries = document["managedFields"]
            document["managedFields"] = [{key: each[key] for key in _ENTRY if key in each} for each in entries]
        yield wording.invalid("metadata", Verbatim(_in_order(document)), text)


def _in_order(value: Any) -> str:
    """Print JSON as Go prints structs: in the order of the fields."""
    match value:
        case dict():
            return "{" + ",".join(f"{json_text(key)}:{_in_order(member)}" for key, member in value.items()) + "}"
        case list():
            return f"[{','.join(map(_in_order, value))}]"
        case _:
            return json_text(value)


def _path_struct(path: Mapping[str, Any]) -> Verbatim:
    return wording.go_struct({"Path": path.get("path") or "", "Verb": path.get("verb") or ""})


REVIEWS: Final[dict[str, Handler]] = {
    "localsubjectaccessreviews": _local_access,
    "selfsubjectaccessreviews": _self_access,
    "selfsubjectreviews": _self_subject,
    "selfsubjectrulesreviews": _rules,
    "subjectaccessreviews": _access,
    "tokenreviews": _token,
}
"""What answers the creation of each kind of review, by plural."""
