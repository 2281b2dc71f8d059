"""The layers between the server and the routes, in their one order."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from qgp.http.access_log import AccessLog
from qgp.http.headers import SecurityHeaders
from qgp.http.in_flight import InFlight
from qgp.http.request_id import HEADER, RequestId

_STREAMS = ("text/event-stream", "multipart/mixed")
_ASKED = ("Authorization", "Content-Type", HEADER)
_SHOWN = (HEADER, "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def layered(app: ASGIApp, *, origins: Sequence[str], max_in_flight: int) -> ASGIApp:
    """Return the application with everything that is the same for every route.

    Wrap the whole Starlette application, not its routes, so that its own answer to a failure
    has an id and a log line too.

    Args:
        app: the routes.
        origins: which sites may call from a browser, exactly; `*` for all.
        max_in_flight: requests served at once.
    """
    add_compress_type("application/graphql-response+json")
    for kind in _STREAMS:
        remove_compress_type(kind)
    app = CompressMiddleware(app)
    app = InFlight(app, max_in_flight)
    app = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=_ASKED,
        expose_headers=_SHOWN,
    )
    app = SecurityHeaders(app)
    app = AccessLog(app)
    return RequestId(app)
