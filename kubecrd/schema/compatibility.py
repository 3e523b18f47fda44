"""What an upgrade of a definition breaks, in a user's words: for CI, against the definition in git or in the cluster.

A change is *breaking* when objects or clients that were fine are no longer: a stored object would be refused, or lose a
field, when it is written next; a client would send what is refused. It is a *warning* when that depends on what is stored,
such as a rule that is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.objects import KubeObject

from .acceptance import prepare_crd
from .schemachanges import Change, lost_fields, schema_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .crd import CustomResourceDefinition

__all__ = ["Change", "compare_crds"]

_SCALE_PATHS: Final = {
    "specReplicasPath": "the path of the wanted replicas",
    "statusReplicasPath": "the path of the actual replicas",
    "labelSelectorPath": "the path of the selector",
}


def compare_crds(
    old: CustomResourceDefinition | Mapping[str, Any], new: CustomResourceDefinition | Mapping[str, Any]
) -> list[Change]:
    """List what an upgrade from *old* to *new* breaks; nothing when it is safe.

    Args:
        old: What is installed, with its status where it comes from a cluster: versions in which objects are still stored
            must stay.
        new: What is to be installed.
    """
    before, after = _prepared(old), _prepared(new)
    return [*_identity(before["spec"], after["spec"]), *_versions(before, after), *_storage(before, after)]


def _prepared(crd: CustomResourceDefinition | Mapping[str, Any]) -> dict[str, Any]:
    document = crd.to_dict() if isinstance(crd, KubeObject) else dict(crd)
    status = document.get("status") or {}
    return {**prepare_crd(document), "status": status}


def _identity(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Compare what an installed definition can never change, and what clients call the kind."""
    for part, words in (("group", "the group"), ("scope", "the scope")):
        if old[part] != new[part]:
            yield Change("breaking", part, f"{words} cannot change: it was {old[part]}, and is {new[part]}")
    for part in ("kind", "plural"):
        if old["names"][part] != new["names"][part]:
            yield Change(
                "breaking",
                f"names.{part}",
                f"it was {old['names'][part]}, and is {new['names'][part]}; clients ask for the old name",
            )
    for part in ("singular", "listKind"):
        if old["names"].get(part) != new["names"].get(part):
            yield Change(
                "warning", f"names.{part}", f"it was {old['names'].get(part)}, and is {new['names'].get(part)}"
            )
    for part in ("shortNames", "categories"):
        for name in sorted(set(old["names"].get(part) or ()) - set(new["names"].get(part) or ())):
            yield Change("warning", f"names.{part}", f"{name!r} is gone, which somebody may type")


def _versions(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    old = {version["name"]: version for version in before["spec"]["versions"]}
    new = {version["name"]: version for version in after["spec"]["versions"]}
    stored = set(before["status"].get("storedVersions") or ()) | {
        name for name, version in old.items() if version["storage"]
    }
    for name, version in old.items():
        if name not in new:
            why = "objects are stored in it" if name in stored else "clients ask for it"
            if name in stored or version["served"]:
                yield Change("breaking", name, f"the version is gone, but {why}")
            continue
        if version["served"] and not new[name]["served"]:
            yield Change("breaking", name, "the version is no longer served, but clients ask for it")
        if new[name].get("deprecated") and not version.get("deprecated"):
            yield Change("warning", name, "the version is deprecated now, of which all clients are told")
        yield from _subresources(name, version, new[name])
        yield from _selectable(name, version, new[name])
        yield from schema_changes(_of(version), _of(new[name]), f"{name}: ")


def _of(version: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return schema


def _subresources(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = old.get("subresources") or {}, new.get("subresources") or {}
    for subresource in ("status", "scale"):
        if subresource in before and subresource not in after:
            yield Change("breaking", name, f"the {subresource} subresource is gone, but controllers write to it")
    for path, words in _SCALE_PATHS.items():
        was, now = (before.get("scale") or {}).get(path), (after.get("scale") or {}).get(path)
        if was and "scale" in after and was != now:
            told = f"{words} of scale was {was}, and is {now}" if now else f"{words} of scale is gone: it was {was}"
            yield Change("breaking", name, f"{told}, but autoscalers rely on it")
    if "status" in after and "status" not in before:
        yield Change("breaking", name, "the status has become a subresource: writes to the object no longer change it")


def _selectable(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    kept = {field["jsonPath"] for field in new.get("selectableFields") or ()}
    for field in old.get("selectableFields") or ():
        path = field["jsonPath"]
        if path not in kept:
            yield Change("breaking", f"{name}: {path.removeprefix('.')}", "field selectors by it are refused now")


def _storage(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    """Compare how the versions become each other, and what is lost where only the apiVersion changes."""
    strategies = [crd["spec"].get("conversion", {}).get("strategy") for crd in (before, after)]
    if strategies == ["Webhook", "None"] and len(after["spec"]["versions"]) > 1:
        yield Change("breaking", "conversion", "a webhook converted objects, and only their apiVersion changes now")
    old, new = _stored(before), _stored(after)
    versions = {version["name"]: version for version in after["spec"]["versions"]}
    if old == new or strategies[1] != "None" or old not in versions or new not in versions:
        return
    for path in lost_fields(_of(versions[old]), _of(versions[new]), f"{old}: "):
        yield Change("breaking", path, f"objects are stored in {new} now, which has no such field: it is dropped")


def _stored(crd: dict[str, Any]) -> str:
    return next((version["name"] for version in crd["spec"]["versions"] if version["storage"]), "")
