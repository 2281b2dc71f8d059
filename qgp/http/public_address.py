"""Public address of the server, and of the client, as trusted proxies forward them.

The Host header and the forwarded headers are untrusted input: only a valid host leaves this module,
and nothing is kept from one request for another.
"""

import ipaddress
import re
from collections.abc import Container, Iterator

from starlette.types import ASGIApp, Receive, Scope, Send

STATE = "public_address"  # in the state of a request: scheme and host of a trusted proxy
_LONGEST = 255 + len(":65535")
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(
    rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([1-9][0-9]{{0,4}}))?"
)
_SCHEMES = {"http", "https"}
_OF_WEBSOCKETS = {"ws": "http", "wss": "https"}
_OLDER = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"}
# One parameter of RFC 7239, 4; a comma begins the next proxy's element.
_PARAMETER = re.compile(r'\s*(?:([A-Za-z-]+)=("(?:[^"\\]|\\.)*"|[^\s;,"]+))?\s*(;|,|$)')


class PublicAddresses:
    """Stores the public address that a trusted proxy forwards in the state of each request.

    It also takes the client's address from `Forwarded`.

    Args:
        app: wrapped application, which takes the client's address from `X-Forwarded-For`.
        trusted: the trusted proxies.
    """

    def __init__(self, app: ASGIApp, trusted: Container[str]) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Store the address, then call the application."""
        peer = scope.get("client")
        is_request = scope["type"] in ("http", "websocket")
        if is_request and peer and peer[0] in self.trusted:
            scheme, host = forwarded(scope["headers"], self.trusted)
            scope.setdefault("state", {})[STATE] = scheme, host
            if client := forwarded_client(scope["headers"], self.trusted):
                scope["client"] = client, 0
        await self.app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address of the server as the client of a request knows it, without a path."""
    scheme, host = scope.get("state", {}).get(STATE) or (None, None)
    requested = _OF_WEBSOCKETS.get(scope["scheme"], scope["scheme"])
    default_scheme = requested if requested in _SCHEMES else "http"
    return f"{scheme or default_scheme}://{host or _requested_host(scope)}"


def _requested_host(scope: Scope) -> str:
    hosts: list[str] = [
        value.decode("latin-1") for name, value in scope["headers"] if name == b"host"
    ]
    if len(hosts) == 1 and is_host(hosts[0]):
        return hosts[0]
    name, port = scope.get("server") or ("localhost", None)
    bracketed = f"[{name}]" if ":" in name else name
    return f"{bracketed}:{port}" if port else bracketed


def is_host(text: str) -> bool:
    """Whether a text is a valid host: a name or an IP address, with or without a port."""
    fits = _HOST.fullmatch(text) if len(text) <= _LONGEST else None
    return fits is not None and int(fits[1] or 1) < 2**16


def forwarded(
    headers: list[tuple[bytes, bytes]], trusted: Container[str]
) -> tuple[str | None, str | None]:
    """Return the scheme and the host that trusted proxies forward; None for what they do not.

    If `X-Forwarded-Proto` or `X-Forwarded-Host` is sent, the last value of each counts;
    else `Forwarded` (RFC 7239): the element that the outermost trusted proxy added.
    """
    scheme, host = _last(headers, b"x-forwarded-proto"), _last(headers, b"x-forwarded-host")
    if scheme is None and host is None:
        scheme, host = _of_elements(headers, trusted)
    scheme = scheme.lower() if scheme else None
    return scheme if scheme in _SCHEMES else None, host if host and is_host(host) else None


def forwarded_client(headers: list[tuple[bytes, bytes]], trusted: Container[str]) -> str | None:
    """Return the client's IP address that trusted proxies forward in `Forwarded`.

    None if an `X-Forwarded-*` header is sent, or if the value is no IP address.
    """
    if any(name in _OLDER for name, _ in headers):
        return None
    element = next(_trusted_elements(headers, trusted), {})
    try:
        return str(ipaddress.ip_address(_node(element.get("for", ""))))
    except ValueError:
        return None


def _last(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    values = [value for key, value in headers if key == name]
    return values[-1].decode("latin-1").rpartition(",")[2].strip() if values else None


def _of_elements(
    headers: list[tuple[bytes, bytes]], trusted: Container[str]
) -> tuple[str | None, str | None]:
    scheme, host = None, None
    for element in reversed([*_trusted_elements(headers, trusted)]):
        scheme, host = element.get("proto", scheme), element.get("host", host)
    return scheme, host


def _trusted_elements(
    headers: list[tuple[bytes, bytes]], trusted: Container[str]
) -> Iterator[dict[str, str]]:
    """Yield the elements of `Forwarded` that trusted proxies added, the outermost proxy's first."""
    text = ",".join(value.decode("latin-1") for key, value in headers if key == b"forwarded")
    elements = [*_elements(text)]
    count = 0
    for element in reversed(elements):
        count += 1
        if _node(element.get("for", "")) not in trusted:
            break
    yield from elements[len(elements) - count :]


def _elements(text: str) -> Iterator[dict[str, str]]:
    """Yield the parameters of each element, the innermost proxy's last; none if malformed."""
    element: dict[str, str] = {}
    elements, at = [element], 0
    while at < len(text):
        if (match := _PARAMETER.match(text, at)) is None:
            return
        name, value, end = match.groups()
        if name:
            element[name.lower()] = re.sub(r"\\(.)", r"\1", value[1:-1]) if '"' in value else value
        if end == ",":
            elements.append(element := {})
        at = match.end()
    yield from elements


def _node(text: str) -> str:
    """Return the IP address of a `for` parameter, without brackets and port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
