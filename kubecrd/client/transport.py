"""What the client needs of an HTTP library: send a request, or read an answer as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from kubecrd.resource.request import Request

__all__ = ["CONNECT_SECONDS", "USER_AGENT", "Answer", "StreamedAnswer", "Transport"]

CONNECT_SECONDS: Final = 30.0
"""How long a connection may take to come about, as in client-go; less where a request has less time."""

USER_AGENT: Final = "kubecrd/0.1.0"
"""What a server sees of us; the part before the slash is the field manager of writes that name none."""


@frozen
class Answer:
    """A whole answer.

    Attributes:
        status: The HTTP code.
        headers: By name in lower case.
        body: What was sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@frozen
class StreamedAnswer:
    """An answer that is still coming.

    Attributes:
        status: The HTTP code.
        headers: By name in lower case.
        lines: The body, line by line, without line ends; may be read once.
    """

    status: int
    headers: Mapping[str, str]
    lines: AsyncIterator[bytes]


class Transport(Protocol):
    """An HTTP library, with connections and credentials; implement it to bring one's own."""

    async def send(self, request: Request, *, seconds: float) -> Answer:
        """Send *request* and read the whole answer.

        Args:
            request: What to send; its path is below the server's URL.
            seconds: Until the answer must be there.

        Raises:
            TransportError: no answer came.
            TimedOutError: it did not come in time.
        """
        ...

    def stream(self, request: Request, *, idle_timeout: float) -> AbstractAsyncContextManager[StreamedAnswer]:
        """Send *request* and give its answer line by line, on a connection of its own.

        Args:
            request: What to send.
            idle_timeout: Seconds without a byte after which the stream counts as dead.

        Raises:
            TransportError: no answer came, or it broke off.
            TimedOutError: nothing came in time.
        """
        ...

    async def aclose(self) -> None:
        """Let go of all connections."""
        ...
