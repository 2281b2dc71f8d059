"""One user's requests, however many, leave room for those of everybody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from starlette.requests import Request

from qgp.app import Application
from qgp.http.admission import Admission, AdmissionLimits
from qgp.http.client_address import client_network
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.planned_operations import Caller
from qgp.kit.fair_queue import Requester
from qgp.kit.gql.operation import Answered, Operation
from tests.company import Hiring
from tests.http.serving import Client, code, endpoint, until
from tests.http.small_server import FastPathReader, body_of, small_server
from tests.http.test_planned_operations import ECHO, KNOWN

BUSY, OTHER = "Bearer busy", "Bearer other"
CHEAP = "{ clause { title } }"
DEAR = "{ clauses(first: 100) { nodes { title } } }"
SMALL = AdmissionLimits(connections=6, waiting=3, heavy_cost=50)


@dataclass
class Rush:
    """An endpoint whose executions for one user go on until it is told otherwise."""

    shares: AdmissionLimits = SMALL
    over: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0

    @property
    def endpoint(self) -> GraphQLEndpoint:
        return endpoint(
            open_context=self.open_context,
            admission=Admission(self.shares),
            identify=lambda header: header if header in {BUSY, OTHER} else None,
        )

    @asynccontextmanager
    async def open_context(self, request: Request) -> AsyncIterator[None]:
        if request.headers.get("authorization") == BUSY:
            self.running += 1
            await self.over.wait()
        yield


async def send(app: GraphQLEndpoint, query: str, who: str = "") -> httpx2.Response:
    headers = {"Authorization": who} if who else {}
    return await Client(app).raw(body_of(query), **headers)


@pytest.mark.parametrize(("query", "running"), [(CHEAP, 2), (DEAR, 1)], ids=["cheap", "dear"])
async def test_one_user_runs_and_waits_within_bounds_and_the_rest_is_told_to_come_back(
    query: str, running: int
) -> None:
    rush = Rush()
    app = rush.endpoint
    tasks = [asyncio.create_task(send(app, query, BUSY)) for _ in range(10)]
    refused = 10 - running - SMALL.waiting
    finished = asyncio.as_completed(tasks)
    for _ in range(refused):
        await next(finished)
    assert rush.running == running
    for query_of_others in (CHEAP, DEAR):
        assert (await send(app, query_of_others, OTHER)).status_code == 200
    assert (await send(app, 'mutation { login(password: "x") }')).status_code == 200
    rush.over.set()
    answers = await asyncio.gather(*tasks)
    assert (
        sorted(answer.status_code for answer in answers) == [200] * (10 - refused) + [429] * refused
    )
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (code(late), late.headers["Retry-After"]) == ("RATE_LIMITED", "2")
    assert rush.running == 10 - refused


async def test_documents_that_break_a_limit_are_refused_without_a_turn_at_anything_else() -> None:
    rush = Rush()
    answer = await send(rush.endpoint, "{ " * 50 + "}", BUSY)
    assert (code(answer), rush.running) == ("GRAPHQL_PARSE_FAILED", 0)


async def test_one_unseen_document_is_read_in_a_turn_of_the_loop_by_principals_in_rotation() -> (
    None
):
    admission, order = Admission(), list[str]()

    async def read(name: str) -> None:
        await admission.admit_document(Requester(name[0]))
        order.append(name)

    await asyncio.gather(*[read(name) for name in ("a1", "a2", "a3", "b1")])
    assert order == ["a1", "a2", "b1", "a3"]


async def test_reads_at_the_door_are_bounded_alike() -> None:
    reader = FastPathReader(seconds=0.2)
    shares = AdmissionLimits(per_user=1, waiting=1)
    async with small_server(reader, admission=Admission(shares)) as served:
        await served.ask(body_of(ECHO, text="seen"))
        answers = await asyncio.gather(
            *[served.ask(body_of(ECHO, text=str(number))) for number in range(4)]
        )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (code(late), late.headers["Retry-After"]) == ("RATE_LIMITED", "2")


@dataclass
class HeldReader(FastPathReader):
    """A reader whose reads end when they are released."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    texts: list[str] = field(default_factory=list)

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        self.texts.append(variables["text"])
        await self.released.wait()
        return Answered(b'{"echo":"read"}')


@pytest.mark.parametrize("is_fast", [True, False], ids=["fast path", "application"])
async def test_equal_heavy_reads_share_a_slot_and_different_ones_of_a_user_run_one_by_one(
    is_fast: bool,
) -> None:
    reader, admission = HeldReader(), Admission(AdmissionLimits(heavy_cost=1))
    app = Client(endpoint(reader=reader, admission=admission))
    async with small_server(reader, admission=admission) as served:
        tasks = []
        for text in ("first", "other", "same", "first", "same", "same"):
            body = body_of(ECHO, text=text)
            answer = served.ask(body) if is_fast else app.raw(body, Authorization=KNOWN)
            tasks.append(asyncio.create_task(answer))
            await until(lambda: len(reader.texts) + admission.heavy.waiting == len(tasks))
        assert reader.texts == ["first"]
        reader.released.set()
        answers = await asyncio.gather(*tasks)
    assert reader.texts == ["first", "other", "same", "same", "same", "first"]
    assert [answer.status_code for answer in answers] == [200] * 6


async def test_a_token_names_the_user_who_is_counted(
    application: Application, hire: Hiring
) -> None:
    company = await hire.company()
    tokens = application.bearer_tokens
    assert tokens.user_id(f"Bearer {company.owner.token}") == company.owner.user_id
    for header in ("Bearer no", "Basic eDp5", f"Bearer {company.owner.token}x"):
        assert tokens.user_id(header) is None


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_is_one_of_ipv4_or_a_network_of_ipv6(host: str, network: str) -> None:
    assert client_network(host) == network


@pytest.mark.parametrize(
    ("proxies", "addresses", "statuses"),
    [
        ("127.0.0.1", ("192.0.2.1", "192.0.2.2", "192.0.2.3"), [200, 200, 200]),
        ("127.0.0.1", ("192.0.2.1", "192.0.2.1", "192.0.2.1"), [200, 200, 429]),
        (None, ("192.0.2.1", "192.0.2.2", "192.0.2.3"), [200, 200, 429]),
    ],
    ids=["addresses", "one address", "no proxy is trusted"],
)
async def test_the_address_is_what_a_trusted_proxy_says(
    proxies: str | None, addresses: tuple[str, ...], statuses: list[int]
) -> None:
    admission = Admission(AdmissionLimits(per_address=1, waiting=1))
    async with small_server(FastPathReader(), proxies=proxies, admission=admission) as served:
        await served.ask(body_of(ECHO, text="seen"))
        served.reader.seconds = 0.2
        answers = await asyncio.gather(
            *[served.ask(body_of(ECHO, text="x"), X_Forwarded_For=one) for one in addresses]
        )
    assert sorted(answer.status_code for answer in answers) == statuses
