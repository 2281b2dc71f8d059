"""Who comes with a question that can be read from a plan is answered before there is a call.

The checks are those of the endpoint, asked of the same objects, and so are the words around an
answer. Whatever is refused, executed or not understood goes in and is served as ever.
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from qgp.http import logging
from qgp.http.access_log import AccessLog, Line
from qgp.http.answer import Answer
from qgp.http.body import check
from qgp.http.client_address import client_network
from qgp.http.compression import MINIMUM, refuses_identity
from qgp.http.compression import NAME as ACCEPT_ENCODING
from qgp.http.cors import Cors
from qgp.http.deadline import Late, within
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.head import Head
from qgp.http.headers import Pair, secure
from qgp.http.in_flight import InFlight
from qgp.http.reading import Question, Reading
from qgp.http.reply import Reply
from qgp.http.request_id import NAME, request_id
from qgp.http.tracing import trace_of
from qgp.kit.errors import RateLimited
from qgp.kit.fair_queue import Requester

METHOD, PATH = "POST", "/graphql"


class Response(NamedTuple):
    """An answer as it leaves: its head without the empty line at the end, and its body."""

    head: bytes
    body: bytes


class Door:
    """Answers what is asked of `/graphql`.

    Args:
        endpoint: where everything else goes; it has a reader.
        cors: which sites may call from a browser.
        in_flight: where every request in work is counted.
        access_log: where the line of each answer is written.
    """

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        cors: Cors,
        in_flight: InFlight,
        access_log: AccessLog,
    ) -> None:
        assert endpoint.reading is not None
        self.endpoint = endpoint
        self.reading: Reading = endpoint.reading
        self.in_flight = in_flight
        self.access_log = access_log
        self._cors = cors
        self._surrounded = lru_cache(256)(self._surround)

    def visit(self, head: Head, body: bytes, scheme: str, host: str) -> "Visit | None":
        """Return how to answer a request, or None where it has to come in."""
        network = client_network(host)
        if self.in_flight.is_full or head.count(b"authorization") > 1:
            return None
        if refuses_identity(head.joined(ACCEPT_ENCODING)) or self.endpoint.requests.is_costly(body):
            return None
        try:
            media = self.endpoint.media(head)
            check(head, self.endpoint.limits)
            asked = self.endpoint.requests.of(body)
            if not self.endpoint.may_read_now(asked, network):
                return None
            question = self.reading.question(head, asked)
        except Exception:  # noqa: BLE001 inside it is met again, and worded
            return None
        if question is None:
            return None
        self.endpoint.requests.persist(asked.parameters, question.caller.user_id)
        return Visit(self, head, question, media, scheme, host)

    def response(
        self, status: int, headers: tuple[Pair, ...], body: bytes, about: "Visit"
    ) -> Response:
        """Put around an answer what every answer has."""
        head = self._surrounded(status, headers, about.head.raw(b"origin"), about.scheme)
        own = b"%b: %b\r\ncontent-length: %d\r\n" % (NAME, about.id.encode(), len(body))
        return Response(head + own, body)

    def _surround(
        self, status: int, headers: tuple[Pair, ...], origin: bytes | None, scheme: str
    ) -> bytes:
        told = list(headers)
        self._cors.mark(told, origin)
        secure(told, scheme=scheme)
        return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % pair for pair in told)


class Visit:
    """One request at the door."""

    def __init__(
        self, door: Door, head: Head, question: Question, media: str, scheme: str, host: str
    ) -> None:
        self._begun = time.perf_counter()
        self._door, self._question = door, question
        self.head, self.scheme, self._host = head, scheme, host
        self.id = request_id(head.get(NAME))
        self._requester = Requester(question.caller.user_id, client_network(host))
        self._trace = trace_of(head)
        self._answer = Answer(self.id, door.endpoint.limits, {**self._trace}, media)

    @property
    def told(self) -> Mapping[str, Any]:
        """What the reader told beside an answer, or in place of one."""
        return self._answer.extensions

    def at_once(self) -> Response | None:
        """Answer without any I/O, or return None."""
        try:
            reply = self._door.reading.at_hand(self._question, self._answer)
        except Exception:  # noqa: BLE001 as above
            return None
        if reply is None or len(reply.body) >= MINIMUM:
            return None
        return self._left(reply.status, reply.told, reply.body)

    async def response(self) -> Response | None:
        """Answer, or return None where the request has to come in."""
        logging.request_id.set(self.id)
        logging.trace.set(self._trace)
        with self._door.in_flight.place(self._requester.address):
            reply = await self._reply()
        if reply is None:
            return None
        headers, body = reply.told, reply.body
        if len(body) >= MINIMUM:
            headers, body = await reply.packed(self.head)
        return self._left(reply.status, headers, body)

    async def _reply(self) -> Reply | None:
        try:
            endpoint = self._door.endpoint
            seconds = endpoint.limits.request_seconds
            return await within(seconds, self._read(), endpoint.availability)
        except (Late, RateLimited) as error:
            return self._answer.failed(error)
        except Exception:  # noqa: BLE001 as above
            return None

    async def _read(self) -> Reply | None:
        """Read in the turn of whoever asks."""
        line = self._door.endpoint.admission.for_read(self._question.cost)
        await line.enter(self._requester)
        try:
            return await self._door.reading.read(self._question, self._answer)
        finally:
            line.leave(self._requester)

    def _left(self, status: int, headers: tuple[Pair, ...], body: bytes) -> Response:
        made = self._door.response(status, headers, body, self)
        seconds = time.perf_counter() - self._begun
        noted = self._answer.noted
        line = Line(self.id, METHOD, PATH, self._host, status, seconds)
        self._door.access_log.write(line, noted)
        return made
