"""The fast path answers exactly as the ASGI application does, on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from qgp.http.access_log import CLIENT_CLOSED_REQUEST
from qgp.http.limits import Limits
from qgp.http.planned_operations import Origin
from qgp.kit.gql.operation import Answered
from tests.http.attacks import ATTACKS
from tests.http.serving import JSON, until
from tests.http.small_server import (
    FastPathReader,
    ServerPair,
    SmallServer,
    body_of,
    posted,
    small_server,
)
from tests.http.test_endpoint import MALFORMED
from tests.http.test_planned_operations import ECHO, MUTATION, SITE, WRITES, Answer, FakeWriter

TYPENAME = "{ __typename }"


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[ServerPair]:
    """Servers that many tests ask: to start and end one takes longer than to ask it."""
    async with small_server(FastPathReader()) as fast, small_server() as plain:
        yield ServerPair(fast, plain)


@pytest.fixture
def pair(running: ServerPair) -> ServerPair:
    """Both as they were at first."""
    running.fast.reader.answer = FastPathReader().answer
    for served in (running.fast, running.plain):
        for noted in (served.calls, served.reader.requests, served.reader.without_io):
            noted.clear()
    return running


BROWSERS: dict[str, dict[str, str]] = {
    "a program": {"Accept-Encoding": "identity"},
    "any encoding": {"Accept-Encoding": "gzip, deflate, br, zstd"},
    "brotli": {"Accept-Encoding": "br"},
    "a listed site": {"Origin": SITE, "Accept-Encoding": "br"},
    "another site": {"Origin": "https://evil.example"},
    "a client of the older type": {"Accept": JSON},
}


@pytest.mark.parametrize("times", [10, 600])
@pytest.mark.parametrize("name", BROWSERS)
async def test_headers_and_body_are_those_of_a_call(
    pair: ServerPair, name: str, times: int
) -> None:
    data = b'{"long":"' + b"x" * times + b'"}'
    body = body_of("query ($n: Int!) { long(times: $n) }", n=times)
    pair.fast.reader.answer = lambda *_: Answered(data)
    await pair.same(body, calls=0, **BROWSERS[name])
    assert len(pair.fast.reader.requests) == 1


async def test_a_query_that_reads_no_rows_is_answered_without_io() -> None:
    async with small_server(FastPathReader()) as served:
        answer = await served.ask(body_of(TYPENAME))
        assert answer.json() == {"data": {"__typename": "Query"}, "extensions": {"cost": 1}}
        assert (served.reader.without_io, served.reader.requests, served.calls) == ([None], [], [])


FORWARDED: dict[str, tuple[bytes, dict[str, str]]] = {
    **{f"body: {name}": (body, {}) for name, body in MALFORMED.items()},
    **{f"attack: {name}": (body_of(query), {}) for name, query in ATTACKS.items()},
    "nobody": (body_of(TYPENAME), {"Authorization": ""}),
    "another scheme": (body_of(TYPENAME), {"Authorization": "Basic eDp5"}),
    "somebody unknown": (body_of(TYPENAME), {"Authorization": "Bearer other"}),
    "media type": (body_of(TYPENAME), {"Accept": "text/html"}),
    "kind of body": (body_of(TYPENAME), {"Content_Type": "text/plain"}),
    "encoding": (body_of(TYPENAME), {"Content_Encoding": "gzip"}),
    "mutation": (body_of('mutation { clauseCreate(input: {title: "x"}) }'), {}),
    "syntax": (body_of("{"), {}),
}


@pytest.mark.parametrize("name", FORWARDED)
async def test_a_request_without_a_planned_read_is_forwarded_and_answered_alike(
    pair: ServerPair, name: str
) -> None:
    body, headers = FORWARDED[name]
    await pair.same(body, calls=1, **headers)
    assert pair.fast.reader.requests == []


@pytest.mark.parametrize("answer", [lambda *_: None, lambda *_: 1 // 0], ids=["none", "a failure"])
async def test_a_request_that_the_reader_declines_is_forwarded(answer: Answer) -> None:
    async with small_server(FastPathReader(answer)) as served:
        response = await served.ask(body_of(ECHO, text="executed"))
        assert response.json()["data"] == {"echo": "executed"}
        assert (len(served.reader.requests), len(served.calls)) == (1, 1)


@pytest.mark.parametrize("outcome", WRITES)
async def test_a_planned_mutation_is_forwarded_only_if_nothing_was_executed(outcome: str) -> None:
    status, content, calls = WRITES[outcome]
    writer = FakeWriter(outcome)
    async with small_server(FastPathReader(), writer=writer) as served:
        answer = await served.ask(body_of(MUTATION), X_Request_ID="r-1")
        assert (answer.status_code, content in answer.content) == (status, True)
        assert served.calls == [b"/graphql"] * calls
        public_url = f"http://127.0.0.1:{served.port}"
        assert writer.origins == [Origin("r-1", "127.0.0.1", public_url)]


async def test_a_planned_mutation_beyond_the_deadline_is_stopped_and_not_forwarded() -> None:
    writer = FakeWriter(seconds=30)
    limits = Limits(request_seconds=0.05)
    with capture_logs():
        async with small_server(FastPathReader(), limits, writer=writer) as served:
            answer = await served.ask(body_of(MUTATION))
    assert (answer.status_code, served.calls, len(writer.origins)) == (503, [], 1)
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_a_planned_mutation_has_the_address_that_a_trusted_proxy_forwards() -> None:
    writer = FakeWriter()
    async with small_server(FastPathReader(), proxies="127.0.0.1", writer=writer) as served:
        headers = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "qgp.example"}
        await served.ask(body_of(MUTATION), X_Forwarded_For="192.0.2.7", **headers)
    assert [origin[1:] for origin in writer.origins] == [("192.0.2.7", "https://qgp.example")]


async def test_requests_sent_before_their_answers_are_answered_in_order() -> None:
    reader = FastPathReader(lambda _, variables, __: echoing(variables), seconds=0.02)
    raw = b"".join(
        [posted(ECHO, text="a"), posted(TYPENAME), posted("{ nothing }"), posted(ECHO, text="b")]
    )
    async with small_server(reader) as served, await served.sent(raw) as heard:
        bodies = [(await heard.answer())[1] for _ in range(4)]
    assert b'"echo":"a"' in bodies[0]
    assert b'"__typename":"Query"' in bodies[1]
    assert b"GRAPHQL_VALIDATION_FAILED" in bodies[2]
    assert b'"echo":"b"' in bodies[3]


def echoing(variables: Mapping[str, Any]) -> Answered:
    return Answered(json.dumps({"echo": variables["text"]}, separators=(",", ":")).encode())


async def begun(served: SmallServer) -> None:
    """Wait until the server has read the head of a request."""
    assert served.server is not None
    connections: Any = served.server.server_state.connections
    await until(
        lambda: any(each.cycle and not each.cycle.response_complete for each in connections)
    )


@pytest.mark.parametrize("first", [0, 300], ids=["none", "a part"])
async def test_a_body_of_which_none_or_a_part_arrives_with_its_head_is_awaited(
    pair: ServerPair, first: int
) -> None:
    pair.fast.reader.answer = lambda _, variables, __: echoing(variables)
    raw = posted(ECHO, text="x" * 300)
    cut = raw.index(b"\r\n\r\n") + 4 + first
    next_one = posted("{ nothing }", headers="X-Request-ID: r-1\r\n")
    answers = []
    for served, calls in ((pair.fast, 1), (pair.plain, 2)):
        async with await served.sent(raw[:cut]) as heard:
            await begun(served)
            heard.writer.write(raw[cut:] + next_one)
            answers.append([(await heard.answer())[1] for _ in range(2)])
        assert len(served.calls) == calls
    assert answers[0] == answers[1]


async def test_a_long_body_is_left_to_the_application(pair: ServerPair) -> None:
    raw = posted(ECHO, text="x" * 17_000)
    async with await pair.fast.sent(raw[:200]) as heard:
        await begun(pair.fast)
        heard.writer.write(raw[200:])
        assert (await heard.answer())[0].startswith(b"HTTP/1.1 200")
    assert (len(pair.fast.calls), len(pair.fast.reader.requests)) == (1, 1)


async def test_a_body_that_does_not_arrive_in_time_is_refused_as_by_the_application() -> None:
    raw, limits = posted(ECHO, headers="X-Request-ID: r-1\r\n", text="x"), Limits(body_seconds=0.05)
    answers = []
    async with small_server(FastPathReader(), limits) as fast, small_server(limits=limits) as plain:
        for served in (fast, plain):
            async with await served.sent(raw[:-1]) as heard:
                head, body = await heard.answer()
                assert await heard.reader.read() == b""
            answers.append((head[:12], body, served.calls))
    assert answers[0] == answers[1]
    assert (answers[0][0], b"within 0.05 seconds" in answers[0][1]) == (b"HTTP/1.1 408", True)


async def test_a_client_that_hangs_up_within_the_body_is_logged_as_by_the_application(
    pair: ServerPair,
) -> None:
    lines = []
    for served in (pair.fast, pair.plain):
        with capture_logs() as logs:
            async with await served.sent(posted(ECHO, text="x")[:-1]):
                await begun(served)
            await until(lambda: len(logs) == 1)
        lines.append([logs[0][name] for name in ("log_level", "path", "status")])
    assert lines[0] == lines[1] == ["info", "/graphql", CLIENT_CLOSED_REQUEST]


async def test_a_connection_serves_one_request_after_the_other_either_way() -> None:
    async with (
        small_server(FastPathReader()) as served,
        await served.sent(posted(TYPENAME)) as heard,
    ):
        for query in (TYPENAME, ECHO, "{ nothing }", TYPENAME):
            head, _ = await heard.answer()
            assert b"connection: close" not in head
            heard.writer.write(posted(query, text="x") if query == ECHO else posted(query))
        assert len(served.calls) == 1


async def test_a_client_that_hangs_up_is_not_written_to() -> None:
    async with small_server(FastPathReader(seconds=0.1)) as served:
        async with await served.sent(posted(ECHO, text="x")):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.15)
        assert len(served.reader.requests) == 1
        assert (await served.ask(body_of(TYPENAME))).status_code == 200


async def test_a_stopping_server_answers_the_fast_path_and_closes_the_connection() -> None:
    raw = posted(ECHO, text="x")
    async with small_server(FastPathReader(seconds=0.1)) as served, await served.sent(raw) as heard:
        await asyncio.sleep(0.02)
        assert served.server is not None
        served.server.should_exit = True
        head, body = await heard.answer()
        assert b"connection: close\r\n" in head
        assert b'"echo":"read"' in body
        assert await heard.reader.read() == b""


async def test_requests_beyond_the_concurrency_limit_receive_retry_after() -> None:
    async with small_server(FastPathReader(seconds=0.5), max_in_flight=1) as served:
        async with await served.sent(posted(ECHO, text="x")) as heard:
            await asyncio.sleep(0.05)
            refused = await served.ask(body_of(ECHO, text="y"))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert (await heard.answer())[0].startswith(b"HTTP/1.1 200")
        served.reader.seconds = 0
        assert (await served.ask(body_of(ECHO, text="z"))).status_code == 200


async def test_a_read_beyond_the_deadline_is_stopped() -> None:
    with capture_logs() as logs:
        async with small_server(FastPathReader(seconds=30), Limits(request_seconds=0.05)) as served:
            answer = await served.ask(body_of(ECHO, text="x"))
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert [entry["event"] for entry in logs if entry["event"] != "request"] == ["timeout"]


async def test_requests_of_an_address_beyond_its_limit_are_refused() -> None:
    async with (
        small_server(FastPathReader(seconds=0.5), max_per_address=1) as served,
        await served.sent(posted(ECHO, text="x")) as heard,
    ):
        await asyncio.sleep(0.05)
        refused = await served.ask(body_of(ECHO, text="y"))
        assert (refused.status_code, served.calls) == (429, [b"/graphql"])
        assert (await heard.answer())[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("proxies", "scheme", "is_secure"),
    [(None, "https", False), ("127.0.0.1", "https", True), ("10.0.0.1", "https", False)],
)
async def test_only_a_trusted_proxy_says_that_it_was_reached_securely(
    proxies: str | None, scheme: str, is_secure: bool
) -> None:
    async with small_server(FastPathReader(), proxies=proxies) as served:
        answer = await served.ask(body_of(TYPENAME), X_Forwarded_Proto=scheme)
        assert ("strict-transport-security" in answer.headers) is is_secure
        assert served.calls == []


async def test_one_line_is_logged_with_what_is_known_of_the_request() -> None:
    with capture_logs() as logs:
        async with small_server(FastPathReader()) as served:
            await served.ask(body_of(ECHO, text="x"), X_Request_ID="r-7")
    (line,) = [entry for entry in logs if entry["event"] == "request"]
    assert {name: line[name] for name in ("request_id", "path", "status", "read_by", "user")} == {
        "request_id": "r-7",
        "path": "/graphql",
        "status": 200,
        "read_by": "plan",
        "user": "usr_1",
    }


@pytest.mark.parametrize(
    ("headers", "network"),
    [
        ({"X_Forwarded_For": "192.0.2.77"}, "192.0.2.0/24"),
        ({"X_Forwarded_For": "192.0.2.77", "Forwarded": "for=198.51.100.9"}, "192.0.2.0/24"),
        ({"Forwarded": "for=192.0.2.9, for=198.51.100.9"}, "198.51.100.0/24"),
        ({"Forwarded": 'for="[2001:db8:1:2::5]:4711", for=127.0.0.1'}, "2001:db8:1::/48"),
        ({"Forwarded": "for=_hidden"}, "127.0.0.0/24"),
        ({"Forwarded": "for=198.51.100.9", "X_Forwarded_Proto": "https"}, "127.0.0.0/24"),
    ],
)
@pytest.mark.parametrize("is_fast", [True, False])
async def test_the_line_names_the_client_that_a_trusted_proxy_forwards(
    headers: dict[str, str], network: str, is_fast: bool
) -> None:
    with capture_logs() as logs:
        async with small_server(
            FastPathReader() if is_fast else None, proxies="127.0.0.1"
        ) as served:
            await served.ask(body_of(TYPENAME), **headers)
            assert served.calls == ([] if is_fast else [b"/graphql"])
    assert [line["client"] for line in logs if line["event"] == "request"] == [network]


ELSEWHERE: dict[str, bytes] = {
    "another path": posted(TYPENAME).replace(b"/graphql", b"/graphql/", 1),
    "a query string": posted(TYPENAME).replace(b"/graphql", b"/graphql?x=1", 1),
    "the older version": posted(TYPENAME).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "the last request": posted(TYPENAME, headers="Connection: close\r\n"),
    "a question before the body": posted(TYPENAME, headers="Expect: 100-continue\r\n"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_only_a_plain_request_is_offered_to_the_fast_path(name: str) -> None:
    async with (
        small_server(FastPathReader()) as served,
        await served.sent(ELSEWHERE[name]) as heard,
    ):
        await heard.reader.readuntil(b"\r\n\r\n")
        assert (len(served.calls), served.reader.without_io) == (1, [])
