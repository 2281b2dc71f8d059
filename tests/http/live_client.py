"""Client of the live connections of a small server, whose tokens a test can end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from qgp.http.limits import Limits
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated
from tests.http.small_server import SmallServer, small_server

TOKEN = "Bearer genuine"
SUBPROTOCOL: Any = "graphql-transport-ws"


@dataclass
class Tokens:
    """The token that is in force, and its lifetime."""

    in_force: set[str] = field(default_factory=lambda: {TOKEN})
    seconds: float = 60
    checks: int = 0

    @asynccontextmanager
    async def open_context(self, request: Request) -> AsyncIterator[None]:
        self.checks += 1
        if request.headers.get("authorization") not in self.in_force:
            raise Unauthenticated("This sign-in has ended.")
        yield None

    def expiry(self, authorization: str) -> datetime:
        return clock.now() + timedelta(seconds=self.seconds)


@asynccontextmanager
async def live_server(
    tokens: Tokens | None = None, limits: Limits | None = None, **options: Any
) -> AsyncIterator[SmallServer]:
    tokens = tokens or Tokens()
    async with small_server(
        limits=limits,
        open_context=tokens.open_context,
        expiry=tokens.expiry,
        identify=lambda authorization: authorization,
        **options,
    ) as server:
        yield server


@dataclass
class Messages:
    """One WebSocket."""

    socket: ClientConnection

    async def say(self, type: str, id: str | None = None, payload: Any = None) -> None:
        message = {"type": type, "id": id, "payload": payload}
        present = {name: value for name, value in message.items() if value is not None}
        await self.socket.send(json.dumps(present))

    async def hear(self) -> tuple[str, str | None, Any]:
        message = json.loads(await asyncio.wait_for(self.socket.recv(), 5))
        return message["type"], message.get("id"), message.get("payload")

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        await self.say("subscribe", id, {"query": query, "variables": variables})

    async def closed(self) -> tuple[int, str]:
        """Return code and reason of the close frame, after whatever comes before it."""

        async def recv_all() -> None:
            while True:
                await self.socket.recv()

        with pytest.raises(ConnectionClosed) as end:
            await asyncio.wait_for(recv_all(), 5)
        frame = end.value.rcvd
        assert frame is not None
        return frame.code, frame.reason


@asynccontextmanager
async def connected(server: SmallServer, **options: Any) -> AsyncIterator[Messages]:
    """Connect without signing in."""
    options.setdefault("subprotocols", [SUBPROTOCOL])
    async with connect(f"ws://127.0.0.1:{server.port}/graphql", **options) as socket:
        yield Messages(socket)


@asynccontextmanager
async def signed_in(server: SmallServer, token: str = TOKEN) -> AsyncIterator[Messages]:
    """Connect and sign in."""
    async with connected(server) as messages:
        await messages.say("connection_init", payload={"authorization": token})
        assert await messages.hear() == ("connection_ack", None, None)
        yield messages
