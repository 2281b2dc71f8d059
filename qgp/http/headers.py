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


def put(headers: list[Pair], pairs: Sequence[Pair]) -> None:
    """Set headers, each in place of those of the same name."""
    said = {name for name, _ in headers}
    for pair in pairs:
        if pair[0] in said:
            first, *others = (place for place, (name, _) in enumerate(headers) if name == pair[0])
            headers[first] = pair
            for place in reversed(others):
                del headers[place]
        else:
            headers.append(pair)


def secure(headers: list[Pair], *, scheme: str) -> None:
    """Forbid sniffing, storing and framing; over https, demand https from then on."""
    said = {name for name, _ in headers}
    offered = [pair for pair in _UNLESS_SAID if pair[0] not in said]
    put(headers, (*_ALWAYS, *offered, _FROM_THEN_ON) if scheme == "https" else (*_ALWAYS, *offered))
