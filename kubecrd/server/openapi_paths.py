"""The paths of a custom kind in its OpenAPI document: every verb, with the parameters that kubectl looks for."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .builtins import openapi_document

if TYPE_CHECKING:
    from .kinds import ServedKind

__all__ = ["paths_of"]

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
_SCALE: Final = "io.k8s.api.autoscaling.v1.Scale"
_MEDIA: Final = ("application/json", "application/yaml")
_PATCH_MEDIA: Final = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")

_WRITE: Final = ("dryRun", "fieldManager", "fieldValidation")
_LIST: Final = (
    *("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion"),
    *("resourceVersionMatch", "sendInitialEvents", "shardSelector", "timeoutSeconds", "watch"),
)
_DELETE: Final = (
    *("dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents"),
    "propagationPolicy",
)
_TEXTS: Final = {
    "list": "list objects of kind {}",
    "post": "create a {}",
    "deletecollection": "delete collection of {}",
    "get": "read the specified {}",
    "put": "replace the specified {}",
    "patch": "partially update the specified {}",
    "delete": "delete a {}",
}
_ANSWERS: Final = {"post": ("201", "202"), "put": ("201",), "delete": ("202",)}
_WORDS: Final = {"200": "OK", "201": "Created", "202": "Accepted"}


@cache
def _parameters(method: str = "") -> dict[str, Any]:
    """Give all parameters by name, as the built-in kinds document them; some have other words for one method."""
    document = openapi_document("apps", "v1")
    assert document is not None, "the document of apps/v1 is shipped"
    base = "/apis/apps/v1/namespaces/{namespace}/deployments"
    found: dict[str, Any] = {}
    for path in (base, f"{base}/{{name}}", "/apis/apps/v1/deployments"):
        for name, operation in document["paths"][path].items():
            listed = operation if name == "parameters" else operation.get("parameters", [])
            found |= {each["name"]: each for each in listed if name == method or each["name"] not in found}
    return found


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
        listed = [_parameters()[each] for each in sorted((*_LIST, "pretty"))]
        paths[f"{root}/{kind.plural}"] = {"get": everywhere, "parameters": listed}
    for subresource in kind.subresources:
        schema = _SCALE if subresource == "scale" else name
        paths[f"{base}/{{name}}/{subresource}"] = _subresource(kind, subresource, schema)
    return paths


def _collection(kind: ServedKind, name: str, list_name: str) -> dict[str, Any]:
    return {
        "get": _operation(kind, "list", "list", kind.kind, _LIST, list_name),
        "post": _operation(kind, "create", "post", kind.kind, _WRITE, name, body=name),
        "delete": _operation(kind, "delete", "deletecollection", kind.kind, _LIST, f"{_META}.Status"),
        "parameters": _path_parameters(kind, named=False),
    }


def _object(kind: ServedKind, name: str) -> dict[str, Any]:
    return {
        "get": _operation(kind, "read", "get", kind.kind, ("resourceVersion",), name),
        "put": _operation(kind, "replace", "put", kind.kind, _WRITE, name, body=name),
        "patch": _operation(kind, "patch", "patch", kind.kind, (*_WRITE, "force"), name, body=f"{_META}.Patch"),
        "delete": _operation(
            kind, "delete", "delete", kind.kind, _DELETE, f"{_META}.Status", body=f"{_META}.DeleteOptions"
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
    camel = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", kind.group))
    scope = "Namespaced" if kind.namespaced and namespaced else ""
    version = kind.version[:1].upper() + kind.version[1:]
    collection = "Collection" if action == "deletecollection" else ""
    text = _TEXTS[action].format(what)
    content = {media: {"schema": _reference(schema)} for media in _MEDIA}
    codes = ("200", *_ANSWERS.get(action, ()))
    operation: dict[str, Any] = {
        "operationId": f"{verb}{camel}{version}{collection}{scope}{kind.kind}{suffix}",
        "description": text.replace("the specified", f"{suffix.lower()} of the specified") if suffix in _OF else text,
        "tags": [f"{camel[:1].lower()}{camel[1:]}_{kind.version}"],
        "parameters": [_parameters(action)[each] for each in parameters],
        "responses": {
            **{code: {"description": _WORDS[code], "content": content} for code in codes},
            "401": {"description": "Unauthorized"},
        },
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {"group": kind.group, "kind": kind.kind, "version": kind.version},
    }
    if body:
        media = _PATCH_MEDIA if action == "patch" else _MEDIA
        described: dict[str, Any] = {"content": {each: {"schema": _reference(body)} for each in media}}
        operation["requestBody"] = described if action == "delete" else described | {"required": True}
    return operation


_OF: Final = frozenset({"Status", "Scale"})


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _path_parameters(kind: ServedKind, *, named: bool) -> list[dict[str, Any]]:
    known = _parameters()
    named_so = [{**known["name"], "description": f"name of the {kind.kind}"}] if named else []
    return [*named_so, *([known["namespace"]] if kind.namespaced else []), known["pretty"]]
