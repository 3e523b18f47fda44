"""OpenAPI v3 of everything that is served: built-in kinds as a real server documents them, custom ones from their schema."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from .answers import PAGE_NOT_FOUND, Answer, encode_json
from .builtins import group_order, openapi_document
from .openapi_paths import paths_of

if TYPE_CHECKING:
    from .kinds import Kinds, ServedKind
    from .request import Request

__all__ = ["OpenApi", "schema_name"]

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
_SCALE: Final = "io.k8s.api.autoscaling.v1.Scale"
_API_VERSION_DOC: Final = (
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas "
    "to the latest internal value, and may reject unrecognized values. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"
)
_KIND_DOC: Final = (
    "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint "
    "the client submits requests to. Cannot be updated. In CamelCase. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"
)
_METADATA_DOC: Final = (
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)
_LIST_METADATA_DOC: Final = (
    "Standard list metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"
)
_ITEMS_DOC: Final = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
_CONVENTIONS: Final = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
_EMBEDDED_META: Final = {
    "apiVersion": {
        "description": (
            "apiVersion defines the versioned schema of this representation of an object. "
            f"More info: {_CONVENTIONS}#resources"
        ),
        "type": "string",
    },
    "kind": {
        "description": (
            "kind is a string value representing the type of this object. In CamelCase. "
            f"More info: {_CONVENTIONS}#types-kinds"
        ),
        "type": "string",
    },
}
_TYPE_META: Final = {
    "apiVersion": {"description": _API_VERSION_DOC, "type": "string"},
    "kind": {"description": _KIND_DOC, "type": "string"},
}


def schema_name(group: str, version: str, kind: str) -> str:
    """Give the name of a custom kind among the schemas: the group backwards, version and kind."""
    return ".".join([*reversed(group.split(".")), version, kind])


class OpenApi:
    """The documents, made when they are asked for and kept until the kinds change.

    Args:
        kinds: What is served.
    """

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._revision = -1
        self._documents: dict[tuple[str, str], bytes] = {}

    def answer(self, request: Request) -> Answer | None:
        """Answer a request below ``/openapi``; None where the path is none of these."""
        parts = request.path.rstrip("/").split("/")[1:]
        if parts[:1] != ["openapi"]:
            return None
        if self._revision != self._kinds.revision:
            self._documents.clear()
            self._revision = self._kinds.revision
        match parts[1:]:
            case ["v3"]:
                return Answer(200, encode_json({"paths": self._index()}), "text/plain; charset=utf-8")
            case ["v3", "api", version]:
                return self._document(request, "", version)
            case ["v3", "apis", group, version]:
                return self._document(request, group, version)
            case ["v3", *_]:
                return Answer(404, b"", "text/plain; charset=utf-8")
            case ["v2"] if not _takes_any(request.accept):
                return Answer(406, b"", "text/plain; charset=utf-8")
            case _:
                return PAGE_NOT_FOUND

    def _index(self) -> dict[str, Any]:
        paths = {}
        for group in sorted(self._kinds.groups(), key=group_order):
            for version in self._kinds.versions(group):
                path = f"apis/{group}/{version}" if group else f"api/{version}"
                digest = _digest(self._bytes(group, version))
                paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
        return paths

    def _document(self, request: Request, group: str, version: str) -> Answer:
        if not self._kinds.at(group, version):
            return Answer(404, b"", "text/plain; charset=utf-8")
        body = self._bytes(group, version)
        digest, wanted = _digest(body), request.param("hash")
        if wanted and wanted != digest:
            path = request.path.rstrip("/")
            return Answer(301, b"", "text/html; charset=utf-8", {"Location": f"{path}?hash={digest}"})
        headers = {"ETag": f'"{digest}"'}
        if wanted:
            headers |= {"Cache-Control": "public, immutable"}
        if request.headers.get("if-none-match") == f'"{digest}"':
            return Answer(304, b"", "application/json", headers)
        return Answer(200, body, "application/json", headers)

    def _bytes(self, group: str, version: str) -> bytes:
        known = self._documents.get((group, version))
        if known is None:
            document = openapi_document(group, version) or self._of_definitions(group, version)
            known = self._documents[group, version] = encode_json(document)
        return known

    def _of_definitions(self, group: str, version: str) -> dict[str, Any]:
        schemas: dict[str, Any] = {}
        paths: dict[str, Any] = {}
        for kind in self._kinds.at(group, version):
            name = schema_name(kind.group, kind.version, kind.kind)
            schemas[name] = _object_schema(kind)
            schemas[schema_name(kind.group, kind.version, kind.list_kind)] = _list_schema(kind, name)
            paths |= paths_of(kind, name, schema_name(kind.group, kind.version, kind.list_kind))
        schemas |= _reached({"schemas": schemas, "paths": paths})
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"},
            "components": {"schemas": dict(sorted(schemas.items()))},
            "paths": dict(sorted(paths.items())),
        }


def _takes_any(accept: str) -> bool:
    """Say whether a client could take the older document, in any of the forms that it has elsewhere."""
    media = {clause.split(";")[0].strip() for clause in accept.split(",")}
    forms = {
        "",
        "*/*",
        "application/*",
        "application/json",
        "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    }
    return bool(media & forms)


def _digest(body: bytes) -> str:
    return hashlib.sha512(body).hexdigest().upper()


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _gvk(kind: ServedKind, name: str) -> list[dict[str, str]]:
    return [{"group": kind.group, "kind": name, "version": kind.version}]


def _object_schema(kind: ServedKind) -> dict[str, Any]:
    schema: dict[str, Any] = dict(kind.openapi or {"type": "object"})
    metadata = {"allOf": [_reference(f"{_META}.ObjectMeta")], "description": _METADATA_DOC}
    properties = _with_embedded(schema.get("properties", {}))
    schema["properties"] = {**properties, **_TYPE_META, "metadata": metadata}
    schema["x-kubernetes-group-version-kind"] = _gvk(kind, kind.kind)
    return schema


def _with_embedded(value: Any) -> Any:
    """Say of embedded objects what every object has."""
    if isinstance(value, list):
        return [_with_embedded(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _with_embedded(member) for name, member in value.items()}
    if made.get("x-kubernetes-embedded-resource") is True:
        metadata = {"allOf": [_reference(f"{_META}.ObjectMeta")], "description": _METADATA_DOC}
        made["properties"] = {**made.get("properties", {}), **_EMBEDDED_META, "metadata": metadata}
        made["required"] = [*made.get("required", ()), "kind", "apiVersion"]
    return made


def _list_schema(kind: ServedKind, name: str) -> dict[str, Any]:
    return {
        "description": f"{kind.list_kind} is a list of {kind.kind}",
        "type": "object",
        "required": ["items"],
        "properties": {
            **_TYPE_META,
            "items": {
                "description": f"List of {kind.plural}. More info: {_ITEMS_DOC}",
                "type": "array",
                "items": _reference(name),
            },
            "metadata": {"allOf": [_reference(f"{_META}.ListMeta")], "description": _LIST_METADATA_DOC},
        },
        "x-kubernetes-group-version-kind": _gvk(kind, kind.list_kind),
    }


def _reached(document: dict[str, Any]) -> dict[str, Any]:
    """Give the schemas of built-in types that *document* refers to, directly or not."""
    library = {**_components("autoscaling", "v1"), **_components("", "v1")}
    found: dict[str, Any] = {}
    waiting = _references(document)
    while waiting:
        name = waiting.pop()
        if name not in found and name in library:
            found[name] = library[name]
            waiting |= _references(library[name])
    return found


def _components(group: str, version: str) -> dict[str, Any]:
    document = openapi_document(group, version)
    return document["components"]["schemas"] if document else {}


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(_references, value.values()))
