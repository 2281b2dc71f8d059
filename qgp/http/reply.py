"""A whole answer in memory, and how it leaves."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from qgp.http.compression import MINIMUM, NAME, Compression, refuses_identity
from qgp.http.head import Head
from qgp.http.headers import Pair

LARGE = 64 * 1024  # bytes; to compress more takes milliseconds, in which nobody else is served
_LENGTH = b"content-length"
Packed = tuple[tuple[Pair, ...], bytes]


@dataclass(slots=True)
class Reply:
    """Status, body, media type and further headers of an answer."""

    status: int
    body: bytes
    media: bytes
    headers: Sequence[Pair] = ()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send the answer, compressed where it is long enough for that."""
        head = Head(scope)
        if len(self.body) < MINIMUM and not refuses_identity(head.joined(NAME)):
            await self.send(send)
            return
        headers, body = await self.packed(head)
        await Reply(self.status, body, b"", headers).send(send)

    async def send(self, send: Send) -> None:
        """Send the answer as it is."""
        headers = list(self.told)
        if self.status != 304:
            headers.append((_LENGTH, b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def told(self) -> tuple[Pair, ...]:
        """All headers but the length."""
        return (*self.headers, (b"content-type", self.media)) if self.media else (*self.headers,)

    async def packed(self, head: Head) -> Packed:
        """Return all headers but the length, and the body in the form that the caller accepts."""
        if len(self.body) < LARGE:
            return await self._packed(head)
        return await asyncio.to_thread(_completed, self._packed(head))

    async def _packed(self, head: Head) -> Packed:
        headers, parts = list[Pair](), list[bytes]()

        async def gather(message: Message) -> None:
            headers.extend(message.get("headers", ()))
            parts.append(message.get("body", b""))

        asked = {"type": "http", "method": head.method, "path": "", "headers": head.pairs}
        await _compressing({**asked, "reply": self}, _nothing, gather)
        return tuple(pair for pair in headers if pair[0] != _LENGTH), b"".join(parts)


def _completed(packing: Coroutine[Any, Any, Packed]) -> Packed:
    """Run a coroutine that never waits, in a thread: the codecs let go of the interpreter."""
    try:
        packing.send(None)
    except StopIteration as done:
        packed: Packed = done.value
        return packed
    raise AssertionError("compression does not wait")


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _send(scope: Scope, _: Receive, send: Send) -> None:
    reply: Reply = scope["reply"]
    await reply.send(send)


_compressing = Compression(_send)
