"""GraphQL over SSE: which operations stream, and how a stream ends."""

import asyncio
import json
from typing import Any

import pytest

from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.in_flight import InFlight
from qgp.http.limits import Limits
from tests.http.live_client import TOKEN, Tokens
from tests.http.serving import Client, code, endpoint
from tests.http.test_websocket import TICKS

STREAM = "text/event-stream"
OF_URQL = f"application/graphql-response+json, application/json, {STREAM}, multipart/mixed"
END = b"event: complete\ndata:\n\n"


async def some_turns() -> None:
    """Let tasks that need no I/O run as far as they can."""
    for _ in range(100):
        await asyncio.sleep(0)


def ticks(to: int) -> bytes:
    return json.dumps({"query": TICKS, "variables": {"to": to}}).encode()


def of_tokens(tokens: Tokens, **limits: Any) -> GraphQLEndpoint:
    return endpoint(
        Limits(**limits),
        open_context=tokens.open_context,
        expiry=tokens.expiry,
        identify=lambda authorization: authorization,
    )


async def test_a_subscription_streams_results_and_resumes_after_the_id_of_one() -> None:
    client = Client(endpoint())
    response = await client.raw(ticks(3), Accept=OF_URQL, Last_Event_ID="1")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "content-encoding" not in response.headers
    assert response.content == (
        b":\n\n"
        b'event: next\nid: 2\ndata: {"data":{"ticks":{"number":2}}}\n\n'
        b'event: next\nid: 3\ndata: {"data":{"ticks":{"number":3}}}\n\n' + END
    )
    assert client.log_fields["operation_type"] == "subscription"


@pytest.mark.parametrize(
    ("query", "start"),
    [("{ __typename }", b'{"data":{"__typename":"Query"}'), ("{ no }", b'{"errors":[{"message":')],
)
async def test_a_query_streams_only_where_nothing_else_is_accepted(
    query: str, start: bytes
) -> None:
    body = json.dumps({"query": query}).encode()
    streamed = await Client(endpoint()).raw(body, Accept=STREAM)
    assert streamed.status_code == 200
    assert streamed.content.startswith(b"event: next\ndata: " + start)
    assert streamed.content.endswith(b"\n\n" + END)
    plain = await Client(endpoint()).raw(body, Accept=OF_URQL)
    assert plain.headers["content-type"].startswith("application/graphql-response+json")


async def test_a_subscription_that_is_refused_does_not_open_a_stream() -> None:
    tokens = Tokens()
    graphql = of_tokens(tokens, live_connections_per_user=0)
    unknown = await Client(graphql).raw(ticks(3), Accept=STREAM, Authorization="Bearer stale")
    assert (unknown.status_code, code(unknown)) == (401, "UNAUTHENTICATED")
    crowded = await Client(graphql).raw(ticks(3), Accept=STREAM, Authorization=TOKEN)
    assert (crowded.status_code, code(crowded)) == (429, "RATE_LIMITED")
    invalid = await Client(graphql).raw(ticks(0), Accept=OF_URQL, Authorization=TOKEN)
    assert (invalid.status_code, code(invalid)) == (400, "BAD_USER_INPUT")


async def test_a_stream_ends_with_its_sign_in_and_without_complete_where_the_server_stops() -> None:
    tokens = Tokens(seconds=0.05)
    graphql = of_tokens(tokens)
    in_flight = InFlight(graphql, 1)
    waiting = asyncio.create_task(
        Client(in_flight).raw(ticks(-1), Accept=STREAM, Authorization=TOKEN)
    )
    await some_turns()
    assert (graphql.live_connections.count, in_flight.count) == (1, 0)
    tokens.in_force.clear()
    ended = (await waiting).content
    assert b'"code":"UNAUTHENTICATED"' in ended
    assert ended.endswith(END)
    tokens.in_force.add(TOKEN)
    tokens.seconds = 60
    waiting = asyncio.create_task(
        Client(graphql).raw(ticks(-1), Accept=STREAM, Authorization=TOKEN)
    )
    await some_turns()
    graphql.live_connections.stop()
    assert END not in (await waiting).content
    assert graphql.live_connections.count == 0
