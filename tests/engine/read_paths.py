"""Requests to both read paths, with the explanation of the answer."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.app import Application
from qgp.engine.engine import Engine

_EXPLAIN = {"X-QGP-Explain": "plan"}
_STATEMENTS = "x-statements"  # the access log's count, for tests


@dataclass(frozen=True)
class PathAnswer:
    """An answer with its explanation.

    Attributes:
        sql: the statements of the plan, or of the whole batch.
        reason: why the whole was not planned; None if it was.
        statements: how many the access log counts.
    """

    status: int
    body: dict[str, Any]
    sql: Sequence[str]
    reason: str | None
    statements: int

    @property
    def data(self) -> Any:
        """The data; there must be no errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @classmethod
    def of(cls, answer: httpx2.Response) -> "PathAnswer":
        """Read a response."""
        body = answer.json()
        plan = body.get("extensions", {}).get("plan", {})
        sql = [one["text"] for one in plan.get("statements", ())]
        statements = int(answer.headers.get(_STATEMENTS, 0))
        return cls(answer.status_code, body, sql, plan.get("fallbackReason"), statements)


@dataclass(frozen=True)
class PathClient:
    """A client whose sign-in the process has cached."""

    http: httpx2.AsyncClient

    async def answer(self, document: str, **variables: Any) -> httpx2.Response:
        """Return the response without an explanation; every request has the same id."""
        body = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=body, headers={"X-Request-ID": "r"})

    async def ask(self, document: str, **variables: Any) -> PathAnswer:
        """Return the answer with its explanation."""
        body = {"query": document, "variables": variables}
        return PathAnswer.of(await self.http.post("/graphql", json=body, headers=_EXPLAIN))


@asynccontextmanager
async def client_of(application: Application, token: str) -> AsyncIterator[PathClient]:
    """Return a client of an application that has cached its sign-in."""
    transport = httpx2.ASGITransport(_noting(application.asgi))
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://qgp.test", headers=headers
    ) as http:
        connected = PathClient(http)
        assert (await connected.answer("{ __typename }")).status_code == 200
        yield connected


@dataclass(frozen=True)
class ReadPaths:
    """The applications of both read paths, over one database."""

    resolvers: Application
    planned: Application

    @property
    def engine(self) -> Engine:
        """The engine of planned reads."""
        assert self.planned.read_engine is not None
        return self.planned.read_engine

    async def same(self, token: str, document: str, **variables: Any) -> PathAnswer:
        """Return the planned answer, after both paths have given the same bytes."""
        async with client_of(self.resolvers, token) as one, client_of(self.planned, token) as other:
            expected = await one.answer(document, **variables)
            actual = await other.answer(document, **variables)
            assert actual.content == expected.content
            assert actual.status_code == expected.status_code
            return await other.ask(document, **variables)


@dataclass(frozen=True)
class Sent:
    """A statement as the driver sent it."""

    text: str
    arguments: Sequence[Any]


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """Record the statements of every connection that is opened within the block."""
    statements: list[Sent] = []

    def watch(connection: Any, _: object) -> None:
        connection.driver_connection.add_query_logger(
            lambda query: statements.append(Sent(query.query, query.args or ()))
        )

    event.listen(Pool, "connect", watch)
    try:
        yield statements
    finally:
        event.remove(Pool, "connect", watch)


def _noting(application: ASGIApp) -> ASGIApp:
    """Add a header with the number of statements that the access log counts."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted = state.get("graphql", {})
                MutableHeaders(scope=message)[_STATEMENTS] = str(noted.get("statements", 0))
            await send(message)

        await application(scope, receive, tell)

    return serve
