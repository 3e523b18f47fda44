"""What a webhook is told of a write: the AdmissionReview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .admission import Operation
    from .kinds import ServedKind

__all__ = ["admission_request", "admission_review"]

_OPTIONS: Final = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


def admission_review(operation: Operation, seen: ServedKind, *, version: str, uid: str) -> dict[str, Any]:
    """Give the review of a write.

    Args:
        operation: The write; its objects are those that are shown.
        seen: The kind in the version of the objects.
        version: ``v1`` or ``v1beta1``.
        uid: Of this call.
    """
    request = {"uid": uid, **admission_request(operation, seen)}
    return {"kind": "AdmissionReview", "apiVersion": f"admission.k8s.io/{version}", "request": request}


def admission_request(operation: Operation, seen: ServedKind) -> dict[str, Any]:
    """Give the request of a review, without its uid; what is empty is left out."""
    request: dict[str, Any] = {
        "kind": _kind(seen, operation.subresource),
        "resource": _resource(seen),
        "subResource": operation.subresource,
        "requestKind": _kind(operation.kind, operation.subresource),
        "requestResource": _resource(operation.kind),
        "requestSubResource": operation.subresource,
        "name": operation.name,
        "namespace": operation.review_namespace,
    }
    request = {key: value for key, value in request.items() if value}
    return request | {
        "operation": operation.verb,
        "userInfo": operation.user.to_dict(),
        "object": operation.obj,
        "oldObject": operation.old,
        "dryRun": operation.dry_run,
        "options": {"kind": _OPTIONS[operation.verb], "apiVersion": "meta.k8s.io/v1", **operation.options},
    }


def _kind(kind: ServedKind, subresource: str) -> dict[str, str]:
    found = kind.subresources.get(subresource)
    if found is not None and found.kind is not None:
        return {"group": found.group or "", "version": found.version or "", "kind": found.kind}
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _resource(kind: ServedKind) -> dict[str, str]:
    return {"group": kind.group, "version": kind.version, "resource": kind.plural}
