"""Which addresses may be connected to: those of the public internet, and private ones where that is allowed.

The registries are IANA's, of special-purpose addresses for IPv4 and for IPv6 (RFC 6890). `ipaddress.is_global` answers
otherwise in different patch versions of Python, and does not look into addresses that hold another one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(named: Mapping[str, str]) -> list[tuple[Network, str]]:
    return [(ip_network(network), name) for name, networks in named.items() for network in networks.split()]


PRIVATE = _networks(
    {
        "a private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
        "a loopback": "127.0.0.0/8 ::1/128",
        "a provider's inner": "100.64.0.0/10",
    }
)
"""Addresses that may be allowed."""
NEVER = _networks(
    {
        "an unspecified": "0.0.0.0/8 ::/128",
        "a link-local": "169.254.0.0/16 fe80::/10 fec0::/10",
        "a multicast": "224.0.0.0/4 ff00::/8",
        "a documentation": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20",
        "a reserved": "192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 240.0.0.0/4 64:ff9b:1::/48 2001::/23",
    }
)
"""Addresses that lead to no host of the internet, or to a neighbour of this machine."""
METADATA = frozenset(
    ip_address(each)
    for each in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
)
"""Where clouds tell a machine its keys; also inside networks that are allowed."""

_MAPPED, _TRANSLATED = ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")
_ISATAP, _ISATAP_BITS = 0x5EFE, 0xFDFFFFFF


@dataclass(frozen=True)
class Reach:
    """What may be connected to beside the public internet, and at which ports; no ports are all ports."""

    private: bool = False
    networks: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)

    def why_not(self, address: Address) -> str | None:
        """Say what `address` is when it may not be connected to, `a loopback address`; None when it may."""
        for each in _all_of(address):
            if (what := self._what(each)) is not None:
                return f"{what} address" + (f", as {address}" if each != address else "")
        return None

    def _what(self, address: Address) -> str | None:
        if address in METADATA:
            return "a cloud's metadata"
        if any(address in network for network in self.networks):
            return None
        if (name := _name(address, PRIVATE)) is not None:
            return None if self.private else name
        if (name := _name(address, NEVER)) is not None:
            return name
        is_plain = isinstance(address, IPv4Address) or address in _UNICAST or address in _TRANSLATED
        return None if is_plain else "a reserved"


def _name(address: Address, networks: list[tuple[Network, str]]) -> str | None:
    return next((name for network, name in networks if address in network), None)


def _all_of(address: Address) -> Iterator[Address]:
    """Yield what an address leads to: itself, unless it only maps another, and those that it holds."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address not in _MAPPED:
        yield IPv6Address(int(address))  # without a zone
    yield from _held(address)


def _held(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 address in one of IPv6: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP (RFC 5214)."""
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _MAPPED or address in _TRANSLATED:
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    if (int(address) >> 32) & _ISATAP_BITS == _ISATAP:
        yield last
