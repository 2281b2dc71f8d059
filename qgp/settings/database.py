"""PostgreSQL address: parsed from DATABASE_URL for SQLAlchemy and asyncpg."""

import ipaddress
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from qgp.settings import tls

_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}
_UNKNOWN_TO_ASYNCPG = {"channel_binding", "gssencmode", "sslnegotiation"}
_RENAMED = {"application_name", "connect_timeout"}
_UNDERSTOOD = {"host", "port", "target_session_attrs"}


@dataclass(frozen=True)
class Database:
    """Address of the database, and the arguments to connect with.

    Attributes:
        url: URL for `create_async_engine`, without the options that asyncpg takes as arguments.
        connect_args: further arguments for `create_async_engine`.
    """

    url: URL
    connect_args: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, *, pgbouncer: bool = False) -> "Database":
        """Accept `postgres://`, `postgresql://` and `postgresql+asyncpg://`, `sslmode=` or `ssl=`.

        Args:
            text: the address.
            pgbouncer: whether PgBouncer in transaction mode stands between; then nothing may
                outlive a transaction, prepared statements least of all.

        Raises:
            ValueError: the address is invalid; the message does not repeat it.
        """
        url = _split(text)
        options = {name: _one(name, value) for name, value in url.query.items() if name != "host"}
        arguments = dict(_translated(options))
        if pgbouncer:
            arguments |= {
                "statement_cache_size": 0,
                "prepared_statement_cache_size": 0,
                "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
            }
        kept = {name: value for name, value in url.query.items() if name in _UNDERSTOOD}
        return cls(url.set(drivername="postgresql+asyncpg", query=kept), arguments)

    @property
    def hosts(self) -> list[str]:
        """All hosts to connect to; empty for the local socket."""
        host_options = self.url.query.get("host", ())
        several = (host_options,) if isinstance(host_options, str) else host_options
        named = [part for text in several for part in text.split(",")]
        return [host for host in (self.url.host, *named) if host]

    @property
    def is_local(self) -> bool:
        """Whether any host is this machine: loopback, the wildcard address or a unix socket."""
        return not self.hosts or any(map(is_this_machine, self.hosts))

    @property
    def is_remote(self) -> bool:
        """Whether any host is another machine."""
        return not all(map(is_this_machine, self.hosts))


def libpq(text: str) -> tuple[str, Mapping[str, str]]:
    """Return an address as `pg_dump` and `psql` take it, and the environment with its password."""
    url = make_url(text)
    query = dict(url.query)
    if "ssl" in query:
        query["sslmode"] = str(tls.mode({"ssl": str(query.pop("ssl"))}))
    secret = {"PGPASSWORD": url.password} if url.password else {}
    bare = url.set(drivername="postgresql", query=query, password=None)
    return bare.render_as_string(), secret


def _split(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is no address; write postgresql://user:password@host:5432/name") from None
    if url.drivername not in _SCHEMES:
        raise ValueError("must begin with postgresql+asyncpg://, postgresql:// or postgres://")
    if not url.database:
        raise ValueError("names no database; write postgresql://user:password@host:5432/name")
    return url


def _one(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        raise ValueError(f"says {name}= more than once")
    return value


def _translated(options: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of `asyncpg.connect` for libpq's options."""
    if options.keys() - tls.OPTIONS - _UNDERSTOOD - _UNKNOWN_TO_ASYNCPG - _RENAMED:
        raise ValueError("has an option that is not supported: remove what follows the ?")
    if (encryption := tls.argument(options)) is not None:
        yield "ssl", encryption
    if "connect_timeout" in options:
        yield "timeout", _seconds(options["connect_timeout"])
    if "application_name" in options:
        yield "server_settings", {"application_name": options["application_name"]}


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("needs a number of seconds in connect_timeout") from None


def is_this_machine(host: str) -> bool:
    """Whether a host, with or without a port, is loopback, the wildcard address or a socket."""
    bare = re.sub(r"^([^:]+|\[.*\]):\d+$", r"\1", host)
    name = bare.strip("[]").rstrip(".").lower()
    if name.startswith(("/", "@")) or name.split(".")[0] in {"localhost", "ip6-localhost"}:
        return True
    if name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _is_short_loopback(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified


def _is_short_loopback(name: str) -> bool:
    """Whether a name is a short form of a loopback address: `127.1`, `0x7f000001`, `0`."""
    try:
        packed = socket.inet_aton(name)
    except (OSError, UnicodeEncodeError):
        return False
    return packed[0] in {0, 127}
