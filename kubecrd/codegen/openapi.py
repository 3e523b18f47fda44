"""OpenAPI v3 documents of a Kubernetes API server: which schemas and which kinds are in them."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["is_of_kinds", "kinds_of", "read_documents", "version_of"]

_VERBS: Final = {
    "list": "list",
    "post": "create",
    "deletecollection": "deletecollection",
    "get": "get",
    "put": "update",
    "patch": "patch",
    "delete": "delete",
    "watchlist": "watch",
}
_PATH: Final = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)(?P<watch>/watch)?(?P<namespaced>/namespaces/\{namespace\})?"
    r"/(?P<plural>[a-z]+)(?P<name>/\{name\})?(?:/(?P<subresource>[a-z]+))?$"
)
_VERSION: Final = re.compile(r"v?([1-9]\d*\.\d+)")


def read_documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Read every document in *folder* that is about a group and version, by the name of its file.

    Args:
        folder: Holds ``*.json`` or ``*.json.gz``, as kubernetes' repository has them in ``api/openapi-spec/v3``.

    Raises:
        ConfigError: there is none, or a file is no JSON.
    """
    documents = {}
    for file in sorted([*folder.glob("*.json"), *folder.glob("*.json.gz")]):
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        try:
            document = json.loads(data)
        except ValueError as error:
            raise ConfigError(f"{file}: not JSON: {error}") from error
        if is_of_kinds(document):
            documents[file.name.partition(".json")[0]] = document
    if not documents:
        raise ConfigError(
            f"{folder}: no OpenAPI v3 documents here; it should hold what a server gives at /openapi/v3/…, one file a "
            f"group and version, such as apis__apps__v1.json"
        )
    return documents


def is_of_kinds(document: object) -> bool:
    """Say whether a document is about a group and version: a server has some about groups too, in which no kind is."""
    return isinstance(document, dict) and any(_PATH.match(path) for path in document.get("paths") or ())


def version_of(documents: Iterable[Mapping[str, Any]]) -> str | None:
    """Give the version of Kubernetes that *documents* say they are of, such as ``v1.36``; None where they do not say."""
    said = {(document.get("info") or {}).get("version", "") for document in documents}
    found = {match[1] for match in map(_VERSION.match, said) if match}
    return f"v{found.pop()}" if len(found) == 1 else None


def kinds_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the paths of a document: which kinds, which verbs, which subresources.

    Returns:
        Mappings with group, version, kind, plural, namespaced, verbs, subresources (by name, with their verbs and
        kinds), and schema (the name of the kind's schema in the document; empty when it has none).
    """
    found: dict[str, dict[str, Any]] = {}
    for path, item in sorted(document["paths"].items()):
        match = _PATH.match(path)
        if match is None:
            continue
        for operation in item.values():
            if isinstance(operation, dict) and "x-kubernetes-action" in operation:
                _add(found, match, operation)
    schemas = document["components"]["schemas"]
    for kind in found.values():
        wanted = {"group": kind["group"], "version": kind["version"], "kind": kind["kind"]}
        kind["schema"] = next(
            (name for name, schema in schemas.items() if wanted in schema.get("x-kubernetes-group-version-kind", ())),
            "",
        )
        kind["verbs"] = sorted(kind["verbs"])
    return [kind for kind in found.values() if kind["kind"]]


def _add(found: dict[str, dict[str, Any]], match: re.Match[str], operation: dict[str, Any]) -> None:
    """Note one operation."""
    group, version = match["group"] or "", match["version"]
    kind = found.setdefault(
        match["plural"],
        {
            "group": group,
            "version": version,
            "plural": match["plural"],
            "kind": "",
            "namespaced": False,
            "verbs": [],
            "subresources": {},
        },
    )
    kind["namespaced"] |= bool(match["namespaced"])
    gvk = operation.get("x-kubernetes-group-version-kind", {})
    verb = _VERBS.get(operation["x-kubernetes-action"])
    if verb is None or operation["x-kubernetes-action"] == "connect":
        return
    if match["subresource"]:
        subresource = kind["subresources"].setdefault(match["subresource"], {"verbs": [], **gvk})
        subresource["verbs"] = sorted({*subresource["verbs"], verb})
        return
    kind["kind"] = kind["kind"] or gvk.get("kind", "")
    kind["verbs"] = sorted({*kind["verbs"], verb})
