"""The options of writes and lists, as parameters give them, and what the server finds wrong with them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import Status, bad_request, invalid

if TYPE_CHECKING:
    from .request import Request

__all__ = [
    "ListOptions",
    "WriteOptions",
    "check_list_options",
    "dry_run_errors",
    "list_options",
    "manager_of",
    "parse_int",
    "parse_revision",
    "plain_failure",
    "write_options",
]

_META: Final = "meta.k8s.io"
_MANAGER_BYTES: Final = 128
_INT64: Final = 2**63
_UINT64: Final = 2**64


@frozen
class WriteOptions:
    """How a create, update or patch is to be done.

    Attributes:
        field_manager: Who owns what is written; `manager_of` the User-Agent where the parameter is absent.
        field_validation: ``Strict``, ``Warn`` or ``Ignore``: what unknown and repeated fields lead to.
        dry_run: Whether nothing is to be stored.
        force: Whether an apply takes fields that others own.
        given: What the client has said, as admission is told it.
    """

    field_manager: str
    field_validation: str = "Warn"
    dry_run: bool = False
    force: bool = False
    given: Mapping[str, Any] = field(factory=dict)


@frozen
class ListOptions:
    """What a list, a watch or a deletion of a collection is about.

    Attributes:
        label_selector: As text.
        field_selector: As text.
        limit: How many objects a page holds at most; 0 for no limit.
        continue_: The token of the page before; empty for the first page.
        resource_version: As text; empty when it is not given.
        resource_version_match: ``Exact``, ``NotOlderThan`` or empty.
        timeout_seconds: How long a watch lasts; None for as long as the server likes.
        bookmarks: Whether a watch may send bookmarks.
        send_initial_events: Whether a watch begins with the present state; None where it is not given.
    """

    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    timeout_seconds: int | None = None
    bookmarks: bool = False
    send_initial_events: bool | None = None


def write_options(request: Request, kind: str) -> WriteOptions:
    """Read the options of a write.

    Args:
        request: Whose parameters they are.
        kind: ``CreateOptions``, ``UpdateOptions``, ``PatchOptions``, or ``ApplyOptions`` for an apply.

    Raises:
        StatusError: some option is not valid; all that are wrong are named.
    """
    manager = request.param("fieldManager") or ""
    errors: list[FieldError] = []
    if kind == "ApplyOptions":
        if not manager:
            errors.append(FieldError("fieldManager", "FieldValueRequired", "is required for apply patch"))
    elif kind == "PatchOptions" and request.param("force") is not None:
        errors.append(FieldError("force", "FieldValueForbidden", "may not be specified for non-apply patch"))
    errors += _manager_errors(manager)
    dry_runs = request.params("dryRun")
    errors += dry_run_errors(dry_runs)
    validation = request.param("fieldValidation") or "Warn"
    if validation not in {"Ignore", "Strict", "Warn"}:
        supported = 'supported values: "", "Ignore", "Strict", "Warn"'
        errors.append(FieldError("fieldValidation", "FieldValueNotSupported", supported, validation))
    if errors:
        raise StatusError.of(invalid(kind.replace("Apply", "Patch"), "", errors, group=_META))
    given = {
        "dryRun": dry_runs,
        "fieldManager": manager,
        "fieldValidation": request.param("fieldValidation"),
    }
    return WriteOptions(
        manager or manager_of(request.user_agent),
        validation,
        bool(dry_runs),
        request.flag("force"),
        {key: value for key, value in given.items() if value},
    )


def dry_run_errors(values: list[str]) -> list[FieldError]:
    """Say what is wrong with the values of ``dryRun``; only ``All`` is one."""
    if all(value == "All" for value in values):
        return []
    return [FieldError("dryRun", "FieldValueNotSupported", 'supported values: "All"', values)]


def manager_of(user_agent: str) -> str:
    """Name the field manager after a User-Agent: what stands before the first slash, at most 128 bytes."""
    name = "".join(letter for letter in user_agent.split("/", maxsplit=1)[0] if _is_printable(letter))
    return name.encode()[:_MANAGER_BYTES].decode(errors="ignore") or "unknown"


def _manager_errors(manager: str) -> list[FieldError]:
    errors = []
    if len(manager.encode()) > _MANAGER_BYTES:
        errors.append(FieldError("fieldManager", "FieldValueTooLong", f"may not be more than {_MANAGER_BYTES} bytes"))
    position = 0
    for letter in manager:
        if not _is_printable(letter):
            detail = f"invalid character U+{ord(letter):04X} (at position {position})"
            errors.append(FieldError("fieldManager", "FieldValueInvalid", detail, manager))
        position += len(letter.encode())
    return errors


def _is_printable(letter: str) -> bool:
    """Say whether Go's unicode.IsPrint holds: letters, marks, numbers, punctuation, symbols and the ASCII blank."""
    return letter == " " or unicodedata.category(letter)[0] in "LMNPS"


def list_options(request: Request) -> ListOptions:
    """Read the options of a list, a watch or a deletion of a collection; only numbers can be malformed here.

    Raises:
        StatusError: a number is none.
    """
    limit = parse_int(request.param("limit"))
    timeout = parse_int(request.param("timeoutSeconds"))
    given = request.param("sendInitialEvents") is not None
    return ListOptions(
        label_selector=request.param("labelSelector") or "",
        field_selector=request.param("fieldSelector") or "",
        limit=max(limit or 0, 0),
        continue_=request.param("continue") or "",
        resource_version=request.param("resourceVersion") or "",
        resource_version_match=request.param("resourceVersionMatch") or "",
        timeout_seconds=timeout,
        bookmarks=request.flag("allowWatchBookmarks"),
        send_initial_events=request.flag("sendInitialEvents") if given else None,
    )


def check_list_options(options: ListOptions, *, watch: bool) -> None:
    """Refuse combinations of resourceVersionMatch with the rest that mean nothing.

    Raises:
        StatusError: 422, with all that is wrong.
    """
    errors = _watch_errors(options) if watch else _list_errors(options)
    if errors:
        raise StatusError.of(invalid("ListOptions", "", errors, group=_META))


def _list_errors(options: ListOptions) -> list[FieldError]:
    field, match, errors = "resourceVersionMatch", options.resource_version_match, []
    if match:
        if not options.resource_version:
            detail = "resourceVersionMatch is forbidden unless resourceVersion is provided"
            errors.append(FieldError(field, "FieldValueForbidden", detail))
        if options.continue_:
            detail = "resourceVersionMatch is forbidden when continue is provided"
            errors.append(FieldError(field, "FieldValueForbidden", detail))
        if match not in {"Exact", "NotOlderThan"}:
            detail = 'supported values: "Exact", "NotOlderThan", ""'
            errors.append(FieldError(field, "FieldValueNotSupported", detail, match))
        if match == "Exact" and options.resource_version == "0":
            detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            errors.append(FieldError(field, "FieldValueForbidden", detail))
    if options.send_initial_events is not None:
        detail = "sendInitialEvents is forbidden for list"
        errors.append(FieldError("sendInitialEvents", "FieldValueForbidden", detail))
    return errors


def _watch_errors(options: ListOptions) -> list[FieldError]:
    field, match, errors = "resourceVersionMatch", options.resource_version_match, []
    from_start = options.resource_version in {"", "0"}
    initial = options.send_initial_events is not None
    if initial and match != "NotOlderThan":
        detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        errors.append(FieldError(field, "FieldValueForbidden", detail))
    if match and not initial:
        detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        errors.append(FieldError(field, "FieldValueForbidden", detail))
    if match and match != "NotOlderThan":
        errors.append(FieldError(field, "FieldValueNotSupported", 'supported values: "NotOlderThan"', match))
    # A watch from the start is itself given a match by the server, so a token beside it meets the same rule.
    if options.continue_ and (match or (from_start and not initial)):
        detail = "resourceVersionMatch is forbidden when continue is provided"
        errors.append(FieldError(field, "FieldValueForbidden", detail))
    return errors


def parse_int(text: str | None) -> int | None:
    """Read a whole number of a parameter, as Go's `strconv.ParseInt` does; None stays None.

    Raises:
        StatusError: 400, it is not a number, or does not fit 64 bits.
    """
    if text is None:
        return None
    why = _number_fault(text, r"[+-]?[0-9]+", -_INT64, _INT64)
    if why:
        raise StatusError.of(bad_request(f"strconv.ParseInt: parsing {_quoted(text)}: {why}"))
    return int(text)


def parse_revision(text: str, *, bare: bool = False, prefix: str = "", code: int = 500) -> int:
    """Read a resourceVersion.

    Args:
        text: What the client gave; empty for 0.
        bare: Whether the error is only Go's own words, as for the metadata of a body.
        prefix: What stands before the error's message.
        code: The HTTP code of the error; 400 for lists.

    Raises:
        StatusError: it is not an unsigned number of 64 bits. With code 500 the Status has no reason.
    """
    if not text:
        return 0
    why = _number_fault(text, r"[0-9]+", 0, _UINT64)
    if not why:
        return int(text)
    message = f"strconv.ParseUint: parsing {_quoted(text)}: {why}"
    if not bare:
        message = f"{prefix}resourceVersion: Invalid value: {_quoted(text)}: {message}"
    raise StatusError.of(bad_request(message) if code == 400 else Status(code=code, message=message))


def _number_fault(text: str, pattern: str, lowest: int, beyond: int) -> str:
    if not re.fullmatch(pattern, text, re.ASCII):
        return "invalid syntax"
    return "" if lowest <= int(text) < beyond else "value out of range"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def plain_failure(message: str) -> Status:
    """500 as the server gives for an error of its own without a reason."""
    return Status(code=500, message=message)
