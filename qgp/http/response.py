"""Buffered responses: status, headers and a whole body in memory, compressed when sent."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from qgp.http.compression import (
    IDENTITY,
    MINIMUM,
    NAME,
    Compression,
    preferred_coding,
    refuses_identity,
)
from qgp.http.headers import Pair
from qgp.http.request_head import RequestHead

LARGE = 64 * 1024  # bytes; compressing more takes milliseconds, so it is done in a thread
_LENGTH = b"content-length"
Compressed = tuple[tuple[Pair, ...], bytes]


@dataclass(slots=True)
class BufferedResponse:
    """Status, body, media type and further headers of a response."""

    status: int
    body: bytes
    media_type: bytes
    headers: Sequence[Pair] = ()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send the response, compressed if it is long enough for that."""
        head = RequestHead(scope)
        if len(self.body) < MINIMUM and not refuses_identity(head.joined(NAME)):
            await self.send(send)
            return
        headers, body = await self.compressed(head)
        await BufferedResponse(self.status, body, b"", headers).send(send)

    async def send(self, send: Send) -> None:
        """Send the response as it is."""
        headers = list(self.header_pairs)
        if self.status != 304:
            headers.append((_LENGTH, b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def header_pairs(self) -> tuple[Pair, ...]:
        """All headers but the length."""
        if not self.media_type:
            return (*self.headers,)
        return (*self.headers, (b"content-type", self.media_type))

    async def compressed(self, head: RequestHead) -> Compressed:
        """Return all headers but the length, and the body in a coding that the caller accepts."""
        if preferred_coding(head.joined(NAME)) == IDENTITY:
            length = min(len(self.body), MINIMUM)
            return _uncompressed_headers(self.status, self.header_pairs, length), self.body
        if len(self.body) < LARGE:
            return await self._compressed(head)
        return await asyncio.to_thread(_run_to_end, self._compressed(head))

    async def _compressed(self, head: RequestHead) -> Compressed:
        headers, parts = list[Pair](), list[bytes]()

        async def collect(message: Message) -> None:
            headers.extend(message.get("headers", ()))
            parts.append(message.get("body", b""))

        scope = {"type": "http", "method": head.method, "path": "", "headers": head.pairs}
        await _compression({**scope, "response": self}, _disconnected, collect)
        return tuple(pair for pair in headers if pair[0] != _LENGTH), b"".join(parts)


@lru_cache(256)
def _uncompressed_headers(status: int, headers: tuple[Pair, ...], length: int) -> tuple[Pair, ...]:
    """Return all headers but the length of a response that the caller wants as it is."""
    response = BufferedResponse(status, b" " * length, b"", headers)
    head = RequestHead({"method": "GET", "headers": []})
    return _run_to_end(response._compressed(head))[0]


def _run_to_end(compressing: Coroutine[Any, Any, Compressed]) -> Compressed:
    """Run a coroutine that never waits, in a thread: the codecs release the interpreter lock."""
    try:
        compressing.send(None)
    except StopIteration as done:
        compressed: Compressed = done.value
        return compressed
    raise AssertionError("compression does not wait")


async def _disconnected() -> Message:
    return {"type": "http.disconnect"}


async def _send(scope: Scope, _: Receive, send: Send) -> None:
    response: BufferedResponse = scope["response"]
    await response.send(send)


_compression = Compression(_send)
