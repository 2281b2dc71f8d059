"""GraphQL over HTTP: body → parameters → context → execution → response.

Written over `Schema.execute`, because the stock view answers malformed JSON with 500 and errors
with plain text.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from qgp.http import faults, parameters
from qgp.http.answer import Answer
from qgp.http.body import read_object
from qgp.http.limits import Limits
from qgp.http.negotiation import GRAPHQL, JSON, negotiate
from qgp.http.parameters import Parameters
from qgp.http.refusal import Refusal
from qgp.http.schema import GuardedSchema

OpenContext = Callable[[Request], AbstractAsyncContextManager[object]]

_BY_METHOD = {
    "POST": {OperationType.QUERY, OperationType.MUTATION},
    "GET": {OperationType.QUERY},
}


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`, for HTTP only.

    Args:
        schema: what is served.
        limits: what one request may ask.
        open_context: makes the Strawberry context of a request and closes it after the result;
            may raise `Unauthenticated`, `RateLimited` or `Unavailable`.
        get: whether queries may also come by GET; mutations never do.
    """

    def __init__(
        self,
        schema: GuardedSchema,
        *,
        limits: Limits,
        open_context: OpenContext,
        get: bool = False,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._open_context = open_context
        self._methods = ("GET", "POST") if get else ("POST",)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets none."""
        state = scope.setdefault("state", {})
        noted = state.setdefault("graphql", {})
        answer = Answer(state.get("request_id") or str(uuid4()), self._limits, noted)
        try:
            response = await self._respond(Request(scope, receive), answer)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request, answer: Answer) -> Response:
        try:
            answer.media = self._media(request)
            asked = await self._parameters(request)
            answer.noted["document_hash"] = asked.sha256
            result = await self._execute(request, asked)
            answer.noted["operation_name"] = self._schema.operation_name(
                asked.query, asked.operation_name
            )
            return answer.executed(result)
        except Refusal as refusal:
            return answer.refused(refusal)
        except ClientDisconnect:
            raise
        except _Late as late:
            return answer.failed(late, faults.TIMEOUT)
        except Exception as error:  # noqa: BLE001 the edge: whatever flew this far is masked here
            return answer.failed(error)

    def _media(self, request: Request) -> str:
        if request.method not in self._methods:
            allow = ", ".join(self._methods)
            raise Refusal(405, f"This address answers {allow} only.", headers={"Allow": allow})
        media = negotiate(", ".join(request.headers.getlist("accept")))
        if media is None:
            raise Refusal(406, f"`Accept` must allow {GRAPHQL} or {JSON}.")
        return media

    async def _parameters(self, request: Request) -> Parameters:
        if request.method == "GET":
            return parameters.from_query_string(request.query_params, self._limits)
        return parameters.from_object(await read_object(request, self._limits), self._limits)

    async def _execute(self, request: Request, asked: Parameters) -> ExecutionResult:
        """Run the operation within the deadline, its context opened and closed around it."""
        try:
            async with asyncio.timeout(self._limits.request_seconds) as deadline:
                async with self._open_context(request) as context:
                    return await self._schema.execute(
                        asked.query,
                        variable_values=asked.variables,
                        context_value=context,
                        operation_name=asked.operation_name,
                        allowed_operation_types=_BY_METHOD[request.method],
                        operation_extensions=asked.extensions,
                    )
        except TimeoutError as error:
            raise (_Late() if deadline.expired() else error) from None
        except InvalidOperationTypeError as error:
            raise _not_here(error.operation_type) from None


class _Late(Exception):
    """The deadline passed."""


def _not_here(kind: OperationType) -> Refusal:
    code = "OPERATION_RESOLUTION_FAILURE"
    if kind is OperationType.SUBSCRIPTION:
        return Refusal(
            400,
            "Subscriptions do not run over plain HTTP. Connect a WebSocket to this address with "
            "the subprotocol graphql-transport-ws.",
            code=code,
        )
    return Refusal(405, "Send a mutation by POST.", code=code, headers={"Allow": "POST"})
