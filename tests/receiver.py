"""Receiver of HTTP requests on this machine, over a real socket, which replies as a test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """A request."""

    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps the requests; `replies` are used up one by one, the last one stays."""

    port: int = 0
    replies: list[bytes] = field(default_factory=lambda: [reply(204)])
    requests: list[Received] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and reply to it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(Received(first.split(" ")[1], headers, body))
        writer.write(self.replies[0] if len(self.replies) == 1 else self.replies.pop(0))
        writer.close()


def reply(status: int, *headers: str, body: bytes = b"") -> bytes:
    """Return the bytes of an HTTP response."""
    lines = [f"HTTP/1.1 {status} Reply", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + body


@asynccontextmanager
async def receiving(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Listen within the block."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, host, port, ssl=tls)
    async with server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver
