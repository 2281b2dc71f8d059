"""A reader that answers in place of an execution changes nothing else about a request."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from qgp.http.admission import Admission, AdmissionLimits
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.limits import Limits
from qgp.http.middleware import with_middleware
from qgp.http.planned_operations import Caller, Origin, PlannedOperation, Show, Shown
from qgp.kit.errors import Unauthenticated
from qgp.kit.fair_queue import Requester
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import Principal, Role, SignedIn
from tests.http.attacks import ATTACKS
from tests.http.serving import GRAPHQL, JSON, Client, code, endpoint, guarded
from tests.http.test_endpoint import MALFORMED

SITE = "https://app.example.com"
KNOWN = "Bearer known"
ECHO = "query Echo($text: String!) { echo(text: $text) }"
_NOBODY = UUID(int=0)
_LOG_FIELDS = {"organization": "org_1", "user": "usr_1"}
_CALLER = Caller(
    SignedIn(Principal(_NOBODY, _NOBODY, _NOBODY, _NOBODY, Role.OWNER), "1.1"), _LOG_FIELDS
)

Answer = Callable[[Operation, Mapping[str, Any], bool], Answered | None]


def echoed(operation: Operation, variables: Mapping[str, Any], explain: bool) -> Answered | None:
    return Answered(b'{"echo":"read"}', statements=2)


@dataclass
class FakeReader:
    """Reader that knows one caller and records its requests."""

    answer: Answer = echoed
    seconds: float = 0
    requests: list[tuple[str | None, Mapping[str, Any], bool]] = field(default_factory=list)

    def caller(self, authorization: str) -> Caller | None:
        return _CALLER if authorization == KNOWN else None

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        raise AssertionError("read on the fast path alone")

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Hashable | None:
        return operation.sha256, str(variables)

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        assert caller is _CALLER
        self.requests.append((operation.name, variables, explain))
        await asyncio.sleep(self.seconds)
        return self.answer(operation, variables, explain)


MUTATION = 'mutation { clauseCreate(input: {title: "x"}) }'
WRITTEN = b'{"data":{"clauseCreate":"planned"},"extensions":{"cost":1}}'
SHOWN = b'{"data":{"clauseCreate":"x"},"extensions":{"cost":1}}'


@dataclass
class FakeWriter:
    """Writer with one outcome that records its requests.

    Attributes:
        outcome: `written`, `shown` by the resolvers, `declined` or `failed`.
        seconds: that the command takes.
        is_reading: is set once the command is committed; its record is read until `read` is set.
    """

    outcome: str = "written"
    seconds: float = 0
    origins: list[Origin] = field(default_factory=list)
    is_reading: asyncio.Event = field(default_factory=asyncio.Event)
    read: asyncio.Event | None = None

    def is_command(self, operation: Operation) -> bool:
        return operation.is_mutation

    async def execute(
        self,
        planned: PlannedOperation,
        origin: Origin,
        log_fields: dict[str, Any],
        show: Show,
        committed: Callable[[], None],
    ) -> Answered | Shown | None:
        self.origins.append(origin)
        await asyncio.sleep(self.seconds)
        if self.outcome == "failed":
            raise ConnectionResetError
        if self.outcome == "shown":
            return Shown(await show(None), {})
        if self.read is not None:
            committed()
            self.is_reading.set()
            await self.read.wait()
        return Answered(b'{"clauseCreate":"planned"}') if self.outcome == "written" else None


WRITES = {
    "written": (200, WRITTEN, 0),
    "shown": (200, SHOWN, 0),
    "declined": (200, SHOWN, 1),
    "failed": (503, b"UNAVAILABLE", 0),
}


async def ask(app: GraphQLEndpoint, body: bytes | str, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else _body(body)
    return await Client(app).raw(content, **{"Authorization": KNOWN, **headers})


def _body(query: str, **variables: Any) -> bytes:
    request = httpx2.Request("POST", "/", json={"query": query, "variables": variables})
    return request.content


def same(one: httpx2.Response, other: httpx2.Response) -> None:
    """Compare two answers to the byte, and header for header in their order."""
    assert one.status_code == other.status_code
    assert one.headers.raw == other.headers.raw
    assert one.content == other.content


async def test_the_readers_bytes_arrive_as_an_execution_would_have_written_them() -> None:
    reader = FakeReader(lambda *_: Answered('{"echo":"höher"}'.encode(), 2))
    read = Client(endpoint(reader=reader))
    executed = Client(endpoint())
    body = _body(ECHO, text="höher")
    one = await read.raw(body, Authorization=KNOWN)
    same(one, await executed.raw(body, Authorization=KNOWN))
    assert one.content == '{"data":{"echo":"höher"},"extensions":{"cost":1}}'.encode()
    assert reader.requests == [("Echo", {"text": "höher"}, False)]
    assert read.log_fields == {
        **executed.log_fields,
        **_LOG_FIELDS,
        "read_by": "plan",
        "statements": 2,
    }


async def test_who_is_not_known_is_executed() -> None:
    reader = FakeReader()
    client = Client(endpoint(reader=reader))
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": ""}):
        answer = await client.raw(_body(ECHO, text="executed"), **headers)
        assert answer.json()["data"] == {"echo": "executed"}
    assert reader.requests == []


REFUSED: dict[str, tuple[bytes, dict[str, str]]] = {
    **{f"body: {name}": (body, {}) for name, body in MALFORMED.items()},
    **{f"attack: {name}": (_body(query), {}) for name, query in ATTACKS.items()},
    "media type": (_body("{ __typename }"), {"Accept": "text/html"}),
    "kind of body": (_body("{ __typename }"), {"Content_Type": "text/plain"}),
    "encoding": (_body("{ __typename }"), {"Content_Encoding": "gzip"}),
    "length": (b" " * (256 * 1024 + 1), {}),
    "control character": (_body(ECHO, text="\x00"), {}),
    "control character in a literal": (_body('{ echo(text: "\\u0000") }'), {}),
    "long list": (_body(ECHO, text=[0] * 101), {}),
    "syntax": (_body("{"), {}),
    "unknown field": (_body("{ nothing }"), {}),
    "ambiguous": (_body("query A { __typename } query B { __typename }"), {}),
    "subscription": (_body("subscription { ticks { number } }"), {}),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_refused_in_the_same_words_and_never_read(name: str) -> None:
    body, headers = REFUSED[name]
    reader = FakeReader()
    one = await ask(endpoint(reader=reader), body, **headers)
    same(one, await ask(endpoint(), body, **headers))
    assert "errors" in one.json()
    assert reader.requests == []


@pytest.mark.parametrize("method", ["PUT", "OPTIONS"])
async def test_another_method_is_never_read(method: str) -> None:
    reader = FakeReader()
    headers = {"Authorization": KNOWN}
    body = {"query": "{ __typename }"}
    one = await Client(endpoint(reader=reader)).request(method, params=body, headers=headers)
    same(one, await Client(endpoint()).request(method, params=body, headers=headers))
    assert (one.status_code, reader.requests) == (405, [])


@pytest.mark.parametrize("outcome", WRITES)
async def test_a_planned_mutation_is_answered_by_its_writer_and_only_forwarded_if_declined(
    outcome: str,
) -> None:
    status, content, _ = WRITES[outcome]
    writer = FakeWriter(outcome)
    answer = await ask(endpoint(reader=FakeReader(), writer=writer), MUTATION)
    assert (answer.status_code, content in answer.content) == (status, True)
    assert writer.origins == [Origin("req-1", "127.0.0.1", "http://qgp")]


async def test_a_planned_mutation_waits_in_the_queue_of_executions() -> None:
    admission = Admission(AdmissionLimits(connections=3, waiting=0))
    writer = FakeWriter()
    app = endpoint(reader=FakeReader(), writer=writer, admission=admission)
    async with admission.executions.turn(Requester("somebody", "192.0.2.7")):
        refused = await ask(app, MUTATION)
    assert (refused.status_code, code(refused), writer.origins) == (429, "RATE_LIMITED", [])
    assert (await ask(app, MUTATION)).content == WRITTEN


async def test_a_mutation_returns_its_slot_once_it_is_committed() -> None:
    """What follows holds no connection of the pool."""
    admission = Admission(AdmissionLimits(connections=3, waiting=0))
    reading, quick = FakeWriter(read=asyncio.Event()), FakeWriter()
    slow, other = (
        endpoint(reader=FakeReader(), writer=writer, admission=admission)
        for writer in (reading, quick)
    )
    first = asyncio.create_task(ask(slow, MUTATION))
    await reading.is_reading.wait()
    assert (await ask(other, MUTATION)).content == WRITTEN
    assert reading.read is not None
    reading.read.set()
    assert (await first).content == WRITTEN
    assert admission.executions.running == 0


async def test_a_mutation_by_get_never_reaches_the_writer() -> None:
    writer = FakeWriter()
    app = endpoint(reader=FakeReader(), writer=writer)
    headers = {"Authorization": KNOWN}
    answer = await Client(app).request("GET", params={"query": MUTATION}, headers=headers)
    assert (answer.status_code, writer.origins) == (405, [])


EXECUTED = {
    "mutation": MUTATION,
    "introspection": "{ __schema { queryType { name } } }",
    "introspection beside": 'query A { echo(text: "x") } query B { __type(name: "A") { name } }',
}


@pytest.mark.parametrize("name", EXECUTED)
async def test_a_mutation_and_introspection_are_executed(name: str) -> None:
    reader = FakeReader()
    body = httpx2.Request(
        "POST", "/", json={"query": EXECUTED[name], "operationName": "A" if "A" in name else None}
    ).content
    if name == "introspection beside":
        body = body.replace(b"null", b'"A"')
    one = await ask(endpoint(reader=reader), body)
    same(one, await ask(endpoint(), body))
    assert "errors" not in one.json()
    assert reader.requests == []


async def test_a_page_size_that_costs_too_much_is_not_read_after_one_that_does_not() -> None:
    reader = FakeReader()
    app = endpoint(Limits(cost=50), reader=reader)
    query = "query ($n: Int) { clauses(first: $n) { nodes { id } } }"
    for size, is_read in ((10, True), (100, False), (20, True), (100, False)):
        before = len(reader.requests)
        answer = await ask(app, _body(query, n=size))
        assert len(reader.requests) == before + is_read
        if is_read:
            assert answer.json()["extensions"] == {"cost": 2 + size}
        else:
            assert code(answer) == "QUERY_TOO_COMPLEX"


async def test_suggestions_are_shown_to_nobody_more_than_without_a_reader() -> None:
    schema = guarded(may_explore=lambda _: False)
    answer = await ask(endpoint(schema=schema, reader=FakeReader()), "{ claus { title } }")
    assert "Did you mean" not in answer.text


def failing(*_: Any) -> Answered | None:
    raise RuntimeError("a bug of the reader")


@pytest.mark.parametrize("answer", [lambda *_: None, failing], ids=["none", "a failure"])
async def test_where_the_reader_has_no_answer_the_query_is_executed(answer: Answer) -> None:
    reader = FakeReader(answer)
    client, plain = Client(endpoint(reader=reader)), Client(endpoint())
    body = _body(ECHO, text="executed")
    with capture_logs() as logs:
        same(
            await client.raw(body, Authorization=KNOWN),
            await plain.raw(body, Authorization=KNOWN),
        )
    assert (len(reader.requests), logs, client.log_fields) == (1, [], plain.log_fields)


async def test_a_sign_in_that_has_ended_meanwhile_is_refused_as_ever() -> None:
    @asynccontextmanager
    async def ended(_: Request) -> AsyncIterator[None]:
        raise Unauthenticated("This sign-in has ended.")
        yield

    reader = FakeReader(lambda *_: None)
    client = Client(endpoint(reader=reader, open_context=ended))
    answer = await client.raw(_body(ECHO, text="x"), Authorization=KNOWN)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert "user" not in client.log_fields


async def test_a_read_beyond_the_deadline_is_stopped() -> None:
    reader = FakeReader(seconds=30)
    client = Client(endpoint(Limits(request_seconds=0.05), reader=reader))
    with capture_logs() as logs:
        answer = await client.raw(_body(ECHO, text="x"), Authorization=KNOWN)
    assert (answer.status_code, code(answer)) == (503, "TIMEOUT")
    assert [entry["event"] for entry in logs] == ["timeout"]


async def test_a_read_answer_that_is_too_long_is_refused() -> None:
    limits = Limits(response_bytes=1000)
    reader = FakeReader(lambda *_: Answered(b'{"long":"' + b"x" * 1001 + b'"}'))
    one = await ask(endpoint(limits, reader=reader), "{ long(times: 1001) }")
    same(one, await ask(endpoint(limits), "{ long(times: 1001) }"))
    assert (code(one), len(reader.requests)) == ("QUERY_TOO_COMPLEX", 1)


@pytest.mark.parametrize(
    ("allowed", "header", "explain"),
    [(True, "plan", True), (True, "", False), (True, "yes", False), (False, "plan", False)],
)
async def test_the_read_path_is_explained_only_on_request_and_where_allowed(
    allowed: bool, header: str, explain: bool
) -> None:
    def answered(operation: Operation, variables: Mapping[str, Any], explain: bool) -> Answered:
        return Answered(b'{"echo":"x"}', extensions={"plan": ["SELECT"]} if explain else {})

    reader = FakeReader(answered)
    app = endpoint(reader=reader, explain=allowed)
    answer = await ask(app, _body(ECHO, text="x"), X_QGP_Explain=header)
    expected = {"cost": 1, "plan": ["SELECT"]} if explain else {"cost": 1}
    assert answer.json()["extensions"] == expected
    assert [read[2] for read in reader.requests] == [explain]


async def test_an_unplanned_read_explains_the_reason_and_the_executed_statements() -> None:
    reader = FakeReader(
        lambda *_: Answered(None, extensions={"plan": {"fallbackReason": "opaque"}})
    )
    app = endpoint(reader=reader, explain=True)
    answer = await ask(app, _body(ECHO, text="executed"), X_QGP_Explain="plan")
    assert answer.json() == {
        "data": {"echo": "executed"},
        "extensions": {"cost": 1, "plan": {"fallbackReason": "opaque", "parts": []}},
    }


def surrounded(app: GraphQLEndpoint) -> ASGIApp:
    return with_middleware(Starlette(), origins=[SITE], max_in_flight=9, by_path={"/graphql": app})


BROWSERS: dict[str, dict[str, str]] = {
    "a program": {"Accept-Encoding": ""},
    "any encoding": {"Accept-Encoding": "gzip, deflate, br, zstd"},
    "gzip": {"Accept-Encoding": "gzip"},
    "a listed site": {"Origin": SITE, "Accept-Encoding": "br"},
    "another site": {"Origin": "https://evil.example", "Accept-Encoding": "gzip"},
    "a caller with an id": {"X-Request-ID": "trace-1", "Accept-Encoding": "gzip"},
    "a client of the older type": {"Accept": JSON},
}


@pytest.mark.parametrize("times", [10, 600])
@pytest.mark.parametrize("name", BROWSERS)
async def test_headers_and_bytes_are_those_of_an_execution_behind_every_layer(
    name: str, times: int
) -> None:
    data = b'{"long":"' + b"x" * times + b'"}'
    reader = FakeReader(lambda *_: Answered(data))
    body = {"query": "query ($n: Int!) { long(times: $n) }", "variables": {"n": times}}
    sent = {"Accept": GRAPHQL, "Authorization": KNOWN, "X-Request-ID": "r-1", **BROWSERS[name]}
    answers = []
    for app in (endpoint(reader=reader), endpoint()):
        transport = httpx2.ASGITransport(surrounded(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as client:
            request = client.stream("POST", "/graphql", json=body, headers=sent)
            async with request as answer:
                raw = b"".join([chunk async for chunk in answer.aiter_raw()])
                if answer.headers.get("Content-Encoding") == "gzip":
                    raw = raw[:4] + raw[8:]  # the second of its making
                answers.append((answer.status_code, answer.headers.raw, raw))
    read, executed = answers
    assert read == executed
    assert (read[0], len(reader.requests)) == (200, 1)
