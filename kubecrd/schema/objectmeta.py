"""What the API server checks about the metadata of every object (apimachinery `api/validation/objectmeta.go`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.gotext import Verbatim, json_text, quoted

from . import names
from .jsonvalues import equal
from .managers import check_managed_fields
from .wording import forbidden, immutable, invalid, required, too_long

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubecrd.resource.fielderrors import FieldError

__all__ = [
    "MOST_ANNOTATION_BYTES",
    "check_annotations",
    "check_common_update",
    "check_labels",
    "check_metadata",
    "check_metadata_update",
]

MOST_ANNOTATION_BYTES: Final = 256 * 1024
"""Of all keys and values of an object's annotations together (`TotalAnnotationSizeLimitB`)."""

_ORPHAN: Final = "orphan"
_FOREGROUND: Final = "foregroundDeletion"


def check_metadata(
    metadata: dict[str, Any],
    *,
    namespaced: bool,
    name_rule: Callable[[str], list[str]] = names.dns1123_subdomain,
    path: str = "metadata",
) -> list[FieldError]:
    """List what is wrong with an object's metadata, in the order of a create.

    Args:
        metadata: The decoded metadata.
        namespaced: Whether the object must stand in a namespace, or must not.
        name_rule: Says what is wrong with a name; some kinds have rules of their own.
        path: Where the metadata stands.
    """
    errors: list[FieldError] = []
    generate_name = metadata.get("generateName", "")
    if generate_name:
        # The server appends characters, so one trailing dash may stand before them.
        masked = f"{generate_name[:-1]}a" if generate_name.endswith("-") and len(generate_name) > 1 else generate_name
        errors.extend(invalid(f"{path}.generateName", generate_name, text) for text in name_rule(masked))
    name = metadata.get("name", "")
    if name:
        errors.extend(invalid(f"{path}.name", name, text) for text in name_rule(name))
    else:
        errors.append(required(f"{path}.name", "name or generateName is required"))
    errors.extend(_check_namespace(metadata.get("namespace", ""), namespaced=namespaced, path=f"{path}.namespace"))
    return errors + _check_rest(metadata, path)


def _check_namespace(namespace: str, *, namespaced: bool, path: str) -> list[FieldError]:
    if not namespaced:
        return [forbidden(path, "not allowed on this type")] if namespace else []
    if not namespace:
        return [required(path)]
    return [invalid(path, namespace, text) for text in names.dns1123_label(namespace)]


def _check_rest(metadata: dict[str, Any], path: str) -> list[FieldError]:
    generation = metadata.get("generation", 0)
    errors: list[FieldError] = []
    if generation < 0:
        errors.append(invalid(f"{path}.generation", generation, "must be greater than or equal to 0"))
    errors += check_labels(metadata.get("labels", {}), f"{path}.labels")
    errors += check_annotations(metadata.get("annotations", {}), f"{path}.annotations")
    errors += _check_owners(metadata.get("ownerReferences", []), f"{path}.ownerReferences")
    errors += _check_finalizers(metadata.get("finalizers", []), f"{path}.finalizers")
    return errors + check_managed_fields(metadata.get("managedFields", []), f"{path}.managedFields")


def check_labels(labels: dict[str, str], path: str = "metadata.labels") -> list[FieldError]:
    """List what is wrong with labels; all errors have the same path, and show the key or the value."""
    errors: list[FieldError] = []
    # Go visits the labels in random order; sorted is one such order, and a stable one.
    for key in sorted(labels):
        errors.extend(invalid(path, key, text) for text in names.qualified_name(key))
        errors.extend(invalid(path, labels[key], text) for text in names.label_value(labels[key]))
    return errors


def check_annotations(annotations: dict[str, str], path: str = "metadata.annotations") -> list[FieldError]:
    """List what is wrong with annotations: the form of the keys, and the size of all."""
    errors = [invalid(path, key, text) for key in sorted(annotations) for text in names.qualified_name(key.lower())]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > MOST_ANNOTATION_BYTES:
        errors.append(too_long(MOST_ANNOTATION_BYTES).at(path))
    return errors


_OWNER_FIELDS: Final = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


def _owner_struct(owner: dict[str, Any]) -> str:
    shown = {key: owner.get(key, "") for key in _OWNER_FIELDS[:4]} | {
        key: owner[key] for key in _OWNER_FIELDS[4:] if key in owner
    }
    return "{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in shown.items()) + "}"


def _check_owners(owners: list[dict[str, Any]], path: str) -> list[FieldError]:
    errors = []
    controller = ""
    for owner in owners:
        errors += _check_owner(owner, path)
        if not owner.get("controller"):
            continue
        shown = f"{owner.get('kind', '')}/{owner.get('name', '')}"
        if controller:
            all_owners = Verbatim("[" + ",".join(_owner_struct(one) for one in owners) + "]")
            errors.append(
                invalid(
                    path,
                    all_owners,
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {shown}',
                )
            )
        else:
            controller = shown
    return errors


def _check_owner(owner: dict[str, Any], path: str) -> list[FieldError]:
    errors = []
    api_version = owner.get("apiVersion", "")
    group_version = api_version.split("/")
    if len(group_version) > 2 or not group_version[-1]:
        errors.append(invalid(f"{path}.apiVersion", api_version, "version must not be empty"))
    errors.extend(invalid(f"{path}.{key}", "", "must not be empty") for key in _OWNER_FIELDS[1:4] if not owner.get(key))
    if (api_version, owner.get("kind")) == ("v1", "Event"):
        errors.append(
            invalid(path, Verbatim(_owner_struct(owner)), "/v1, Kind=Event is disallowed from being an owner")
        )
    return errors


def _check_finalizers(finalizers: list[str], path: str) -> list[FieldError]:
    errors = [invalid(path, finalizer, text) for finalizer in finalizers for text in names.qualified_name(finalizer)]
    if {_ORPHAN, _FOREGROUND} <= set(finalizers):
        errors.append(
            invalid(path, finalizers, f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set"),
        )
    return errors


_IMMUTABLE: Final = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def check_metadata_update(new: dict[str, Any], old: dict[str, Any], path: str = "metadata") -> list[FieldError]:
    """List what an update may not do to metadata (`ValidateObjectMetaAccessorUpdate`)."""
    errors = []
    if old.get("deletionTimestamp"):
        added = sorted(set(new.get("finalizers", [])) - set(old.get("finalizers", [])))
        if added:
            shown = ", ".join(quoted(finalizer) for finalizer in added)
            errors.append(
                forbidden(
                    f"{path}.finalizers",
                    "no new finalizers can be added if the object is being deleted, "
                    f"found new finalizers []string{{{shown}}}",
                )
            )
    errors.extend(
        immutable(f"{path}.{key}", new.get(key, _EMPTY.get(key)))
        for key in _IMMUTABLE
        if not equal(new.get(key, _EMPTY.get(key)), old.get(key, _EMPTY.get(key)))
    )
    generation = new.get("generation", 0)
    if generation < old.get("generation", 0):
        errors.append(invalid(f"{path}.generation", generation, "must not be decremented"))
    errors += check_labels(new.get("labels", {}), f"{path}.labels")
    errors += check_annotations(new.get("annotations", {}), f"{path}.annotations")
    errors += _check_owners(new.get("ownerReferences", []), f"{path}.ownerReferences")
    return errors + check_managed_fields(new.get("managedFields", []), f"{path}.managedFields")


_EMPTY: Final = {"name": "", "namespace": "", "uid": ""}


def check_common_update(new: dict[str, Any], old: dict[str, Any], *, namespaced: bool) -> list[FieldError]:
    """List what the registry finds wrong with the metadata of any update, before the kind's own checks.

    The kind's own checks begin with `check_metadata_update`, so many errors of an update are listed twice or thrice.
    """
    errors = check_metadata(new, namespaced=namespaced, name_rule=names.path_segment)
    return errors + check_metadata_update(new, old)
