"""Middleware of the whole application, in its one order."""

from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http import fast_path
from qgp.http.access_log import AccessLog, LoggedClient
from qgp.http.compression import Compression
from qgp.http.cors import Cors
from qgp.http.cors_headers import REQUEST_HEADERS
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.in_flight import InFlight
from qgp.http.request_middleware import RequestMiddleware
from qgp.http.websocket import WebSocketEndpoint

NO_APPS: Mapping[str, ASGIApp] = {}


def with_middleware(
    app: ASGIApp,
    *,
    origins: Sequence[str],
    request_headers: Sequence[str] = REQUEST_HEADERS,
    max_in_flight: int,
    max_per_address: int | None = None,
    logged_client: LoggedClient = LoggedClient.NETWORK,
    by_path: Mapping[str, ASGIApp] = NO_APPS,
    uncompressed: tuple[str, ...] = (),
    public_url: str | None = None,
) -> RequestMiddleware:
    """Return the application with the middleware that every route has.

    It wraps the whole Starlette application, not its routes, so that Starlette's own response to a
    failure has an id and a log entry too.

    Args:
        app: the routes.
        origins: origins that may call from a browser, exactly; `*` for all.
        request_headers: request headers that scripts of these origins may send.
        max_in_flight: requests served at once.
        max_per_address: of these, from one address; None for all.
        logged_client: part of a client's address that the access log has.
        by_path: applications that serve a path without routing; they compress their responses. A
            GraphQL endpoint serves the WebSockets of its path too.
        uncompressed: prefixes of paths whose responses are never compressed, because clients
            request ranges of them.
        public_url: address of the server where it is configured, whose pages may open WebSockets.
    """
    compressed: ASGIApp = Compression(app)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        chosen: ASGIApp = compressed
        if scope["type"] == "websocket":
            chosen = sockets.get(scope["path"], app)
        if scope["type"] == "http":
            path = scope["path"]
            chosen = app if path.startswith(uncompressed) else by_path.get(path, compressed)
        await chosen(scope, receive, send)

    access_log = AccessLog(logged_client)
    cors = Cors(origins, request_headers)
    in_flight = InFlight(dispatch, max_in_flight, max_per_address)
    sockets = {
        path: WebSocketEndpoint(endpoint, cors, in_flight, access_log, public_url)
        for path, endpoint in by_path.items()
        if isinstance(endpoint, GraphQLEndpoint)
    }
    fast = _fast_path(by_path.get(fast_path.PATH), cors, in_flight, access_log)
    return RequestMiddleware(in_flight, cors, access_log, fast)


def _fast_path(
    app: ASGIApp | None, cors: Cors, in_flight: InFlight, access_log: AccessLog
) -> fast_path.FastPath | None:
    if isinstance(app, GraphQLEndpoint) and app.planned_operations is not None:
        return fast_path.FastPath(app, cors, in_flight, access_log)
    return None
