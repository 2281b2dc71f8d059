"""A whole answer in memory, and how it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from qgp.http.compression import MINIMUM, compressing
from qgp.http.headers import Pair


@dataclass(slots=True)
class Reply:
    """Status, body, media type and further headers of an answer."""

    status: int
    body: bytes
    media: str
    headers: Sequence[Pair] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, compressed where it is long enough for that."""
        if len(self.body) < MINIMUM:
            await self.send(send)
        else:
            await _compressing({**scope, "reply": self}, receive, send)

    async def send(self, send: Send) -> None:
        """Send the answer as it is."""
        length, media = b"%d" % len(self.body), self.media.encode()
        headers = [*self.headers, (b"content-length", length), (b"content-type", media)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


async def _send(scope: Scope, _: Receive, send: Send) -> None:
    reply: Reply = scope["reply"]
    await reply.send(send)


_compressing = compressing(_send)
