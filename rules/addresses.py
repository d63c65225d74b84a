"""Network addresses: as limits count a client's, and whether a provider's may be called."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import urlsplit

from settings.fields import N_, Problem

PRIVATE = Problem(
    N_(
        "This address is in a private network, and those are not called. Type a public one. If it is meant to be"
        " private, whoever runs Doorcode can allow it with DOORCODE_PRIVATE_ADDRESSES=on."
    )
)
# Not on the public internet: RFC 6890 and IANA's registries of special purpose addresses, and multicast. Written out,
# because Python's own list changes from one release to the next.
PRIVATE_V4 = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's translation
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
]
PUBLIC_V6 = ip_network("2000::/3")  # the only block that is given out
PRIVATE_V6 = [ip_network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")]
TRANSLATED = ip_network("64:ff9b::/96")  # NAT64, RFC 6052: an IPv4 address in the last 32 bits


@lru_cache(maxsize=1024)
def limit_key(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address its /64, since whoever has one address there has them all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet. An IPv6 address that stands for an IPv4 one is that."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = _inner(parsed) if isinstance(parsed, IPv6Address) else parsed
    if isinstance(found, IPv4Address):
        return not any(found in network for network in PRIVATE_V4)
    return found in PUBLIC_V6 and not any(found in network for network in PRIVATE_V6)


def _inner(address: IPv6Address) -> IPv4Address | IPv6Address:
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_private_url(url: str) -> bool:
    """Whether the host of a URL is written as a private address, or as this machine. Other names are not looked up."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:  # no URL that could be called
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    written = _as_number(host)
    return bool(written) and not is_public(written)


def _as_number(host: str) -> str:
    """A host that is an address, in its usual form, of whichever form the system takes (127.1, 0x7f000001); else ""."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return ""
