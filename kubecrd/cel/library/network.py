"""URLs, IP addresses and networks, as Go's packages read them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from attrs import frozen

from kubecrd.cel.values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "Cidr", "Ip", "Url"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@frozen
class Ip:
    """An IP address."""

    address: Address
    cel_type = "net.IP"

    def __str__(self) -> str:
        return str(self.address)


@frozen
class Cidr:
    """A network with the address it was written with, host bits and all."""

    interface: ipaddress.IPv4Interface | ipaddress.IPv6Interface
    cel_type = "net.CIDR"

    def __str__(self) -> str:
        return str(self.interface)


@frozen
class Url:
    """A parsed URL."""

    text: str
    cel_type = "kubernetes.URL"

    def __str__(self) -> str:
        return self.text


def ip(text: Any) -> Ip:
    """Read an address; zones and IPv4 in IPv6 are not taken."""
    if isinstance(text, Cidr):
        return Ip(text.interface.ip)
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise CelError(
            f'IP Address "{text}" parse error during conversion from string: ParseAddr("{text}"): unable to parse IP'
        ) from error
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise CelError(f'IP address "{text}" with zone value is not allowed')
        if address.ipv4_mapped:
            raise CelError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return Ip(address)


def _is(read: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def check(text: Any) -> bool:
        try:
            read(text)
        except CelError:
            return False
        return True

    return check


def cidr(text: Any) -> Cidr:
    """Read a network."""
    address, slash, bits = str(text).partition("/")
    try:
        if not slash or not bits.isdecimal() or (len(bits) > 1 and bits.startswith("0")):
            raise ValueError(text)  # noqa: TRY301 - one place for the message
        return Cidr(ipaddress.ip_interface(f"{ip(address)}/{bits}"))
    except (ValueError, CelError) as error:
        raise CelError(
            f"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): no '/'"
        ) from error


def contains_ip(network: Cidr, address: Any) -> bool:
    """Say whether a network has an address."""
    wanted = (ip(address) if isinstance(address, str) else address).address
    within = network.interface.network
    return wanted.version == within.version and wanted in within


def contains_cidr(network: Cidr, other: Any) -> bool:
    """Say whether a network has all of another."""
    wanted = (cidr(other) if isinstance(other, str) else other).interface
    within = network.interface.network
    return wanted.version == within.version and wanted.ip in within and wanted.network.prefixlen >= within.prefixlen


def url(text: str) -> Url:
    """Read an absolute URL, or an absolute path."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise CelError(f'URL parse error during conversion from string: parse "{text}": {error}') from error
    if not parts.scheme and not text.startswith("/"):
        raise CelError(f'URL parse error during conversion from string: parse "{text}": invalid URI for request')
    return Url(text)


def _host(value: Url) -> str:
    return urlsplit(value.text).netloc.rpartition("@")[2]


def _hostname(value: Url) -> str:
    host = _host(value)
    return host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]


def _port(value: Url) -> str:
    return _host(value).rpartition("]")[2].partition(":")[2]


_LINK_LOCAL_MULTICAST: Final[dict[int, ipaddress.IPv4Network | ipaddress.IPv6Network]] = {
    4: ipaddress.ip_network("224.0.0.0/24"),
    6: ipaddress.ip_network("ff02::/16"),
}

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "cidr": cidr,
    "containsCIDR": contains_cidr,
    "containsIP": contains_ip,
    "family": lambda value: value.address.version,
    "getEscapedPath": lambda value: urlsplit(value.text).path,
    "getHost": _host,
    "getHostname": _hostname,
    "getPort": _port,
    "getQuery": lambda value: parse_qs(urlsplit(value.text).query, keep_blank_values=True),
    "getScheme": lambda value: urlsplit(value.text).scheme,
    "ip": ip,
    "ip.isCanonical": lambda text: str(ip(text)) == text,
    "isCIDR": _is(cidr),
    "isGlobalUnicast": lambda value: (
        not (
            value.address.is_multicast
            or value.address.is_loopback
            or value.address.is_unspecified
            or value.address.is_link_local
        )
    ),
    "isIP": _is(ip),
    "isLinkLocalMulticast": lambda value: value.address in _LINK_LOCAL_MULTICAST[value.address.version],
    "isLinkLocalUnicast": lambda value: value.address.is_link_local,
    "isLoopback": lambda value: value.address.is_loopback,
    "isURL": _is(url),
    "isUnspecified": lambda value: value.address.is_unspecified,
    "masked": lambda value: Cidr(
        ipaddress.ip_interface(f"{value.interface.network.network_address}/{value.interface.network.prefixlen}")
    ),
    "url": url,
    "prefixLength": lambda value: value.interface.network.prefixlen,
}
