"""Subscriptions of a signed-in client over event streams, in process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests import asgi
from tests.company import Client

SECONDS = 20  # of waiting for an event, on a busy machine


@dataclass
class Stream:
    """Events of one subscription, as they arrive."""

    _parts: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    _bodies: list[bytes] = field(default_factory=list)

    async def receive(self) -> asgi.Message:
        """Return the body once, then wait until the client hangs up."""
        if self._bodies:
            return {"type": "http.request", "body": self._bodies.pop(), "more_body": False}
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: asgi.Message) -> None:
        """Keep a part of the response."""
        await self._parts.put(message.get("body", b""))

    async def next(self) -> Any:
        """Return the payload of the next event: its data, or its errors."""
        while True:
            part = await asyncio.wait_for(self._parts.get(), SECONDS)
            for line in part.decode().splitlines():
                if line.startswith("data: "):
                    payload = json.loads(line.removeprefix("data: "))
                    return payload["errors"] if "errors" in payload else payload["data"]

    async def change(self) -> Any:
        """Return the `recordChanged` of the next event."""
        return (await self.next())["recordChanged"]


@asynccontextmanager
async def subscribed(api: Client, query: str, **variables: Any) -> AsyncIterator[Stream]:
    """Subscribe until the end of the block."""
    stream = Stream(_bodies=[json.dumps({"query": query, "variables": variables}).encode()])
    headers = {**api.http.headers, "accept": "text/event-stream"}
    scope = asgi.scope_of("/graphql", headers, api.peer)
    task = asyncio.ensure_future(api.app(scope, stream.receive, stream.send))
    await asyncio.wait_for(stream._parts.get(), SECONDS)  # the head
    await asyncio.wait_for(stream._parts.get(), SECONDS)
    try:
        yield stream
    finally:
        stream._hung_up.set()
        await task
