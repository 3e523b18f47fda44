"""What the server says: documents, plain texts and streams of events."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import define, field

from .kinds import ServedKind

if TYPE_CHECKING:
    from kubecrd.errors import StatusError


__all__ = ["PAGE_NOT_FOUND", "Answer", "Document", "Stream", "encode_json", "failure"]

_encoder: Final = msgspec.json.Encoder()


@define
class Answer:
    """Bytes as they go out.

    Attributes:
        status: The HTTP code.
        body: What is sent.
        content_type: Of *body*.
        headers: Further headers.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(factory=dict)


@define
class Document:
    """A JSON document, before it is turned into what the client accepts.

    Attributes:
        content: The document.
        status: The HTTP code.
        kind: The kind that was asked for, whose objects *content* holds unless it is a Status; None for a document
            about the server.
        is_list: Whether *content* is a list of such objects.
    """

    content: dict[str, Any]
    status: int = 200
    kind: ServedKind | None = None
    is_list: bool = False


@define
class Stream:
    """A watch: events that go out one by one until they end, the client leaves, or time is up.

    Attributes:
        events: Each one a document with ``type`` and ``object``.
        kind: Of the objects.
        seconds: How long the stream lasts at most.
    """

    events: AsyncIterator[dict[str, Any]]
    kind: ServedKind
    seconds: float


_EXPONENT: Final = re.compile(rb"[0-9]e[0-9]")
_EXPONENT_FROM: Final = 1e21
"""Go writes floats below this without exponent."""

PAGE_NOT_FOUND: Final = Answer(
    404, b"404 page not found\n", "text/plain; charset=utf-8", {"X-Content-Type-Options": "nosniff"}
)
"""What a path below no known group gets: not even a Status."""


def encode_json(document: Any) -> bytes:
    """Write a document as compact JSON."""
    text = _encoder.encode(document)
    if _EXPONENT.search(text):
        text = _encoder.encode(_without_exponents(document))
    return text


def _without_exponents(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_exponents(member) for key, member in value.items()}
        case list():
            return [_without_exponents(item) for item in value]
        case float() if value.is_integer() and abs(value) < _EXPONENT_FROM:
            return msgspec.Raw(f"{Decimal(repr(value)):f}".encode())
        case _:
            return value


def failure(error: StatusError, kind: ServedKind | None = None) -> Document:
    """Give the answer that a failure is; *kind* is what was asked for, since it decides what is acceptable."""
    return Document(error.status.to_dict(), error.status.code or 500, kind)
