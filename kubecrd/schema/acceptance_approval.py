"""Whether a definition in a group of Kubernetes' own has been approved (KEP-1111)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from .gourl import UrlError, parse_url
from .wording import invalid, required

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["APPROVAL_ANNOTATION", "MISSING", "WRONG", "approval_of", "check_approval", "is_protected"]

APPROVAL_ANNOTATION: Final = "api-approved.kubernetes.io"
"""The annotation that names the review, or says that there was none."""

_SEE: Final = "see https://github.com/kubernetes/enhancements/pull/1111"
_NEED: Final = f'protected groups must have approval annotation "{APPROVAL_ANNOTATION}"'
MISSING: Final = f"{_NEED}, {_SEE}"
WRONG: Final = f'{_NEED} with either a URL or a reason starting with "unapproved", {_SEE}'

Approval = Literal["missing", "bypassed", "approved", "invalid"]


def is_protected(group: str) -> bool:
    """Whether only Kubernetes itself may define kinds in *group*."""
    return group in {"k8s.io", "kubernetes.io"} or group.endswith((".k8s.io", ".kubernetes.io"))


def approval_of(crd: dict[str, Any]) -> Approval:
    """Say what a definition's annotation says."""
    value = (crd.get("metadata", {}).get("annotations") or {}).get(APPROVAL_ANNOTATION, "")
    if not value:
        return "missing"
    if value.startswith("unapproved"):
        return "bypassed"
    try:
        url = parse_url(value)
    except UrlError:
        return "invalid"
    return "approved" if url.scheme and url.host else "invalid"


def check_approval(crd: dict[str, Any], old: dict[str, Any] | None) -> list[FieldError]:
    """List what is wrong with the approval; an update is refused only where its state has become a bad one."""
    if not is_protected(crd["spec"]["group"]):
        return []
    approval = approval_of(crd)
    if old is not None and approval_of(old) == approval:
        return []
    path = f"metadata.annotations[{APPROVAL_ANNOTATION}]"
    if approval == "missing":
        return [required(path, MISSING)]
    if approval == "invalid":
        return [invalid(path, crd["metadata"]["annotations"][APPROVAL_ANNOTATION], WRONG)]
    return []
