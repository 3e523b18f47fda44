"""Who owns what after an update or an apply, and what conflicts (the updater of structured-merge-diff)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, final

from .fieldset import FieldSet, Path
from .managedfields import Holding, Managed, Owner
from .merge import Comparison, compare, merge, without
from .typedvalues import named_members, owned, reconciled, type_errors

if TYPE_CHECKING:
    from .typeschema import TypeSchema

__all__ = ["ApplyConflictError", "ConversionError", "Convert", "Updater"]

_NOT_LAST: Final = "failed to prune fields: failed to convert merged object to last applied version"

Convert = Callable[[dict[str, Any], str], dict[str, Any]]
"""Gives an object in another version of its kind."""


class ConversionError(ValueError):
    """An object does not fit the version that an entry of managedFields is in."""


class ApplyConflictError(Exception):
    """An apply would change what others own.

    Attributes:
        conflicts: The paths, by owner.
    """

    def __init__(self, conflicts: Mapping[Owner, FieldSet]) -> None:
        super().__init__(f"{len(conflicts)} managers own what would change")
        self.conflicts = dict(sorted(conflicts.items(), key=lambda item: item[0].identity))

    def paths(self) -> list[tuple[Owner, Path]]:
        """Give every conflict, in the server's order."""
        return [(owner, path) for owner, paths in self.conflicts.items() for path in paths]


@final
class Updater:
    """Works out owners, for one request on one object.

    Args:
        versions: The merge types of all versions of the kind, by apiVersion.
        api_version: The version of the request, which the objects given are in.
        convert: Gives an object in another version.
        ignored: What the acting manager neither owns nor has conflicts in, with all below; of a custom resource only in
            the version of the request.
    """

    def __init__(
        self, versions: Mapping[str, TypeSchema], api_version: str, convert: Convert, ignored: FieldSet
    ) -> None:
        self._versions = versions
        self._custom = versions[api_version].custom
        self._api_version = api_version
        self._convert = convert
        self._ignored = ignored

    def update(self, live: dict[str, Any], new: dict[str, Any], managed: Managed) -> FieldSet:
        """Take from *managed* what a plain write changes, and give what its author owns for it.

        Raises:
            ConversionError: an object cannot be seen in the version of an entry.
            ItemError: a list item cannot be told apart.
        """
        self._reconcile(managed)
        changes = self._take(live, new, managed, acting=None, force=True)
        return changes.added | changes.modified

    def apply(
        self, live: dict[str, Any], config: dict[str, Any], managed: Managed, acting: Owner, *, force: bool
    ) -> dict[str, Any]:
        """Merge *config* into *live*, and put into *managed* who owns what then.

        Raises:
            ApplyConflictError: others own what would change, and *force* is not set.
            ConversionError: an object cannot be seen in the version of an entry.
            ItemError: a list item cannot be told apart.
        """
        self._reconcile(managed)
        root = self._versions[self._api_version].root
        merged: dict[str, Any] = merge(live, config, root) or {}
        last = managed.get(acting)
        paths = owned(config, root).without_trees(self._ignored)
        managed[acting] = Holding(paths, self._api_version, None if last is None else last.time)
        # What was applied last time and is again cannot go, so there is nothing to look for.
        if last is not None and (last.api_version != self._api_version or last.paths - paths):
            merged = self._pruned(merged, managed, last)
        self._take(live, merged, managed, acting=acting, force=force)
        return merged

    # --- versions

    def _at(self, obj: dict[str, Any], version: str, failure: str) -> dict[str, Any]:
        """Give *obj*, which is in the version of the request, in another one.

        Raises:
            ConversionError: it does not fit that version; the text begins with *failure*.
        """
        if version == self._api_version:
            return obj
        converted = self._convert(obj, version)
        if errors := type_errors(converted, self._versions[version].root, duplicates=True):
            text = errors[0] if len(errors) == 1 else "\n  ".join(["errors:", *errors])
            raise ConversionError(f"{failure}: {text}")
        return converted

    def _back(self, obj: dict[str, Any], version: str) -> dict[str, Any]:
        return obj if version == self._api_version else self._convert(obj, self._api_version)

    def _reconcile(self, managed: Managed) -> None:
        """Own as one value what has become one in the schema; forget entries of versions that are no more.

        Raises:
            ConversionError: an entry of a custom resource is in a version that is no more.
        """
        for owner, holding in list(managed.items()):
            schema = self._versions.get(holding.api_version)
            if schema is None:
                if self._custom:
                    # The real converter of custom resources has an error of its own here, which is not the one
                    # that lets an entry be dropped.
                    version = holding.api_version
                    raise ConversionError(f"request to convert CR to an invalid group/version: {version}")
                del managed[owner]
            elif holding.paths:
                managed.own(owner, reconciled(holding.paths, schema.root))

    # --- who loses what

    def _take(
        self, live: dict[str, Any], new: dict[str, Any], managed: Managed, *, acting: Owner | None, force: bool
    ) -> Comparison:
        """Take what changes from all owners but the acting one; give what changes in the version of the request."""
        root = self._versions[self._api_version].root
        by_version = {self._api_version: compare(live, new, root).without_trees(self._ignored)}
        changed: dict[str, FieldSet] = {}
        conflicts: dict[Owner, FieldSet] = {}
        for owner, holding in managed.items():
            if owner == acting:
                continue
            version = holding.api_version
            if version not in by_version:
                old_there = self._at(live, version, "failed to convert old object")
                new_there = self._at(new, version, "failed to convert new object")
                differences = compare(old_there, new_there, self._versions[version].root)
                # Versions of a custom resource may differ in their subresources, and each ignores what is its own.
                by_version[version] = differences if self._custom else differences.without_trees(self._ignored)
            if version not in changed:
                changed[version] = by_version[version].modified | by_version[version].added
            if both := holding.paths & changed[version]:
                conflicts[owner] = both
        if conflicts and not force:
            raise ApplyConflictError(conflicts)
        for owner, holding in list(managed.items()):
            left = holding.paths
            if owner in conflicts:
                left = left - conflicts[owner]
            if owner != acting:
                left = left - by_version[holding.api_version].removed
            managed.own(owner, left)
        return by_version[self._api_version]

    # --- what goes

    def _pruned(self, merged: dict[str, Any], managed: Managed, last: Holding) -> dict[str, Any]:
        """Drop what the acting manager applied last time and nobody owns now."""
        version = last.api_version
        root = self._versions[version].root
        there = self._at(merged, version, _NOT_LAST)
        given_up = named_members(last.paths, root)
        pruned = without(there, given_up, root)
        by_version: dict[str, FieldSet] = {version: FieldSet()}
        for holding in managed.values():
            held = by_version.get(holding.api_version)
            by_version[holding.api_version] = holding.paths if held is None else held | holding.paths
        for each, paths in by_version.items():
            pruned = self._with_owned(there, pruned, (version, each), paths)
        gone = named_members(owned(there, root), root) - named_members(owned(pruned, root), root)
        return self._back(without(there, gone & given_up, root), version)

    def _with_owned(
        self, merged: dict[str, Any], pruned: dict[str, Any], versions: tuple[str, str], paths: FieldSet
    ) -> dict[str, Any]:
        """Give *pruned*, in the first of two versions, with what somebody owns in the second one put back."""
        here, there = versions
        schema = self._versions.get(there)
        if schema is None:
            return pruned
        root = schema.root
        if here != there:
            merged = self._convert(merged, there)
            pruned = self._convert(pruned, there)
        has = named_members(owned(merged, root), root)
        kept = named_members(owned(pruned, root), root) | named_members(paths, root)
        made: dict[str, Any] = without(merged, has - kept, root)
        return made if here == there else self._convert(made, here)
