"""What the API server does with the objects of one version of a custom resource before it stores them.

This is the `customResourceStrategy` of apiextensions-apiserver (`registry/customresource/strategy.go`), with what the
generic registry does around it (`registry/rest/create.go`, `update.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.fielderrors import ABSENT

from . import objectmeta
from .accessors import nested
from .defaults import fill_defaults
from .embedded import check_embedded, decode_embedded
from .jsonvalues import copied, equal
from .listtypes import check_lists
from .metadecoding import decode_metadata
from .pruning import drop_nulls, prune
from .rules import SchemaRules
from .scale import ScalePaths
from .structural import NOTHING_DECLARED, Structural
from .tidy import tidy_root
from .validation import SchemaValidator
from .wording import RULES_NOT_CHECKED, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["BLOCKING", "CustomResourceStrategy", "has_rules", "rules_are_blocked", "rules_of"]

BLOCKING: Final = frozenset(
    {
        "FieldValueRequired",
        "FieldValueNotSupported",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueTypeInvalid",
    }
)
"""After an error for one of these reasons the rules are not run: they could stumble over the value."""


class CustomResourceStrategy:
    """Decoding, preparation and validation of the objects of one version.

    Objects are plain JSON documents. What is given is never changed; what is returned may share parts with it.

    Args:
        crd: The definition, as `prepare_crd` gives it.
        version: Which of its versions the objects are in.

    Attributes:
        group: The API group of the objects.
        version: Their version.
        kind: Their kind.
        namespaced: Whether they stand in namespaces.
        structural: The schema of the version.
        rules: Its CEL rules; None if it has none.
        has_status: Whether ``/status`` is a subresource, so that the main endpoint leaves the status alone.
        scale: Where the scale subresource reads and writes; None if it is not enabled.
    """

    def __init__(self, crd: dict[str, Any], version: str) -> None:
        spec = crd["spec"]
        entry = next(entry for entry in spec["versions"] if entry["name"] == version)
        subresources = entry.get("subresources") or {}
        self.group: str = spec["group"]
        self.version = version
        self.kind: str = spec["names"]["kind"]
        self.namespaced: bool = spec["scope"] == "Namespaced"
        self.structural = Structural.of((entry.get("schema") or {}).get("openAPIV3Schema") or {})
        self.has_status = subresources.get("status") is not None
        self.scale = ScalePaths.of(subresources.get("scale"))
        self._validator = SchemaValidator(self.structural)
        self._status_validator = SchemaValidator(self.structural.properties.get("status", NOTHING_DECLARED))
        self.rules = rules_of(self.structural, name=f"{self.kind} ({self.api_version})")
        # Most kinds have neither, and then the walk through each object can be saved.
        self._has_embedded = _anywhere(self.structural, lambda node: node.embedded_resource)
        self._tidy = tidy_root(self.structural)
        self._has_keyed_lists = _anywhere(self.structural, lambda node: node.list_type in {"set", "map"})

    @property
    def api_version(self) -> str:
        """Group and version as objects name them."""
        return f"{self.group}/{self.version}"

    # --- decoding

    def decode(self, obj: dict[str, Any], *, drop_malformed: bool = False) -> tuple[dict[str, Any], list[str]]:
        """Coerce, prune and default *obj*, which stays as it is; with it the paths of unknown fields, in the server's order.

        Args:
            obj: What a client has sent, or what is stored.
            drop_malformed: Whether metadata of a wrong type vanishes, as when reading from storage.

        Raises:
            DecodeError: When metadata, here or in an embedded object, has a wrong type; with Go's words.
        """
        for key in ("kind", "apiVersion"):
            nested(obj, key, "string")
        is_of_kind = obj.get("kind") == self.kind and obj.get("apiVersion") == self.api_version
        tidy = self._tidy(obj) if is_of_kind and not self._has_embedded else None
        if tidy is not None:
            return self._with_metadata(obj, tidy, drop_malformed=drop_malformed)
        decoded = copied(obj)
        unknown: list[str] = []
        metadata = None
        if "metadata" in decoded:
            metadata, unknown = decode_metadata(decoded["metadata"], drop_malformed=drop_malformed)
        if decoded.get("kind") == self.kind and decoded.get("apiVersion") == self.api_version:
            unknown += prune(decoded, self.structural, is_root=True)
            drop_nulls(decoded, self.structural)
            if self._has_embedded:
                unknown += decode_embedded(decoded, self.structural, drop_malformed=drop_malformed)
            fill_defaults(decoded, self.structural)
        if metadata is not None:
            decoded["metadata"] = metadata
        return decoded, unknown

    @staticmethod
    def _with_metadata(
        obj: dict[str, Any], tidy: dict[str, Any], *, drop_malformed: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """Complete an object in which nothing was to be cleaned, and which is *obj* where no default was missing."""
        decoded = dict(tidy) if tidy is obj else tidy
        unknown: list[str] = []
        if "metadata" in obj:
            metadata = copied(obj["metadata"])
            decoded["metadata"], unknown = decode_metadata(metadata, drop_malformed=drop_malformed)
        return decoded, unknown

    def decode_merged(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Default a copy of what an apply has made of a stored object.

        Neither unknown fields nor nulls are dropped here: an unknown one goes when the object is stored, after it
        has counted as a change, and a null that is not nullable is for validation to refuse.

        Raises:
            DecodeError: When metadata has a wrong type; with Go's words.
        """
        decoded: dict[str, Any] = copied(obj)
        fill_defaults(decoded, self.structural)
        if "metadata" in decoded:
            decoded["metadata"], _ = decode_metadata(decoded["metadata"], drop_malformed=False)
        return decoded

    # --- create

    def prepare_create(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Give the object that a create would validate: generation 1, no status where that is a subresource."""
        prepared = {key: value for key, value in obj.items() if key != "status" or not self.has_status}
        prepared["metadata"] = {**obj.get("metadata", {}), "generation": 1}
        return prepared

    def validate_create(self, obj: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with a new object, in its order."""
        errors = self._check_type(obj)
        if not errors:
            errors = objectmeta.check_metadata(obj.get("metadata", {}), namespaced=self.namespaced)
            errors += self._validator.errors(obj)
            if self.scale is not None:
                errors += self.scale.check_spec(obj) + self.scale.check_status(obj)
        errors += self._check_embedded(obj)
        errors += self._check_lists(obj)
        return errors + self._check_rules(errors, obj, ABSENT)

    def _check_type(self, obj: dict[str, Any]) -> list[FieldError]:
        errors = []
        if obj.get("kind") != self.kind:
            errors.append(invalid("kind", obj.get("kind", ""), f"must be {self.kind}"))
        if obj.get("apiVersion") != self.api_version:
            errors.append(invalid("apiVersion", obj.get("apiVersion", ""), f"must be {self.api_version}"))
        return errors

    def _check_embedded(self, obj: dict[str, Any]) -> list[FieldError]:
        return check_embedded(obj, self.structural) if self._has_embedded else []

    def _check_lists(self, obj: dict[str, Any]) -> list[FieldError]:
        return check_lists(obj, self.structural) if self._has_keyed_lists else []

    def _check_rules(self, errors: list[FieldError], obj: dict[str, Any], old: Any) -> list[FieldError]:
        if self.rules is None:
            return []
        if rules_are_blocked(errors):
            return [RULES_NOT_CHECKED]
        return self.rules.validate(obj, old)

    # --- update

    def prepare_update(self, obj: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Give the object that an update would validate: system fields and status from *old*, generation counted."""
        prepared = dict(obj)
        if self.has_status:
            prepared.pop("status", None)
            if "status" in old:
                prepared["status"] = old["status"]
        metadata = _with_system_fields(obj.get("metadata", {}), old.get("metadata", {}))
        if not equal(_without_metadata(prepared), _without_metadata(old)):
            metadata["generation"] = metadata.get("generation", 0) + 1
        prepared["metadata"] = metadata
        return prepared

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with *obj* in place of *old*, in its order."""
        errors, is_of_kind = self._check_identity(obj, old)
        if is_of_kind:
            errors += self._validator.update_errors(obj, old)
            if self.scale is not None:
                errors += self.scale.check_spec(obj) + self.scale.check_status(obj)
        errors += self._check_embedded(obj)
        return errors + self._check_lists_and_rules(errors, obj, old)

    def _check_identity(self, obj: dict[str, Any], old: dict[str, Any]) -> tuple[list[FieldError], bool]:
        """List what is wrong with metadata and kind of an update; with it whether the kind is right."""
        metadata, old_metadata = obj.get("metadata", {}), old.get("metadata", {})
        errors = objectmeta.check_common_update(metadata, old_metadata, namespaced=self.namespaced)
        type_errors = self._check_type(obj)
        if type_errors:
            return errors + type_errors, False
        return errors + objectmeta.check_metadata_update(metadata, old_metadata), True

    def warnings(self, obj: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
        """Give the warnings about rules that an accepted update leaves broken where it changes nothing.

        Args:
            obj: The object, accepted.
            old: What is stored; None for a new object, of which nothing is to be warned.
        """
        if self.rules is None or old is None:
            return []
        return [str(error) for error in self.rules.forgiven(obj, old)]

    def _check_lists_and_rules(
        self, errors: list[FieldError], obj: dict[str, Any], old: dict[str, Any]
    ) -> list[FieldError]:
        # One repeated item in the old object, whatever the list, switches the whole check off.
        found = [] if self._check_lists(old) else self._check_lists(obj)
        return found + self._check_rules([*errors, *found], obj, old)

    # --- status

    def prepare_status_update(self, obj: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Give the object that a write to ``/status`` would validate: all of *old* but status and managedFields."""
        prepared = dict(old)
        prepared.pop("status", None)
        if "status" in obj:
            prepared["status"] = obj["status"]
        metadata = dict(old.get("metadata", {}))
        metadata.pop("managedFields", None)
        if obj.get("metadata", {}).get("managedFields"):
            metadata["managedFields"] = obj["metadata"]["managedFields"]
        prepared["metadata"] = metadata
        return prepared

    def validate_status_update(self, obj: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
        """List what the API server finds wrong with the status of *obj*; the rest is not looked at, but for rules."""
        errors, is_of_kind = self._check_identity(obj, old)
        if is_of_kind:
            if "status" in obj:
                errors += self._status_validator.update_errors(obj["status"], old.get("status"), root="status")
            if self.scale is not None:
                errors += self.scale.check_status(obj)
        return errors + self._check_lists_and_rules(errors, obj, old)


def _anywhere(schema: Structural, holds: Callable[[Structural], bool]) -> bool:
    """Whether something holds of a node in the structural part of *schema*."""
    if holds(schema):
        return True
    children = [*schema.properties.values(), schema.items, schema.additional_properties]
    return any(_anywhere(child, holds) for child in children if isinstance(child, Structural))


def has_rules(schema: Structural) -> bool:
    """Whether *schema* has CEL rules anywhere in its structural part."""
    return _anywhere(schema, lambda node: bool(node.validations))


def rules_are_blocked(errors: Iterable[FieldError]) -> bool:
    """Whether rules are not run, since they could stumble over what has these *errors*."""
    return any(error.reason in BLOCKING for error in errors)


def rules_of(schema: Structural, *, name: str = "") -> SchemaRules | None:
    """Compile the rules of a schema; None where it has none.

    Args:
        schema: Of whole objects.
        name: Of what kind they are.
    """
    return SchemaRules(schema, name=name) if has_rules(schema) else None


def _without_metadata(obj: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key != "metadata"}


def _with_system_fields(metadata: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Put back what only the server writes (`rest.BeforeUpdate`)."""
    kept: dict[str, Any] = {key: old[key] for key in ("generation", "creationTimestamp") if key in old}
    if "uid" in old and not metadata.get("uid"):
        kept["uid"] = old["uid"]
    if "deletionTimestamp" in old:
        kept["deletionTimestamp"] = old["deletionTimestamp"]
        if "deletionGracePeriodSeconds" in old and "deletionGracePeriodSeconds" not in metadata:
            kept["deletionGracePeriodSeconds"] = old["deletionGracePeriodSeconds"]
    rest = {key: value for key, value in metadata.items() if key not in {"selfLink", "generation", "creationTimestamp"}}
    return rest | kept
