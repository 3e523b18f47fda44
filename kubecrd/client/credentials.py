"""Who a client is to the server: nobody, a token, a token in a file, a user with a password."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from attrs import define, field, frozen

__all__ = ["Anonymous", "BasicAuth", "Credentials", "Token", "TokenFile"]

_RELOAD_SECONDS = 60.0
"""A projected token is renewed well before it expires; client-go looks once a minute as well."""


class Credentials(Protocol):
    """What goes into the headers of each request."""

    def headers(self) -> dict[str, str]:
        """Give the headers that say who is asking."""
        ...


@frozen
class Anonymous:
    """Nobody; a client certificate may say who it is."""

    def headers(self) -> dict[str, str]:
        """Give no header."""
        return {}


@frozen
class Token:
    """A bearer token."""

    token: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Give the header with the token."""
        return {"Authorization": f"Bearer {self.token}"}


@frozen
class BasicAuth:
    """A user with a password."""

    username: str
    password: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Give the header with both."""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}


@define
class TokenFile:
    """A bearer token in a file, which is read again every minute; when that fails, the last one is kept.

    Attributes:
        path: The file.
    """

    path: Path
    _clock: Callable[[], float] = time.monotonic
    _token: str = field(default="", init=False, repr=False)
    _read_at: float | None = field(default=None, init=False)

    def headers(self) -> dict[str, str]:
        """Give the header with the token.

        Raises:
            OSError: the file could never be read.
        """
        now = self._clock()
        if self._read_at is None or now - self._read_at >= _RELOAD_SECONDS:
            try:
                self._token = self.path.read_text().strip()
                self._read_at = now
            except OSError:
                if not self._token:
                    raise
        return {"Authorization": f"Bearer {self._token}"}
