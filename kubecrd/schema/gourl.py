"""URLs as Go's `net/url` reads them, with its errors."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

__all__ = ["GoUrl", "UrlError", "parse_url"]


class UrlError(ValueError):
    """A text is no URL; the message is Go's."""


@frozen
class GoUrl:
    """The parts of a URL.

    Attributes:
        scheme: In lower case; empty if there is none.
        user: What stands before the ``@``; None if there is no ``@``.
        host: With port.
        path: Not unescaped.
        query: Behind the question mark, not unescaped.
        fragment: Behind the hash mark.
    """

    scheme: str
    user: str | None
    host: str
    path: str
    query: str
    fragment: str


_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_USER: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_BAD_IN_HOST: Final = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]")


def parse_url(text: str) -> GoUrl:
    """Read a URL or a relative reference (`url.Parse`).

    Raises:
        UrlError: In Go's words.
    """
    try:
        return _parse(text)
    except UrlError as error:
        raise UrlError(f'parse "{text}": {error}') from None


def _parse(text: str) -> GoUrl:
    rest, _, fragment = text.partition("#")
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in rest):
        raise UrlError("net/url: invalid control character in URL")
    scheme, rest = _split_scheme(rest)
    rest, _, query = rest.partition("?")
    user, host, path = None, "", rest
    if not rest.startswith("/"):
        if not scheme and ":" in rest.partition("/")[0]:
            raise UrlError("first path segment in URL cannot contain colon")
    elif rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, tail = rest[2:].partition("/")
        path = slash + tail
        user, host = _split_authority(authority)
    _check_escapes(path)
    _check_escapes(fragment)
    return GoUrl(scheme, user, host, path, query, fragment)


def _split_scheme(text: str) -> tuple[str, str]:
    if text.startswith(":"):
        raise UrlError("missing protocol scheme")
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if found:
        return found[1].lower(), text[found.end() :]
    if re.match(r"[0-9+.-][A-Za-z0-9+.-]*:", text):
        raise UrlError("first path segment in URL cannot contain colon")
    return "", text


def _split_authority(authority: str) -> tuple[str | None, str]:
    before, at, host = authority.rpartition("@")
    if at and not _USER.fullmatch(before):
        raise UrlError("net/url: invalid userinfo")
    if at:
        _check_escapes(before)
    if host.startswith("["):
        closing = host.rfind("]")
        if closing < 0:
            raise UrlError("missing ']' in host")
        port = host[closing + 1 :]
    else:
        port = host[host.rfind(":") :] if ":" in host else ""
    if port and not re.fullmatch(r":[0-9]*", port):
        raise UrlError(f'invalid port "{port}" after host')
    _check_escapes(host)
    bad = _BAD_IN_HOST.search(host)
    if bad:
        raise UrlError(f'invalid character "{bad[0]}" in host name')
    return (before if at else None), host


def _check_escapes(text: str) -> None:
    bad = _BAD_ESCAPE.search(text)
    if bad:
        raise UrlError(f'invalid URL escape "{bad[0]}"')
