"""Who a client is to the server: nobody, a token, a token in a file, a user with a password."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from attrs import define, field, frozen

from kubecrd.errors import ConfigError

__all__ = ["Anonymous", "BasicAuth", "Credentials", "Token", "TokenFile"]

_logger = logging.getLogger(__name__)

_RELOAD_SECONDS: Final = 50.0
"""client-go's minute less its ten seconds of leeway; a projected token is renewed long before it expires."""


class Credentials(Protocol):
    """What goes into the headers of each request.

    One that can be renewed also has ``refresh() -> bool``, which is called once when the server answers 401 and says
    whether it is worth asking again.
    """

    def headers(self) -> dict[str, str]:
        """Give the headers that say who is asking.

        Raises:
            ConfigError: they cannot be had.
        """
        ...


@frozen
class Anonymous:
    """Nobody; a client certificate may say who it is."""

    def headers(self) -> dict[str, str]:
        """Give no header."""
        return {}


def _stripped(token: str) -> str:
    return token.strip()


@frozen
class Token:
    """A bearer token; white space around it is dropped, since it would break the header."""

    token: str = field(repr=False, converter=_stripped)

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
    """A bearer token in a file, which is read again now and then; when that fails, the last one is kept.

    Attributes:
        path: The file.
    """

    path: Path
    _clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _token: str = field(default="", init=False, repr=False)
    _read_at: float | None = field(default=None, init=False, repr=False)

    def headers(self) -> dict[str, str]:
        """Give the header with the token.

        Raises:
            ConfigError: the file could never be read, or has always been empty.
        """
        now = self._clock()
        if self._read_at is None or now - self._read_at >= _RELOAD_SECONDS:
            try:
                self._token = self._read()
            except ConfigError as error:
                if not self._token:
                    raise
                _logger.warning("%s; the last token is kept", error)
            self._read_at = now
        return {"Authorization": f"Bearer {self._token}"}

    def refresh(self) -> bool:
        """Read the file again, because the server did not know the token; says whether that gave another one."""
        refused, self._read_at = self._token, None
        return self.headers() != {"Authorization": f"Bearer {refused}"}

    def _read(self) -> str:
        try:
            token = self.path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise ConfigError(f'failed to read token file "{self.path}": {why}') from error
        if not token:
            raise ConfigError(f'read empty token from file "{self.path}"')
        return token
