"""GraphQL over HTTP: body → parameters → context → execution → response.

Written over `Schema.execute`, because the stock view answers malformed JSON with 500 and errors
with plain text.
"""

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from uuid import uuid4

from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from qgp.http.admission import Admission
from qgp.http.answer import Answer
from qgp.http.body import check, read
from qgp.http.client_address import network_of
from qgp.http.compression import NAME as ACCEPT_ENCODING
from qgp.http.compression import not_acceptable, preferred_coding
from qgp.http.conditional import conditional
from qgp.http.deadline import within
from qgp.http.head import Head
from qgp.http.limits import Limits
from qgp.http.negotiation import GRAPHQL, JSON, negotiate
from qgp.http.parameters import Parameters
from qgp.http.persisted import ANONYMOUS, PersistedDocuments
from qgp.http.reading import Reader, Reading
from qgp.http.refusal import Refusal
from qgp.http.reply import Reply
from qgp.http.requests import Asked, Requests
from qgp.http.schema import GuardedSchema
from qgp.kit.availability import Availability
from qgp.kit.errors import RateLimited, Unauthenticated
from qgp.kit.fair_queue import FairQueue, Requester

UNREAD = "unread"  # in the state of a request: a reader has been asked, and what it told
OpenContext = Callable[[Request], AbstractAsyncContextManager[object]]
Identify = Callable[[str], Hashable | None]

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
        get: whether queries may also come by GET, with a token; mutations never do.
        persisted: documents that clients may name by their hash.
        reader: answers queries of callers that it knows in place of an execution.
        explain: whether a caller may ask how a query was read.
        admission: the lines in which requests wait for their turn.
        identify: names the principal behind an `Authorization` header, without any I/O; None
            where it proves nobody.
        availability: of the database, whose loss ends every request that waits.
    """

    def __init__(
        self,
        schema: GuardedSchema,
        *,
        limits: Limits,
        open_context: OpenContext,
        get: bool = True,
        persisted: PersistedDocuments | None = None,
        reader: Reader | None = None,
        explain: bool = False,
        admission: Admission | None = None,
        identify: Identify = lambda _: None,
        availability: Availability | None = None,
    ) -> None:
        self._schema = schema
        self._open_context = open_context
        self._methods = ("GET", "POST") if get else ("POST",)
        self._identify = identify
        self.admission = admission or Admission()
        self.limits = limits
        self.availability = availability or Availability()
        self.requests = Requests(schema, limits, persisted)
        self.reading = None if reader is None else Reading(reader, self.requests, explain=explain)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets none."""
        state = scope.setdefault("state", {})
        noted = state.setdefault("graphql", {})
        answer = Answer(state.get("request_id") or str(uuid4()), self.limits, noted)
        try:
            reply = await self._respond(scope, receive, answer)
        except ClientDisconnect:
            return
        await reply(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, answer: Answer) -> Reply:
        head = Head(scope)
        try:
            answer.media = self.media(head)
            asked = await self._asked(scope, head, receive)
            work = self._answer(scope, head, asked, answer)
            reply = await within(self.limits.request_seconds, work, self.availability)
            is_kept = head.method == "GET" and "error_code" not in answer.noted
            return conditional(reply, head) if is_kept else reply
        except Refusal as refusal:
            return answer.refused(refusal)
        except GraphQLError as error:
            return answer.executed(PreExecutionError(data=None, errors=[error]))
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 the edge: whatever flew this far is masked here
            return answer.failed(error)

    def media(self, head: Head) -> str:
        """Return the media type to answer with.

        Raises:
            Refusal: 405 or 406.
        """
        if head.method not in self._methods:
            raise _method_not_allowed(self._methods)
        if head.method == "GET" and not head.get(b"authorization"):
            raise _method_not_allowed(("POST",))
        media = negotiate(head.joined(b"accept"))
        if media is None:
            raise Refusal(406, f"`Accept` must allow {GRAPHQL} or {JSON}.")
        if preferred_coding(head.joined(ACCEPT_ENCODING)) is None:
            raise not_acceptable()
        return media

    async def _asked(self, scope: Scope, head: Head, receive: Receive) -> Asked:
        if head.method == "GET":
            return self.requests.of_query_string(Request(scope).query_params)
        check(head, self.limits)
        body = await read(receive, self.limits)
        if self.requests.is_costly(body):
            await self.admission.admit_document(self._requester(scope, head))
        return self.requests.of(body)

    async def _answer(self, scope: Scope, head: Head, asked: Asked, answer: Answer) -> Reply:
        """Answer the short way or the ordinary one, each in its turn."""
        requester = self._requester(scope, head)
        if not self.is_known(asked):
            await self.admission.admit_document(requester)
        if (unread := scope["state"].get(UNREAD)) is not None:
            answer.extensions = unread
        elif found := await self._read(head, asked, answer, requester):
            return found
        async with self._line(asked.parameters, requester).turn(requester):
            return await self._execute(Request(scope), asked.parameters, answer, requester)

    def may_read_now(self, asked: Asked, network: str) -> bool:
        """Whether the document of a request can be read without making others wait."""
        return self.is_known(asked) or self.admission.admit_document_now(Requester(network))

    def is_known(self, asked: Asked) -> bool:
        """Whether the document of a request has been read lately."""
        return asked.readable is not None or self._schema.is_known(asked.parameters.query)

    def _requester(self, scope: Scope, head: Head) -> Requester:
        network, authorization = network_of(scope), head.get(b"authorization")
        principal = self._identify(authorization) if authorization else None
        return Requester(principal or network, network)

    def _line(self, asked: Parameters, requester: Requester) -> FairQueue:
        """Return where an operation waits for its execution.

        Raises:
            GraphQLError: it has to be refused.
        """
        if requester.is_anonymous:
            return self.admission.anonymous
        cost = self._schema.cost(asked.query, asked.operation_name, asked.variables)
        if self._is_public(asked):
            return self.admission.anonymous
        return self.admission.for_execution(cost)

    async def _read(
        self, head: Head, asked: Asked, answer: Answer, requester: Requester
    ) -> Reply | None:
        """Answer without an execution, or return None."""
        if self.reading is None:
            return None
        try:
            question = self.reading.question(head, asked)
            if question is None:
                return None
            self.requests.persist(asked.parameters, requester.principal)
            async with self.admission.for_read(question.cost).turn(requester):
                return await self.reading.read(question, answer)
        except RateLimited:
            raise
        except Exception:  # noqa: BLE001 the ordinary way meets what is wrong again, and words it
            return None

    @asynccontextmanager
    async def _context(self, request: Request, asked: Parameters) -> AsyncIterator[object]:
        """Open the context; a header that proves nothing fails what needs a sign-in alone."""
        async with AsyncExitStack() as stack:
            try:
                context = await stack.enter_async_context(self._open_context(request))
            except Unauthenticated:
                if request.method == "GET" or not self._is_public(asked):
                    raise
                anonymous = self._open_context(_without_credentials(request))
                context = await stack.enter_async_context(anonymous)
            yield context

    def _is_public(self, asked: Parameters) -> bool:
        return self._schema.is_public(asked.query, asked.operation_name, asked.variables)

    def _persist(self, asked: Parameters, requester: Requester) -> None:
        """Keep what was executed; of anonymous callers, what was validated and measured as well."""
        if not requester.is_anonymous:
            self.requests.persist(asked, requester.principal)
        elif asked.hash_to_keep is not None and self._is_public(asked):
            self.requests.persist(asked, ANONYMOUS)

    async def _execute(
        self, request: Request, asked: Parameters, answer: Answer, requester: Requester
    ) -> Reply:
        """Run the operation, its context opened and closed around it."""
        answer.noted["document_hash"] = asked.sha256
        try:
            async with self._context(request, asked) as context:
                result = await self._schema.execute(
                    asked.query,
                    variable_values=asked.variables,
                    context_value=context,
                    operation_name=asked.operation_name,
                    allowed_operation_types=_BY_METHOD[request.method],
                    operation_extensions=asked.extensions,
                )
        except InvalidOperationTypeError as error:
            raise _not_here(error.operation_type) from None
        answer.noted.update(self._schema.described(asked.query, asked.operation_name))
        if not isinstance(result, PreExecutionError):
            self._persist(asked, requester)
        parts = answer.noted.pop("parts", [])
        if told := answer.extensions.get("plan"):
            answer.extensions = {"plan": {**told, "parts": parts}}
        return answer.executed(result)


def _without_credentials(request: Request) -> Request:
    """Return the request as if it had come without an `Authorization` header."""
    headers = [pair for pair in request.scope["headers"] if pair[0] != b"authorization"]
    return Request({**request.scope, "headers": headers})


def _method_not_allowed(methods: Sequence[str]) -> Refusal:
    allow = ", ".join(methods)
    message = f"This address answers {allow} only; GET with a token, for queries."
    return Refusal(405, message, headers={"Allow": allow})


def _not_here(kind: OperationType) -> Refusal:
    code = "OPERATION_RESOLUTION_FAILURE"
    if kind is OperationType.SUBSCRIPTION:
        return Refusal(
            400,
            "Subscriptions are not served, neither over HTTP nor over a WebSocket. Send a query, "
            "and send it again for news.",
            code=code,
        )
    return Refusal(405, "Send a mutation by POST.", code=code, headers={"Allow": "POST"})
