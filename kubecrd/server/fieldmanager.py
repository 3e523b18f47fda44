"""The field manager of a kind: records who wrote what, and merges what is applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, final

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import json_text
from kubecrd.resource.status import Status, StatusCause, StatusDetails, bad_request

from .fieldset import EMPTY, FIELD, FieldSet, path_text
from .managedfields import APPLY, UPDATE, Holding, Managed, ManagedFieldsError, Owner, fold_old_updates, is_reset
from .merge import compare
from .ownership import ApplyConflictError, ConversionError, Convert, Updater
from .typedvalues import ItemError, owned, same, type_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .typeschema import TypeSchema

__all__ = ["FieldManager", "reset_fields"]

_KUBECTL: Final = "kubectl"
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_BEFORE_FIRST_APPLY: Final = "before-first-apply"
_SYSTEM_METADATA: Final = (
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
)
_NEVER_OWNED: Final = FieldSet.of(
    *(((FIELD, name),) for name in ("apiVersion", "kind", "metadata")),
    *(((FIELD, "metadata"), (FIELD, name)) for name in _SYSTEM_METADATA),
)
"""What the server itself writes, so that nobody who sends it becomes its owner (``stripMetaManager``)."""


def reset_fields(*names: str) -> FieldSet:
    """Make the set of whole top-level fields that writes through an endpoint leave alone, such as ``status``."""
    return FieldSet.of(*(((FIELD, name),) for name in names))


def _rename(obj: dict[str, Any], api_version: str) -> dict[str, Any]:
    return {**obj, "apiVersion": api_version}


@final
class FieldManager:
    """Keeps ``metadata.managedFields`` of the objects of one kind in one version.

    Args:
        type_schema: The merge types of the version.
        kind: The kind's name; when given, an applied object must have it.
        versions: The merge types of all versions of the kind, by apiVersion; entries of others are dropped. None
            where only the version of the request is known.
        resets: What a write leaves alone, by subresource (empty for the object itself).
        convert: Gives an object in another version; None where only the apiVersion differs.
    """

    def __init__(
        self,
        type_schema: TypeSchema,
        *,
        kind: str = "",
        versions: Mapping[str, TypeSchema] | None = None,
        resets: Mapping[str, FieldSet] | None = None,
        convert: Convert | None = None,
    ) -> None:
        self._schema = type_schema
        self._kind = kind
        self._versions = versions
        self._resets = resets or {}
        self._convert = convert or _rename

    def update(
        self,
        live: dict[str, Any] | None,
        new: dict[str, Any],
        *,
        manager: str,
        api_version: str,
        subresource: str = "",
        now: str,
    ) -> dict[str, Any]:
        """Give *new* with the managedFields that a create, update or patch leads to.

        Args:
            live: The object as it is stored; None for a create.
            new: The object as it shall be; not changed.
            manager: Who writes.
            api_version: The version of the request, which both objects are in.
            subresource: Through which it writes.
            now: The time, RFC 3339 in whole seconds.
        """
        managed = self._start(live, new, subresource)
        if live is not None and not managed:
            return _with_entries(new, Managed())
        base = {} if live is None else live
        try:
            self._record(base, new, managed, Owner(manager, UPDATE, api_version, subresource), now)
        except (ConversionError, ItemError):
            # As the server does: an object whose owners cannot be told has none.
            return _with_entries(new, Managed())
        return _with_entries(new, managed)

    def apply(
        self,
        live: dict[str, Any] | None,
        config: dict[str, Any],
        *,
        manager: str,
        force: bool,
        api_version: str,
        subresource: str = "",
        now: str,
    ) -> dict[str, Any]:
        """Give *live* with *config* merged into it, and with the managedFields that this leads to.

        Args:
            live: The object as it is stored; None where there is none yet.
            config: What is applied; not changed.
            manager: Who applies.
            force: Whether conflicts are won instead of refused.
            api_version: The version of the request, which both objects are in.
            subresource: Through which it is applied.
            now: The time, RFC 3339 in whole seconds.

        Raises:
            StatusError: 400, it is another kind, or has managedFields; 500, it does not fit the types; 409, conflicts.
        """
        self._check_config(config, api_version)
        managed = Managed.of_entries(_entries(live))
        present = _without_managed(live or {})
        if live is not None and not managed:
            first = Owner(_BEFORE_FIRST_APPLY, UPDATE, api_version, subresource)
            self._record({}, present, managed, first, now)
        owner = Owner(manager, APPLY, subresource=subresource)
        try:
            merged = self._applied(present, config, managed, owner, api_version, force=force)
        except ApplyConflictError as error:
            raise StatusError.of(_conflict(error)) from None
        except (ConversionError, ItemError) as error:
            raise StatusError.of(Status(code=500, message=str(error))) from None
        if owner in managed:
            holding = managed[owner]
            time = holding.time if same(present, merged) else now
            managed[owner] = Holding(holding.paths - _NEVER_OWNED, api_version, time)
        if manager == _KUBECTL:
            merged = _with_last_applied(merged, config)
        return _with_entries(merged, managed)

    # --- updates

    def _start(self, live: dict[str, Any] | None, new: dict[str, Any], subresource: str) -> Managed:
        """Give the owners that an update starts from: those that it says itself, else those of the stored object."""
        if live is None:
            return Managed()
        if not subresource:
            metadata = new.get("metadata") or {}
            if is_reset(metadata, custom=self._schema.custom):
                return Managed()
            given = _decoded(metadata.get("managedFields"))
            if given:
                return given
        return _decoded(_entries(live))

    def _updater(self, api_version: str, subresource: str) -> Updater:
        versions = self._versions
        if versions is None or api_version not in versions:
            versions = {api_version: self._schema, **(versions or {})}
        return Updater(versions, api_version, self._convert, self._resets.get(subresource, EMPTY))

    def _record(self, live: dict[str, Any], new: dict[str, Any], managed: Managed, owner: Owner, now: str) -> None:
        """Put into *managed* what *owner* owns after it has changed *live* to *new*."""
        root = self._schema.root
        live, new = _without_managed(live), _without_managed(new)
        if type_errors(new, root, duplicates=True) or type_errors(live, root, duplicates=True):
            return
        updater = self._updater(owner.api_version, owner.subresource)
        gained = updater.update(live, new, managed) - _NEVER_OWNED
        if not gained:
            return
        before = managed.get(owner)
        paths = gained if before is None else gained | before.paths
        managed[owner] = Holding(paths, owner.api_version, now)
        fold_old_updates(managed)

    # --- applies

    def _check_config(self, config: dict[str, Any], api_version: str) -> None:
        given_version, given_kind = (_text(config.get(key)) for key in ("apiVersion", "kind"))
        if given_version.count("/") > 1:
            given_version = given_kind = ""
        if self._kind and (given_version != api_version or given_kind != self._kind):
            message = f"invalid object type: {_group_version(given_version)}, Kind={given_kind}"
            raise StatusError.of(bad_request(message))
        metadata = config.get("metadata")
        if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
            raise StatusError.of(bad_request("metadata.managedFields must be nil"))
        if errors := type_errors(config, self._schema.root):
            text = errors[0] if len(errors) == 1 else "\n  ".join(["errors:", *errors])
            metadata = metadata if isinstance(metadata, dict) else {}
            named = f"{_text(metadata.get('namespace'))}/{_text(metadata.get('name'))}"
            what = f"{named}; {_group_version(given_version)}, Kind={given_kind}"
            raise StatusError.of(Status(code=500, message=f"failed to create typed patch object ({what}): {text}"))

    def _applied(
        self,
        live: dict[str, Any],
        config: dict[str, Any],
        managed: Managed,
        owner: Owner,
        api_version: str,
        *,
        force: bool,
    ) -> dict[str, Any]:
        """Merge; what kubectl once applied on the client's side is no conflict for kubectl."""
        updater = self._updater(api_version, owner.subresource)
        if force or owner.manager != _KUBECTL:
            return updater.apply(live, config, managed, owner, force=force)
        untouched = Managed(managed)
        try:
            return updater.apply(live, config, managed, owner, force=False)
        except ApplyConflictError as error:
            allowed = self._last_applied(live, api_version)
            left = {each: paths - allowed for each, paths in error.conflicts.items()}
            if remaining := {each: paths for each, paths in left.items() if paths}:
                raise ApplyConflictError(remaining) from None
        managed.clear()
        managed.update(untouched)
        return updater.apply(live, config, managed, owner, force=True)

    def _last_applied(self, live: dict[str, Any], api_version: str) -> FieldSet:
        """Give what the annotation of client-side apply describes and nobody has changed since; nothing if it is broken."""
        text = ((live.get("metadata") or {}).get("annotations") or {}).get(_LAST_APPLIED)
        root = self._schema.root
        try:
            applied = json.loads(text or "")
        except ValueError:
            return EMPTY
        if not isinstance(applied, dict) or applied.get("apiVersion") != api_version or type_errors(applied, root):
            return EMPTY
        changes = compare(applied, live, root)
        return owned(applied, root) - changes.modified - changes.added - changes.removed


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _group_version(api_version: str) -> str:
    """Print a group and version as Go's GroupVersionKind does: the core group is empty before its slash."""
    return api_version if "/" in api_version else f"/{api_version}"


def _entries(obj: dict[str, Any] | None) -> Any:
    return None if obj is None else (obj.get("metadata") or {}).get("managedFields")


def _decoded(entries: Any) -> Managed:
    """Read managedFields; what cannot be read counts as none."""
    try:
        return Managed.of_entries(entries)
    except ManagedFieldsError:
        return Managed()


def _without_managed(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = obj.get("metadata")
    if not metadata or "managedFields" not in metadata:
        return obj
    return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}


def _with_entries(obj: dict[str, Any], managed: Managed) -> dict[str, Any]:
    entries = managed.to_entries()
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "managedFields"}
    return {**obj, "metadata": {**metadata, "managedFields": entries} if entries else metadata}


def _with_last_applied(merged: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Keep the annotation of client-side apply, where there is one, in step with what kubectl has applied."""
    metadata = merged.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    if _LAST_APPLIED not in annotations:
        return merged
    applied = dict(config)
    given = config.get("metadata")
    if isinstance(given, dict) and isinstance(given.get("annotations"), dict):
        rest = {key: value for key, value in given["annotations"].items() if key != _LAST_APPLIED}
        applied["metadata"] = {**given, "annotations": rest}
    annotations = {**annotations, _LAST_APPLIED: json_text(applied) + "\n"}
    return {**merged, "metadata": {**metadata, "annotations": annotations}}


def _conflict(error: ApplyConflictError) -> Status:
    """409: who owns what would change; the message groups by owner, the causes name each field."""
    found = [(str(owner), path_text(path)) for owner, path in error.paths()]
    if len(found) == 1:
        message = f"Apply failed with 1 conflict: conflict with {found[0][0]}: {found[0][1]}"
    else:
        lines: list[str] = []
        for owner in error.conflicts:
            lines.append(f"conflicts with {owner}:")
            lines += [f"- {path}" for name, path in found if name == str(owner)]
        message = f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)
    causes = tuple(StatusCause("FieldManagerConflict", f"conflict with {owner}", path) for owner, path in found)
    return Status(code=409, reason="Conflict", message=message, details=StatusDetails(causes=causes))
