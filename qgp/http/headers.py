"""What every answer tells the browser about itself."""

from collections.abc import Sequence

Pair = tuple[bytes, bytes]

_ALWAYS: Sequence[Pair] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_UNLESS_SAID: Sequence[Pair] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_FROM_THEN_ON: Pair = (b"strict-transport-security", b"max-age=31536000")  # a year
_OVER_HTTP = (*_ALWAYS, *_UNLESS_SAID)
_OVER_HTTPS = (*_OVER_HTTP, _FROM_THEN_ON)


def put(headers: list[Pair], pair: Pair) -> None:
    """Set a header, in place of those of the same name."""
    places = [place for place, (name, _) in enumerate(headers) if name == pair[0]]
    if not places:
        headers.append(pair)
        return
    headers[places[0]] = pair
    for place in reversed(places[1:]):
        del headers[place]


def secure(headers: list[Pair], *, scheme: str) -> None:
    """Forbid sniffing, storing and framing; over https, demand https from then on."""
    said = {name for name, _ in headers}
    for pair in _OVER_HTTPS if scheme == "https" else _OVER_HTTP:
        if pair[0] not in said:
            headers.append(pair)
        elif pair not in _UNLESS_SAID:
            put(headers, pair)
