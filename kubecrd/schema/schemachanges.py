"""What a change of a structural schema breaks: for objects that are stored, and for clients that write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import frozen

from .formats import is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Change", "lost_fields", "schema_changes"]

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


def schema_changes(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    """Yield what breaks where *new* takes the place of *old*.

    Args:
        old: A node of a schema, as JSON.
        new: What stands there now.
        path: Where it is, after the version: ``v1: spec``.
    """
    yield from _type(old, new, path)
    yield from _limits(old, new, path)
    yield from _enum(old, new, path)
    yield from _lists(old, new, path)
    yield from _rules(old, new, path)
    yield from _junctors(old, new, path)
    yield from _properties(old, new, path)
    yield from _values(old, new, path)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from schema_changes(old["items"], new["items"], f"{path}[]")


_KEEPS_ANYTHING: Final = {"x-kubernetes-preserve-unknown-fields": True}


def _map_value(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Give the schema of the values of a mapping; None where the node is none."""
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        return values
    return dict(_KEEPS_ANYTHING) if values is True and not schema.get("properties") else None


def _values(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    """Compare mappings, also where one has become a class or the other way round."""
    values, new_values = _map_value(old), _map_value(new)
    if values is not None and new_values is not None:
        yield from schema_changes(values, new_values, f"{path}[*]")
    elif values is not None and _type_name(new) == "object" and not new.get("x-kubernetes-preserve-unknown-fields"):
        names = _listed(sorted(new.get("properties") or ()))
        what = f"only {names} can be now: others" if names else "none can now: stored ones"
        yield Change("breaking", path, f"any key could be set, and {what} are dropped")
    if values is not None:
        for name, schema in (new.get("properties") or {}).items():
            yield from schema_changes(values, schema, _joined(path, name))


def _type(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = _type_name(old), _type_name(new)
    widened = {("integer", "number"), ("integer", "int-or-string"), ("string", "int-or-string")}
    if before not in {after, "any"} and (before, after) not in widened:
        yield Change("breaking", path, f"the type was {before}, and is {after}")
    if before == "any" and after != "any":
        yield Change("breaking", path, f"any value was taken, and only {after} is now")
    if new.get("x-kubernetes-embedded-resource") and not old.get("x-kubernetes-embedded-resource"):
        yield Change("breaking", path, "it must be a whole object now, with apiVersion and kind")
    if old.get("nullable") and not new.get("nullable"):
        yield Change("breaking", path, "null was a value, and is none now")
    keeps = new.get("x-kubernetes-preserve-unknown-fields") or before == "any"
    if old.get("x-kubernetes-preserve-unknown-fields") and not keeps:
        yield Change("breaking", path, "unknown fields were kept, and are dropped now")
    known = new.get("format") if is_known(new.get("format") or "", new.get("type")) else None
    if old.get("format") != known and known not in {None, "int64", "double", "password"}:
        yield Change("breaking", path, f"the format is {known} now")


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
    "multipleOf": ("the divisor", lambda old, new: bool(old % new)),
}


_FROM_NOTHING: Final = frozenset({"minLength", "minItems", "minProperties"})
"""Nothing is less than the 0 of these."""


def _limits(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    for key, (words, tighter) in _LIMITS.items():
        before, after = old.get(key), new.get(key)
        if after is None or (after == 0 and key in _FROM_NOTHING):
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
    known = {rule["rule"]: rule for rule in old.get("x-kubernetes-validations") or ()}
    for rule in new.get("x-kubernetes-validations") or ():
        before = known.get(rule["rule"])
        if before is None:
            yield Change("warning", path, f"the rule {rule['rule']!r} is new: what breaks it can no longer be written")
        elif rule.get("optionalOldSelf") and not before.get("optionalOldSelf"):
            yield Change("warning", path, f"the rule {rule['rule']!r} is asked of new objects too")


_INT_OR_STRING: Final = [{"type": "integer"}, {"type": "string"}]


def _junctors(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    """Compare compositions: which values they take cannot be told from their schemas, but whether there are more."""
    for key in ("allOf", "anyOf", "oneOf", "not"):
        before, after = _branches(old, key), _branches(new, key)
        if before == after or not after:
            continue
        if not before:
            yield Change("breaking", path, f"{key} is new: it must hold now")
        elif not (key == "anyOf" and before < after) and not (key == "allOf" and after < before):
            yield Change("breaking", path, f"{key} has changed: what it took may be refused")


def _branches(schema: dict[str, Any], key: str) -> frozenset[str]:
    found = schema.get(key) or ()
    branches = [found] if isinstance(found, dict) else [each for each in found if each.get("anyOf") != _INT_OR_STRING]
    return frozenset(json.dumps(each, sort_keys=True) for each in branches if branches != _INT_OR_STRING)


def _properties(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("properties") or {}, new.get("properties") or {}
    keeps = bool(new.get("x-kubernetes-preserve-unknown-fields"))
    values = _map_value(new)
    for name, schema in before.items():
        place = _joined(path, name)
        if name in after:
            yield from schema_changes(schema, after[name], place)
            yield from _default(schema, after[name], place)
        elif values is not None:
            yield from schema_changes(schema, values, place)
        elif not keeps:
            yield Change("breaking", place, "the field is gone: what is stored in it is dropped")
    if old.get("x-kubernetes-preserve-unknown-fields") and _type_name(old) != "any":
        for name in sorted(after.keys() - before.keys()):
            kind = _type_name(after[name])
            if kind != "any":
                text = f"the field was kept as an unknown one, whatever it was, and is {kind} now"
                yield Change("warning", _joined(path, name), text)
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


def lost_fields(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the fields of *old* that *new* would prune, outermost ones only.

    Args:
        old: A node of a schema, as JSON.
        new: The schema that prunes.
        path: Where it is.
    """
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from lost_fields(old["items"], new["items"], f"{path}[]")
    values = _map_value(new)
    if values is not None and (inner := _map_value(old)) is not None:
        yield from lost_fields(inner, values, f"{path}[*]")
    after = new.get("properties") or {}
    for name, schema in (old.get("properties") or {}).items():
        kept = after.get(name, values)
        if kept is not None:
            yield from lost_fields(schema, kept, _joined(path, name))
        elif not new.get("x-kubernetes-preserve-unknown-fields"):
            yield _joined(path, name)
