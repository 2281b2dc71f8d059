"""graphql-transport-ws on real sockets: messages, closing codes, origins, sign-in and limits."""

import asyncio
import json
import logging
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from qgp.http.connection_limits import ServerConfig
from qgp.http.limits import Limits
from qgp.http.websocket_messages import Close, Socket
from tests.http.live_client import TOKEN, Tokens, connected, live_server, signed_in
from tests.http.test_planned_operations import SITE

TICKS = "subscription ($to: Int!, $after: String) { ticks(to: $to, after: $after) { number } }"
INVALID = "GRAPHQL_VALIDATION_FAILED"
INIT = {"type": "connection_init", "payload": {"Authorization": TOKEN}}
ASK = {"type": "subscribe", "id": "1", "payload": {"query": TICKS, "variables": {"to": -1}}}


async def test_a_socket_carries_operations_of_every_type_side_by_side(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with live_server() as server, signed_in(server) as messages:
        await messages.say("ping", payload={"n": 1})
        assert await messages.hear() == ("pong", None, {"n": 1})
        await messages.subscribe("q", '{ echo(text: "a") }')
        type, id, answer = await messages.hear()
        assert (type, id, answer["data"]) == ("next", "q", {"echo": "a"})
        assert await messages.hear() == ("complete", "q", None)
        await messages.subscribe("m", 'mutation { clauseCreate(input: {title: "x"}) }')
        assert (await messages.hear())[2]["data"] == {"clauseCreate": "x"}
        assert await messages.hear() == ("complete", "m", None)
        await messages.subscribe("open", TICKS, to=-1)
        assert await messages.hear() == ("next", "open", {"data": {"ticks": {"number": 1}}})
        await messages.subscribe("s", TICKS, to=3, after="1")
        heard = [await messages.hear() for _ in range(3)]
        numbers = [payload["data"]["ticks"]["number"] for _, _, payload in heard[:2]]
        assert (numbers, heard[2]) == ([2, 3], ("complete", "s", None))
        await messages.say("complete", "open")
        await messages.subscribe("open", "{ __typename }")  # its id is free again
        assert (await messages.hear())[:2] == ("next", "open")
    assert "[accepted]" not in caplog.text  # a line with the client's address
    assert "connection open" not in caplog.text


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { ticks { nothing } }", {}, INVALID),
        (TICKS, {"to": "x"}, "BAD_USER_INPUT"),
        (TICKS, {"to": 0}, "BAD_USER_INPUT"),
        ("subscription { a: ticks { n: number } b: ticks { n: number } }", {}, INVALID),
        ("{ " + "echo(text: 1) " * 11 + "}", {}, "QUERY_TOO_COMPLEX"),
    ],
)
async def test_an_invalid_operation_is_an_error_of_its_id_alone(
    query: str, variables: dict[str, Any], code: str
) -> None:
    async with live_server() as server, signed_in(server) as messages:
        await messages.subscribe("1", query, **variables)
        type, id, errors = await messages.hear()
        assert (type, id, errors[0]["extensions"]["code"]) == ("error", "1", code)
        await messages.say("ping")
        assert await messages.hear() == ("pong", None, None)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([], 4408),
        ([ASK], 4401),
        ([{"type": "connection_init"}], 4401),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer stale"}}], 4403),
        ([INIT, INIT], 4429),
        ([INIT, ASK, ASK], 4409),
        ([INIT, {"type": "start", "id": "1"}], 4400),
        ([INIT, {**ASK, "id": ""}], 4400),
        ([INIT, {**ASK, "payload": "x"}], 4400),
        ([INIT, {"id": "1"}], 4400),
        ([INIT, ["subscribe"]], 4400),
        ([INIT, "x" * 70_000], 1009),
    ],
)
async def test_a_breach_of_the_protocol_closes_the_socket_with_its_code(
    sent: list[Any], code: int
) -> None:
    limits = Limits(socket_init_seconds=0.5)
    async with live_server(limits=limits) as server, connected(server) as messages:
        for message in sent:
            await messages.socket.send(json.dumps(message))
        assert (await messages.closed())[0] == code


async def test_another_subprotocol_is_closed_and_bytes_are_refused() -> None:
    async with live_server() as server:
        async with connected(server, subprotocols=None) as messages:
            assert (await messages.closed())[0] == 4406
        async with connected(server) as messages:
            await messages.socket.send(json.dumps(INIT).encode())
            assert (await messages.closed())[0] == 4400


async def test_only_pages_of_allowed_origins_may_connect() -> None:
    async with live_server() as server:
        for origin in (SITE, f"http://127.0.0.1:{server.port}"):
            async with connected(server, origin=origin):
                pass
        for origin in ("https://elsewhere.example", "null"):
            with pytest.raises(InvalidStatus) as refused:
                async with connected(server, origin=origin):
                    pass
            assert refused.value.response.status_code == 403


async def test_a_socket_is_closed_when_its_token_expires_or_its_sign_in_ends() -> None:
    tokens = Tokens(seconds=0.2)
    async with live_server(tokens) as server, signed_in(server) as messages:
        await messages.subscribe("1", TICKS, to=-1)
        assert (await messages.hear())[0] == "next"
        tokens.in_force.clear()
        assert await messages.closed() == (4403, "Forbidden. This sign-in has ended.")


async def test_an_operation_of_an_ended_sign_in_closes_the_socket() -> None:
    tokens = Tokens()
    async with live_server(tokens) as server, signed_in(server) as messages:
        tokens.in_force.clear()
        await messages.subscribe("1", TICKS, to=3)
        assert (await messages.closed())[0] == 4403


async def test_operations_of_a_socket_and_connections_of_a_user_are_limited() -> None:
    limits = Limits(socket_operations=2, live_connections_per_user=1)
    async with live_server(limits=limits) as server:
        async with signed_in(server) as messages:
            for id in "ab":
                await messages.subscribe(id, TICKS, to=-1)
                assert (await messages.hear())[:2] == ("next", id)
            await messages.subscribe("c", TICKS, to=-1)
            type, refused, errors = await messages.hear()
            assert (type, refused) == ("error", "c")
            assert errors[0]["extensions"]["code"] == "RATE_LIMITED"
            async with connected(server) as other:
                await other.say("connection_init", payload={"authorization": TOKEN})
                assert (await other.closed())[0] == 1013
        async with signed_in(server):
            pass


async def test_a_client_that_does_not_read_is_closed() -> None:
    async def send(message: Any) -> None:
        await asyncio.Event().wait()

    async def receive() -> Any:
        raise AssertionError

    socket = Socket(receive, send, Limits(socket_send_seconds=0.01))
    with pytest.raises(Close, match="Resume after the last cursor") as close:
        await socket.send("next", "1", b"{}")
    assert close.value.code == 1013


async def test_a_socket_outlives_the_time_for_the_head_of_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ServerConfig, "header_seconds", 0.05)
    loop = asyncio.get_running_loop()
    async with live_server() as server, signed_in(server) as messages:
        end = loop.time() + 0.2
        while loop.time() < end:
            await messages.say("ping")
            assert await messages.hear() == ("pong", None, None)


async def test_a_stopping_server_closes_with_service_restart() -> None:
    async with live_server() as server, signed_in(server) as messages:
        await messages.subscribe("1", TICKS, to=-1)
        assert (await messages.hear())[0] == "next"
        assert server.server is not None
        server.server.should_exit = True
        assert (await messages.closed())[0] == 1012
