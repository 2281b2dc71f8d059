"""Origins of sign-in attempts: the account's address and the client's network, counted together."""

import hashlib
import ipaddress
from dataclasses import dataclass

UNKNOWN = "unknown"
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Origin:
    """The e-mail address and the client address of an attempt.

    Attributes:
        email_key: SHA-256 of the address, which may belong to nobody.
        network: the IPv4 /24 or IPv6 /64.
        address: the IPv4 /32 or IPv6 /64.
        is_familiar: whether the account signed in from exactly this address within 30 days. It
            then has an allowance of its own there, which attempts from elsewhere cannot use up.
    """

    email_key: bytes
    network: str
    address: str
    is_familiar: bool = False

    @classmethod
    def of(cls, email: str, client_ip: str) -> "Origin":
        """Return the origin of an attempt on a normalised e-mail address."""
        key = hashlib.sha256(email.encode()).digest()
        return cls(key, network(client_ip), exact(client_ip))

    @property
    def allowance(self) -> bytes:
        """SHA-256 of the key under which attempts are counted and serialized."""
        place = self.address.encode() if self.is_familiar else b""
        return hashlib.sha256(self.email_key + place).digest()

    @property
    def neighbourhood(self) -> str:
        """The network, or the client address if it has an allowance of its own."""
        return self.address if self.is_familiar else self.network


def network(client_ip: str) -> str:
    """Return the network of an address: the IPv4 /24 or IPv6 /64."""
    return _within(client_ip, 24)


def exact(client_ip: str) -> str:
    """Return the address itself; for IPv6 the /64 of the subscriber."""
    return _within(client_ip, 32)


def _within(client_ip: str, ipv4_bits: int) -> str:
    try:
        address: IPAddress = ipaddress.ip_address(client_ip.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if (embedded := address.ipv4_mapped) is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = embedded
    return str(ipaddress.ip_network((address, ipv4_bits), strict=False))
