"""The options of a deletion, from the body or from the parameters, and what the server finds wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import bad_request, invalid
from kubecrd.schema.goyaml import YamlError, parse_yaml

from .bodies import body_type, check_size, type_meta_fault
from .gojson import JsonSyntaxError, go_type_name, parse_json
from .options import dry_run_errors, parse_int

if TYPE_CHECKING:
    from .request import Request

__all__ = ["DeleteOptions", "delete_options"]

_POLICIES: Final = ("Foreground", "Background", "Orphan")
_SCHEME: Final = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"
_FIELDS: Final = frozenset({"dryRun", "gracePeriodSeconds", "orphanDependents", "preconditions", "propagationPolicy"})
_KINDS: Final = frozenset({"DeleteOptions", ""})


@frozen
class DeleteOptions:
    """How an object is to go.

    Attributes:
        policy: ``Foreground``, ``Background`` or ``Orphan``; None where none is given.
        orphan: The older form of it, ``orphanDependents``; None where it is not given.
        dry_run: Whether nothing is to be changed.
        uid: What the object's uid must be; None for any.
        revision: What its resourceVersion must be; None for any.
        given: What the client has said, as admission is told it.
    """

    policy: str | None = None
    orphan: bool | None = None
    dry_run: bool = False
    uid: str | None = None
    revision: str | None = None
    given: Mapping[str, Any] = field(factory=dict)

    def finalizers(self, present: list[str], *, orphan_by_default: bool = False) -> list[str]:
        """Give the finalizers that an object with those *present* has after a deletion with these options."""
        policy = self.policy
        if policy is None and self.orphan is not None:
            policy = "Orphan" if self.orphan else "Background"
        if policy is None:
            kept = {"orphan", "foregroundDeletion"} & set(present)
            return [*present, "orphan"] if orphan_by_default and not kept else list(present)
        rest = [name for name in present if name not in {"orphan", "foregroundDeletion"}]
        match policy:
            case "Orphan":
                return [*rest, "orphan"]
            case "Foreground":
                return [*rest, "foregroundDeletion"]
            case _:
                return rest


def delete_options(request: Request) -> DeleteOptions:
    """Read the options of a deletion: from the body if there is one, and only then not from the parameters.

    Raises:
        StatusError: the body or a parameter cannot be read, or the options are not valid.
    """
    check_size(request)
    document = _from_body(request) if request.body else _from_parameters(request)
    _check(document)
    preconditions = document.get("preconditions") or {}
    return DeleteOptions(
        policy=document.get("propagationPolicy"),
        orphan=document.get("orphanDependents"),
        dry_run=bool(document.get("dryRun")),
        uid=preconditions.get("uid"),
        revision=preconditions.get("resourceVersion"),
        given={key: value for key, value in document.items() if key in _FIELDS and value not in (None, [], {})},
    )


def _from_parameters(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = {"dryRun": request.params("dryRun")}
    if (grace := request.param("gracePeriodSeconds")) is not None:
        document["gracePeriodSeconds"] = parse_int(grace)
    if request.param("orphanDependents") is not None:
        document["orphanDependents"] = request.flag("orphanDependents")
    if (policy := request.param("propagationPolicy")) is not None:
        document["propagationPolicy"] = policy
    return document


def _from_body(request: Request) -> dict[str, Any]:
    try:
        if body_type(request) == "application/yaml":
            document = parse_yaml(request.body).document
        else:
            document = parse_json(request.body).document
    except JsonSyntaxError as error:
        raise StatusError.of(bad_request(f"couldn't get version/kind; json parse error: {error}")) from None
    except YamlError as error:
        raise StatusError.of(bad_request(str(error))) from None
    if document is None:
        return {}
    if why := type_meta_fault(document):
        raise StatusError.of(bad_request(why))
    if (kind := document.get("kind") or "") not in _KINDS:
        version = document.get("apiVersion") or ""
        raise StatusError.of(
            bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "{_SCHEME}"')
        )
    options: dict[str, Any] = document
    _check_types(options)
    return options


def _check_types(document: dict[str, Any]) -> None:
    """Refuse members of the wrong JSON type, in the words of Go's decoder.

    Raises:
        StatusError: 400.
    """
    preconditions = document.get("preconditions")
    fields = [
        (document, "gracePeriodSeconds", int, "DeleteOptions.gracePeriodSeconds", "int64"),
        (document, "preconditions", dict, "DeleteOptions.preconditions", "v1.Preconditions"),
        (document, "orphanDependents", bool, "DeleteOptions.orphanDependents", "bool"),
        (document, "propagationPolicy", str, "DeleteOptions.propagationPolicy", "v1.DeletionPropagation"),
        (document, "dryRun", list, "DeleteOptions.dryRun", "[]string"),
    ]
    if isinstance(preconditions, dict):
        fields += [
            (preconditions, "uid", str, "Preconditions.preconditions.uid", "types.UID"),
            (preconditions, "resourceVersion", str, "Preconditions.preconditions.resourceVersion", "string"),
        ]
    for holder, key, wanted, path, go_type in fields:
        value = holder.get(key)
        if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
            found = go_type_name(value)
            why = f"json: cannot unmarshal {found} into Go struct field {path} of type {go_type}"
            raise StatusError.of(bad_request(why))
    for value in document.get("dryRun") or ():
        if not isinstance(value, str):
            found = go_type_name(value)
            why = f"json: cannot unmarshal {found} into Go struct field DeleteOptions.dryRun of type string"
            raise StatusError.of(bad_request(why))


def _check(document: dict[str, Any]) -> None:
    errors: list[FieldError] = []
    policy = document.get("propagationPolicy")
    if policy is not None and document.get("orphanDependents") is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(FieldError("propagationPolicy", "FieldValueInvalid", detail, policy))
    elif policy is not None and policy not in _POLICIES:
        detail = 'supported values: "Foreground", "Background", "Orphan", "nil"'
        errors.append(FieldError("propagationPolicy", "FieldValueNotSupported", detail, policy))
    errors += dry_run_errors(document.get("dryRun") or [])
    if errors:
        raise StatusError.of(invalid("DeleteOptions", "", errors, group="meta.k8s.io"))
