"""What the API server says to a CustomResourceDefinition (apiextensions `pkg/apis/apiextensions/validation`).

The server validates an internal form of the definition, in which what all versions have in common stands once, at the
top of the spec (`_lifted`). Paths and order of the errors follow from that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.resource.objects import KubeObject

from . import names, objectmeta
from .acceptance_approval import check_approval
from .acceptance_conversion import check_conversion, has_bad_ca_bundle, knows_review_version
from .acceptance_schema import check_schema, has_default
from .acceptance_surfaces import check_columns, check_selectable_fields, check_subresources
from .acceptance_values import show_versions
from .crddecoding import decode_crd, drop_empty_webhook, fill_crd_defaults
from .jsonvalues import equal
from .looseness import Looseness
from .wording import immutable, invalid, not_supported, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .crd import CustomResourceDefinition

__all__ = ["check_crd", "check_crd_status", "is_condition_true", "prepare_crd"]

_MOST_WARNING: Final = 256


_SET_BY_SERVER: Final = frozenset(
    {
        "namespace",
        "uid",
        "generation",
        "creationTimestamp",
        "selfLink",
        "deletionGracePeriodSeconds",
        "managedFields",
    }
)


def prepare_crd(crd: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give the definition as the API server decodes it: known fields only, defaults filled in, empty entries dropped.

    Args:
        crd: A CustomResourceDefinition document; it is not changed.
        old: The stored definition when this is an update: its status stays, its generation is counted on, and the
            storage version is put among the stored ones.

    Raises:
        DecodeError: With Go's words, when something has a wrong type.
    """
    prepared, _ = decode_crd(crd)
    prepared |= {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    if old is not None:
        prepared["status"] = old.get("status") or prepared["status"]
    fill_crd_defaults(prepared)
    drop_empty_webhook(prepared)
    if old is None:
        return prepared
    old_metadata = old.get("metadata", {})
    kept = {key: old_metadata[key] for key in ("uid", "creationTimestamp") if key in old_metadata}
    generation = old_metadata.get("generation", 0) + (not equal(prepared["spec"], old["spec"], exact=False))
    prepared["metadata"] = {**prepared["metadata"], **kept, "generation": generation}
    _store_storage_version(prepared)
    return prepared


def _store_storage_version(crd: dict[str, Any]) -> None:
    """Put the storage version among the stored ones, since objects will be written in it."""
    stored = list(crd["status"].get("storedVersions") or ())
    storage = next((version["name"] for version in crd["spec"]["versions"] or () if version["storage"]), None)
    if storage is not None and storage not in stored:
        crd["status"] = {**crd["status"], "storedVersions": [*stored, storage]}


def check_crd(
    crd: CustomResourceDefinition | dict[str, Any], old: CustomResourceDefinition | dict[str, Any] | None = None
) -> list[FieldError]:
    """List what the API server finds wrong with a definition, in its order.

    Args:
        crd: A definition, or its document: as `prepare_crd` gives it, or as a user writes it.
        old: The stored definition when this is an update; what it says in its status counts.

    Raises:
        DecodeError: With Go's words, when something has a wrong type.
    """
    document = crd.to_dict() if isinstance(crd, KubeObject) else crd
    if isinstance(old, KubeObject) or (old is not None and not old.get("status")):
        # The server would have filled in what a user leaves out.
        old = prepare_crd(old.to_dict() if isinstance(old, KubeObject) else old)
    return _check(document, old)


def _check(crd: dict[str, Any], old: dict[str, Any] | None) -> list[FieldError]:
    prepared, _ = decode_crd(crd)
    if old is None:
        # What a client says of a new definition in the server's place is thrown away before anyone looks at it.
        prepared["status"] = {"acceptedNames": {"plural": "", "kind": ""}}
        prepared["metadata"] = {key: value for key, value in prepared["metadata"].items() if key not in _SET_BY_SERVER}
    fill_crd_defaults(prepared)
    metadata, spec = prepared["metadata"], prepared["spec"]
    status: dict[str, Any] = prepared["status"]
    errors = _check_metadata(metadata, spec, old)
    errors += _check_spec(_lifted(spec, old), old)
    if old is not None:
        errors += _check_immutable(spec, old)
    errors += _check_name_forms(status["acceptedNames"], "status.acceptedNames")
    errors += _check_stored_versions(status.get("storedVersions"), spec["versions"] or [])
    errors += check_approval(prepared, old)
    if spec.get("preserveUnknownFields") and not (old or {}).get("spec", {}).get("preserveUnknownFields"):
        detail = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        errors.append(invalid("spec.preserveUnknownFields", True, detail))
    return errors


def check_crd_status(crd: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
    """List what the API server finds wrong with a write to ``/status``: metadata, and the form of the accepted names.

    Args:
        crd: The definition with its new status.
        old: The stored definition.
    """
    metadata, old_metadata = crd.get("metadata", {}), old.get("metadata", {})
    errors = objectmeta.check_common_update(metadata, old_metadata, namespaced=False)
    errors += objectmeta.check_metadata_update(metadata, old_metadata)
    return errors + _check_name_forms(crd["status"]["acceptedNames"], "status.acceptedNames")


def _check_metadata(metadata: dict[str, Any], spec: dict[str, Any], old: dict[str, Any] | None) -> list[FieldError]:
    if old is not None:
        old_metadata = old.get("metadata", {})
        common = objectmeta.check_common_update(metadata, old_metadata, namespaced=False)
        return common + objectmeta.check_metadata_update(metadata, old_metadata)

    def name_rule(name: str) -> list[str]:
        problems = names.dns1123_subdomain(name)
        if name != f"{spec['names']['plural']}.{spec['group']}":
            problems.append('must be spec.names.plural+"."+spec.group')
        return problems

    return objectmeta.check_metadata(metadata, namespaced=False, name_rule=name_rule)


_LIFTED: Final = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")


@frozen
class _Spec:
    """The internal form of a spec.

    Attributes:
        document: The spec as it stands in JSON.
        versions: Its versions, without what has been lifted.
        common: What all versions had in common, by JSON name; None where they differ or have nothing.
        unchanged: Names of the versions that had the same schema before.
        looseness: What an update lets pass.
    """

    document: dict[str, Any]
    versions: list[dict[str, Any]]
    common: dict[str, Any]
    unchanged: frozenset[str]
    looseness: Looseness

    @property
    def is_common_unchanged(self) -> bool:
        """Whether what all have in common was so before; the server asks the first version."""
        return bool(self.versions) and self.versions[0]["name"] in self.unchanged


def _lifted(spec: dict[str, Any], old: dict[str, Any] | None) -> _Spec:
    versions = [dict(version) for version in spec["versions"] or ()]
    common: dict[str, Any] = {}
    for key in _LIFTED:
        values = [version.get(key) for version in versions]
        if values and all(equal(value, values[0]) for value in values):
            common[key] = values[0]
            for version in versions:
                version.pop(key, None)
    return _Spec(spec, versions, common, _unchanged(spec, old), Looseness.of(old))


def _unchanged(spec: dict[str, Any], old: dict[str, Any] | None) -> frozenset[str]:
    before = {version["name"]: version for version in (old or {}).get("spec", {}).get("versions") or ()}
    return frozenset(
        version["name"]
        for version in spec["versions"] or ()
        if version["name"] in before and equal(_schema_of(version), _schema_of(before[version["name"]]))
    )


def _schema_of(holder: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = (holder.get("schema") or {}).get("openAPIV3Schema")
    return schema


def _check_spec(spec: _Spec, old: dict[str, Any] | None) -> list[FieldError]:
    document = spec.document
    errors = [*_check_group(document["group"]), *_check_scope(document["scope"])]
    if _schema_of(spec.common) is None and spec.looseness.has_schema:
        errors += [
            required(f"spec.versions[{index}].schema.openAPIV3Schema")
            for index, version in enumerate(spec.versions)
            if _schema_of(version) is None
        ]
    schemas = [_schema_of(holder) for holder in (spec.common, *spec.versions)]
    if document.get("preserveUnknownFields") and any(has_default(schema) for schema in schemas):
        detail = "must be false in order to use defaults in the schema"
        errors.append(invalid("spec.preserveUnknownFields", True, detail))
    errors += _check_versions(spec)
    errors += _check_names(document["names"])
    errors += _check_common(spec)
    return errors + _check_conversion(document, old)


def _check_group(group: str) -> Iterator[FieldError]:
    problems = names.dns1123_subdomain(group)
    if not group:
        yield required("spec.group")
    elif problems:
        yield invalid("spec.group", group, ",".join(problems))
    elif "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _check_scope(scope: str) -> Iterator[FieldError]:
    if not scope:
        yield required("spec.scope")
    elif scope not in {"Cluster", "Namespaced"}:
        yield not_supported("spec.scope", scope, ("Cluster", "Namespaced"))


def _check_versions(spec: _Spec) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, version in enumerate(spec.versions):
        errors += _check_version(version, spec, f"spec.versions[{index}]")
    shown = show_versions(spec.versions if spec.document["versions"] is not None else None)
    version_names = [version["name"] for version in spec.versions]
    if len(set(version_names)) < len(version_names):
        errors.append(invalid("spec.versions", shown, "must contain unique version names"))
    if sum(version["storage"] for version in spec.versions) != 1:
        errors.append(invalid("spec.versions", shown, "must have exactly one version marked as storage version"))
    if version_names and version_names[0]:
        errors += _label("spec.version", version_names[0])
    return errors


def _label(path: str, name: str) -> list[FieldError]:
    problems = names.dns1035_label(name)
    return [invalid(path, name, ",".join(problems))] if problems else []


def _check_version(version: dict[str, Any], spec: _Spec, path: str) -> list[FieldError]:
    errors = _label(f"{path}.name", version["name"])
    warning = version.get("deprecationWarning")
    if warning is not None:
        problems = _warning_problems(warning, deprecated=version.get("deprecated", False))
        errors += [invalid(f"{path}.deprecationWarning", warning, text) for text in problems]
    schema = _schema_of(version)
    if schema is not None:
        has_status = _has_status(version.get("subresources", spec.common.get("subresources")))
        unchanged = version["name"] in spec.unchanged
        place = f"{path}.schema.openAPIV3Schema"
        errors += check_schema(schema, place, has_status=has_status, unchanged=unchanged, looseness=spec.looseness)
    errors += check_subresources(version.get("subresources"), f"{path}.subresources")
    errors += check_columns(version.get("additionalPrinterColumns"), f"{path}.additionalPrinterColumns")
    fields = version.get("selectableFields")
    if fields and schema is None:
        # The server says this of a schema that was lifted, too.
        detail = "may only be set when `version.schema.openAPIV3Schema` is not included"
        errors.append(invalid(f"{path}.selectableFields", "", detail))
    elif fields and schema is not None:
        errors += check_selectable_fields(fields, schema, f"{path}.selectableFields")
    return errors


def _has_status(subresources: dict[str, Any] | None) -> bool:
    return (subresources or {}).get("status") is not None


def _warning_problems(warning: str, *, deprecated: bool) -> Iterator[str]:
    if not deprecated:
        yield "can only be set for deprecated versions"
        return
    if len(warning.encode()) > _MOST_WARNING:
        yield f"must be <= {_MOST_WARNING} characters long"
    if not warning:
        yield "must not be an empty string"
    for index, char in enumerate(warning):
        if not char.isprintable():
            at = len(warning[:index].encode())
            yield f"must only contain printable UTF-8 characters; non-printable character found at index {at}"
            return


def _check_names(document: dict[str, Any]) -> list[FieldError]:
    missing = [key for key in ("plural", "singular", "kind", "listKind") if not document.get(key)]
    return [required(f"spec.names.{key}") for key in missing] + _check_name_forms(document, "spec.names")


def _check_name_forms(document: dict[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for key in ("plural", "singular"):
        if document.get(key):
            errors += _label(f"{path}.{key}", document[key])
    for key in ("kind", "listKind"):
        problems = names.dns1035_label(document[key].lower()) if document.get(key) else []
        if problems:
            detail = f"may have mixed case, but should otherwise match: {','.join(problems)}"
            errors.append(invalid(f"{path}.{key}", document[key], detail))
    for index, name in enumerate(document.get("shortNames", ())):
        errors += _label(f"{path}.shortNames[{index}]", name)
    if document.get("kind") and document["kind"] == document.get("listKind"):
        errors.append(invalid(f"{path}.listKind", document["kind"], "kind and listKind may not be the same"))
    for index, name in enumerate(document.get("categories", ())):
        errors += _label(f"{path}.categories[{index}]", name)
    return errors


def _check_common(spec: _Spec) -> list[FieldError]:
    """Check what has been lifted out of the versions."""
    common = spec.common
    schema = _schema_of(common)
    errors: list[FieldError] = []
    if schema is not None:
        has_status = any(_has_status(holder.get("subresources")) for holder in (common, *spec.versions))
        place = "spec.validation.openAPIV3Schema"
        errors += check_schema(
            schema, place, has_status=has_status, unchanged=spec.is_common_unchanged, looseness=spec.looseness
        )
    errors += check_subresources(common.get("subresources"), "spec.subresources")
    errors += check_columns(common.get("additionalPrinterColumns"), "spec.additionalPrinterColumns")
    fields = common.get("selectableFields")
    if fields and schema is None:
        errors.append(invalid("spec.selectableFields", "", "may only be set when validations.schema is included"))
    elif fields and schema is not None:
        errors += check_selectable_fields(fields, schema, "spec.selectableFields")
    return errors


def _check_conversion(spec: dict[str, Any], old: dict[str, Any] | None) -> list[FieldError]:
    conversion = spec["conversion"]
    errors: list[FieldError] = []
    strategy = conversion.get("strategy", "")
    if strategy != "None" and spec.get("preserveUnknownFields"):
        detail = "must be None if spec.preserveUnknownFields is true"
        errors.append(invalid("spec.conversion.strategy", strategy, detail))
    old_webhook = ((old or {}).get("spec", {}).get("conversion") or {}).get("webhook") or {}
    old_reviews = old_webhook.get("conversionReviewVersions") or []
    return errors + check_conversion(
        conversion,
        "spec.conversion",
        needs_known_review=not old_reviews or knows_review_version(old_reviews),
        checks_ca=is_condition_true(old, "Established") and not has_bad_ca_bundle(old_webhook.get("clientConfig")),
    )


def is_condition_true(crd: dict[str, Any] | None, condition: str) -> bool:
    """Whether the status of a definition has *condition*, and it is true."""
    conditions = (crd or {}).get("status", {}).get("conditions") or ()
    return any(found["type"] == condition and found["status"] == "True" for found in conditions)


def _check_immutable(spec: dict[str, Any], old: dict[str, Any]) -> Iterator[FieldError]:
    places = [("group",), ("names", "plural")]
    if is_condition_true(old, "Established"):
        # Before anyone could store objects, kind and scope may change.
        places = [("scope",), ("names", "kind"), *places]
    for place in places:
        new_value, old_value = spec, old["spec"]
        for step in place:
            new_value, old_value = new_value[step], old_value[step]
        if new_value != old_value:
            yield immutable(f"spec.{'.'.join(place)}", new_value)


def _check_stored_versions(stored: list[str] | None, versions: list[dict[str, Any]]) -> list[FieldError]:
    path = "status.storedVersions"
    if not stored:
        return [invalid(path, stored, "must have at least one stored version")]
    errors = [
        invalid(path, stored, f"must have the storage version {version['name']}")
        for version in versions
        if version["storage"] and version["name"] not in stored
    ]
    known = {version["name"] for version in versions}
    return errors + [
        invalid(
            f"{path}[{index}]",
            name,
            f"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions "
            f"until a storage migration ensures no data remains persisted in {name} "
            f"and removes {name} from status.storedVersions",
        )
        for index, name in enumerate(stored)
        if name not in known
    ]
