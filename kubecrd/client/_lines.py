"""An answer that comes in pieces, line by line; shared by the transports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kubecrd.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from kubecrd.resource.request import Request

__all__ = ["lines_of"]

_LONGEST_LINE: Final = 64 * 2**20
"""etcd takes no object beyond a few megabytes, so a longer line is not a watch event."""


async def lines_of(pieces: AsyncIterable[bytes], request: Request) -> AsyncGenerator[bytes, None]:
    """Split a body at line ends; an event is often split over several pieces, and a piece may hold many.

    Args:
        pieces: The body as it comes.
        request: What was asked, for messages.

    Raises:
        TransportError: a line is too long to be an event.
    """
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n") if rest else piece.split(b"\n")
        for line in whole:
            if line:
                yield line
        if len(rest) > _LONGEST_LINE:
            raise TransportError(f"{request.verb} {request.path}: a line of over {_LONGEST_LINE} bytes")
    if rest:
        yield rest
