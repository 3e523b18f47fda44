"""What a client asks: method, path, parameters, headers and body, read from ASGI."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from attrs import define, field

from kubecrd.resource.durations import Duration

from .users import ADMIN, User

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["BODY_LIMIT", "Request", "read_request"]

BODY_LIMIT: Final = 3 * 1024 * 1024
"""Bytes of a request's body, at most (apiserver's `MaxRequestBodyBytes`)."""


_SECONDS: Final = 60.0
"""How long a request may take that does not say itself (`--request-timeout`)."""


@define
class Request:
    """One HTTP request.

    Attributes:
        method: Such as ``GET``.
        path: Decoded, so ``%61`` has become ``a``.
        query: Parameters in order, decoded; repeated ones stay.
        headers: By lower-case name; repeated ones are joined by a comma.
        body: The bytes sent, cut where they pass `BODY_LIMIT`.
        body_too_large: Whether they pass it.
        warnings: Texts of the Warning headers that the answer will carry, whether it succeeds or not.
        address: Host and port at which the server was addressed.
        header_values: All values of each header, by lower-case name.
        user: Who sends it.
    """

    method: str
    path: str
    query: list[tuple[str, str]] = field(factory=list)
    headers: Mapping[str, str] = field(factory=dict, repr=False)  # may hold a token
    body: bytes = field(default=b"", repr=False)  # may be a Secret
    body_too_large: bool = False
    warnings: list[str] = field(factory=list)
    address: str = "localhost:443"
    header_values: Mapping[str, tuple[str, ...]] = field(factory=dict, repr=False)
    user: User = ADMIN
    _started: float = field(factory=time.monotonic, init=False, repr=False)

    def param(self, name: str) -> str | None:
        """Give the first value of a parameter; None where it is not given."""
        return next((value for key, value in self.query if key == name), None)

    def params(self, name: str) -> list[str]:
        """Give all values of a parameter."""
        return [value for key, value in self.query if key == name]

    def flag(self, name: str) -> bool:
        """Read a parameter as the server reads booleans: all but ``0`` and ``false`` in any case is true."""
        value = self.param(name)
        return value is not None and value.lower() not in {"0", "false"}

    @property
    def accept(self) -> str:
        """The Accept header; empty where there is none."""
        return self.headers.get("accept", "")

    @property
    def content_type(self) -> str:
        """The Content-Type header; empty where there is none."""
        return self.headers.get("content-type", "")

    @property
    def user_agent(self) -> str:
        """The User-Agent header; empty where there is none."""
        return self.headers.get("user-agent", "")

    @property
    def seconds_left(self) -> float:
        """How long the server may still take: what the parameter ``timeout`` says, a minute without it."""
        try:
            limit = Duration(self.param("timeout") or "1m").timedelta.total_seconds()
        except ValueError:
            limit = _SECONDS
        return max(min(limit, _SECONDS) - (time.monotonic() - self._started), 0.001)

    def warn(self, text: str) -> None:
        """Add a Warning header to the answer, once however often it is said."""
        if text not in self.warnings:
            self.warnings.append(text)


async def read_request(scope: Mapping[str, Any], receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> Request | None:
    """Read a request with its whole body; None when the client is gone before it is sent.

    Beyond `BODY_LIMIT` the rest of the body is read and thrown away, so that the client gets to see the answer.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if size <= BODY_LIMIT:
            chunks.append(chunk)
        size += len(chunk)
        if not message.get("more_body", False):
            break
    values: dict[str, tuple[str, ...]] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        values[name] = (*values.get(name, ()), raw_value.decode("latin-1"))
    host, port = scope.get("server") or ("localhost", 443)
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True, errors="replace"),
        headers={name: ", ".join(parts) for name, parts in values.items()},
        header_values=values,
        body=b"".join(chunks)[: BODY_LIMIT + 1],
        body_too_large=size > BODY_LIMIT,
        address=f"{host}:{port}",
    )
