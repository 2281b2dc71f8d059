"""Compression of responses: choice of the content coding and minimum length (RFC 9110, 12.5.3)."""

import re
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from qgp.http.http_errors import HttpError, error_response
from qgp.http.negotiation import GRAPHQL

MINIMUM = 500  # bytes; a shorter response is not compressed, unless identity is refused
IDENTITY = "identity"
_CODINGS = ("zstd", "br", "gzip", IDENTITY)  # among equals the first is taken
_STREAMS = ("text/event-stream", "multipart/mixed")
NAME = b"accept-encoding"
_WEIGHT = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)")


@lru_cache(256)
def preferred_coding(accept_encoding: str) -> str | None:
    """Return the supported coding with the highest weight; None if all are refused.

    A coding that is not named has the weight of `*`. Identity is accepted last even if it is not
    named, unless `identity;q=0` or `*;q=0` refuses it.
    """
    weights = dict(_weighted(item) for item in accept_encoding.lower().split(",") if item.strip())
    if not weights:
        return IDENTITY
    others = weights.get("*", 0.0)
    least = 0.0 if "*" in weights else 0.0001
    quality = {name: weights.get(name, others) for name in _CODINGS}
    quality[IDENTITY] = weights.get(IDENTITY, max(others, least))
    best = max(_CODINGS, key=quality.__getitem__)
    return best if quality[best] > 0 else None


def refuses_identity(accept_encoding: str) -> bool:
    """Whether a response has to be compressed, however short it is."""
    if "0" not in accept_encoding:
        return False
    weights = dict(_weighted(item) for item in accept_encoding.lower().split(","))
    return weights.get(IDENTITY, weights.get("*", 1.0)) == 0


class Compression:
    """Compresses the responses of an application by the coding that the client prefers.

    The library underneath sees only this coding, since it takes any that is not refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        add_compress_type(GRAPHQL)
        for kind in _STREAMS:
            remove_compress_type(kind)
        self._usual = CompressMiddleware(app, minimum_size=MINIMUM)
        self._always = CompressMiddleware(app, minimum_size=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self._usual
        if scope["type"] == "http":
            values = [value for name, value in scope["headers"] if name == NAME]
            if values:
                text = b",".join(values).decode("latin-1")
                if (coding := preferred_coding(text)) is None:
                    await error_response(scope, not_acceptable())(scope, receive, send)
                    return
                app = self._always if refuses_identity(text) else self._usual
                scope = {**scope, "headers": _with_coding(scope, coding)}
        await app(scope, receive, send)


def not_acceptable() -> HttpError:
    """Return the error for a client that accepts none of the codings."""
    return HttpError(406, f"`Accept-Encoding` must allow one of {', '.join(_CODINGS)}.")


def _with_coding(scope: Scope, coding: str) -> list[tuple[bytes, bytes]]:
    """Return the request's headers with one accepted coding."""
    rest = [pair for pair in scope["headers"] if pair[0] != NAME]
    return [*rest, (NAME, coding.encode())]


def _weighted(item: str) -> tuple[str, float]:
    """Return coding and weight; an invalid weight refuses the coding, like 0."""
    coding, *parameters = (part.strip() for part in item.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            return coding, float(value) if _WEIGHT.fullmatch(value) else 0.0
    return coding, 1.0
