"""Event streams: results of an operation as Server-Sent Events (GraphQL over SSE).

Each stream carries one operation ("distinct connections mode"): an event `next` for each result and
an event `complete` at the end. The id of an event is its cursor, which a client sends back in
`Last-Event-ID` to resume. A stream that the server has to end early has no `complete`, so that the
client connects again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from qgp.http.headers import Pair
from qgp.http.in_flight import RELEASE
from qgp.http.live_connections import LiveConnections
from qgp.http.negotiation import EVENT_STREAM
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.sign_in_watch import SignInWatch
from qgp.http.subscription_execution import Subscription
from qgp.kit.errors import RateLimited

KEEP_ALIVE_SECONDS = 12.0  # proxies close what is silent for longer
_COMPLETE = b"event: complete\ndata:\n\n"
_HEADERS: tuple[Pair, ...] = (
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
)


Write = Callable[[bytes], Awaitable[None]]


def single_event(response: BufferedResponse) -> BufferedResponse:
    """Return a response as a stream of one result."""
    return BufferedResponse(response.status, _next(response.body) + _COMPLETE, b"", _HEADERS)


class _Ended(Exception):
    """The stream ends."""


class _TooSlow(Exception):
    """The client does not read."""


@dataclass(frozen=True)
class EventStream:
    """Response with the results of a subscription, one event each."""

    subscription: Subscription
    builder: ResponseBuilder
    connections: LiveConnections
    sign_in_watch: SignInWatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the results until the subscription, the sign-in, the client or the server ends."""
        try:
            with self.connections.counted(self.subscription.requester.principal):
                scope["state"].get(RELEASE, _nothing)()
                await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
                await self._stream(receive, send)
        except RateLimited as error:
            await self.builder.from_error(error)(scope, receive, send)
        finally:
            await self.subscription.close()

    async def _stream(self, receive: Receive, send: Send) -> None:
        is_read = True

        async def write(content: bytes) -> None:
            try:
                async with asyncio.timeout(self.builder.limits.socket_send_seconds):
                    await send({"type": "http.response.body", "body": content, "more_body": True})
            except TimeoutError:
                raise _TooSlow from None

        try:
            await write(b":\n\n")  # the head is sent with the first bytes of the body
            async with asyncio.TaskGroup() as tasks:
                for work in (self._results(write), self._sign_in(write), _keep_alive(write)):
                    tasks.create_task(work)
                tasks.create_task(_end_after(self.connections.stopped()))
                tasks.create_task(_end_after(_disconnected(receive)))
        except* _TooSlow:
            is_read = False  # the server closes a response that is not complete
        except* _Ended:
            pass
        if is_read:
            await send({"type": "http.response.body", "body": b""})

    async def _results(self, write: Write) -> None:
        async for event in self._events():
            await write(event)
        raise _Ended

    async def _events(self) -> AsyncIterator[bytes]:
        try:
            async for result, cursor in self.subscription.results():
                yield _next(self.builder.from_result(result).body, cursor)
        except Exception as error:  # noqa: BLE001 the outermost handler: masks what is unexpected
            yield _next(self.builder.from_error(error).body)
        yield _COMPLETE

    async def _sign_in(self, write: Write) -> None:
        error = await self.sign_in_watch.ended(self.subscription.request)
        await write(_next(self.builder.from_error(error).body) + _COMPLETE)
        raise _Ended


def _next(body: bytes, cursor: str | None = None) -> bytes:
    """Return the event of a result, whose JSON is one line."""
    id = b"" if cursor is None else b"id: %b\n" % cursor.encode()
    return b"event: next\n%bdata: %b\n\n" % (id, body)


async def _keep_alive(write: Write) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        await write(b":\n\n")


async def _end_after(wait: Awaitable[None]) -> None:
    await wait
    raise _Ended


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _nothing() -> None:
    pass
