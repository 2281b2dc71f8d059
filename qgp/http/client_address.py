"""The network that a caller is counted by: an IPv4 address, or the /64 of an IPv6 address."""

import ipaddress
from functools import lru_cache
from typing import Any

_PREFIX = 64


@lru_cache(4096)
def client_network(host: str) -> str:
    """Return the network of an address as text; what is no address stays as it is."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _PREFIX), strict=False))


def network_of(scope: Any) -> str:
    """Return the network of an ASGI scope's client, after what trusted proxies say of it."""
    client = scope.get("client")
    return client_network(client[0]) if client else ""
