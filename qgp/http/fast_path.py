"""Fast path of `POST /graphql`: planned operations answered before there is an ASGI call.

It makes the endpoint's checks on the endpoint's objects and adds the middleware's headers. Whatever
it does not answer is forwarded to the application, which also reports every error.
"""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from qgp.http import logging
from qgp.http.access_log import AccessLog, AccessLogEntry
from qgp.http.body import check
from qgp.http.client_address import client_network
from qgp.http.compression import MINIMUM, refuses_identity
from qgp.http.compression import NAME as ACCEPT_ENCODING
from qgp.http.cors import Cors
from qgp.http.deadline import DeadlineExceeded, within
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.headers import Pair, secure
from qgp.http.http_errors import HttpError
from qgp.http.in_flight import InFlight
from qgp.http.planned_operations import Origin, PlannedOperation, PlannedOperations
from qgp.http.repeated_heads import CheckedHead, RepeatedHeads
from qgp.http.request_head import RequestHead
from qgp.http.request_id import NAME, request_id
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.tracing import trace_of
from qgp.kit.errors import RateLimited
from qgp.kit.fair_queue import Requester

METHOD, PATH = "POST", "/graphql"


class RawResponse(NamedTuple):
    """Bytes of a response: its head without the empty line at the end, and its body."""

    head: bytes
    body: bytes


class FastPath:
    """Answers requests to `/graphql` by planned operations.

    Args:
        endpoint: endpoint that serves all other requests; it has planned operations.
        cors: origins that may call from a browser.
        in_flight: counter of all requests in flight.
        access_log: log of the responses.

    Attributes:
        heads: heads that need not be parsed and checked again.
    """

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        cors: Cors,
        in_flight: InFlight,
        access_log: AccessLog,
    ) -> None:
        assert endpoint.planned_operations is not None
        self.endpoint = endpoint
        self.planned_operations: PlannedOperations = endpoint.planned_operations
        self.in_flight = in_flight
        self.access_log = access_log
        self.heads = RepeatedHeads()
        self._cors = cors
        self._cached_head = lru_cache(256)(self._head)

    def check(self, head: RequestHead) -> CheckedHead | None:
        """Return the head of a request if the fast path may answer it, else None."""
        if head.count(b"authorization") > 1 or refuses_identity(head.joined(ACCEPT_ENCODING)):
            return None
        try:
            media_type = self.endpoint.media_type(head)
            check(head, self.endpoint.limits)
        except HttpError:
            return None
        return CheckedHead(head, media_type, head.raw(b"origin"), trace_of(head))

    def accept(
        self, checked: CheckedHead, body: bytes, scheme: str, host: str
    ) -> "FastRequest | None":
        """Return the request if the fast path may answer it, else None."""
        network, requests = client_network(host), self.endpoint.request_cache
        if not self.in_flight.has_room(network) or requests.is_slow_to_parse(body):
            return None
        try:
            request = requests.parse(body)
            if not self.endpoint.may_parse_now(request, network):
                return None
            planned = self.planned_operations.find(checked.head, request)
        except Exception:  # noqa: BLE001 the application raises it again, and reports it
            return None
        if planned is None:
            return None
        requests.persist(request.parameters, planned.caller.user_id)
        return FastRequest(self, checked, planned, scheme, host, network)

    def render(
        self, status: int, headers: tuple[Pair, ...], body: bytes, request: "FastRequest"
    ) -> RawResponse:
        """Return the response with the headers that every response has."""
        head = self._cached_head(status, headers, request.checked.origin, request.scheme)
        per_request = b"%b: %b\r\ncontent-length: %d\r\n" % (NAME, request.id.encode(), len(body))
        return RawResponse(head + per_request, body)

    def _head(
        self, status: int, headers: tuple[Pair, ...], origin: bytes | None, scheme: str
    ) -> bytes:
        pairs = list(headers)
        self._cors.mark(pairs, origin)
        secure(pairs, scheme=scheme)
        return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % pair for pair in pairs)


class FastRequest:
    """One request that the fast path may answer."""

    __slots__ = (
        "_builder", "_fast_path", "_host", "_network", "_planned", "_public_url", "_started_at",
        "checked", "id", "scheme",
    )  # fmt: skip

    def __init__(
        self,
        fast_path: FastPath,
        checked: CheckedHead,
        planned: PlannedOperation,
        scheme: str,
        host: str,
        network: str,
    ) -> None:
        self._started_at = time.perf_counter()
        self._fast_path, self._planned = fast_path, planned
        self.checked, self.scheme = checked, scheme
        self._host, self._network = host, network
        self.id = request_id(checked.head.get(NAME))
        limits, log_fields = fast_path.endpoint.limits, checked.trace.copy()
        self._builder = ResponseBuilder(self.id, limits, log_fields, checked.media_type)

    @property
    def extensions(self) -> Mapping[str, Any]:
        """Extensions of the response, also of one that the resolvers give in its place."""
        return self._builder.extensions

    def respond_without_io(self) -> RawResponse | None:
        """Answer without any I/O, or return None."""
        if not self._planned.operation.reads_nothing:
            return None
        try:
            operations = self._fast_path.planned_operations
            response = operations.respond_without_io(self._planned, self._builder)
        except Exception:  # noqa: BLE001 as above
            return None
        if response is None or len(response.body) >= MINIMUM:
            return None
        return self._finish(response.status, response.header_pairs, response.body)

    async def respond(self, public_url: Callable[[], str]) -> RawResponse | None:
        """Answer, or return None where the application has to."""
        logging.request_id.set(self.id)
        logging.trace.set(self.checked.trace)
        self._public_url = public_url
        in_flight = self._fast_path.in_flight
        in_flight.enter(self._network)
        try:
            response = await self._response()
        finally:
            in_flight.leave(self._network)
        if response is None:
            return None
        headers, body = response.header_pairs, response.body
        if len(body) >= MINIMUM:
            headers, body = await response.compressed(self.checked.head)
        return self._finish(response.status, headers, body)

    async def _response(self) -> BufferedResponse | None:
        try:
            endpoint = self._fast_path.endpoint
            seconds = endpoint.limits.request_seconds
            return await within(seconds, self._answer(), endpoint.availability)
        except (DeadlineExceeded, RateLimited) as error:
            return self._builder.from_exception(error)
        except Exception as error:  # noqa: BLE001 as above, unless a command may have been executed
            is_mutation = self._planned.operation.is_mutation
            return self._builder.from_exception(error) if is_mutation else None

    async def _answer(self) -> BufferedResponse | None:
        """Answer as soon as the admission queue admits the caller."""
        requester = Requester(self._planned.caller.user_id, self._network)
        queue, requester = self._fast_path.endpoint.queue_of(self._planned, requester)
        async with queue.turn(requester) as slot:
            operations = self._fast_path.planned_operations
            return await operations.answer(self._planned, self._origin, self._builder, slot)

    def _origin(self) -> Origin:
        return Origin(self.id, self._host, self._public_url())

    def _finish(self, status: int, headers: tuple[Pair, ...], body: bytes) -> RawResponse:
        response = self._fast_path.render(status, headers, body, self)
        seconds = time.perf_counter() - self._started_at
        entry = AccessLogEntry(self.id, METHOD, PATH, self._host, status, seconds)
        self._fast_path.access_log.write(entry, self._builder.log_fields)
        return response
