"""What an API server says when it has no object to give: success, or a failure with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from .fielderrors import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fielderrors import FieldError

__all__ = [
    "KNOWN_REASONS",
    "Status",
    "StatusCause",
    "StatusDetails",
    "already_exists",
    "bad_request",
    "conflict",
    "expired",
    "forbidden",
    "internal_error",
    "invalid",
    "method_not_supported",
    "not_found",
    "unsupported_media_type",
]

KNOWN_REASONS: Final = frozenset(
    {
        "Unauthorized",
        "Forbidden",
        "NotFound",
        "AlreadyExists",
        "Conflict",
        "Gone",
        "Invalid",
        "ServerTimeout",
        "StoreReadError",
        "Timeout",
        "TooManyRequests",
        "BadRequest",
        "MethodNotAllowed",
        "NotAcceptable",
        "RequestEntityTooLarge",
        "UnsupportedMediaType",
        "InternalError",
        "Expired",
        "ServiceUnavailable",
    }
)
"""The reasons of meta/v1; any other is judged by its HTTP code (kube-rs K83, client-go `ReasonAndCodeForError`)."""


@frozen
class StatusCause:
    """One of several causes of a failure.

    Attributes:
        reason: The kind of fault, such as ``FieldValueInvalid``.
        message: For people.
        field: Which field of the object; None where the cause is not a field.
    """

    reason: str | None = None
    message: str | None = None
    field: str | None = None


@frozen
class StatusDetails:
    """What a failure is about.

    Attributes:
        name: The object's name.
        group: Its API group; None for the core group.
        kind: The *resource* (plural) in most failures, the kind in Invalid ones.
        uid: The object's uid, where one object is meant.
        causes: What is wrong, in order.
        retry_after_seconds: How long to wait before trying again.
    """

    name: str | None = None
    group: str | None = None
    kind: str | None = None
    uid: str | None = None
    causes: tuple[StatusCause, ...] = ()
    retry_after_seconds: int | None = None


@frozen
class Status:
    """The answer of an API server that is not an object (meta/v1 Status).

    Attributes:
        status: ``Success`` or ``Failure``.
        code: The HTTP code; None in a Status that did not come over HTTP.
        reason: Machine-readable; one of `KNOWN_REASONS`, or a webhook's own word.
        message: For people.
        details: What it is about.
        metadata: List metadata, hardly ever set.
    """

    status: str = "Failure"
    code: int | None = None
    reason: str | None = None
    message: str | None = None
    details: StatusDetails | None = None
    metadata: Mapping[str, Any] = field(factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether this is not a failure."""
        return self.status == "Success"

    def has_reason(self, reason: str, code: int) -> bool:
        """Say whether this failure is for *reason*; an unknown reason is judged by its *code*."""
        return self.reason == reason or (self.reason not in KNOWN_REASONS and self.code == code)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON document, as the server writes it."""
        document: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": dict(self.metadata),
            "status": self.status,
        }
        if self.message is not None:
            document["message"] = self.message
        if self.reason is not None:
            document["reason"] = self.reason
        if self.details is not None:
            document["details"] = _details_to_dict(self.details)
        if self.code is not None:
            document["code"] = self.code
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Status:
        """Read the JSON document; what is missing stays None."""
        details = document.get("details")
        return cls(
            status=document.get("status") or "Failure",
            code=document.get("code"),
            reason=document.get("reason"),
            message=document.get("message"),
            details=None if details is None else _details_from_dict(details),
            metadata=document.get("metadata") or {},
        )


def _details_to_dict(details: StatusDetails) -> dict[str, Any]:
    document: dict[str, Any] = {
        key: value
        for key, value in (
            ("name", details.name),
            ("group", details.group),
            ("kind", details.kind),
            ("uid", details.uid),
        )
        if value
    }
    if details.causes:
        document["causes"] = [
            {
                key: value
                for key, value in (("reason", cause.reason), ("message", cause.message), ("field", cause.field))
                if value
            }
            for cause in details.causes
        ]
    if details.retry_after_seconds:
        document["retryAfterSeconds"] = details.retry_after_seconds
    return document


def _details_from_dict(document: Mapping[str, Any]) -> StatusDetails:
    return StatusDetails(
        name=document.get("name"),
        group=document.get("group"),
        kind=document.get("kind"),
        uid=document.get("uid"),
        causes=tuple(
            StatusCause(cause.get("reason"), cause.get("message"), cause.get("field"))
            for cause in document.get("causes") or ()
        ),
        retry_after_seconds=document.get("retryAfterSeconds"),
    )


# The constructors below have the words of apimachinery's `pkg/api/errors`.


def _qualified(resource: str, group: str) -> str:
    return f"{resource}.{group}" if group else resource


def not_found(resource: str, name: str, *, group: str = "") -> Status:
    """404: there is no object *name* of *resource* (a plural)."""
    return Status(
        code=404,
        reason="NotFound",
        message=f'{_qualified(resource, group)} "{name}" not found',
        details=StatusDetails(name=name, group=group, kind=resource),
    )


def already_exists(resource: str, name: str, *, group: str = "") -> Status:
    """409: an object *name* of *resource* is there already."""
    return Status(
        code=409,
        reason="AlreadyExists",
        message=f'{_qualified(resource, group)} "{name}" already exists',
        details=StatusDetails(name=name, group=group, kind=resource),
    )


def conflict(resource: str, name: str, why: str, *, group: str = "", causes: Sequence[StatusCause] = ()) -> Status:
    """409: the object has changed meanwhile, or somebody else owns what would be changed."""
    return Status(
        code=409,
        reason="Conflict",
        message=f'Operation cannot be fulfilled on {_qualified(resource, group)} "{name}": {why}',
        details=StatusDetails(name=name, group=group, kind=resource, causes=tuple(causes)),
    )


def invalid(kind: str, name: str, errors: Sequence[FieldError], *, group: str = "") -> Status:
    """422: the object is well-formed, but *errors* are wrong with it."""
    causes = tuple(StatusCause(error.reason, error.message, error.field) for error in errors)
    return Status(
        code=422,
        reason="Invalid",
        message=f'{_qualified(kind, group)} "{name}" is invalid: {join(errors)}'
        if errors
        else f'{_qualified(kind, group)} "{name}" is invalid',
        details=StatusDetails(name=name, group=group, kind=kind, causes=causes),
    )


def bad_request(message: str) -> Status:
    """400: the request itself is malformed."""
    return Status(code=400, reason="BadRequest", message=message)


def forbidden(resource: str, name: str, why: str, *, group: str = "") -> Status:
    """403: refused for *why*, whoever asks with these rights."""
    subject = f'{_qualified(resource, group)} "{name}"' if name else _qualified(resource, group)
    return Status(
        code=403,
        reason="Forbidden",
        message=f"{subject} is forbidden: {why}",
        details=StatusDetails(name=name, group=group, kind=resource),
    )


def method_not_supported(resource: str, action: str, *, group: str = "") -> Status:
    """405: *resource* has no such *action*."""
    return Status(
        code=405,
        reason="MethodNotAllowed",
        message=f'{action} is not supported on resources of kind "{_qualified(resource, group)}"',
        details=StatusDetails(group=group, kind=resource),
    )


def expired(message: str) -> Status:
    """410: a resource version or continue token is too old."""
    return Status(code=410, reason="Expired", message=message)


def unsupported_media_type(accepted: Sequence[str]) -> Status:
    """415: the body is of a type that is not among *accepted*."""
    return Status(
        code=415,
        reason="UnsupportedMediaType",
        message="the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted),
    )


def internal_error(why: str) -> Status:
    """500: the server failed."""
    return Status(
        code=500,
        reason="InternalError",
        message=f"Internal error occurred: {why}",
        details=StatusDetails(causes=(StatusCause(message=why),)),
    )
