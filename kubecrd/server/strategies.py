"""What is done to objects of built-in kinds before they are stored: the part that all of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from kubecrd.schema import names, objectmeta
from kubecrd.schema.metadecoding import decode_metadata

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["BuiltinStrategy", "decode_plain", "with_system_fields"]

Decoder = Callable[[dict[str, Any], bool], tuple[dict[str, Any], list[str]]]
"""Gives an object decoded and defaulted, and the paths of unknown fields; told whether malformed parts vanish."""

Checker = Callable[[dict[str, Any], "dict[str, Any] | None"], "list[FieldError]"]
"""Says what is wrong with an object beside its metadata, given what is stored of it; None where it is new."""


def check_nothing(_obj: dict[str, Any], _old: dict[str, Any] | None) -> list[FieldError]:
    """Find nothing wrong."""
    return []


def decode_plain(obj: dict[str, Any], drop_malformed: bool) -> tuple[dict[str, Any], list[str]]:  # noqa: FBT001
    """Decode only the metadata, and leave the rest as it is."""
    metadata, unknown = decode_metadata(obj.get("metadata"), drop_malformed=drop_malformed)
    return {**obj, "metadata": metadata}, unknown


@frozen
class BuiltinStrategy:
    """The generic registry's way, with what differs from kind to kind given as values.

    Attributes:
        namespaced: Whether the objects stand in namespaces.
        has_generation: Whether metadata.generation counts changes of everything but metadata and status.
        has_status: Whether ``/status`` is a subresource, so that the main endpoint leaves the status alone.
        initial_status: What the status of a new object is; None for none.
        name_rule: Says what is wrong with a name.
        decoder: Decodes an object.
        checker: Says what is wrong with an object beside its metadata, given what is stored of it.
    """

    namespaced: bool = True
    has_generation: bool = False
    has_status: bool = False
    initial_status: dict[str, Any] | None = None
    name_rule: Callable[[str], list[str]] = names.dns1123_subdomain
    decoder: Decoder = field(default=decode_plain)
    checker: Checker = field(default=check_nothing)

    def decode(self, obj: dict[str, Any], /, *, drop_malformed: bool = False) -> tuple[dict[str, Any], list[str]]:
        """Give *obj* decoded and defaulted, and the paths of unknown fields.

        Raises:
            DecodeError: a part has a wrong type.
        """
        return self.decoder(obj, drop_malformed)

    def decode_merged(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Give what an apply has made decoded and defaulted.

        Raises:
            DecodeError: a part has a wrong type.
        """
        return self.decode(obj)[0]

    def prepare_create(self, obj: dict[str, Any], /) -> dict[str, Any]:
        """Give a new object its first generation and status."""
        prepared = {key: value for key, value in obj.items() if key != "status" or not self.has_status}
        if self.has_status and self.initial_status is not None:
            prepared["status"] = self.initial_status
        metadata = {key: value for key, value in obj["metadata"].items() if key != "generation"}
        prepared["metadata"] = {**metadata, "generation": 1} if self.has_generation else metadata
        return prepared

    def validate_create(self, obj: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a new object."""
        errors = objectmeta.check_metadata(obj["metadata"], namespaced=self.namespaced, name_rule=self.name_rule)
        return errors + self.checker(obj, None)

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Put back what only the server writes, and count the generation."""
        prepared = dict(obj)
        if self.has_status:
            prepared.pop("status", None)
            if "status" in old:
                prepared["status"] = old["status"]
        metadata = with_system_fields(obj["metadata"], old["metadata"])
        if self.has_generation:
            changed = _spec(prepared) != _spec(old)
            metadata["generation"] = old["metadata"].get("generation", 0) + changed
        prepared["metadata"] = metadata
        return prepared

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a changed object."""
        return _check_metadata_change(self, obj, old) + self.checker(obj, old)

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> dict[str, Any]:
        """Take the status and the managed fields, and the labels and such that status writes store here too."""
        prepared = {key: value for key, value in old.items() if key != "status"}
        if "status" in obj:
            prepared["status"] = obj["status"]
        prepared["metadata"] = with_system_fields(obj["metadata"], old["metadata"])
        return prepared

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with the change of the metadata."""
        return _check_metadata_change(self, obj, old)


def _check_metadata_change(strategy: BuiltinStrategy, obj: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
    metadata, before = obj["metadata"], old["metadata"]
    errors = objectmeta.check_common_update(metadata, before, namespaced=strategy.namespaced)
    # The registry looks at the metadata, and then each kind's own validation does once more.
    return errors + objectmeta.check_metadata_update(metadata, before)


def _spec(obj: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key not in {"metadata", "status"}}


def with_system_fields(metadata: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Put back into *metadata* what only the server writes (`rest.BeforeUpdate`)."""
    kept: dict[str, Any] = {
        key: old[key] for key in ("generation", "creationTimestamp", "deletionTimestamp") if key in old
    }
    if "uid" in old and not metadata.get("uid"):
        kept["uid"] = old["uid"]
    if "deletionTimestamp" in old and "deletionGracePeriodSeconds" in old:
        kept["deletionGracePeriodSeconds"] = metadata.get(
            "deletionGracePeriodSeconds", old["deletionGracePeriodSeconds"]
        )
    rest = {key: value for key, value in metadata.items() if key not in {"selfLink", "generation", "creationTimestamp"}}
    return rest | kept
