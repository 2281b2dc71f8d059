"""Internet addresses that an outgoing request may reach: the public ones alone."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Not globally reachable, or special (IANA IPv4 Special-Purpose Address Registry, RFC 6890).
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            "168.63.129.16/32",  # the metadata service of Azure has a public number
        ),
    )
)
_UNICAST_V6 = IPv6Network("2000::/3")  # every other block is reserved, local or multicast
# Within it: protocol assignments and Teredo, documentation, 6to4, which all may lead elsewhere.
_SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1: the last 32 bits are an IPv4 address
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: so are they after these bits


def is_public(text: str) -> bool:
    """Whether an IPv4 or IPv6 address is reachable on the public internet.

    An address that embeds an IPv4 address (IPv4-mapped, NAT64) is public if that one is; other
    kinds of tunnels (6to4, Teredo, ISATAP) never are.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is None:
            return _is_public_v6(address)
        address = embedded
    return not any(address in network for network in _SPECIAL_V4)


def is_loopback(text: str) -> bool:
    """Whether the address is of this machine alone: 127.0.0.0/8, ::1, or such a mapped one."""
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_public_v6(address: IPv6Address) -> bool:
    if address not in _UNICAST_V6 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(address in network for network in _SPECIAL_V6)
