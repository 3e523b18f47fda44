"""metadata.managedFields: its entries as owners with field sets, read and written as the API server does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from attrs import evolve, frozen

from kubecrd.resource.gotext import json_text, quoted

from .fieldset import FieldSet, FieldsV1Error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["APPLY", "UPDATE", "Holding", "Managed", "ManagedFieldsError", "Owner", "fold_old_updates", "is_reset"]

APPLY: Final = "Apply"
UPDATE: Final = "Update"
_MAX_UPDATES: Final = 10
_FOLDED: Final = "ancient-changes"


class ManagedFieldsError(ValueError):
    """A list of managedFields cannot be read."""


@frozen
class Owner:
    """Who owns fields. Two entries with the same owner are one.

    Attributes:
        manager: The name of the manager.
        operation: ``Apply`` or ``Update``.
        api_version: In which the fields are named; empty for an applier, who has one entry for all versions.
        subresource: Through which it writes; empty for the object itself.
    """

    manager: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    @property
    def identity(self) -> str:
        """The text that the server sorts owners by."""
        parts = {
            "manager": self.manager,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "subresource": self.subresource,
        }
        return "{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in parts.items() if value) + "}"

    def __str__(self) -> str:
        """Print it as in the messages about conflicts."""
        text = quoted(self.manager)
        if self.subresource:
            text += f" with subresource {quoted(self.subresource)}"
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


@frozen
class Holding:
    """What an owner owns.

    Attributes:
        paths: The fields.
        api_version: In which they are named.
        time: When the owner last changed something, as in RFC 3339 in whole seconds; None if it never did.
    """

    paths: FieldSet
    api_version: str
    time: str | None = None


@final
class Managed(dict[Owner, Holding]):
    """All owners of one object."""

    @classmethod
    def of_entries(cls, entries: Iterable[Mapping[str, Any]] | None) -> Managed:
        """Read ``metadata.managedFields``; of two entries of one owner the later counts.

        Raises:
            ManagedFieldsError: an entry is not one of fields, or cannot be read.
        """
        made = cls()
        for entry in entries or ():
            owner, holding = _read(entry)
            made[owner] = holding
        return made

    def to_entries(self) -> list[dict[str, Any]]:
        """Give ``metadata.managedFields`` in the server's order; owners of nothing are left out."""
        order = sorted(
            ((owner, holding) for owner, holding in self.items() if holding.paths),
            key=lambda item: (
                item[0].operation,
                item[1].time or "",
                item[0].manager,
                item[1].api_version,
                item[0].subresource,
            ),
        )
        return [_entry(owner, holding) for owner, holding in order]

    def own(self, owner: Owner, paths: FieldSet) -> None:
        """Let *owner*, who has an entry, own exactly *paths*; who owns nothing has no entry."""
        if paths:
            holding = self[owner]
            if paths is not holding.paths:
                self[owner] = evolve(holding, paths=paths)
        else:
            del self[owner]


def _read(entry: Mapping[str, Any]) -> tuple[Owner, Holding]:
    operation, api_version = entry.get("operation"), entry.get("apiVersion")
    if operation not in {APPLY, UPDATE}:
        raise ManagedFieldsError("operation must be `Apply` or `Update`")
    if not api_version:
        raise ManagedFieldsError("apiVersion must not be empty")
    if entry.get("fieldsType") != "FieldsV1":
        raise ManagedFieldsError(f"invalid fieldsType {entry.get('fieldsType')!r} in managed fields entry")
    owner = Owner(
        entry.get("manager") or "",
        operation,
        api_version if operation == UPDATE else "",
        entry.get("subresource") or "",
    )
    fields = entry.get("fieldsV1")
    try:
        paths = FieldSet.from_fields_v1({} if fields is None else fields)
    except FieldsV1Error as error:
        raise ManagedFieldsError(str(error)) from error
    return owner, Holding(paths, api_version, entry.get("time"))


def _entry(owner: Owner, holding: Holding) -> dict[str, Any]:
    entry = {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": holding.api_version,
        "time": holding.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": holding.paths.to_fields_v1(),
        "subresource": owner.subresource,
    }
    return {key: value for key, value in entry.items() if value or key == "fieldsV1"}


def is_reset(metadata: Mapping[str, Any], *, custom: bool) -> bool:
    """Say whether a written object asks to forget all owners: one empty entry, or for built-in kinds an empty list."""
    entries = metadata.get("managedFields")
    if entries == [] and not custom:
        return True
    return isinstance(entries, list) and len(entries) == 1 and not any((entries[0] or {}).values())


def fold_old_updates(managed: Managed) -> None:
    """Unite the oldest entries of updates, version by version, until at most ten are left (``capUpdateManagers``).

    Appliers are not counted. The first entry met of a version only marks it; the second is united with it.
    """
    updates = [owner for owner in managed if owner.operation == UPDATE]
    left = len(updates)
    if left <= _MAX_UPDATES:
        return
    updates.sort(key=lambda owner: (managed[owner].time or "", owner.identity))
    first: dict[str, Owner] = {}
    for owner in updates:
        if left <= _MAX_UPDATES:
            return
        version = owner.api_version
        if version not in first:
            first[version] = owner
            continue
        folded = Owner(_FOLDED, UPDATE, version)
        if folded not in managed:
            managed[folded] = managed.pop(first[version])
        holding = managed[owner]
        managed[folded] = Holding(holding.paths | managed[folded].paths, version, holding.time)
        del managed[owner]
        left -= 1
