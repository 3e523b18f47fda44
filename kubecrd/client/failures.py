"""What a failed answer says: the server's own Status, or one made of the HTTP code when something else answered.

Source: apimachinery `api/errors.NewGenericServerResponse` and client-go `rest.Request.transformResponse`, with their words.
"""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import msgspec
from attrs import evolve

from kubecrd.resource.status import Status, StatusCause, StatusDetails

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubecrd.resource.request import Request

__all__ = ["failure_of", "warnings_in"]

_TEXT_LIMIT: Final = 2048
_WARNING: Final = re.compile(r'(\d{3}) (\S+) "((?:[^"\\]|\\.)*)"(?: "[^"]*")?')

_WORDS: Final = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    403: ("Forbidden", "{text}"),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    406: ("NotAcceptable", "the server was unable to respond with a content type that the client supports"),
    409: ("Conflict", "the server reported a conflict"),
    415: ("UnsupportedMediaType", "{text}"),
    422: ("Invalid", "the server rejected our request due to an error in our request"),
    429: (
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
    ),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: (
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request",
    ),
}


def failure_of(request: Request, code: int, headers: Mapping[str, str], body: bytes) -> Status:
    """Read a failure; a proxy's page of HTML becomes a Status too.

    Args:
        request: What was asked.
        code: The HTTP code.
        headers: Of the answer; ``Retry-After`` counts, as seconds or as a date.
        body: Of the answer.
    """
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        document = None
    if isinstance(document, dict) and document.get("kind") == "Status" and document.get("status") != "Success":
        status = Status.from_dict({"code": code, **document})
    else:
        status = _made(request, code, headers, body)
    wait = _retry_after(headers.get("retry-after", ""))
    if wait is not None and not (status.details and status.details.retry_after_seconds):
        status = evolve(status, details=evolve(status.details or StatusDetails(), retry_after_seconds=wait))
    return status


def _made(request: Request, code: int, headers: Mapping[str, str], body: bytes) -> Status:
    is_text = headers.get("content-type", "text/plain").startswith("text/")
    text = (body[:_TEXT_LIMIT].decode(errors="replace").strip() if is_text else "") or "unknown"
    if code in _WORDS:
        reason, message = _WORDS[code]
        if code == 409 and request.method == "POST":
            reason = "AlreadyExists"
        message = message.format(text=text) if "{text}" in message else message
    elif code >= 500:
        reason = "InternalError"
        message = f'an error on the server ("{text}") has prevented the request from succeeding'
    else:
        reason = None
        message = f"the server responded with the status code {code} but did not return more information"
    causes = (StatusCause(reason="UnexpectedServerResponse", message=text),)
    return Status(
        code=code,
        reason=reason,
        message=f"{message} ({request.verb} {request.path})",
        details=StatusDetails(causes=causes),
    )


def _retry_after(value: str) -> int | None:
    if value.isdigit():
        return int(value)
    try:
        until = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
    return max(0, round(until - time.time()))


def warnings_in(headers: Mapping[str, str]) -> Iterator[str]:
    """Give the texts of the ``Warning`` headers that are for people, which have the code 299."""
    for code, _, text in _WARNING.findall(headers.get("warning", "")):
        if code == "299" and text:
            yield re.sub(r"\\(.)", r"\1", text)
