"""One request from its first byte to its answer."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from qgp.http.limits import Limits
from qgp.kit.errors import RateLimited, Unauthenticated, Unavailable
from tests.http.serving import GRAPHQL, JSON, Client, code, endpoint

ASK = b'{"query": "{ __typename }"}'


def refusing(error: Exception) -> Client:
    @asynccontextmanager
    async def open_context(request: Request) -> AsyncIterator[None]:
        raise error
        yield

    return Client(endpoint(open_context=open_context))


async def test_a_query_is_answered_with_its_data_and_its_cost() -> None:
    client = Client(endpoint())
    response = await client.post('query Greet { echo(text: "hello") }')
    assert response.json() == {"data": {"echo": "hello"}, "extensions": {"cost": 1}}
    assert response.headers["Content-Type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.headers["Vary"] == "Accept"


async def test_the_access_log_learns_name_hash_and_cost() -> None:
    client = Client(endpoint())
    query = "query Greet { clause { title } }"
    await client.post(query)
    digest = hashlib.sha256(query.encode()).hexdigest()
    assert client.log_fields == {
        "operation_name": "Greet",
        "operation_type": "query",
        "document_hash": digest,
        "cost": 2,
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_every_method_but_post_is_refused_without_a_token(method: str) -> None:
    response = await Client(endpoint()).request(method, params={"query": "{ __typename }"})
    assert response.status_code == 405
    assert response.headers["Allow"] == ("POST" if method == "GET" else "GET, POST")
    assert code(response) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.1, */*", JSON),
        (f"*/*, {JSON};q=0", GRAPHQL),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream", GRAPHQL),
        ("APPLICATION/*", JSON),
        ("text/html, */*;q=0.8", JSON),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
    ],
)
async def test_the_client_chooses_the_media_type(accept: str, media: str) -> None:
    response = await Client(endpoint()).post("{ __typename }", accept=accept)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(media)


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};q=0", "text/event-stream;q=0"])
async def test_a_media_type_we_do_not_speak_is_refused(accept: str) -> None:
    assert (await Client(endpoint()).post("{ __typename }", accept=accept)).status_code == 406


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Type": "application/json; charset=utf-16"},
        {"Content_Encoding": "gzip"},
    ],
)
async def test_a_body_of_another_kind_is_refused(headers: dict[str, str]) -> None:
    assert (await Client(endpoint()).raw(ASK, **headers)).status_code == 415


MALFORMED = {
    "empty": b"",
    "not an object": b'"query"',
    "null": b"null",
    "a batch": b"[" + ASK + b"]",
    "bad UTF-8": b'{"query": "\xff"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "half a surrogate pair": rb'{"query": "{ \ud800 }"}',
    "100,000 brackets": b"[" * 100_000,
    "closed brackets in variables": b'{"variables":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a 5,000 digit integer": b'{"query": "{ __typename }", "variables": {"n": '
    + b"9" * 5000
    + b"}}",
    "an infinite number": b'{"query": "{ __typename }", "variables": {"n": 1e400}}',
    "NaN": b'{"query": "{ __typename }", "variables": {"n": NaN}}',
    "duplicate keys": b'{"query": "{ __typename }", "query": "{ broken }"}',
    "a blank query": b'{"query": " "}',
    "a name that is none": rb'{"query": "{ __typename }", "operationName": "\ud800"}',
}


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_a_400_in_json(body: bytes, accept: str) -> None:
    response = await Client(endpoint()).raw(body, Accept=accept)
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith(accept)
    assert code(response) == "BAD_REQUEST"


@pytest.mark.parametrize("text", ["\x00", "a\x1bb", "\x7f", "\x85", "\r", "\ud800"])
async def test_a_control_character_in_a_variable_is_refused_with_its_path(text: str) -> None:
    response = await Client(endpoint()).post(
        "query ($text: String!) { echo(text: $text) }", {"input": {"lines": ["fine", text]}}
    )
    assert response.status_code == 400
    assert code(response) == "BAD_USER_INPUT"
    assert response.json()["errors"][0]["extensions"]["path"] == ["input", "lines", 1]


@pytest.mark.parametrize("escape", [r"\u0000", r"\u{1B}", r"\b", r"\u007f"])
async def test_a_control_character_in_a_literal_is_refused_with_its_place(escape: str) -> None:
    response = await Client(endpoint()).post(f'{{ echo(text: "a{escape}") }}')
    assert response.status_code == 400
    assert code(response) == "BAD_USER_INPUT"
    assert response.json()["errors"][0]["locations"] == [{"line": 1, "column": 14}]


async def test_newlines_tabs_and_every_script_are_welcome() -> None:
    text = "one\n\ttwo 測試 🏃 \u202e"
    answer = await Client(endpoint()).post(
        "query ($text: String!) { echo(text: $text) }", {"text": text}
    )
    assert answer.json()["data"] == {"echo": text}


@pytest.mark.parametrize(
    "variables",
    [
        {"list": [0] * 101},
        {"text": "x" * 100_001},
        {"parts": ["x" * 90_000, "x" * 90_000]},
        {"deep": [[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]},
        {"bad\x00name": 1},
    ],
    ids=["list", "text", "bytes", "depth", "name"],
)
async def test_variables_beyond_the_limits_are_refused(variables: dict[str, Any]) -> None:
    response = await Client(endpoint()).post("{ __typename }", variables)
    assert response.status_code == 400
    assert code(response) == "BAD_USER_INPUT"


async def test_a_long_body_is_refused_by_its_announced_length() -> None:
    response = await Client(endpoint()).raw(b" " * (256 * 1024 + 1))
    assert response.status_code == 413
    assert response.headers["Connection"] == "close"


async def test_a_long_body_is_refused_while_it_arrives() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024
            yield b" " * 1024

    headers = {"Content-Type": JSON}
    response = await Client(endpoint()).request("POST", content=endless(), headers=headers)
    assert response.status_code == 413
    assert sent <= 300 * 1024


async def test_a_body_that_stops_arriving_is_given_up() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    client = Client(endpoint(Limits(body_seconds=0.05)))
    headers = {"Content-Type": JSON}
    response = await client.request("POST", content=stalled(), headers=headers)
    assert response.status_code == 408
    assert response.headers["Connection"] == "close"


async def test_an_operation_is_found_by_its_name() -> None:
    both = "query A { a: __typename } query B { b: __typename }"
    response = await Client(endpoint()).post(both, operationName="B")
    assert response.json()["data"] == {"b": "Query"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query A { __typename } query B { __typename }", None),
        ("query A { __typename }", "B"),
        ("fragment F on Query { __typename }", None),
    ],
)
async def test_an_operation_that_is_not_clear_is_refused(query: str, name: str | None) -> None:
    response = await Client(endpoint()).post(query, operationName=name)
    assert response.status_code == 400
    assert code(response) == "OPERATION_RESOLUTION_FAILURE"
    assert "data" not in response.json()


async def test_a_subscription_by_plain_post_is_refused_with_what_to_do() -> None:
    response = await Client(endpoint()).post("subscription { ticks { number } }")
    assert response.status_code == 400
    assert code(response) == "OPERATION_RESOLUTION_FAILURE"
    message = "A subscription needs a connection that stays open. Accept `text/event-stream`, or"
    assert response.json()["errors"][0]["message"].startswith(message)


async def test_a_mutation_by_get_is_refused_even_where_queries_are_served() -> None:
    parameters = {"query": 'mutation { clauseCreate(input: {title: "x"}) }'}
    headers = {"Authorization": "Bearer x"}
    response = await Client(endpoint()).request("GET", params=parameters, headers=headers)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_a_bad_token_is_a_401_with_a_challenge(accept: str) -> None:
    response = await refusing(Unauthenticated("Sign in again.")).post(
        "{ __typename }", accept=accept
    )
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="qgp", error="invalid_token"'
    assert code(response) == "UNAUTHENTICATED"


async def test_a_rate_limited_caller_receives_retry_after() -> None:
    response = await refusing(RateLimited("Too many requests.", seconds=7)).post("{ __typename }")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


async def test_a_busy_service_sends_retry_after() -> None:
    response = await refusing(Unavailable("Signing in is busy.", seconds=3)).post("{ __typename }")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError()])
async def test_a_context_without_a_database_is_a_503(error: Exception) -> None:
    with capture_logs() as logs:
        response = await refusing(error).post("{ __typename }")
    assert response.status_code == 503
    assert code(response) == "UNAVAILABLE"
    assert response.headers["Retry-After"] == "5"
    assert [entry["event"] for entry in logs] == ["unavailable"]


async def test_a_bug_in_the_context_is_masked_and_logged_once() -> None:
    with capture_logs() as logs:
        response = await refusing(KeyError("secret")).post("{ __typename }")
    assert response.status_code == 500
    assert code(response) == "INTERNAL_SERVER_ERROR"
    assert "secret" not in response.text
    assert [(entry["event"], entry["request_id"]) for entry in logs] == [
        ("internal_server_error", "req-1")
    ]


async def test_the_context_is_not_opened_for_a_malformed_request() -> None:
    response = await refusing(KeyError()).raw(b"{")
    assert response.status_code == 400


async def test_an_operation_beyond_its_deadline_is_stopped() -> None:
    client = Client(endpoint(Limits(request_seconds=0.05)))
    with capture_logs() as logs:
        response = await client.post("{ slow }")
    assert response.status_code == 503
    assert code(response) == "TIMEOUT"
    assert client.log_fields["error_code"] == "TIMEOUT"
    assert [entry["event"] for entry in logs] == ["timeout"]


async def test_an_answer_that_is_too_long_is_refused() -> None:
    response = await Client(endpoint(Limits(response_bytes=1000))).post("{ long(times: 1001) }")
    assert response.status_code == 400
    assert code(response) == "QUERY_TOO_COMPLEX"
