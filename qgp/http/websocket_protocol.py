"""Subprotocol graphql-transport-ws: one WebSocket, its sign-in and its operations.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import Scope

from qgp.http.access_log import CLIENT_CLOSED_REQUEST, AccessLog, AccessLogEntry
from qgp.http.client_address import host_of
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.parameters import UNPRINTABLE
from qgp.http.request_head import RequestHead
from qgp.http.request_id import request_id
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.websocket_messages import Close, Closed, Socket
from qgp.kit.errors import RateLimited, Unauthenticated

_LONGEST_ID = 255
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
_ACCEPTED = b"application/json, text/event-stream"  # a WebSocket carries both
_REPLACED = {
    *(b"accept", b"accept-encoding", b"authorization", b"content-encoding", b"content-length"),
    *(b"content-type", b"last-event-id"),
}


class WebSocketProtocol:
    """Protocol of one WebSocket.

    Args:
        graphql: executes the operations.
        access_log: has a line for each operation.
        scope: of the WebSocket.
    """

    def __init__(
        self, graphql: GraphQLEndpoint, access_log: AccessLog, scope: Scope, socket: Socket
    ) -> None:
        self._graphql, self._access_log = graphql, access_log
        self._scope, self._socket = scope, socket
        self._headers: list[tuple[bytes, bytes]] = []
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def initialize(self) -> None:
        """Wait for the message that signs the client in, and acknowledge it.

        Raises:
            Close: it does not come in time, comes late, or holds no token that is in force.
            Closed: the client has closed the WebSocket.
        """
        seconds = self._graphql.limits.socket_init_seconds
        try:
            async with asyncio.timeout(seconds):
                message = await self._first_message()
        except TimeoutError:
            raise Close(4408, f"Send connection_init within {seconds:g} seconds.") from None
        authorization = _authorization(message.get("payload"))
        self._headers = [
            *(pair for pair in self._scope["headers"] if pair[0] not in _REPLACED),
            (b"accept", _ACCEPTED),
            (b"content-type", b"application/json"),
            (b"authorization", authorization),
        ]
        try:
            async with self._graphql.open_context(Request(self._request_scope())):
                pass
        except Unauthenticated as error:
            raise _forbidden(error) from None

    async def run(self) -> None:
        """Execute the client's operations until the WebSocket or its sign-in ends.

        Raises:
            Close: the client breaks the protocol or a limit, or the sign-in has ended.
            Closed: the client has closed the WebSocket.
        """
        scope = self._request_scope()
        principal = self._graphql.requester(scope, RequestHead(scope)).principal
        try:
            with self._graphql.live_connections.counted(principal):
                await self._socket.send("connection_ack")
                await self._run()
        except RateLimited as error:
            raise Close(1013, error.message) from None

    async def _run(self) -> None:
        end: BaseException = Closed()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_sign_in())
                while True:
                    self._dispatch(await self._next_message(), tasks)
        except* (Close, Closed) as ends:
            end = ends.exceptions[0]
        raise end

    async def _watch_sign_in(self) -> None:
        error = await self._graphql.sign_in_watch.ended(Request(self._request_scope()))
        raise _forbidden(error)

    async def _first_message(self) -> Mapping[str, Any]:
        message = await self._next_message()
        if message["type"] == "subscribe":
            raise Close(4401, "Unauthorized: send connection_init first.")
        if message["type"] != "connection_init":
            raise _unknown(message)
        return message

    async def _next_message(self) -> Mapping[str, Any]:
        """Return the next message that is neither ping nor pong."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "ping":
                payload = message.get("payload")
                echo = None if payload is None else orjson.dumps(payload)
                await self._socket.send("pong", payload=echo)
            elif message["type"] != "pong":
                return message

    def _dispatch(self, message: Mapping[str, Any], tasks: asyncio.TaskGroup) -> None:
        """Start or end the operation of a message.

        Raises:
            Close: the message breaks the protocol.
        """
        if message["type"] == "connection_init":
            raise Close(4429, "Too many initialisation requests")
        if message["type"] not in ("subscribe", "complete"):
            raise _unknown(message)
        id = message.get("id")
        if not isinstance(id, str) or not 0 < len(id) <= _LONGEST_ID or UNPRINTABLE.search(id):
            raise Close(4400, f"Invalid message. Send an `id` of 1 to {_LONGEST_ID} characters.")
        if message["type"] == "complete":
            if operation := self._operations.pop(id, None):
                operation.cancel()
            return
        if id in self._operations:
            raise Close(4409, f"Subscriber for {id} already exists")
        payload = message.get("payload")
        if not isinstance(payload, dict):
            raise Close(4400, "Invalid message. Send the operation as an object in `payload`.")
        self._operations[id] = tasks.create_task(self._operate(id, payload))

    async def _operate(self, id: str, payload: Mapping[str, Any]) -> None:
        """Execute one operation, send its results, and log it."""
        started_at = time.perf_counter()
        scope = self._request_scope()
        request_id, log_fields = scope["state"]["request_id"], scope["state"]["graphql"]
        builder = ResponseBuilder(request_id, self._graphql.limits, log_fields)
        status = CLIENT_CLOSED_REQUEST
        try:
            response = await self._response(id, payload, scope, builder)
            status = response.status
            await self._send_last(id, response)
        finally:
            if self._operations.get(id) is asyncio.current_task():
                del self._operations[id]
            seconds = time.perf_counter() - started_at
            host, path = host_of(scope), scope["path"]
            entry = AccessLogEntry(request_id, "WEBSOCKET", path, host, status, seconds)
            self._access_log.write(entry, log_fields)

    async def _response(
        self, id: str, payload: Mapping[str, Any], scope: Scope, builder: ResponseBuilder
    ) -> BufferedResponse:
        """Return the last result of an operation, and send all before it.

        Raises:
            Close: the sign-in has ended, or the client does not read.
        """
        most = self._graphql.limits.socket_operations
        try:
            if len(self._operations) > most:
                raise RateLimited(
                    f"{most} operations of this WebSocket are in progress; no more are accepted. "
                    "End one, or connect again.",
                    seconds=1,
                )
            request = self._graphql.request_cache.parse_values(payload)
            outcome = await self._graphql.execute(scope, RequestHead(scope), request, builder)
            if isinstance(outcome, BufferedResponse):
                return outcome
            async with aclosing(outcome.results()) as results:
                async for result, _ in results:
                    await self._socket.send("next", id, builder.from_result(result).body)
            return BufferedResponse(200, b"", b"")
        except Unauthenticated as error:
            raise _forbidden(error) from None
        except (Close, Closed):
            raise
        except Exception as error:  # noqa: BLE001 the outermost handler: masks what is unexpected
            return builder.from_error(error)

    async def _send_last(self, id: str, response: BufferedResponse) -> None:
        """Send a response, and the end of its operation."""
        if response.body.startswith(b'{"errors":'):
            errors = orjson.loads(response.body)["errors"]
            await self._socket.send("error", id, orjson.dumps(errors))
            return
        if response.body:
            await self._socket.send("next", id, response.body)
        await self._socket.send("complete", id)

    def _request_scope(self) -> Scope:
        """Return the scope of a request with the headers of the handshake and the token."""
        of_socket = self._scope
        state = {**of_socket.get("state", {}), "request_id": request_id(""), "graphql": {}}
        scheme = _HTTP_SCHEMES.get(of_socket["scheme"], of_socket["scheme"])
        request = {"type": "http", "method": "POST", "scheme": scheme, "query_string": b""}
        return {**of_socket, **request, "headers": self._headers, "state": state}


def _authorization(payload: object) -> bytes:
    """Return the `Authorization` header that a client sends in `connection_init`.

    Raises:
        Close: there is none.
    """
    values = payload.items() if isinstance(payload, dict) else ()
    for name, value in values:
        if name.lower() == "authorization" and isinstance(value, str):
            return value.encode("latin-1", "replace")
    raise Close(4401, 'Unauthorized: send {"Authorization": "Bearer <accessToken>"} as payload.')


def _forbidden(error: Unauthenticated) -> Close:
    return Close(4403, f"Forbidden. {error.message}")


def _unknown(message: Mapping[str, Any]) -> Close:
    return Close(4400, f"Invalid message. The type {message['type'][:40]} is not known.")
