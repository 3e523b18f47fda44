"""What an upgrade of a definition breaks, in a user's words: for CI, against the definition in git or in the cluster.

A change is *breaking* when objects or clients that were fine are no longer: a stored object would be refused, or lose a
field, when it is written next; a client would send what is refused. It is a *warning* when that depends on what is stored,
such as a rule that is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import frozen

from kubecrd.resource.objects import KubeObject

from .acceptance import prepare_crd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .crd import CustomResourceDefinition

__all__ = ["Change", "compare_crds"]

Severity = Literal["breaking", "warning"]


@frozen
class Change:
    """One difference that somebody may notice.

    Attributes:
        severity: ``breaking`` or ``warning``.
        path: Which field of the objects, after the version: ``v1: spec.size``; or which part of the definition.
        message: What has changed.
    """

    severity: Severity
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message}"


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
    return [*_identity(before["spec"], after["spec"]), *_versions(before, after)]


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
    for short in sorted(set(old["names"].get("shortNames") or ()) - set(new["names"].get("shortNames") or ())):
        yield Change("warning", "names.shortNames", f"{short!r} is gone, which somebody may type")


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
        yield from _subresources(name, version, new[name])
        yield from _schema(_of(version), _of(new[name]), f"{name}: ")


def _of(version: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return schema


def _subresources(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = old.get("subresources") or {}, new.get("subresources") or {}
    for subresource in ("status", "scale"):
        if subresource in before and subresource not in after:
            yield Change("breaking", name, f"the {subresource} subresource is gone, but controllers write to it")
    if "status" in after and "status" not in before:
        yield Change("breaking", name, "the status has become a subresource: writes to the object no longer change it")


# --- schemas


def _schema(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    yield from _type(old, new, path)
    yield from _limits(old, new, path)
    yield from _enum(old, new, path)
    yield from _lists(old, new, path)
    yield from _rules(old, new, path)
    yield from _properties(old, new, path)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _schema(old["items"], new["items"], f"{path}[]")
    values, new_values = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(values, dict) and isinstance(new_values, dict):
        yield from _schema(values, new_values, f"{path}[*]")
    elif values and not new_values and not new.get("properties"):
        yield Change("breaking", path, "any key could be set, and none can now: stored ones are dropped")


def _type(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = _type_name(old), _type_name(new)
    widened = {("integer", "number"), ("integer", "int-or-string"), ("string", "int-or-string")}
    if before not in {after, "any"} and (before, after) not in widened:
        yield Change("breaking", path, f"the type was {before}, and is {after}")
    if before == "any" and after != "any":
        yield Change("breaking", path, f"any value was taken, and only {after} is now")
    if old.get("nullable") and not new.get("nullable"):
        yield Change("breaking", path, "null was a value, and is none now")
    if old.get("x-kubernetes-preserve-unknown-fields") and not new.get("x-kubernetes-preserve-unknown-fields"):
        yield Change("breaking", path, "unknown fields were kept, and are dropped now")
    if old.get("format") != new.get("format") and new.get("format") not in {None, "int64", "double"}:
        yield Change("breaking", path, f"the format is {new['format']} now")


def _type_name(schema: dict[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    return str(schema.get("type") or "any")


_LIMITS: Final[dict[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "minimum": ("the minimum", lambda old, new: new > old),
    "minLength": ("the minimal length", lambda old, new: new > old),
    "minItems": ("the minimal number of items", lambda old, new: new > old),
    "minProperties": ("the minimal number of keys", lambda old, new: new > old),
    "maximum": ("the maximum", lambda old, new: new < old),
    "maxLength": ("the maximal length", lambda old, new: new < old),
    "maxItems": ("the maximal number of items", lambda old, new: new < old),
    "maxProperties": ("the maximal number of keys", lambda old, new: new < old),
    "pattern": ("the pattern", lambda old, new: new != old),
    "multipleOf": ("the divisor", lambda old, new: new != old),
}


def _limits(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    for key, (words, tighter) in _LIMITS.items():
        before, after = old.get(key), new.get(key)
        if after is None:
            continue
        if before is None:
            yield Change("breaking", path, f"{words} is {after!r} now; there was none")
        elif tighter(before, after):
            yield Change("breaking", path, f"{words} was {before!r}, and is {after!r}")
    for key, words in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if new.get(key) and not old.get(key) and old.get(words) == new.get(words):
            yield Change("breaking", path, f"the {words} itself is no longer allowed")


def _enum(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("enum"), new.get("enum")
    if after is None:
        return
    if before is None:
        yield Change("breaking", path, f"only {_listed(after)} are allowed now")
        return
    gone = [value for value in before if value not in after]
    if gone:
        yield Change("breaking", path, f"{_listed(gone)} {'is' if len(gone) == 1 else 'are'} no longer allowed")


def _listed(values: list[Any]) -> str:
    return ", ".join(map(repr, values))


def _lists(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("x-kubernetes-list-type") or "atomic", new.get("x-kubernetes-list-type") or "atomic"
    if before != after:
        severity: Severity = "breaking" if after in {"set", "map"} else "warning"
        yield Change(severity, path, f"the list was {before}, and is {after}: items are merged and owned otherwise")
    keys, new_keys = old.get("x-kubernetes-list-map-keys"), new.get("x-kubernetes-list-map-keys")
    if keys and new_keys and keys != new_keys:
        yield Change("breaking", path, f"items were told apart by {_listed(keys)}, and are by {_listed(new_keys)}")


def _rules(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    known = {rule["rule"] for rule in old.get("x-kubernetes-validations") or ()}
    for rule in new.get("x-kubernetes-validations") or ():
        if rule["rule"] not in known:
            yield Change("warning", path, f"the rule {rule['rule']!r} is new: what breaks it can no longer be written")


def _properties(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("properties") or {}, new.get("properties") or {}
    keeps = bool(new.get("x-kubernetes-preserve-unknown-fields"))
    for name, schema in before.items():
        place = _joined(path, name)
        if name in after:
            yield from _schema(schema, after[name], place)
            yield from _default(schema, after[name], place)
        elif not keeps:
            yield Change("breaking", place, "the field is gone: what is stored in it is dropped")
    required = set(old.get("required") or ())
    for name in new.get("required") or ():
        if name not in required and "default" not in after.get(name, {}):
            word = "required now" if name in before else "new and required"
            yield Change("breaking", _joined(path, name), f"the field is {word}: objects without it are refused")


def _default(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    if "default" in old and "default" not in new:
        yield Change("warning", path, f"the default {old['default']!r} is gone: new objects have nothing there")
    elif "default" in old and old["default"] != new.get("default"):
        yield Change("warning", path, f"the default was {old['default']!r}, and is {new['default']!r}")


def _joined(path: str, name: str) -> str:
    return f"{path}{name}" if path.endswith(": ") else f"{path}.{name}"
