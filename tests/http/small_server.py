"""Servers of the small schema on real sockets, with the fast path and without."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from qgp.http.admission import Admission
from qgp.http.connection_limits import ServerConfig
from qgp.http.fast_path_protocol import FastPathProtocol
from qgp.http.limits import Limits
from qgp.http.middleware import with_middleware
from qgp.http.websocket_server import WebSocketServerProtocol
from qgp.kit.gql.operation import Answered, Operation
from tests.http.serving import GRAPHQL, JSON, endpoint
from tests.http.test_planned_operations import KNOWN, SITE, FakeReader, FakeWriter


@dataclass
class FastPathReader(FakeReader):
    """Reader that also answers without I/O."""

    without_io: list[str | None] = field(default_factory=list)

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], caller: object
    ) -> Answered | None:
        self.without_io.append(operation.name)
        return Answered(b'{"__typename":"Query"}')


@dataclass
class SmallServer:
    """Server, and the paths of its ASGI calls."""

    reader: FastPathReader
    port: int = 0
    calls: list[bytes] = field(default_factory=list)
    server: uvicorn.Server | None = None

    async def sent(self, raw: bytes, *, parts: int = 1, pause: float = 0) -> "Heard":
        """Send bytes in some parts on a connection of their own, and read what comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        size = -(-len(raw) // parts)
        for start in range(0, len(raw), size):
            writer.write(raw[start : start + size])
            await writer.drain()
            await asyncio.sleep(pause)
        return Heard(reader, writer)

    async def ask(self, body: bytes, **headers: str) -> httpx2.Response:
        """Send a request, head and body at once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Content-Type": JSON, "Accept": GRAPHQL, "Authorization": KNOWN, **named}
        address = f"http://127.0.0.1:{self.port}/graphql"
        request = httpx2.Request("POST", address, content=body, headers=sent)
        lines = [b"POST /graphql HTTP/1.1", *map(b": ".join, request.headers.raw), b"", body]
        async with await self.sent(b"\r\n".join(lines)) as connection:
            head, content = await connection.answer()
        status, *pairs = head.decode("latin-1").rstrip().split("\r\n")
        fields = [(name, value.lstrip()) for name, _, value in (p.partition(":") for p in pairs)]
        return httpx2.Response(int(status.split()[1]), headers=fields, content=content)


@dataclass
class Heard:
    """The answers on a connection, in their order."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> tuple[bytes, bytes]:
        """Return head and body of the next one."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return head, await self.reader.readexactly(length)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()


@asynccontextmanager
async def small_server(
    reader: FastPathReader | None = None,
    limits: Limits | None = None,
    max_in_flight: int = 9,
    max_per_address: int | None = None,
    proxies: str | None = None,
    admission: Admission | None = None,
    writer: FakeWriter | None = None,
    **options: Any,
) -> AsyncIterator[SmallServer]:
    """Serve the small schema on a free port; without a reader there is no fast path."""
    server_under_test = SmallServer(reader or FastPathReader())
    app = with_middleware(
        Starlette(),
        origins=[SITE],
        max_in_flight=max_in_flight,
        max_per_address=max_per_address,
        by_path={
            "/graphql": endpoint(
                limits,
                reader=reader,
                writer=writer,
                explain=True,
                admission=admission,
                **options,
            )
        },
    )

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        server_under_test.calls.append(scope["path"].encode())
        await inside(scope, receive, send)

    inside, app.app = app.app, call
    config = ServerConfig(
        app,
        port=0,
        http=FastPathProtocol,
        ws=WebSocketServerProtocol,
        lifespan="off",
        log_config=None,
        server_header=False,
        proxy_headers=proxies is not None,
        forwarded_allow_ips=proxies,
    )
    server_under_test.server = server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    for _ in range(500):
        await asyncio.sleep(0.01)
        if server.started:
            break
    server_under_test.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield server_under_test
    finally:
        server.should_exit = True
        await task


@dataclass
class ServerPair:
    """Two servers of the same schema, one with the fast path and one without."""

    fast: SmallServer
    plain: SmallServer

    async def same(self, body: bytes, *, calls: int, **headers: str) -> None:
        """Compare their responses; `calls` ASGI calls are expected behind the fast path."""
        answers = []
        for served, count in ((self.fast, calls), (self.plain, 1)):
            answers.append(await served.ask(body, X_Request_ID="r-1", **headers))
            assert served.calls == [b"/graphql"] * count
        one, other = answers
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert _undated(one) == _undated(other)


def _undated(answer: httpx2.Response) -> list[tuple[str, str]]:
    return sorted(pair for pair in answer.headers.multi_items() if pair[0] != "date")


def posted(query: str, *, host: str = "x", headers: str = "", **variables: Any) -> bytes:
    body = json.dumps({"query": query, "variables": variables}).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nAuthorization: {KNOWN}\r\n{headers}"
    head += f"Content-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def body_of(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()
