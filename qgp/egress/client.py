"""HTTP client for addresses that users enter, which cannot be led to private networks."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

import ada_url

from qgp.egress.addresses import is_loopback, is_public

if TYPE_CHECKING:
    import httpx2

SECONDS = 15  # of a request in all: name, connection, TLS and reply
LARGEST_REPLY = 64 * 1024  # bytes that are read
_CONNECT_SECONDS = 5  # of one address, so that the next can still be tried

# Its lines have whole addresses, which may contain a secret of the integration.
logging.getLogger("httpx2").setLevel(logging.WARNING)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class EgressError(Exception):
    """A request that got no reply; its text says why, without addresses of this network."""


class DestinationRefused(EgressError):
    """A destination that no request may be sent to."""


class RequestFailed(EgressError):
    """A destination that cannot be reached, or does not reply in time."""


@dataclass(frozen=True)
class Reply:
    """Reply of the destination.

    Attributes:
        status: of HTTP; that of a redirect, which is not followed.
        retry_after: the header `Retry-After` as received.
        body: its first 64 KiB, as transferred.
    """

    status: int
    retry_after: str | None
    body: bytes


@dataclass(frozen=True)
class _Destination:
    """Parsed URL.

    Attributes:
        host: of the header `Host`, with the port where it is not the usual one.
        name: of the host, without brackets and root dot.
        target: path and query.
    """

    scheme: str
    host: str
    name: str
    port: int
    target: str


async def resolve(name: str, port: int) -> Sequence[str]:
    """Return the addresses of a host name, in the order in which to try them."""
    loop = asyncio.get_running_loop()
    entries = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in entries]


@dataclass(frozen=True)
class EgressClient:
    """Client that resolves a name once, checks every address, and connects to a checked one.

    Connections, cookies and proxies of the environment are never shared among requests.

    Attributes:
        allows_this_machine: whether loopback addresses are allowed, also by http: in development.
        resolve: look-up of a name.
        trusted: certificate authorities; those of the system if left out.
        seconds: limit of a request.
    """

    allows_this_machine: bool = False
    resolve: Resolve = resolve
    trusted: ssl.SSLContext | None = None
    seconds: float = SECONDS

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.trusted or ssl.create_default_context()

    def check(self, url: str) -> None:
        """Check what can be known of a destination without a look-up.

        Raises:
            DestinationRefused: no https, a user name or password, or an address that is not public.
        """
        self._destination(url)

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a POST request, once.

        Raises:
            DestinationRefused: see `check`; or the name resolves to an address that is not public.
            RequestFailed: no complete reply within 15 seconds.
        """
        destination = self._destination(url)
        try:
            async with asyncio.timeout(self.seconds):
                addresses = await self._addresses(destination)
                return await self._send(destination, addresses, content, headers)
        except TimeoutError:
            message = f"{destination.host} did not reply within {self.seconds:g} seconds."
            raise RequestFailed(message) from None

    def _destination(self, url: str) -> _Destination:
        try:
            parsed = ada_url.URL(url)
        except ValueError:
            raise DestinationRefused("The address is no complete URL.") from None
        if parsed.protocol not in ("https:", "http:"):
            raise DestinationRefused("The address must begin with https://.")
        if parsed.username or parsed.password:
            raise DestinationRefused("The address must not have a user name or a password.")
        scheme = parsed.protocol.removesuffix(":")
        name = parsed.hostname.strip("[]").rstrip(".")
        port = int(parsed.port or (443 if scheme == "https" else 80))
        target = parsed.pathname + parsed.search
        destination = _Destination(scheme, parsed.host, name, port, target)
        if scheme == "http" and not self.allows_this_machine:
            raise DestinationRefused("The address must begin with https://.")
        if _is_address(name):
            self._require_allowed(destination, [name])
        return destination

    async def _addresses(self, destination: _Destination) -> Sequence[str]:
        try:
            addresses = await self.resolve(destination.name, destination.port)
        except (OSError, UnicodeError):
            raise RequestFailed(f"The name {destination.name} cannot be resolved.") from None
        self._require_allowed(destination, addresses)
        return list(dict.fromkeys(addresses))

    def _require_allowed(self, destination: _Destination, addresses: Sequence[str]) -> None:
        """Refuse a destination of which any address is not allowed."""
        if self.allows_this_machine and all(map(is_loopback, addresses)):
            return
        if destination.scheme == "http":
            message = "http is for addresses of this machine alone. Begin with https://."
            raise DestinationRefused(message)
        if not all(map(is_public, addresses)):
            message = f"{destination.name} is no address of the public internet."
            raise DestinationRefused(message)

    async def _send(
        self,
        destination: _Destination,
        addresses: Sequence[str],
        content: bytes,
        headers: Mapping[str, str],
    ) -> Reply:
        """Send the request to the first address that accepts a connection."""
        import httpx2  # noqa: PLC0415 - many processes send no request

        failure = RequestFailed(f"The name {destination.name} has no address.")
        for address in addresses:
            try:
                return await self._send_to(address, destination, content, headers)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = RequestFailed(_connection_problem(destination, error))
            except httpx2.TransportError as error:
                problem = f"{destination.host} ended the connection without a valid reply."
                raise RequestFailed(problem) from error
        raise failure

    async def _send_to(
        self,
        address: str,
        destination: _Destination,
        content: bytes,
        headers: Mapping[str, str],
    ) -> Reply:
        """Connect to the address alone; `Host`, SNI and the certificate's name stay the name."""
        import httpx2  # noqa: PLC0415 - as above

        fixed = {"host": destination.host, "user-agent": "QGP", "accept-encoding": "identity"}
        transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        timeout = httpx2.Timeout(self.seconds, connect=_CONNECT_SECONDS)
        url = httpx2.URL(
            scheme=destination.scheme,
            host=address,
            port=destination.port,
            raw_path=destination.target.encode(),
        )
        async with (
            httpx2.AsyncClient(transport=transport, trust_env=False, timeout=timeout) as client,
            client.stream(
                "POST",
                url,
                content=content,
                headers={**fixed, **headers},
                extensions={"sni_hostname": destination.name},
                follow_redirects=False,
            ) as response,
        ):
            retry_after = response.headers.get("retry-after")
            return Reply(response.status_code, retry_after, await _beginning(response))


async def _beginning(response: "httpx2.Response") -> bytes:
    body = b""
    async for part in response.aiter_raw(LARGEST_REPLY):
        body += part
        if len(body) >= LARGEST_REPLY:
            break
    return body[:LARGEST_REPLY]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _connection_problem(destination: _Destination, error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"The TLS certificate of {destination.name} is not valid for it, or not trusted."
    return f"{destination.host} accepts no connection."
