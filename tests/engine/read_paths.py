"""Asking both interpreters the same, and being told how the answer was made."""

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
_STATEMENTS = "x-statements"  # in which a test is told what the access log would be


@dataclass(frozen=True)
class PathAnswer:
    """An answer, and how it was made.

    Attributes:
        sql: the statements of the plan, those of a whole batch where it was one.
        reason: why there was no plan for the whole; None where there was one.
        statements: how many the access log counts.
    """

    status: int
    body: dict[str, Any]
    sql: Sequence[str]
    reason: str | None
    statements: int

    @property
    def data(self) -> Any:
        """What was asked for; there must be no errors."""
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
    """Somebody signed in whom the process has met."""

    http: httpx2.AsyncClient

    async def answer(self, document: str, **variables: Any) -> httpx2.Response:
        """Return the response as any client gets it; every request has the same id."""
        asked = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=asked, headers={"X-Request-ID": "r"})

    async def ask(self, document: str, **variables: Any) -> PathAnswer:
        """Return the answer with its explanation."""
        asked = {"query": document, "variables": variables}
        return PathAnswer.of(await self.http.post("/graphql", json=asked, headers=_EXPLAIN))


@asynccontextmanager
async def asking(application: Application, token: str) -> AsyncIterator[PathClient]:
    """Speak to an application that has met the token before."""
    transport = httpx2.ASGITransport(_noting(application.asgi))
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://qgp.test", headers=headers
    ) as http:
        found = PathClient(http)
        assert (await found.answer("{ __typename }")).status_code == 200
        yield found


@dataclass(frozen=True)
class ReadPaths:
    """The two interpreters, over one database."""

    reference: Application
    planned: Application

    @property
    def engine(self) -> Engine:
        """What plans."""
        assert self.planned.planned is not None
        return self.planned.planned

    async def same(self, token: str, document: str, **variables: Any) -> PathAnswer:
        """Return how the plan answered, after both have given the same bytes."""
        async with asking(self.reference, token) as one, asking(self.planned, token) as other:
            expected = await one.answer(document, **variables)
            found = await other.answer(document, **variables)
            assert found.content == expected.content
            assert found.status_code == expected.status_code
            return await other.ask(document, **variables)


@dataclass(frozen=True)
class Sent:
    """A statement as the driver sent it."""

    text: str
    arguments: Sequence[Any]


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """Note what is sent on every connection that is opened within the block."""
    found: list[Sent] = []

    def watch(connection: Any, _: object) -> None:
        connection.driver_connection.add_query_logger(
            lambda query: found.append(Sent(query.query, query.args or ()))
        )

    event.listen(Pool, "connect", watch)
    try:
        yield found
    finally:
        event.remove(Pool, "connect", watch)


def _noting(application: ASGIApp) -> ASGIApp:
    """Tell in a header how many statements the access log counts."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted = state.get("graphql", {})
                MutableHeaders(scope=message)[_STATEMENTS] = str(noted.get("statements", 0))
            await send(message)

        await application(scope, receive, tell)

    return serve
