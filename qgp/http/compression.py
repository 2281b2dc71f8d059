"""Which answers are compressed, and from which length on."""

from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from qgp.http.negotiation import GRAPHQL

MINIMUM = 500  # bytes; a shorter answer leaves as it is
_STREAMS = ("text/event-stream", "multipart/mixed")


def compressing(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that its answers take the form which the caller accepts."""
    add_compress_type(GRAPHQL)
    for kind in _STREAMS:
        remove_compress_type(kind)
    return CompressMiddleware(app, minimum_size=MINIMUM)
