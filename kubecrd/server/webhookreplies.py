"""The answers of webhooks: read as Go reads them into a review, and held to what they must be."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.errors import DecodeError
from kubecrd.resource.gotext import quoted
from kubecrd.schema.gostructs import Decoding, Field, Free, ListOf, MapOf, Scalar, Struct
from kubecrd.schema.goyaml import YamlError, parse_yaml

from .bodies import TYPE_META
from .gojson import JsonSyntaxError, go_type_name, parse_json
from .webhookclient import WebhookError

if TYPE_CHECKING:
    from .webhookclient import Reply

__all__ = ["STATUS", "AdmissionResponse", "InvalidReplyError", "read_admission", "read_review", "verify_review"]

_SCHEME: Final = "k8s.io/apiserver/pkg/util/webhook/client.go:71"
_META_KINDS: Final = frozenset({"Status", "APIVersions", "APIGroupList", "APIGroup", "APIResourceList"})
_OPTIONS: Final = frozenset(
    {"WatchEvent", "ListOptions", "GetOptions", "DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions"}
)

_STRING: Final = Scalar("string")
STATUS: Final = Struct(
    "Status",
    {
        "kind": Field(_STRING),
        "apiVersion": Field(_STRING),
        "metadata": Field(Free()),
        "status": Field(_STRING),
        "message": Field(_STRING),
        "reason": Field(Scalar("v1.StatusReason")),
        "details": Field(
            Struct(
                "StatusDetails",
                {
                    "name": Field(_STRING),
                    "group": Field(_STRING),
                    "kind": Field(_STRING),
                    "uid": Field(Scalar("types.UID")),
                    "causes": Field(
                        ListOf(
                            Struct(
                                "StatusCause",
                                {
                                    "reason": Field(Scalar("v1.CauseType")),
                                    "message": Field(_STRING),
                                    "field": Field(_STRING),
                                },
                            )
                        )
                    ),
                    "retryAfterSeconds": Field(Scalar("int32")),
                },
            ),
            "set",
        ),
        "code": Field(Scalar("int32")),
    },
)
_ADMISSION: Final = Struct(
    "AdmissionReview",
    {
        "kind": Field(_STRING),
        "apiVersion": Field(_STRING),
        "request": Field(Free(), "set"),
        "response": Field(
            Struct(
                "AdmissionResponse",
                {
                    "uid": Field(Scalar("types.UID")),
                    "allowed": Field(Scalar("bool")),
                    "status": Field(STATUS, "set"),
                    "patch": Field(Scalar("[]uint8")),
                    "patchType": Field(Scalar("v1.PatchType"), "set"),
                    "auditAnnotations": Field(MapOf(_STRING)),
                    "warnings": Field(ListOf(_STRING)),
                },
            ),
            "set",
        ),
    },
)


class InvalidReplyError(Exception):
    """The answer is a review, but not one that is allowed."""


@frozen
class AdmissionResponse:
    """What a webhook decides.

    Attributes:
        allowed: Whether the request goes on.
        status: What a denial says.
        patch: The JSON patch as it was sent; empty for none.
        patch_type: What the patch is said to be.
        warnings: For the client.
    """

    allowed: bool
    status: dict[str, Any]
    patch: bytes = b""
    patch_type: str = ""
    warnings: tuple[str, ...] = ()


def read_review(reply: Reply, group: str, version: str, kind: str, struct: Struct) -> dict[str, Any]:
    """Read an answer as a review.

    Args:
        reply: The answer.
        group: API group of the review.
        version: Its version, which the request was in.
        kind: Its kind.
        struct: Its type.

    Raises:
        WebhookError: it is no such review.
    """
    document = _document(reply.body)
    if not isinstance(document, dict):
        found = go_type_name(document)
        why = f"json: cannot unmarshal {found} into Go value of type {TYPE_META}"
        raise WebhookError(f"couldn't get version/kind; json parse error: {why}")
    for key in ("apiVersion", "kind"):
        if document.get(key) is not None and not isinstance(document[key], str):
            why = f"json: cannot unmarshal {go_type_name(document[key])} into Go struct field .{key} of type string"
            raise WebhookError(f"couldn't get version/kind; json parse error: {why}")
    said_version, said_kind = document.get("apiVersion") or f"{group}/{version}", document.get("kind") or kind
    if (said_version, said_kind) != (f"{group}/{version}", kind):
        raise WebhookError(_other_kind(said_version, said_kind, group, version, kind))
    try:
        return struct.decode(document, Decoding())
    except DecodeError as error:
        raise WebhookError(str(error)) from None


def _document(body: bytes) -> Any:
    try:
        document = parse_json(body).document
    except JsonSyntaxError:
        try:
            document = parse_yaml(body).document
        except YamlError as error:
            raise WebhookError(str(error)) from None
    return {} if document is None else document


def _other_kind(said_version: str, said_kind: str, group: str, version: str, kind: str) -> str:
    own = said_version in {f"{group}/v1", f"{group}/v1beta1"} and said_kind in {kind, *_OPTIONS}
    if own or (said_version == "v1" and said_kind in _META_KINDS):
        found = f"{said_version.rpartition('/')[2]}.{said_kind}"
        return f"converting ({found}) to ({version}.{kind}): unknown conversion"
    return f'no kind "{said_kind}" is registered for version "{said_version}" in scheme "{_SCHEME}"'


def verify_review(review: dict[str, Any], uid: str, group: str, kind: str, *, kind_first: bool = False) -> None:
    """Hold a review of version v1 to its request: what it says it is, that it answers, and whom.

    Args:
        review: The answer.
        uid: That of the request.
        group: API group of the review.
        kind: Its kind.
        kind_first: Whether its kind is looked at before the rest; otherwise it comes last.

    Raises:
        InvalidReplyError: one of them is another.
    """
    if kind_first:
        _check_kind(review, group, kind)
        if review.get("response") is None:
            raise InvalidReplyError("no response provided")
    said = review["response"].get("uid", "")
    if said != uid:
        raise InvalidReplyError(f"expected response.uid={quoted(uid)}, got {quoted(said)}")
    _check_kind(review, group, kind)


def _check_kind(review: dict[str, Any], group: str, kind: str) -> None:
    said_kind, api_version = review.get("kind", ""), review.get("apiVersion", "")
    if (api_version, said_kind) != (f"{group}/v1", kind):
        said_group, _, said_version = api_version.rpartition("/")
        got = f"{said_group}/{said_version}, Kind={said_kind}"
        raise InvalidReplyError(f"expected webhook response of {group}/v1, Kind={kind}, got {got}")


def read_admission(reply: Reply, *, version: str, uid: str, mutating: bool) -> AdmissionResponse:
    """Read an answer to an AdmissionReview (apiserver `webhook/request/admissionreview.go`).

    Args:
        reply: The answer.
        version: The version of the request.
        uid: That of the request.
        mutating: Whether the webhook may send a patch.

    Raises:
        WebhookError: it is no AdmissionReview.
        InvalidReplyError: it is one that is not allowed.
    """
    review = read_review(reply, "admission.k8s.io", version, "AdmissionReview", _ADMISSION)
    response = review.get("response")
    if response is None:
        raise InvalidReplyError("webhook response was absent")
    patch, patch_type = base64.b64decode(response.get("patch", "")), response.get("patchType")
    if version == "v1":
        verify_review(review, uid, "admission.k8s.io", "AdmissionReview")
        _check_patch(patch, patch_type, mutating=mutating)
    elif patch:
        patch_type = "JSONPatch"
    return AdmissionResponse(
        allowed=response.get("allowed", False),
        status=response.get("status") or {},
        patch=patch if mutating else b"",
        patch_type=patch_type or "",
        warnings=tuple(response.get("warnings") or ()),
    )


def _check_patch(patch: bytes, patch_type: str | None, *, mutating: bool) -> None:
    if not mutating:
        for name, given in (("patch", bool(patch)), ("patchType", patch_type is not None)):
            if given:
                raise InvalidReplyError(f"validating webhook may not return response.{name}")
    elif patch and patch_type is None:
        raise InvalidReplyError("webhook returned response.patch but not response.patchType")
    elif patch_type is not None and not patch:
        raise InvalidReplyError("webhook returned response.patchType but not response.patch")
    elif patch_type is not None and not patch_type:
        raise InvalidReplyError('webhook returned invalid response.patchType of ""')
