"""The paths of a custom kind in its OpenAPI document: every verb, with the parameters that kubectl looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .kinds import ServedKind

__all__ = ["paths_of"]

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
_SCALE: Final = "io.k8s.api.autoscaling.v1.Scale"
_MEDIA: Final = ("application/json", "application/yaml")
_PATCH_MEDIA: Final = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")

_PARAMETERS: Final = {
    "dryRun": ("string", "When present, indicates that modifications should not be persisted."),
    "fieldManager": ("string", "The name of the actor or entity that is making these changes."),
    "fieldValidation": ("string", "What is done about fields that are unknown or stand twice: Ignore, Warn or Strict."),
    "force": ("boolean", "Whether an apply takes fields over from other managers."),
    "labelSelector": ("string", "A selector to restrict the list of returned objects by their labels."),
    "fieldSelector": ("string", "A selector to restrict the list of returned objects by their fields."),
    "limit": ("integer", "The maximum number of objects to return."),
    "continue": ("string", "Where the page before ended."),
    "resourceVersion": ("string", "How fresh the answer must be."),
    "resourceVersionMatch": ("string", "How resourceVersion is meant."),
    "timeoutSeconds": ("integer", "After how many seconds the call ends."),
    "watch": ("boolean", "Whether to watch for changes."),
    "allowWatchBookmarks": ("boolean", "Whether a watch may send bookmarks."),
    "sendInitialEvents": ("boolean", "Whether a watch begins with the present state."),
    "gracePeriodSeconds": ("integer", "After how many seconds the object is removed."),
    "propagationPolicy": ("string", "What becomes of dependents."),
}
_WRITE: Final = ("dryRun", "fieldManager", "fieldValidation")
_LIST: Final = (
    *("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion"),
    *("resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"),
)


def paths_of(kind: ServedKind, name: str, list_name: str) -> dict[str, Any]:
    """Give the path items of *kind*.

    Args:
        kind: The kind.
        name: Of its schema.
        list_name: Of the schema of its lists.
    """
    root = f"/apis/{kind.group}/{kind.version}"
    base = f"{root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    paths = {base: _collection(kind, name, list_name), f"{base}/{{name}}": _object(kind, name)}
    if kind.namespaced:
        everywhere = _operation(
            kind, "list", "list", kind.list_kind, (), list_name, namespaced=False, suffix="ForAllNamespaces"
        )
        paths[f"{root}/{kind.plural}"] = {"get": everywhere, "parameters": [_query(each) for each in _LIST]}
    for subresource in kind.subresources:
        schema = _SCALE if subresource == "scale" else name
        paths[f"{base}/{{name}}/{subresource}"] = _subresource(kind, subresource, schema)
    return paths


def _collection(kind: ServedKind, name: str, list_name: str) -> dict[str, Any]:
    return {
        "get": _operation(kind, "list", "list", kind.kind, _LIST, list_name),
        "post": _operation(kind, "create", "post", kind.kind, _WRITE, name, body=name),
        "delete": _operation(kind, "deleteCollection", "deletecollection", kind.kind, _LIST, f"{_META}.Status"),
        "parameters": _path_parameters(kind, named=False),
    }


def _object(kind: ServedKind, name: str) -> dict[str, Any]:
    deleting = ("dryRun", "gracePeriodSeconds", "propagationPolicy")
    return {
        "get": _operation(kind, "read", "get", kind.kind, ("resourceVersion",), name),
        "put": _operation(kind, "replace", "put", kind.kind, _WRITE, name, body=name),
        "patch": _operation(kind, "patch", "patch", kind.kind, (*_WRITE, "force"), name, body=f"{_META}.Patch"),
        "delete": _operation(
            kind, "delete", "delete", kind.kind, deleting, f"{_META}.Status", body=f"{_META}.DeleteOptions"
        ),
        "parameters": _path_parameters(kind, named=True),
    }


def _subresource(kind: ServedKind, subresource: str, schema: str) -> dict[str, Any]:
    suffix = subresource.title()
    return {
        "get": _operation(kind, "read", "get", kind.kind, ("resourceVersion",), schema, suffix=suffix),
        "put": _operation(kind, "replace", "put", kind.kind, _WRITE, schema, body=schema, suffix=suffix),
        "patch": _operation(
            kind, "patch", "patch", kind.kind, (*_WRITE, "force"), schema, body=f"{_META}.Patch", suffix=suffix
        ),
        "parameters": _path_parameters(kind, named=True),
    }


def _operation(
    kind: ServedKind,
    verb: str,
    action: str,
    what: str,
    parameters: tuple[str, ...],
    schema: str,
    *,
    body: str = "",
    namespaced: bool = True,
    suffix: str = "",
) -> dict[str, Any]:
    camel = "".join(part[:1].upper() + part[1:] for part in kind.group.split("."))
    scope = "Namespaced" if kind.namespaced and namespaced else ""
    version = kind.version[:1].upper() + kind.version[1:]
    operation: dict[str, Any] = {
        "operationId": f"{verb}{camel}{version}{scope}{kind.kind}{suffix}",
        "description": f"{verb} {what}",
        "tags": [
            f"{''.join(part.title() if n else part for n, part in enumerate(kind.group.split('.')))}_{kind.version}"
        ],
        "parameters": [_query(each) for each in parameters],
        "responses": {
            "200": {"description": "OK", "content": {media: {"schema": _reference(schema)} for media in _MEDIA}},
            "401": {"description": "Unauthorized"},
        },
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {"group": kind.group, "kind": kind.kind, "version": kind.version},
    }
    if body:
        media = _PATCH_MEDIA if action == "patch" else _MEDIA
        operation["requestBody"] = {"content": {each: {"schema": _reference(body)} for each in media}}
    return operation


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str) -> dict[str, Any]:
    kind, description = _PARAMETERS[name]
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": kind, "uniqueItems": True},
    }


def _path_parameters(kind: ServedKind, *, named: bool) -> list[dict[str, Any]]:
    names = [*(["name"] if named else []), *(["namespace"] if kind.namespaced else [])]
    text = {
        "name": f"name of the {kind.kind}",
        "namespace": "object name and auth scope, such as for teams and projects",
    }
    return [
        {
            "name": name,
            "in": "path",
            "description": text[name],
            "required": True,
            "schema": {"type": "string", "uniqueItems": True},
        }
        for name in names
    ]
