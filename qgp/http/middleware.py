"""The layers between the server and the routes, in their one order."""

from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http import door
from qgp.http.access_log import AccessLog, LoggedClient
from qgp.http.compression import Compression
from qgp.http.cors import Cors
from qgp.http.cors_headers import REQUEST_HEADERS
from qgp.http.edge import Edge
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.in_flight import InFlight

NOWHERE: Mapping[str, ASGIApp] = {}


def layered(
    app: ASGIApp,
    *,
    origins: Sequence[str],
    request_headers: Sequence[str] = REQUEST_HEADERS,
    max_in_flight: int,
    max_per_address: int | None = None,
    logged_client: LoggedClient = LoggedClient.NETWORK,
    at_once: Mapping[str, ASGIApp] = NOWHERE,
    as_it_is: tuple[str, ...] = (),
) -> Edge:
    """Return the application with everything that is the same for every route.

    Wrap the whole Starlette application, not its routes, so that its own answer to a failure
    has an id and a log line too.

    Args:
        app: the routes.
        origins: which sites may call from a browser, exactly; `*` for all.
        request_headers: what scripts of these origins may send.
        max_in_flight: requests served at once.
        max_per_address: of these, from one address; None for all.
        at_once: what answers a path without being looked up among the routes; it compresses its
            answers itself.
        logged_client: what the access log says of a client's address.
        as_it_is: beginnings of paths whose answers are never compressed, because parts of them
            are asked for.
    """
    routed: ASGIApp = Compression(app)

    async def turn(scope: Scope, receive: Receive, send: Send) -> None:
        found: ASGIApp = routed
        if scope["type"] == "http":
            path = scope["path"]
            found = app if path.startswith(as_it_is) else at_once.get(path, routed)
        await found(scope, receive, send)

    access_log = AccessLog(logged_client)
    cors, in_flight = Cors(origins, request_headers), InFlight(turn, max_in_flight, max_per_address)
    doorway = _door(at_once.get(door.PATH), cors, in_flight, access_log)
    return Edge(in_flight, cors, access_log, doorway)


def _door(
    app: ASGIApp | None, cors: Cors, in_flight: InFlight, access_log: AccessLog
) -> door.Door | None:
    if isinstance(app, GraphQLEndpoint) and app.reading is not None:
        return door.Door(app, cors, in_flight, access_log)
    return None
