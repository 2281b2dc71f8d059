"""Messages of a WebSocket: sent and received within the limits, and the codes that close it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import Receive, Send

from qgp.http.body import parse_object
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits

SUBPROTOCOL = "graphql-transport-ws"
_REASON_BYTES = 123  # of a close frame (RFC 6455, 5.5)


class Close(Exception):
    """The server closes the WebSocket.

    Args:
        code: of the close frame: 4400 and more by the subprotocol, below by RFC 6455, 7.4.1.
        reason: sentence for a developer.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_REASON_BYTES].decode(errors="ignore")


class Closed(Exception):
    """The WebSocket is closed, by the client or with the server."""


@dataclass(frozen=True)
class Socket:
    """Messages of one WebSocket, as JSON objects."""

    _receive: Receive
    _send: Send
    limits: Limits

    async def accept(self, subprotocol: str | None) -> None:
        """Complete the handshake."""
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def receive(self) -> Mapping[str, Any]:
        """Return the next message.

        Raises:
            Close: it is no message of the subprotocol.
            Closed: the client has closed the WebSocket, or the server stops.
        """
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Closed
        text = event.get("text")
        if text is None:
            raise Close(4400, "Send messages as text, not as bytes.")
        if len(text) > self.limits.socket_message_bytes:
            raise Close(1009, f"Send at most {self.limits.socket_message_bytes} bytes.")
        try:
            message = parse_object(text.encode(errors="surrogatepass"), self.limits)
        except HttpError as error:
            raise Close(4400, f"Invalid message. {error.message}") from None
        if not isinstance(message.get("type"), str):
            raise Close(4400, "Invalid message. Send its `type` as a string.")
        return message

    async def send(self, type: str, id: str | None = None, payload: bytes | None = None) -> None:
        """Send a message.

        Args:
            type: of the message.
            id: of its operation.
            payload: JSON.

        Raises:
            Close: the client does not read.
        """
        parts = [b'{"type":%b' % orjson.dumps(type)]
        if id is not None:
            parts.append(b'"id":%b' % orjson.dumps(id))
        if payload is not None:
            parts.append(b'"payload":%b' % payload)
        text = (b",".join(parts) + b"}").decode()
        try:
            async with asyncio.timeout(self.limits.socket_send_seconds):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise Close(1013, "You read too slowly. Resume after the last cursor.") from None
        except OSError:  # uvicorn's ClientDisconnected
            raise Closed from None

    async def close(self, close: Close) -> None:
        """Close the WebSocket."""
        message = {"type": "websocket.close", "code": close.code, "reason": close.reason}
        try:
            async with asyncio.timeout(self.limits.socket_send_seconds):
                await self._send(message)
        except (TimeoutError, OSError):
            pass
