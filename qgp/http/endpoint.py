"""GraphQL endpoint: body → parameters → context → execution → response (GraphQL over HTTP).

It calls `Schema.execute` itself, because Strawberry's view answers malformed JSON with 500 and
errors with plain text.
"""

from collections.abc import Callable, Hashable
from functools import partial
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.types.graphql import OperationType

from qgp.http.admission import Admission
from qgp.http.body import check, read
from qgp.http.client_address import network_of
from qgp.http.compression import NAME as ACCEPT_ENCODING
from qgp.http.compression import not_acceptable, preferred_coding
from qgp.http.conditional import conditional
from qgp.http.deadline import within
from qgp.http.event_stream import EventStream, single_event
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.live_connections import LiveConnections
from qgp.http.methods import method_not_allowed, operation_type_error
from qgp.http.negotiation import GRAPHQL, JSON, accepts_event_stream, negotiate
from qgp.http.open_context import OpenContext
from qgp.http.parameters import Parameters
from qgp.http.persisted import PersistedDocuments
from qgp.http.planned_operations import (
    PlannedOperation,
    PlannedOperations,
    PlannedReader,
    PlannedWriter,
    origin_of,
)
from qgp.http.request_cache import ParsedRequest, RequestCache
from qgp.http.request_head import RequestHead
from qgp.http.resolver_execution import ResolverExecution
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.http.sign_in_watch import Expiry, SignInWatch
from qgp.http.subscription_execution import Subscription, Subscriptions
from qgp.kit.availability import Availability
from qgp.kit.errors import RateLimited
from qgp.kit.fair_queue import FairQueue, Requester

# Key in the state of a request that the fast path declined: the extensions of the response.
DECLINED = "declined"
# Key in the state of a request: time left for its body, if the fast path has waited for it.
BODY_SECONDS = "body_seconds"
Identify = Callable[[str], Hashable | None]


class GraphQLEndpoint:
    """ASGI application of `/graphql` over HTTP; `WebSocketEndpoint` executes operations with it.

    Args:
        schema: schema that is served.
        limits: limits of one request.
        open_context: opens the Strawberry context of a request and closes it after the result;
            may raise `Unauthenticated`, `RateLimited` or `Unavailable`.
        get: whether queries are also accepted by GET, with a token; mutations never are.
        persisted: documents that clients may name by their hash.
        reader: reader of planned queries; None leaves every request to the resolvers.
        writer: writer of planned mutations; None leaves them to the resolvers.
        explain: whether a caller may ask how a query was read.
        admission: queues in which requests wait to be admitted.
        identify: returns the principal of an `Authorization` header, without any I/O; None if
            the header proves none.
        availability: availability of the database, whose loss ends every waiting request.
        expiry: returns the instant at which the token of an `Authorization` header ends.
    """

    def __init__(
        self,
        schema: LimitedSchema,
        *,
        limits: Limits,
        open_context: OpenContext,
        get: bool = True,
        persisted: PersistedDocuments | None = None,
        reader: PlannedReader | None = None,
        writer: PlannedWriter | None = None,
        explain: bool = False,
        admission: Admission | None = None,
        identify: Identify = lambda _: None,
        availability: Availability | None = None,
        expiry: Expiry = lambda _: None,
    ) -> None:
        self._schema = schema
        self.open_context = open_context
        self._methods = ("GET", "POST") if get else ("POST",)
        self._identify = identify
        self.admission = admission or Admission()
        self.limits = limits
        self.availability = availability or Availability()
        self.live_connections = LiveConnections(limits)
        self.sign_in_watch = SignInWatch(open_context, expiry)
        self.subscriptions = Subscriptions(
            schema, open_context, limits, self.admission, self.availability
        )
        self.request_cache = RequestCache(schema, limits, persisted)
        self._resolvers = ResolverExecution(schema, open_context, self.request_cache)
        self.planned_operations = (
            None
            if reader is None
            else PlannedOperations(schema, reader, writer, self.request_cache, explain=explain)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets no response."""
        state = scope.setdefault("state", {})
        log_fields = state.setdefault("graphql", {})
        request_id = state.get("request_id") or str(uuid4())
        builder = ResponseBuilder(
            request_id, self.limits, log_fields, availability=self.availability
        )
        try:
            response = await self._respond(scope, receive, builder)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, builder: ResponseBuilder) -> ASGIApp:
        head = RequestHead(scope)
        streams = False
        try:
            streams = self._streams_alone(head)
            builder.media_type = JSON if streams else self.media_type(head)
            request = await self._parse(scope, head, receive)
            response = await self.execute(scope, head, request, builder)
            if isinstance(response, Subscription):
                return EventStream(response, builder, self.live_connections, self.sign_in_watch)
            is_cacheable = head.method == "GET" and "error_code" not in builder.log_fields
            response = conditional(response, head) if is_cacheable else response
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 the outermost handler: masks what is unexpected
            response = builder.from_error(error)
        return single_event(response) if streams and response.status == 200 else response

    async def execute(
        self, scope: Scope, head: RequestHead, request: ParsedRequest, builder: ResponseBuilder
    ) -> BufferedResponse | Subscription:
        """Execute an operation within the time of a request, or open its subscription.

        Args:
            scope: of a request, or made for the message of a WebSocket.

        Raises:
            Exception: see `ResponseBuilder.from_error`.
        """
        work = self._answer(scope, head, request, builder)
        return await within(self.limits.request_seconds, work, self.availability)

    def _streams_alone(self, head: RequestHead) -> bool:
        """Whether the client accepts an event stream and nothing else."""
        accept = head.joined(b"accept")
        return negotiate(accept) is None and accepts_event_stream(accept)

    def media_type(self, head: RequestHead) -> str:
        """Return the media type of the response.

        Raises:
            HttpError: 405 or 406.
        """
        if head.method not in self._methods:
            raise method_not_allowed(self._methods)
        if head.method == "GET" and not head.get(b"authorization"):
            raise method_not_allowed(("POST",))
        media_type = negotiate(head.joined(b"accept"))
        if media_type is None:
            raise HttpError(406, f"`Accept` must allow {GRAPHQL} or {JSON}.")
        if preferred_coding(head.joined(ACCEPT_ENCODING)) is None:
            raise not_acceptable()
        return media_type

    async def _parse(self, scope: Scope, head: RequestHead, receive: Receive) -> ParsedRequest:
        if head.method == "GET":
            return self.request_cache.parse_query_string(Request(scope).query_params)
        check(head, self.limits)
        seconds = scope["state"].get(BODY_SECONDS, self.limits.body_seconds)
        body = await read(receive, self.limits, seconds)
        if self.request_cache.is_slow_to_parse(body):
            await self.admission.admit_document(self.requester(scope, head))
        return self.request_cache.parse(body)

    async def _answer(
        self, scope: Scope, head: RequestHead, request: ParsedRequest, builder: ResponseBuilder
    ) -> BufferedResponse | Subscription:
        """Answer by a planned read or by the resolvers, once admitted by the queue of either."""
        requester = self.requester(scope, head)
        if not self.is_cached(request):
            await self.admission.admit_document(requester)
        if self._schema.is_subscription(request.parameters):
            return await self._subscribe(Request(scope), head, request.parameters, builder)
        if (extensions := scope["state"].get(DECLINED)) is not None:
            builder.extensions = extensions
        elif response := await self._answer_planned(scope, head, request, builder, requester):
            return response
        parameters = request.parameters
        async with self._queue(parameters, requester).turn(requester):
            return await self._resolvers.execute(Request(scope), parameters, builder, requester)

    async def _subscribe(
        self, request: Request, head: RequestHead, parameters: Parameters, builder: ResponseBuilder
    ) -> Subscription:
        if not accepts_event_stream(head.joined(b"accept")):
            raise operation_type_error(OperationType.SUBSCRIPTION)
        builder.log_fields["document_hash"] = parameters.sha256
        query, name = parameters.query, parameters.operation_name
        builder.log_fields.update(self._schema.operation_log_fields(query, name))
        after = head.get(b"last-event-id") or None
        requester = self.requester(request.scope, head)
        return await self.subscriptions.open(request, parameters, requester, after=after)

    def may_parse_now(self, request: ParsedRequest, network: str) -> bool:
        """Whether the document of a request may be parsed without waiting to be admitted."""
        return self.is_cached(request) or self.admission.admit_document_now(Requester(network))

    def is_cached(self, request: ParsedRequest) -> bool:
        """Whether the document of a request is in the document cache."""
        return request.checked_operation is not None or self._schema.is_cached(
            request.parameters.query
        )

    def requester(self, scope: Scope, head: RequestHead) -> Requester:
        """Return the principal and the network of a request."""
        network, authorization = network_of(scope), head.get(b"authorization")
        principal = self._identify(authorization) if authorization else None
        return Requester(principal or network, network)

    def _queue(self, request: Parameters, requester: Requester) -> FairQueue:
        """Return the admission queue of an operation that is executed.

        Raises:
            GraphQLError: the document or its input breaks a limit.
        """
        if requester.is_anonymous:
            return self.admission.anonymous
        cost = self._schema.cost(request.query, request.operation_name, request.variables)
        if self._resolvers.is_public(request):
            return self.admission.anonymous
        return self.admission.for_execution(cost)

    def queue_of(
        self, planned: PlannedOperation, requester: Requester
    ) -> tuple[FairQueue, Requester]:
        """Return the admission queue of a planned operation, and the requester with its operation.

        Equal heavy reads share a slot, since one execution answers them.
        """
        if planned.operation.is_mutation:
            return self.admission.for_execution(planned.cost), requester
        queue = self.admission.for_read(planned.cost)
        if queue is self.admission.heavy and self.planned_operations is not None:
            key = self.planned_operations.execution_key(planned)
            requester = requester._replace(operation=key)
        return queue, requester

    async def _answer_planned(
        self,
        scope: Scope,
        head: RequestHead,
        request: ParsedRequest,
        builder: ResponseBuilder,
        requester: Requester,
    ) -> BufferedResponse | None:
        """Answer by a plan, or return None."""
        planned = self._planned(head, request)
        if planned is None or self.planned_operations is None:
            return None
        self.request_cache.persist(request.parameters, requester.principal)
        try:
            queue, requester = self.queue_of(planned, requester)
            async with queue.turn(requester) as slot:
                return await self.planned_operations.answer(
                    planned, partial(origin_of, scope), builder, slot
                )
        except RateLimited:
            raise
        except Exception:
            if planned.operation.is_mutation:  # its command may have been executed
                raise
            return None  # the execution raises it again, and reports it

    def _planned(self, head: RequestHead, request: ParsedRequest) -> PlannedOperation | None:
        if self.planned_operations is None:
            return None
        try:
            return self.planned_operations.find(head, request)
        except Exception:  # noqa: BLE001 the execution raises it again, and reports it
            return None
