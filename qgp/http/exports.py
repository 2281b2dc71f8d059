"""CSV exports: `GET /exports/<list>.csv`, a list as a file for callers who may read it.

The first rows are read before the response begins; if the database fails after that, the
connection is closed, so that no client takes a part for the whole.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from qgp.http import graphql_errors, parameters
from qgp.http.body import parse
from qgp.http.csv_parameters import CsvParameters
from qgp.http.deadline import within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.open_context import OpenContext
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.kit.availability import Availability
from qgp.kit.concurrency import Concurrency
from qgp.kit.context import Context
from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.errors import DomainError
from qgp.kit.gql.exports import Export, ExportRequest, export
from qgp.kit.policy import Principal

MEDIA = "text/csv; charset=utf-8; header=present"
_METHODS = ("GET",)
_JSON = ("filter", "orderBy")
_PARAMETERS = (*_JSON, "columns", "delimiter", "bom")
PATH = "/exports/"
SIGNATURE = "signature"  # parameter of a link that needs no access token


@dataclass(eq=False)
class Exports:
    """ASGI application of the route.

    Attributes:
        open_context: opens the context of a request; may raise as the GraphQL endpoint's does.
        most: exports at once, one of a user; each holds a connection of the pool until its client
            has received the file.
        seconds: time that one may take.
        availability: availability of the database, whose loss ends every export.
    """

    schema: LimitedSchema
    limits: Limits
    open_context: OpenContext
    most: int = 2
    seconds: float = 300
    availability: Availability = field(default_factory=Availability)

    def routes(self) -> list[BaseRoute]:
        """Return the route."""
        return [Route(PATH + "{list}.csv", self)]

    def check(self, caller: Principal, register: str, query: Mapping[str, str]) -> None:
        """Check the parameters of an export without running it.

        Raises:
            HttpError: 400.
            DomainError: the export would be refused.
        """
        export(self.schema, caller, self._export_request(register, QueryParams(query)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets no more."""
        request = Request(scope, receive)
        sending = _Sending(send)
        builder = ResponseBuilder(request.state.request_id, self.limits, request.state.graphql)
        try:
            work = self._respond(request, builder, sending)
            response = await within(self.seconds, work, self.availability)
        except ClientDisconnect:
            return
        except Exception as error:
            if sending.has_begun:
                graphql_errors.log_server_error(
                    graphql_errors.classify_exception(error), error, request_id=builder.request_id
                )
                raise
            response = builder.from_exception(error)
        if response is not None:
            await response(scope, receive, send)

    async def _respond(
        self, request: Request, builder: ResponseBuilder, sending: "_Sending"
    ) -> BufferedResponse | None:
        """Send the file, or return the response in its place."""
        try:
            export_request = self._read(request)
            async with self.open_context(request) as context:
                assert isinstance(context, Context)
                with self.concurrency.running(context.caller.user_id):
                    await self._send(context, export_request, request, sending)
        except HttpError as error:
            return builder.from_http_error(error)
        except DomainError as error:
            return builder.from_domain_error(error)
        return None

    def _read(self, request: Request) -> ExportRequest:
        """Read method and parameters of a request.

        Raises:
            HttpError: 400 or 405.
        """
        if request.method not in _METHODS:
            allow = ", ".join(_METHODS)
            raise HttpError(405, f"This address answers {allow} only.", headers={"Allow": allow})
        items = request.query_params.multi_items()
        query = QueryParams([(name, text) for name, text in items if name != SIGNATURE])
        return self._export_request(request.path_params["list"], query)

    async def _send(
        self, context: Context, export_request: ExportRequest, request: Request, sending: "_Sending"
    ) -> None:
        csv_export = export(self.schema, context.caller, export_request)
        name = f'attachment; filename="{export_request.register}.csv"'
        async with _chunks(context, csv_export) as chunks:
            response = StreamingResponse(
                chunks, media_type=MEDIA, headers={"Content-Disposition": name}
            )
            await response(request.scope, request.receive, sending)

    def _export_request(self, register: str, query_params: QueryParams) -> ExportRequest:
        """Parse the parameters.

        Raises:
            HttpError: 400.
        """
        query = CsvParameters(query_params, _PARAMETERS)
        values = {name: self._json(query, name) for name in _JSON}
        parameters.check(values, self.limits)
        columns = query.text("columns")
        chosen = None if columns is None else [name.strip() for name in columns.split(",")]
        return ExportRequest(
            register,
            values["filter"],
            values["orderBy"],
            chosen,
            query.delimiter() or CsvDelimiter.COMMA,
            has_mark=query.boolean("bom"),
        )

    def _json(self, query: CsvParameters, name: str) -> Any:
        text = query.text(name)
        try:
            return None if text is None else parse(text.encode(), self.limits)
        except HttpError as error:
            message = error.message.replace("request body", f"parameter `{name}`")
            raise HttpError(400, message, code="BAD_USER_INPUT", path=(name,)) from None

    @cached_property
    def concurrency(self) -> Concurrency:
        """Bound on the exports that run at once."""
        return Concurrency("export", self.most)


@dataclass
class _Sending:
    """Sends a response, and records whether it has begun."""

    send: Send
    has_begun: bool = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self.send(message)


@asynccontextmanager
async def _chunks(context: Context, csv_export: Export) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open the chunks of the file, once the first of them has been read."""
    await context.close()  # one connection is enough
    async with (
        context.database.read(context.scope, is_snapshot=True) as session,
        aclosing(csv_export.chunks(session)) as chunks,
    ):
        _, first = await anext(chunks)
        yield _rest(first, chunks)


async def _rest(
    first: bytes, chunks: AsyncGenerator[tuple[int, bytes], None]
) -> AsyncIterator[bytes]:
    yield first
    async for _, chunk in chunks:
        yield chunk
