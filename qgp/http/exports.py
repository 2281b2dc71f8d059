"""`/exports/<list>.csv`: a register as a file, for whoever may read it.

What is asked is read, and the first rows are there, before the answer begins; if the database
fails after that, the connection is cut, so that nobody takes a part for the whole.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from qgp.http import faults, parameters
from qgp.http.answer import Answer
from qgp.http.body import parse
from qgp.http.deadline import within
from qgp.http.endpoint import OpenContext
from qgp.http.limits import Limits
from qgp.http.refusal import Refusal
from qgp.http.reply import Reply
from qgp.http.schema import GuardedSchema
from qgp.kit.availability import Availability
from qgp.kit.context import Context
from qgp.kit.errors import DomainError, RateLimited, Unavailable
from qgp.kit.gql.exports import Export, ExportRequest, export

MEDIA = "text/csv; charset=utf-8; header=present"
_METHODS = ("GET",)
_JSON = ("filter", "orderBy")
_KNOWN = {*_JSON, "columns"}
_LATER = 5


@dataclass(eq=False)
class Exports:
    """The ASGI application behind the route.

    Attributes:
        open_context: makes the context of a request; may raise as the GraphQL endpoint's does.
        most: exports at once, one of a user; each holds a connection of the pool as long as its
            reader reads.
        seconds: how long one may take.
        availability: of the database, whose loss ends every export.
    """

    schema: GuardedSchema
    limits: Limits
    open_context: OpenContext
    most: int = 2
    seconds: float = 300
    availability: Availability = field(default_factory=Availability)
    _running: list[Hashable] = field(default_factory=list)

    def routes(self) -> list[BaseRoute]:
        """Return the route."""
        return [Route("/exports/{list}.csv", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets no more."""
        request = Request(scope, receive)
        sent = _Sent(send)
        answer = Answer(request.state.request_id, self.limits, request.state.graphql)
        try:
            work = self._respond(request, answer, sent)
            reply = await within(self.seconds, work, self.availability)
        except ClientDisconnect:
            return
        except Exception as error:
            if sent.has_begun:
                faults.log(faults.of_exception(error), error, request_id=answer.request_id)
                raise
            reply = answer.failed(error)
        if reply is not None:
            await reply(scope, receive, send)

    async def _respond(self, request: Request, answer: Answer, sent: "_Sent") -> Reply | None:
        """Send the file, or return what to answer in its place."""
        try:
            wish = self._wish(request)
            async with self.open_context(request) as context:
                assert isinstance(context, Context)
                with self._place(context.caller.user_id):
                    await self._send(context, wish, request, sent)
        except Refusal as refusal:
            return answer.refused(refusal)
        except DomainError as error:
            return answer.unfit(error)
        return None

    async def _send(
        self, context: Context, wish: ExportRequest, request: Request, sent: "_Sent"
    ) -> None:
        found = export(self.schema, context.caller, wish)
        name = f'attachment; filename="{wish.register}.csv"'
        async with _chunks(context, found) as chunks:
            response = StreamingResponse(
                chunks, media_type=MEDIA, headers={"Content-Disposition": name}
            )
            await response(request.scope, request.receive, sent)

    def _wish(self, request: Request) -> ExportRequest:
        """Read what is asked for.

        Raises:
            Refusal: 400 or 405.
        """
        if request.method not in _METHODS:
            allow = ", ".join(_METHODS)
            raise Refusal(405, f"This address answers {allow} only.", headers={"Allow": allow})
        given = request.query_params
        for name in given:
            if name not in _KNOWN or len(given.getlist(name)) > 1:
                told = "Send `filter`, `orderBy` and `columns`, each at most once; this is"
                raise Refusal(
                    400, f"{told} `{name[:60]}`.", code="BAD_USER_INPUT", path=(name[:60],)
                )
        values = {name: self._parsed(given, name) for name in _JSON}
        parameters.check(values, self.limits)
        columns = given.get("columns")
        chosen = None if columns is None else [name.strip() for name in columns.split(",")]
        return ExportRequest(
            request.path_params["list"], values["filter"], values["orderBy"], chosen
        )

    def _parsed(self, given: QueryParams, name: str) -> Any:
        text = given.get(name)
        try:
            return None if text is None else parse(text.encode(), self.limits)
        except Refusal as refusal:
            told = refusal.message.replace("request body", f"parameter `{name}`")
            raise Refusal(400, told, code="BAD_USER_INPUT", path=(name,)) from None

    @contextmanager
    def _place(self, principal: Hashable) -> Iterator[None]:
        """Take a place within the block.

        Raises:
            RateLimited: the principal has one.
            Unavailable: all are taken.
        """
        if principal in self._running:
            message = f"One of your exports is under way. Try again in {_LATER} seconds."
            raise RateLimited(message, seconds=_LATER)
        if len(self._running) >= self.most:
            message = f"{self.most} exports are under way here. Try again in {_LATER} seconds."
            raise Unavailable(message, seconds=_LATER)
        self._running.append(principal)
        try:
            yield
        finally:
            self._running.remove(principal)


@dataclass
class _Sent:
    """Sends, and remembers whether the answer has begun."""

    send: Send
    has_begun: bool = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self.send(message)


@asynccontextmanager
async def _chunks(context: Context, found: Export) -> AsyncIterator[AsyncIterator[bytes]]:
    """Give the file in pieces, the first of which has come."""
    await context.close()  # one connection is enough
    async with (
        context.database.read(context.scope, is_snapshot=True) as session,
        aclosing(found.chunks(session)) as chunks,
    ):
        _, first = await anext(chunks)
        yield _rest(first, chunks)


async def _rest(
    first: bytes, chunks: AsyncGenerator[tuple[int, bytes], None]
) -> AsyncIterator[bytes]:
    yield first
    async for _, chunk in chunks:
        yield chunk
