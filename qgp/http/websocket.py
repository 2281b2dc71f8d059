"""WebSockets of `/graphql`: which of them are accepted, and for how long (RFC 6455).

Only the subprotocol graphql-transport-ws is spoken. A browser sends the cookies and the origin of
any page, so a foreign origin is refused before the handshake.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from qgp.http.access_log import AccessLog
from qgp.http.client_address import network_of
from qgp.http.cors import Cors
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.in_flight import InFlight
from qgp.http.public_address import address_of
from qgp.http.websocket_messages import SUBPROTOCOL, Close, Closed, Socket
from qgp.http.websocket_protocol import WebSocketProtocol


@dataclass(frozen=True)
class WebSocketEndpoint:
    """ASGI application of the WebSockets of one address.

    Attributes:
        graphql: executes the operations.
        cors: the origins that may connect beside the server's own.
        in_flight: counts a WebSocket until its client has signed in.
        access_log: has a line for each operation.
        public_url: address of the server where it is configured.
    """

    graphql: GraphQLEndpoint
    cors: Cors
    in_flight: InFlight
    access_log: AccessLog
    public_url: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket until either side closes it."""
        await receive()  # `websocket.connect`
        network = network_of(scope)
        if not self._is_allowed(scope) or not self.in_flight.has_room(network):
            await send({"type": "websocket.close"})  # before the handshake: 403
            return
        socket = Socket(receive, send, self.graphql.limits)
        speaks = SUBPROTOCOL in scope.get("subprotocols", ())
        try:
            await socket.accept(SUBPROTOCOL if speaks else None)
            if not speaks:
                raise Close(4406, f"Subprotocol not acceptable: connect with {SUBPROTOCOL}")
            await self._serve(scope, socket, network)
        except Close as close:
            await socket.close(close)
        except Closed:
            pass

    async def _serve(self, scope: Scope, socket: Socket, network: str) -> None:
        protocol = WebSocketProtocol(self.graphql, self.access_log, scope, socket)
        with self.in_flight.counted(network):
            await protocol.initialize()
        await protocol.run()

    def _is_allowed(self, scope: Scope) -> bool:
        """Whether a WebSocket comes from no web page, or from one of an allowed origin."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if not origins:
            return True
        if len(origins) > 1:
            return False
        host = urlsplit(origins[0].decode("latin-1")).netloc
        owns = {urlsplit(address_of(scope)).netloc, urlsplit(self.public_url or "").netloc} - {""}
        return host in owns or self.cors.allows(origins[0])
