"""A small schema for the HTTP tests, and a client that calls its application in process."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx2
import strawberry
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.limits import Limits
from qgp.http.schema import LimitedSchema
from qgp.kit.errors import Forbidden, Invalid
from qgp.kit.gql.bounds import BOUND, Bound

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@strawberry.type
class PageInfo:
    has_next_page: bool = False


@strawberry.input
class TitleFilter:
    eq: str | None = None
    in_: list[str] | None = strawberry.field(name="in", default=None)


@strawberry.input
class ClauseFilter:
    and_: "list[ClauseFilter] | None" = strawberry.field(name="and", default=None)
    or_: "list[ClauseFilter] | None" = strawberry.field(name="or", default=None)
    not_: "ClauseFilter | None" = strawberry.field(name="not", default=None)
    title: TitleFilter | None = None
    is_leaf: bool | None = None
    parent: "ClauseFilter | None" = None


@strawberry.type
class Clause:
    id: strawberry.ID = strawberry.ID("cls_1")
    title: str = "Context"

    @strawberry.field
    def parent(self) -> "Clause | None":
        return None

    @strawberry.field(metadata={BOUND: Bound(8)})  # type: ignore[untyped-decorator]
    def ancestors(self) -> "list[Clause]":
        return []

    @strawberry.field
    def unbounded(self) -> "list[Clause]":
        return []

    @strawberry.field
    def children(
        self,
        first: int | None = None,
        last: int | None = None,
        filter: "ClauseFilter | None" = None,
    ) -> "ClauseConnection":
        return ClauseConnection()


@strawberry.type
class ClauseEdge:
    cursor: str
    node: Clause


@strawberry.type
class ClauseConnection:
    edges: list[ClauseEdge] = strawberry.field(default_factory=list)
    nodes: list[Clause] = strawberry.field(default_factory=list)
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)
    total_count: int = 0


@strawberry.enum
class Theme(Enum):
    LEADERSHIP = "LEADERSHIP"


@strawberry.input
class ClauseInput:
    title: str
    themes: list[Theme] = strawberry.field(default_factory=list)


def fail(error: BaseException) -> str:
    raise error


@strawberry.type
class Query:
    clause: Clause | None = strawberry.field(resolver=Clause)

    @strawberry.field
    def clauses(
        self,
        first: int | None = None,
        last: int | None = None,
        filter: ClauseFilter | None = None,
    ) -> ClauseConnection:
        return ClauseConnection()

    @strawberry.field(metadata={BOUND: Bound(100, "ids")})  # type: ignore[untyped-decorator]
    def by_ids(self, ids: list[strawberry.ID]) -> list[Clause]:
        return []

    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def long(self, times: int) -> str:
        return "x" * times

    @strawberry.field
    def themed(self, theme: Theme) -> str:
        return theme.value

    @strawberry.field
    def broken(self) -> str | None:
        return fail(RuntimeError("secret detail"))

    @strawberry.field
    def broken_required(self) -> str:
        return fail(RuntimeError("secret detail"))

    @strawberry.field
    def invalid(self) -> str | None:
        return fail(Invalid("The page is too large.", "first"))

    @strawberry.field
    def forbidden(self) -> str | None:
        return fail(Forbidden("You may not read this."))

    @strawberry.field
    def outage(self) -> str | None:
        return fail(ConnectionRefusedError("127.0.0.1:5432"))

    @strawberry.field
    def lost(self) -> str | None:
        return fail(OperationalError("SELECT 1", {}, Exception(), connection_invalidated=True))

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(30)
        return "done"

    @strawberry.field
    def many(self) -> list[str | None]:
        return [None] * 30


@strawberry.type
class Mutation:
    @strawberry.mutation
    def clause_create(self, input: ClauseInput) -> str | None:
        return input.title

    @strawberry.mutation
    def login(self, password: str) -> str | None:
        return None


@strawberry.type
class Tick:
    number: int
    cursor: str


@dataclass(frozen=True)
class Ticks:
    """Batch of one event."""

    number: int

    async def payloads(self, context: object) -> list[Tick]:
        return [Tick(number=self.number, cursor=str(self.number))]


async def ticks(root: str | None, after: str | None = None, to: int = 3) -> AsyncIterator[Ticks]:
    """Count up to a number; a negative one never ends."""

    async def count() -> AsyncGenerator[Ticks, None]:
        for number in range(int(root or after or 0) + 1, abs(to) + 1):
            yield Ticks(number)
        if to < 0:
            await asyncio.Event().wait()

    if to == 0:
        raise Invalid("Count to another number.", "to")
    return count()


@strawberry.type
class Subscription:
    ticks: Any = strawberry.subscription(ticks, graphql_type=Tick)


@asynccontextmanager
async def no_context(request: Request) -> AsyncIterator[None]:
    yield None


def guarded(
    limits: Limits | None = None,
    may_explore: Callable[[object], bool] = lambda _: True,
) -> LimitedSchema:
    return LimitedSchema(
        Query,
        Mutation,
        subscription=Subscription,
        limits=limits,
        sensitive=frozenset({"login"}),
        may_explore=may_explore,
    )


def endpoint(limits: Limits | None = None, **options: Any) -> GraphQLEndpoint:
    limits = limits or Limits()
    schema = options.pop("schema", None) or guarded(limits)
    options.setdefault("open_context", no_context)
    return GraphQLEndpoint(schema, limits=limits, **options)


class Client:
    """Speaks to one endpoint as a program does; `noted` is what its access log would read."""

    def __init__(self, app: ASGIApp, request_id: str | None = "req-1") -> None:
        self._app = app
        self._state = {"request_id": request_id} if request_id else {}
        self.log_fields: dict[str, Any] = {}

    async def _stated(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(self._state)
        await self._app(scope, receive, send)
        self.log_fields = scope["state"]["graphql"]

    async def request(self, method: str, **options: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(self._stated)
        async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as client:
            return await client.request(method, "/graphql", **options)

    async def post(
        self,
        query: Any,
        variables: Any = None,
        *,
        accept: str = GRAPHQL,
        **parameters: Any,
    ) -> httpx2.Response:
        body = {"query": query, **parameters}
        if variables is not None:
            body["variables"] = variables
        return await self.raw(json.dumps(body).encode(), Accept=accept)

    async def raw(self, body: bytes, **headers: str) -> httpx2.Response:
        sent = {"Content-Type": JSON, "Accept": GRAPHQL}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", content=body, headers=sent)


async def until(condition: Callable[[], bool]) -> None:
    """Let all tasks run until the condition holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise TimeoutError


def code(response: httpx2.Response) -> str:
    """Return the code of the only error."""
    [error] = response.json()["errors"]
    error_code: str = error["extensions"]["code"]
    return error_code
