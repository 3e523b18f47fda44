"""Admission reviews: what the API server asks a webhook, and what it may answer (admission.k8s.io/v1)."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

import msgspec
from attrs import define, evolve, field, frozen

from kubecrd.errors import DecodeError

from .codec import from_dict, to_dict
from .identity import GroupVersionKind, GroupVersionResource
from .naming import Alias
from .patches import json_difference

__all__ = ["AdmissionRequest", "AdmissionResponse", "UserInfo", "read_review"]

_API_VERSION = "admission.k8s.io/v1"


@define(kw_only=True)
class UserInfo:
    """Who makes a request (authentication.k8s.io/v1 UserInfo).

    Attributes:
        username: Such as ``system:serviceaccount:team:operator``.
        uid: Told apart from a later user of the same name by it.
        groups: Such as ``system:authenticated``.
        extra: What the authenticator adds.
    """

    username: str | None = None
    uid: str | None = None
    groups: list[str] | None = None
    extra: dict[str, list[str]] | None = None


@define(kw_only=True)
class AdmissionRequest:
    """What is about to happen to an object.

    Attributes:
        uid: Of this call; the answer carries it.
        kind: Of the object as it is sent here.
        resource: What the path names.
        subresource: Such as ``status``; None for the object itself.
        request_kind: Of the object as the client sent it, which may be another version.
        request_resource: What the client's path names.
        request_subresource: Likewise.
        name: None while the server has not made one up.
        namespace: None for a cluster-scoped object.
        operation: What is done.
        user_info: Who does it.
        object: As it will be; None for a delete.
        old_object: As it is; None for a create.
        dry_run: Whether nothing is stored; then nothing else may happen either.
        options: The CreateOptions, UpdateOptions or DeleteOptions.
    """

    uid: str
    kind: GroupVersionKind
    resource: GroupVersionResource
    subresource: Annotated[str | None, Alias("subResource")] = None
    request_kind: GroupVersionKind | None = None
    request_resource: GroupVersionResource | None = None
    request_subresource: Annotated[str | None, Alias("requestSubResource")] = None
    name: str | None = None
    namespace: str | None = None
    operation: Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
    user_info: UserInfo = field(factory=UserInfo)
    object: dict[str, Any] | None = field(default=None, repr=False)  # may be a Secret
    old_object: dict[str, Any] | None = field(default=None, repr=False)
    dry_run: bool = False
    options: dict[str, Any] | None = None

    def to_review(self) -> dict[str, Any]:
        """Give the AdmissionReview document that a server sends."""
        return {"apiVersion": _API_VERSION, "kind": "AdmissionReview", "request": to_dict(self)}


def read_review(document: Any) -> AdmissionRequest:
    """Read what a server sends.

    Raises:
        DecodeError: the document is no AdmissionReview of version v1, or does not fit it.
    """
    found = document if isinstance(document, dict) else {}
    if (found.get("apiVersion"), found.get("kind")) != (_API_VERSION, "AdmissionReview"):
        raise DecodeError(
            f"an AdmissionReview of {_API_VERSION} was expected, not {found.get('kind')!r} of {found.get('apiVersion')!r}; "
            f"name only v1 in admissionReviewVersions",
            "",
        )
    if not isinstance(found.get("request"), dict):
        raise DecodeError("the AdmissionReview has no request", "request")
    return from_dict(AdmissionRequest, found["request"])


@frozen(kw_only=True)
class AdmissionResponse:
    """What a webhook answers; `allow` and `deny` make one, the methods add to it.

    Attributes:
        uid: Of the call; empty where it could not be read.
        allowed: Whether it may go on.
        message: Why not, for the person who asked.
        code: The HTTP status of the refusal.
        reason: The reason of the refusal's Status, such as ``Forbidden``.
        patch: JSON Patch operations that change the object; for mutating webhooks.
        warnings: Shown to whoever asked; short ones, for the server cuts them at 256 characters.
        audit_annotations: For the audit log; keys without a prefix, which the server adds.
    """

    uid: str
    allowed: bool
    message: str | None = None
    code: int | None = None
    reason: str | None = None
    patch: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    audit_annotations: tuple[tuple[str, str], ...] = ()

    @classmethod
    def allow(cls, request: AdmissionRequest) -> AdmissionResponse:
        """Let it go on."""
        return cls(uid=request.uid, allowed=True)

    @classmethod
    def deny(
        cls, request: AdmissionRequest, message: str, *, code: int = 403, reason: str = "Forbidden"
    ) -> AdmissionResponse:
        """Refuse it.

        Args:
            request: What is answered.
            message: Why; the server puts the webhook's name before it.
            code: The HTTP status that the client gets.
            reason: The reason of the Status that the client gets.
        """
        return cls(uid=request.uid, allowed=False, message=message, code=code, reason=reason)

    @classmethod
    def invalid(cls, message: str) -> AdmissionResponse:
        """Answer what could not be read, and so has no uid."""
        return cls(uid="", allowed=False, message=message, code=400, reason="BadRequest")

    def with_patch(self, *operations: dict[str, Any]) -> AdmissionResponse:
        """Add JSON Patch operations."""
        return evolve(self, patch=(*self.patch, *operations))

    def with_object(self, before: dict[str, Any], after: dict[str, Any]) -> AdmissionResponse:
        """Add the operations that turn *before* into *after*."""
        return self.with_patch(*json_difference(before, after))

    def with_warnings(self, *texts: str) -> AdmissionResponse:
        """Add warnings."""
        return evolve(self, warnings=(*self.warnings, *texts))

    def with_audit_annotations(self, **annotations: str) -> AdmissionResponse:
        """Add annotations of the audit event."""
        return evolve(self, audit_annotations=(*self.audit_annotations, *annotations.items()))

    def to_review(self) -> dict[str, Any]:
        """Give the AdmissionReview document that answers the server."""
        response: dict[str, Any] = {"uid": self.uid, "allowed": self.allowed}
        status = {"code": self.code, "reason": self.reason, "message": self.message}
        if said := {name: value for name, value in status.items() if value is not None}:
            response["status"] = said
        if self.patch:
            response["patchType"] = "JSONPatch"
            response["patch"] = base64.b64encode(msgspec.json.encode(self.patch)).decode()
        if self.warnings:
            response["warnings"] = list(self.warnings)
        if self.audit_annotations:
            response["auditAnnotations"] = dict(self.audit_annotations)
        return {"apiVersion": _API_VERSION, "kind": "AdmissionReview", "response": response}
