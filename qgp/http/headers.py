"""Security headers of every response."""

from collections.abc import Sequence

Pair = tuple[bytes, bytes]

_ALWAYS: Sequence[Pair] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_DEFAULTS: Sequence[Pair] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_HSTS: Pair = (b"strict-transport-security", b"max-age=31536000")  # a year
_OVER_HTTP = (*_ALWAYS, *_DEFAULTS)
_OVER_HTTPS = (*_OVER_HTTP, _HSTS)


def put(headers: list[Pair], pair: Pair) -> None:
    """Set a header, replacing those of the same name."""
    indexes = [index for index, (name, _) in enumerate(headers) if name == pair[0]]
    if not indexes:
        headers.append(pair)
        return
    headers[indexes[0]] = pair
    for index in reversed(indexes[1:]):
        del headers[index]


def secure(headers: list[Pair], *, scheme: str) -> None:
    """Add the headers against sniffing, storing and framing; over https also HSTS."""
    present = {name for name, _ in headers}
    for pair in _OVER_HTTPS if scheme == "https" else _OVER_HTTP:
        if pair[0] not in present:
            headers.append(pair)
        elif pair not in _DEFAULTS:
            put(headers, pair)
