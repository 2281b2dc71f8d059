"""A GraphQL client of few instructions, so that a load costs the server more than its sender."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

PATIENCE = 60.0  # seconds for one answer


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        outcome: the HTTP status, followed by the code of the first error if there is one.
        retry_after: seconds that the server asks to wait.
    """

    outcome: str
    retry_after: float
    body: bytes

    @property
    def token(self) -> str:
        """The access token of a sign-in."""
        token: str = json.loads(self.body)["data"]["login"]["accessToken"]
        return token


class Connection:
    """A connection that is kept between requests, and opened again where it was closed."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int, token: str = "") -> "AsyncIterator[Connection]":
        """Close the connection at the end of the block."""
        connection = cls(port, token)
        try:
            yield connection
        finally:
            connection.close()

    async def post(self, query: str, variables: dict[str, Any] | None = None) -> Reply:
        """Run an operation."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        return await self._send("POST", "/graphql", body)

    async def get(self, path: str) -> Reply:
        """Fetch something."""
        return await self._send("GET", path, b"")

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _send(self, method: str, path: str, body: bytes) -> Reply:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._authorization}"
            "Accept-Encoding: gzip\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            return await asyncio.wait_for(self._exchange(head.encode() + body), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            return Reply(type(error).__name__, 0.1, b"")

    async def _exchange(self, request: bytes) -> Reply:
        if self._streams is None or self._streams[1].is_closing() or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if headers.get("connection") == "close":
            self.close()
        status = status_line.split(" ")[1]
        return Reply(_outcome(status, body), float(headers.get("retry-after", 0)), body)


def _outcome(status: str, body: bytes) -> str:
    if not body.startswith(b'{"errors"'):
        return status
    errors = json.loads(body).get("errors") or [{}]
    return f"{status} {errors[0].get('extensions', {}).get('code', '')}".strip()


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
