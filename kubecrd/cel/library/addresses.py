"""IP addresses and networks, as Go's `net/netip` reads them, in its words where it does not."""

from __future__ import annotations

import ipaddress
import re
from string import hexdigits
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.values import CelError
from kubecrd.resource.gotext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "Cidr", "Ip"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_FIELDS: Final = 8
_LONGEST_FIELD: Final = 4
_MOST_OCTET: Final = 255


class _FaultError(ValueError):
    """What Go says of a text that is no address, and what was left of it then."""

    def __init__(self, message: str, rest: str = "") -> None:
        super().__init__(f"{message} (at {quoted(rest)})" if rest else message)


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


def _parsed(text: str) -> tuple[Address, str]:
    """Give the address, and its zone."""
    kind = next((letter for letter in text if letter in ".:%"), "")
    match kind:
        case ".":
            return ipaddress.IPv4Address(_octets(text)), ""
        case ":":
            return _parsed_v6(text)
        case "%":
            raise _FaultError("missing IPv6 address")
        case _:
            raise _FaultError("unable to parse IP")


def _octets(text: str) -> bytes:
    octets = [""]
    for place, letter in enumerate(text):
        if letter in "0123456789":
            if octets[-1] == "0":
                raise _FaultError("IPv4 field has octet with leading zero")
            octets[-1] += letter
            if int(octets[-1]) > _MOST_OCTET:
                raise _FaultError("IPv4 field has value >255")
        elif letter == ".":
            if not octets[-1] or place == len(text) - 1:
                raise _FaultError("IPv4 field must have at least one digit", text[place:])
            if len(octets) == 4:
                raise _FaultError("IPv4 address too long")
            octets.append("")
        else:
            raise _FaultError("unexpected character", text[place:])
    if len(octets) < 4:
        raise _FaultError("IPv4 address too short")
    return bytes(map(int, octets))


def _parsed_v6(text: str) -> tuple[Address, str]:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        raise _FaultError("zone must be a non-empty string")
    fields: list[int] = []
    gap = -1
    if rest.startswith("::"):
        gap, rest = 0, rest[2:]
    while rest and len(fields) < _FIELDS:
        rest = _field(rest, fields, gap)
        if rest.startswith(":"):
            if gap >= 0:
                raise _FaultError("multiple :: in address", rest)
            gap, rest = len(fields), rest[1:]
    if rest:
        raise _FaultError("trailing garbage after address", rest)
    if len(fields) < _FIELDS:
        if gap < 0:
            raise _FaultError("address string too short")
        fields[gap:gap] = [0] * (_FIELDS - len(fields))
    elif gap >= 0:
        raise _FaultError("the :: must expand to at least one field of zeros")
    return ipaddress.IPv6Address(b"".join(number.to_bytes(2, "big") for number in fields)), zone


def _field(rest: str, fields: list[int], gap: int) -> str:
    """Add the next field, or the IPv4 address at the end, and give what is left."""
    digits = rest[: len(rest) - len(rest.lstrip(hexdigits))]
    if len(digits) > _LONGEST_FIELD:
        raise _FaultError("each group must have 4 or less digits", rest)
    if not digits:
        raise _FaultError("each colon-separated field must have at least one digit", rest)
    after = rest[len(digits) :]
    if after.startswith("."):
        if gap < 0 and len(fields) != _FIELDS - 2:
            raise _FaultError("embedded IPv4 address must replace the final 2 fields of the address", rest)
        if len(fields) > _FIELDS - 2:
            raise _FaultError("too many hex fields to fit an embedded IPv4 at the end of the address", rest)
        octets = _octets(rest)
        fields += [int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:], "big")]
        return ""
    fields.append(int(digits, 16))
    if after and not after.startswith(":"):
        raise _FaultError("unexpected character, want colon", after)
    if after == ":":
        raise _FaultError("colon must be followed by more characters", after)
    return after[1:]


def ip(text: Any) -> Ip:
    """Read an address; zones and IPv4 in IPv6 are not taken. The address of a network is one too."""
    if isinstance(text, Cidr):
        return Ip(text.interface.ip)
    if not isinstance(text, str):
        raise CelError("no such overload")
    try:
        address, zone = _parsed(text)
    except _FaultError as fault:
        shown = quoted(text)
        raise CelError(
            f"IP Address {shown} parse error during conversion from string: ParseAddr({shown}): {fault}"
        ) from fault
    if zone:
        raise CelError(f"IP address {quoted(text)} with zone value is not allowed")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        raise CelError(f"IPv4-mapped IPv6 address {quoted(text)} is not allowed")
    return Ip(address)


def cidr(text: Any) -> Cidr:
    """Read a network."""
    said = "network address parse error during conversion from string: "
    if not isinstance(text, str):
        raise CelError("no such overload")
    try:
        found = _prefix(text)
    except _FaultError as fault:
        raise CelError(f"{said}{said}netip.ParsePrefix({quoted(text)}): {fault}") from fault
    if isinstance(found, ipaddress.IPv6Interface) and found.ip.ipv4_mapped:
        raise CelError(f"{said}IPv4-mapped IPv6 address {quoted(text)} is not allowed")
    return Cidr(found)


def _prefix(text: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    before, slash, bits = text.rpartition("/")
    if not slash:
        raise _FaultError("no '/'")
    try:
        address, zone = _parsed(before)
    except _FaultError as fault:
        raise _FaultError(f"ParseAddr({quoted(before)}): {fault}") from fault
    if zone:
        raise _FaultError("IPv6 zones cannot be present in a prefix")
    if not re.fullmatch("0|[1-9][0-9]*", bits):
        raise _FaultError(f"bad bits after slash: {quoted(bits)}")
    if int(bits) > address.max_prefixlen:
        raise _FaultError("prefix length out of range")
    return ipaddress.ip_interface(f"{address}/{bits}")


def _is(read: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def check(text: Any) -> bool:
        if not isinstance(text, str):
            raise CelError("no such overload")
        try:
            read(text)
        except CelError:
            return False
        return True

    return check


def contains_ip(network: Cidr, address: Any) -> bool:
    """Say whether a network has an address; a text that is none is no argument."""
    if isinstance(address, str):
        try:
            address = ip(address)
        except CelError as error:
            raise CelError("no such overload") from error
    within = network.interface.network
    return address.address.version == within.version and address.address in within


def contains_cidr(network: Cidr, other: Any) -> bool:
    """Say whether a network has all of another."""
    wanted = (cidr(other) if isinstance(other, str) else other).interface
    within = network.interface.network
    return wanted.version == within.version and wanted.ip in within and wanted.network.prefixlen >= within.prefixlen


def is_canonical(text: Any) -> bool:
    """Say whether an address is written as it would be printed."""
    if not isinstance(text, str):
        raise CelError("no such overload")
    return str(ip(text)) == text


_LINK_LOCAL_MULTICAST: Final[dict[int, ipaddress.IPv4Network | ipaddress.IPv6Network]] = {
    4: ipaddress.ip_network("224.0.0.0/24"),
    6: ipaddress.ip_network("ff02::/16"),
}
_BROADCAST: Final = ipaddress.ip_address("255.255.255.255")


def is_global_unicast(value: Ip) -> bool:
    """Say whether packets to an address go to one host, which may be a private one."""
    address = value.address
    special = address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local
    return not special and address != _BROADCAST


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "cidr": cidr,
    "containsCIDR": contains_cidr,
    "containsIP": contains_ip,
    "family": lambda value: value.address.version,
    "ip": ip,
    "ip.isCanonical": is_canonical,
    "isCIDR": _is(cidr),
    "isGlobalUnicast": is_global_unicast,
    "isIP": _is(ip),
    "isLinkLocalMulticast": lambda value: value.address in _LINK_LOCAL_MULTICAST[value.address.version],
    "isLinkLocalUnicast": lambda value: value.address.is_link_local,
    "isLoopback": lambda value: value.address.is_loopback,
    "isUnspecified": lambda value: value.address.is_unspecified,
    "masked": lambda value: Cidr(
        ipaddress.ip_interface(f"{value.interface.network.network_address}/{value.interface.network.prefixlen}")
    ),
    "prefixLength": lambda value: value.interface.network.prefixlen,
}
