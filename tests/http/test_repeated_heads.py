"""A request whose head has arrived before is served as if it had been parsed, on real sockets."""

import asyncio

import pytest

from qgp.http.fast_path_protocol import FastPathProtocol
from tests.http.small_server import FastPathReader, Heard, SmallServer, posted, small_server
from tests.http.test_fast_path import TYPENAME, echoing
from tests.http.test_planned_operations import ECHO

# Bodies of one length: a read, a read without I/O, an error of each kind.
BODIES = [
    posted(ECHO, text="first"),
    *[posted(query.ljust(len(ECHO) + 15)) for query in (TYPENAME, "{ nothing }", "{")],
    posted(ECHO, text="third"),
]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Urls of the requests that were parsed."""
    urls: list[bytes] = []
    parse = FastPathProtocol.on_headers_complete

    def note(self: FastPathProtocol) -> None:
        urls.append(self.url)
        parse(self)

    monkeypatch.setattr(FastPathProtocol, "on_headers_complete", note)
    return urls


async def served_in_turn(served: SmallServer, requests: list[bytes]) -> list[bytes]:
    """Return status line and body of the answers on one connection."""
    answers = []
    async with await served.sent(requests[0]) as heard:
        for raw in [*requests[1:], b""]:
            head, body = await heard.answer()
            answers.append(head.split(b"\r\n")[0] + body.split(b'"requestId"')[0])
            heard.writer.write(raw)
    return answers


async def test_requests_with_a_repeated_head_are_answered_alike_and_not_parsed(
    parsed: list[bytes],
) -> None:
    assert len({raw.partition(b"\r\n\r\n")[0] for raw in BODIES}) == 1
    reader = FastPathReader(lambda _, variables, __: echoing(variables))
    async with small_server(reader) as fast, small_server() as plain:
        answers = await served_in_turn(fast, BODIES)
        assert (len(parsed), len(fast.calls)) == (1, 2)
        assert answers == await served_in_turn(plain, BODIES)


@pytest.mark.parametrize("header", ["X-Request-ID: r-1", "Traceparent: 00-1-2-01", "Expect: x"])
async def test_a_head_with_a_header_for_one_request_is_parsed_each_time(
    parsed: list[bytes], header: str
) -> None:
    raw = posted(TYPENAME, headers=f"{header}\r\n")
    async with small_server(FastPathReader()) as served:
        await served_in_turn(served, [raw, raw])
    assert len(parsed) == (1 if header.startswith("Expect") else 2)


async def test_a_body_that_looks_like_a_known_request_is_no_request(parsed: list[bytes]) -> None:
    repeated = posted(TYPENAME)
    refused = repeated.replace(b"application/json", b"text/plain").partition(b"Content-Length")[0]
    refused += b"Content-Length: %d\r\n\r\n" % len(repeated)
    async with small_server(FastPathReader()) as served, await served.sent(repeated) as heard:
        assert (await heard.answer())[0].startswith(b"HTTP/1.1 200")
        heard.writer.write(refused)
        assert (await heard.answer())[0].startswith(b"HTTP/1.1 415")
        heard.writer.write(repeated)  # the body, after the answer
        await _silence(heard)
        heard.writer.write(repeated)
        assert b'"__typename":"Query"' in (await heard.answer())[1]
    assert len(served.reader.without_io) == 2
    assert parsed == [b"/graphql"] * 2


async def test_two_requests_that_arrive_together_are_both_answered(parsed: list[bytes]) -> None:
    repeated = posted(TYPENAME)
    async with small_server(FastPathReader()) as served, await served.sent(repeated) as heard:
        await heard.answer()
        heard.writer.write(repeated + repeated)
        bodies = [(await heard.answer())[1] for _ in range(2)]
    assert [b'"__typename":"Query"' in body for body in bodies] == [True, True]
    assert len(parsed) == 3


async def _silence(heard: Heard) -> None:
    """Require that nothing is answered meanwhile."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(heard.reader.readexactly(1), 0.05)
