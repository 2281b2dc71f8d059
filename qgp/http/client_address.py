"""Client addresses: the network by which clients are counted, and the one that is logged."""

import ipaddress
from functools import lru_cache
from typing import Any

_PREFIX = 64
_LOGGED_PREFIXES = {4: 24, 6: 48}


@lru_cache(4096)
def client_network(host: str) -> str:
    """Return the network of an address: an IPv4 address, or an IPv6 /64; other text unchanged."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _PREFIX), strict=False))


@lru_cache(4096)
def masked_network(host: str) -> str | None:
    """Return the /24 of an IPv4 address or the /48 of an IPv6 address; None without an address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = _LOGGED_PREFIXES[address.version]
    return str(ipaddress.ip_network((address, prefix), strict=False))


def host_of(scope: Any) -> str:
    """Return the address of an ASGI scope's client, as trusted proxies forward it."""
    client = scope.get("client")
    return client[0] if client else ""


def network_of(scope: Any) -> str:
    """Return the network by which an ASGI scope's client is counted."""
    host = host_of(scope)
    return client_network(host) if host else ""
