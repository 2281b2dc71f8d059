import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from qgp.http import logging
from qgp.http.middleware import with_middleware
from tests.http.logged import Logged, logged

SITE = "https://app.example.com"


class Gate:
    """Holds requests until it is opened, and knows when two of them have come."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.both = asyncio.Barrier(3)


def application(
    gate: Gate | None = None,
    *,
    max_in_flight: int = 100,
    max_per_address: int | None = None,
    uncompressed: tuple[str, ...] = (),
) -> ASGIApp:
    async def answer(request: Request) -> Response:
        return JSONResponse({"data": None}, media_type="application/graphql-response+json")

    async def long(request: Request) -> Response:
        return Response(b"x" * 5000, media_type="application/graphql-response+json")

    async def stream(request: Request) -> Response:
        return Response(b"x" * 5000, media_type="text/event-stream")

    async def operation(request: Request) -> Response:
        request.state.graphql.update(
            operation_name="Clauses",
            document_hash="ab12",
            organization="org_1",
            user="usr_1",
            statements=3,
            cost=17,
            error_code="FORBIDDEN",
            variables={"password": "PRIVATE"},
        )
        return JSONResponse({})

    async def broken(request: Request) -> Response:
        raise RuntimeError("on purpose")

    async def held(request: Request) -> Response:
        assert gate is not None
        await gate.both.wait()
        await gate.open.wait()
        return PlainTextResponse("done")

    async def failure(request: Request, error: Exception) -> Response:
        return JSONResponse({"errors": [{"message": "masked"}]}, 500)

    handlers = (answer, long, stream, operation, broken, held)
    routes = [Route(f"/{f.__name__}", f, methods=["GET", "POST"]) for f in handlers]
    routes.append(Route("/healthz", answer))
    app = Starlette(routes=routes, exception_handlers={Exception: failure})
    return with_middleware(
        app,
        origins=[SITE],
        max_in_flight=max_in_flight,
        max_per_address=max_per_address,
        uncompressed=uncompressed,
    )


@asynccontextmanager
async def client(
    app: ASGIApp, scheme: str = "http", host: str = "127.0.0.1"
) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=(host, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://qgp") as asking:
        yield asking


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    with logged(capsys) as written:
        yield written


def requests_in(output: Logged) -> list[dict[str, Any]]:
    return [entry for entry in output.entries() if entry["event"] == "request"]


async def test_a_harmless_request_id_is_echoed() -> None:
    async with client(application()) as asking:
        answer = await asking.get("/answer", headers={"X-Request-ID": "trace-42"})
    assert answer.headers.get_list("X-Request-ID") == ["trace-42"]


@pytest.mark.parametrize("id", ["", "a b", "a" * 65, "x\tlevel=ERROR", "id_1"])
async def test_any_other_request_id_is_replaced(id: str) -> None:
    async with client(application()) as asking:
        answer = await asking.get("/answer", headers={"X-Request-ID": id})
    assert UUID(answer.headers["X-Request-ID"]).version == 4


@pytest.mark.parametrize("path", ["/answer", "/broken", "/nowhere"])
async def test_every_answer_has_an_id_and_forbids_sniffing_and_storing(path: str) -> None:
    async with client(application()) as asking:
        answer = await asking.get(path)
    assert answer.headers["X-Request-ID"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers


async def test_https_is_demanded_from_then_on() -> None:
    async with client(application(), "https") as asking:
        answer = await asking.get("/answer")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_listed_origin_may_call_and_another_may_not() -> None:
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with client(application()) as asking:
        ours = await asking.options("/answer", headers={"Origin": SITE, **preflight})
        other = await asking.options(
            "/answer", headers={"Origin": SITE + ".evil.example", **preflight}
        )
        seen = await asking.post("/answer", headers={"Origin": SITE})
    assert ours.status_code == 200
    assert ours.headers["Access-Control-Allow-Origin"] == SITE
    assert other.status_code == 400
    assert "Access-Control-Allow-Origin" not in other.headers
    assert seen.headers["Access-Control-Allow-Origin"] == SITE
    assert "X-Request-ID" in seen.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in seen.headers


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_long_answers_are_compressed_short_ones_and_streams_not(encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    async with client(application()) as asking:
        assert (await asking.get("/long", headers=headers)).headers["Content-Encoding"] == encoding
        for path in ("/answer", "/stream"):
            assert "Content-Encoding" not in (await asking.get(path, headers=headers)).headers


async def test_range_responses_are_not_compressed() -> None:
    headers = {"Accept-Encoding": "gzip"}
    async with client(application(uncompressed=("/lon",))) as asking:
        assert "Content-Encoding" not in (await asking.get("/long", headers=headers)).headers
    async with client(application()) as asking:
        assert "Content-Encoding" in (await asking.get("/long", headers=headers)).headers


async def test_a_file_may_be_put_from_a_listed_origin() -> None:
    preflight = {"Origin": SITE, "Access-Control-Request-Method": "PUT"}
    async with client(application()) as asking:
        answer = await asking.options("/answer", headers=preflight)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]


async def test_beyond_the_limit_requests_receive_retry_after_and_probes_pass() -> None:
    gate = Gate()
    async with client(application(gate, max_in_flight=2)) as asking:
        held = [asyncio.create_task(asking.get("/held")) for _ in range(2)]
        await gate.both.wait()
        busy = await asking.get("/answer", headers={"Origin": SITE})
        alive = await asking.get("/healthz")
        gate.open.set()
        served = [(await task).status_code for task in held]
        after = await asking.get("/answer")
    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "1"
    assert busy.headers["Access-Control-Allow-Origin"] == SITE
    assert busy.json()["errors"][0]["extensions"] == {
        "code": "UNAVAILABLE",
        "retryAfter": 1,
        "requestId": busy.headers["X-Request-ID"],
    }
    assert (alive.status_code, served, after.status_code) == (200, [200, 200], 200)


async def test_one_address_has_a_part_of_the_places_and_others_have_the_rest() -> None:
    gate = Gate()
    app = application(gate, max_in_flight=4, max_per_address=2)
    async with client(app) as asking, client(app, host="192.0.2.7") as elsewhere:
        held = [asyncio.create_task(asking.get("/held")) for _ in range(2)]
        await gate.both.wait()
        refused = await asking.get("/answer")
        others = await elsewhere.get("/answer")
        gate.open.set()
        await asyncio.gather(*held)
        after = await asking.get("/answer")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert (others.status_code, after.status_code) == (200, 200)


async def test_each_request_is_one_line_with_what_the_endpoint_noted(lines: Logged) -> None:
    logging.configure()
    async with client(application()) as asking:
        await asking.post("/operation", headers={"X-Request-ID": "r-1"}, content=b"{}")
    (line,) = requests_in(lines)
    assert line.pop("ms") >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("at"))
    assert line == {
        "level": "INFO",
        "logger": "qgp.access",
        "event": "request",
        "request_id": "r-1",
        "method": "POST",
        "path": "/operation",
        "status": 200,
        "client": "127.0.0.0/24",
        "operation_name": "Clauses",
        "document_hash": "ab12",
        "organization": "org_1",
        "user": "usr_1",
        "statements": 3,
        "cost": 17,
        "error_code": "FORBIDDEN",
    }


async def test_a_failure_is_an_error_line(lines: Logged) -> None:
    logging.configure()
    async with client(application()) as asking:
        answer = await asking.get("/broken")
    (line,) = requests_in(lines)
    assert (line["level"], line["status"], answer.status_code) == ("ERROR", 500, 500)
    assert line["request_id"] == answer.headers["X-Request-ID"]
