"""URLs as Go reads and prints them (`net/url`): absolute, or an absolute path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from kubecrd.cel.values import CelError
from kubecrd.resource.gotext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "Url", "url"]

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_USER: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_ESCAPE: Final = re.compile("%[0-9a-fA-F]{2}")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_IN_PATH: Final = _UNRESERVED | frozenset("$&+,/:;=@")
_GIVEN_IN_PATH: Final = _IN_PATH | frozenset("!'()*[]%")
_IN_HOST: Final = _UNRESERVED | frozenset("!$&'()*+,;=:[]<>\"")
_IN_USER: Final = _UNRESERVED | frozenset("$&+,;=")
_IN_FRAGMENT: Final = _IN_PATH | frozenset("?!()*")


class _FaultError(ValueError):
    """What Go says of a text that is no URL."""


@frozen
class Url:
    """A parsed URL.

    Attributes:
        scheme: In lower case; empty for a path.
        opaque: What follows the scheme where that is no path, as in ``mailto:``.
        user: As it is printed, with the ``@``.
        host: With the port, unescaped.
        path: Escaped, as it is printed.
        query: Without the question mark; None where there is none.
        has_authority: Whether there are two slashes.
        fragment: Escaped, without its mark; empty where there is none.
    """

    scheme: str = ""
    opaque: str = ""
    user: str = ""
    host: str = ""
    path: str = ""
    query: str | None = None
    has_authority: bool = False
    fragment: str = ""
    cel_type = "kubernetes.URL"

    def __str__(self) -> str:
        head = f"{self.scheme}:" if self.scheme else ""
        tail = ("" if self.query is None else f"?{self.query}") + (self.fragment and f"#{self.fragment}")
        if self.opaque:
            return f"{head}{self.opaque}{tail}"
        authority = ""
        if self.has_authority and (self.scheme or self.host or self.user):
            shown = self.host or self.path or self.user
            authority = f"//{self.user}{_escaped(self.host, _IN_HOST)}" if shown else ""
        path = self.path
        if path and not path.startswith("/") and self.host:
            path = f"/{path}"
        return f"{head}{authority}{path}{tail}"


def url(text: Any) -> Url:
    """Read a URL: one that a request can be for, as `url.ParseRequestURI` has it; what counts is how `url.Parse` reads it."""
    if not isinstance(text, str):
        raise CelError("no such overload")
    try:
        _parsed(text, for_request=True)
        whole, mark, fragment = text.partition("#")
        parsed = _parsed(whole, for_request=False)
        return evolve(parsed, fragment=_escaped(_unescaped(fragment), _IN_FRAGMENT)) if mark else parsed
    except _FaultError as fault:
        raise CelError(f"URL parse error during conversion from string: parse {quoted(text)}: {fault}") from fault


def _parsed(text: str, *, for_request: bool) -> Url:
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise _FaultError("net/url: invalid control character in URL")
    if not text and for_request:
        raise _FaultError("empty url")
    if text == "*":
        return Url(path="*")
    scheme, rest = _scheme(text)
    query: str | None = None
    rest, mark, given = rest.partition("?")
    if mark:
        query = given
    if not rest.startswith("/"):
        if scheme:
            return Url(scheme, opaque=rest, query=query)
        if for_request:
            raise _FaultError("invalid URI for request")
        return Url(path=_path(rest), query=query)
    if rest.startswith("//") and (scheme or not (for_request or rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        user, host = _authority(authority)
        return Url(scheme, "", user, host, _path(slash + path), query, has_authority=True)
    return Url(scheme, path=_path(rest), query=query)


def _scheme(text: str) -> tuple[str, str]:
    match = _SCHEME.match(text)
    if match:
        return match[0][:-1].lower(), text[match.end() :]
    if text.startswith(":"):
        raise _FaultError("missing protocol scheme")
    return "", text


def _authority(text: str) -> tuple[str, str]:
    user, at, host = text.rpartition("@")
    host = _host(host)
    if not at:
        return "", host
    if not _USER.fullmatch(user):
        raise _FaultError("net/url: invalid userinfo")
    name, colon, password = user.partition(":")
    shown = _escaped(_unescaped(name), _IN_USER)
    if colon:
        shown += f":{_escaped(_unescaped(password), _IN_USER)}"
    return f"{shown}@", host


def _host(host: str) -> str:
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise _FaultError("missing ']' in host")
        _check_port(host[end + 1 :])
        zone = host[:end].find("%25")
        if zone >= 0:
            return _unescaped_host(host[:zone]) + _unescaped(host[zone:end]) + host[end:]
    elif ":" in host:
        _check_port(host[host.find(":") :])
    return _unescaped_host(host)


def _check_port(port: str) -> None:
    if port and not re.fullmatch(":[0-9]*", port):
        raise _FaultError(f"invalid port {quoted(port)} after host")


def _unescaped_host(host: str) -> str:
    """Only what is no ASCII may be escaped in a host."""
    for place, letter in enumerate(host):
        if letter == "%":
            escape = host[place : place + 3]
            if not _ESCAPE.match(escape) or (int(escape[1], 16) < 8 and escape != "%25"):
                raise _FaultError(f"invalid URL escape {quoted(escape)}")
        elif letter < "\x80" and letter not in _IN_HOST:
            raise _FaultError(f"invalid character {quoted(letter)} in host name")
    return _unescaped(host)


def _unescaped(text: str) -> str:
    for place, letter in enumerate(text):
        if letter == "%" and not _ESCAPE.match(text, place):
            raise _FaultError(f"invalid URL escape {quoted(text[place : place + 3])}")
    if "%" not in text:
        return text
    return _ESCAPE.sub(_byte, text).encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _byte(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0][1:]).decode("ascii", "surrogateescape")


def _path(path: str) -> str:
    """Give the path escaped: as it was written where that is a valid way to write it."""
    plain = _unescaped(path)
    if all(letter in _GIVEN_IN_PATH for letter in path):
        return path
    return _escaped(plain, _IN_PATH)


def _escaped(text: str, plain: frozenset[str]) -> str:
    return "".join(
        letter if letter in plain else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogateescape"))
        for letter in text
    )


def _hostname(value: Url) -> str:
    host = value.host
    if host.startswith("[") and "]" in host:
        return host[1 : host.rfind("]")]
    return host.rpartition(":")[0] if ":" in host else host


def _port(value: Url) -> str:
    return value.host.rpartition("]")[2].partition(":")[2]


def _query(value: Url) -> dict[str, list[str]]:
    """Give the parameters; what cannot be read is left out."""
    found: dict[str, list[str]] = {}
    for part in (value.query or "").split("&"):
        name, _, given = part.partition("=")
        try:
            if part and ";" not in part:
                key, text = _plain(name), _plain(given)
                found.setdefault(key, []).append(text)
        except _FaultError:
            continue
    return found


def _plain(text: str) -> str:
    return _unescaped(text.replace("+", " "))


def is_url(text: Any) -> bool:
    """Say whether *text* is a URL."""
    try:
        url(text)
    except CelError:
        return False
    return True


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "getEscapedPath": lambda value: value.path,
    "getHost": lambda value: value.host,
    "getHostname": _hostname,
    "getPort": _port,
    "getQuery": _query,
    "getScheme": lambda value: value.scheme,
    "isURL": is_url,
    "url": url,
}
