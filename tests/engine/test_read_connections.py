"""Read connections: one organization at a time, and no leak."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.engine.read_connections import (
    CONNECTION_ERRORS,
    IDLE_SECONDS,
    TRANSACTION_SECONDS,
    ReadConnection,
    ReadConnections,
)
from qgp.kit.session import Timeouts
from qgp.pools import create_engine
from qgp.settings import Settings
from tests.company import Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import client_of

SITES = "{ sites(first: 5) { totalCount nodes { id parent { id } } } }"
BY_CODE = '{ standard(by: {code: "ISO9001:2015"}) { id clauses(first: 2) { nodes { id } } } }'
SLEEP = "SELECT pg_sleep(30)"


async def scalar(connection: ReadConnection, sql: str, *arguments: Any) -> Any:
    """Return the one value of a statement on a connection."""
    return (await connection.fetch(sql, arguments))[0][0]


async def run_statement(connections: ReadConnections, organization_id: UUID, sql: str) -> None:
    """Run a statement on an acquired connection."""
    async with connections.acquire(organization_id) as connection:
        await connection.fetch(sql, [])


async def stop(engine: AsyncEngine, pid: int) -> None:
    """Make PostgreSQL end a connection."""
    async with engine.connect() as connection:
        await connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})


async def in_transaction(engine: AsyncEngine) -> int:
    """Count the connections of this database that are idle in a transaction."""
    waiting = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
    async with engine.connect() as connection:
        return int((await connection.execute(sa.text(waiting))).scalar_one())


def read_connections_of(application: Application) -> ReadConnections:
    """Return the connections of an application."""
    assert application.read_engine is not None
    return application.read_engine.read_connections


@pytest.fixture
async def own_pool(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """A pool of one connection."""
    changes = {"pool_size": 1, "pool_overflow": 0, "planned_reads": False}
    pool = create_engine(settings.model_copy(update=changes))
    yield pool
    await pool.dispose()


@pytest.fixture
def one(own_pool: AsyncEngine) -> ReadConnections:
    """A single read connection."""
    return ReadConnections(own_pool, Timeouts(), most=1)


@pytest.fixture
def lent(own_pool: AsyncEngine) -> set[object]:
    """The connections that are lent; closing them makes a new pool, which has lent nothing."""
    out, pool = set[object](), own_pool.sync_engine.pool
    sa.event.listen(pool, "checkout", lambda _, record, __: out.add(record))
    sa.event.listen(pool, "checkin", lambda _, record: out.discard(record))
    return out


@pytest.mark.parametrize("document", [SITES, BY_CODE])
@pytest.mark.parametrize("most", [1, 4])
async def test_organizations_that_share_a_connection_see_nothing_of_each_other(
    company_with_data: Company,
    other_company_with_data: Company,
    apart: Apart,
    most: int,
    document: str,
) -> None:
    application = apart(planned_connections=most, max_in_flight=300)
    assert application.read_engine is not None
    async with (
        client_of(application, company_with_data.owner.token) as ours,
        client_of(application, other_company_with_data.owner.token) as theirs,
    ):
        expected = [(await client.answer(document)).content for client in (ours, theirs)]
        assert expected[0] != expected[1]
        before = application.read_engine.counts.copy()
        answers = await asyncio.gather(
            *[client.answer(document) for _ in range(100) for client in (ours, theirs)]
        )
    assert [answer.content for answer in answers] == expected * 100
    assert application.read_engine.counts - before == {"planned": 200}


async def test_a_connection_sees_one_organization_whoever_used_it_before(
    company_with_data: Company, other_company_with_data: Company, one: ReadConnections
) -> None:
    seen = []
    for company in (company_with_data, other_company_with_data) * 3:
        async with one.acquire(company.organization_id) as connection:
            ids = await connection.fetch("SELECT DISTINCT organization_id FROM clauses", [])
            seen.append([row[0] for row in ids])
    first, second = company_with_data.organization_id, other_company_with_data.organization_id
    assert seen == [[first], [second]] * 3
    await one.close()


async def test_the_runtime_role_may_only_read(company: Company, one: ReadConnections) -> None:
    async with one.acquire(company.organization_id) as connection:
        assert await scalar(connection, "SELECT current_user") == "qgp_app"
        assert await scalar(connection, "SELECT current_setting('transaction_read_only')") == "on"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await run_statement(one, company.organization_id, "UPDATE users SET name = 'x'")
    await one.close()


async def test_a_connection_has_the_timeouts_of_the_settings(
    company: Company, engine: AsyncEngine
) -> None:
    connections = ReadConnections(engine, Timeouts(statement_ms=50, lock_ms=60, idle_ms=70), most=1)
    async with connections.acquire(company.organization_id) as connection:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        values = [await scalar(connection, "SELECT current_setting($1)", name) for name in names]
    assert values == ["50ms", "60ms", "70ms"]
    with pytest.raises(asyncpg.QueryCanceledError):
        await run_statement(connections, company.organization_id, "SELECT pg_sleep(1)")
    await connections.close()


async def test_after_an_exception_the_connection_is_discarded_and_the_next_one_works(
    company: Company, one: ReadConnections, lent: set[object]
) -> None:
    pids = []
    for _ in range(3):
        async with one.acquire(company.organization_id) as connection:
            pids.append(await scalar(connection, "SELECT pg_backend_pid()"))
        with pytest.raises(asyncpg.UndefinedTableError):
            await run_statement(one, company.organization_id, "SELECT 1 FROM nothing")
    assert len(set(pids)) == 3
    await one.close()
    assert not lent


async def test_no_transaction_stays_open_after_the_last_request(
    company_with_data: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application = apart()
    async with client_of(application, company_with_data.owner.token) as client:
        await asyncio.gather(*[client.answer(SITES) for _ in range(40)])
        async with read_connections_of(application).acquire(company_with_data.organization_id):
            assert await in_transaction(engine) > 0
        for _ in range(100):  # a busy machine may be late
            if await in_transaction(engine) == 0:
                return
            await asyncio.sleep(IDLE_SECONDS)
    pytest.fail("somebody is still inside a transaction")


async def test_a_connection_in_the_pool_has_no_settings_of_the_organization(
    company: Company, one: ReadConnections, own_pool: AsyncEngine
) -> None:
    async with one.acquire(company.organization_id) as connection:
        pid = await scalar(connection, "SELECT pg_backend_pid()")
    await asyncio.sleep(2 * IDLE_SECONDS + 0.01)
    traces = """SELECT current_user = session_user, current_setting('app.organization_id', true),
        current_setting('plan_cache_mode'), current_setting('transaction_read_only')"""
    async with own_pool.connect() as connection:
        assert (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one() == pid
        state = (await connection.execute(sa.text(traces))).one()
    assert tuple(state) == (True, "", "auto", "off")


async def test_requests_of_one_organization_share_a_transaction_for_a_tenth_of_a_second(
    company: Company, one: ReadConnections
) -> None:
    begun = []
    async with one.acquire(company.organization_id) as connection:
        begun.append(await scalar(connection, "SELECT now()"))
    async with one.acquire(company.organization_id) as connection:
        begun.append(await scalar(connection, "SELECT now()"))
        await asyncio.sleep(TRANSACTION_SECONDS)
        begun.append(await scalar(connection, "SELECT now()"))
    async with one.acquire(company.organization_id) as connection:
        begun.append(await scalar(connection, "SELECT now()"))
    assert begun[0] == begun[1] == begun[2] < begun[3]
    await one.close()


async def test_a_shared_transaction_sees_what_was_committed_since(
    company: Company, one: ReadConnections
) -> None:
    count = "SELECT count(*) FROM sites"
    async with (
        company.owner.signed_in() as owner,
        one.acquire(company.organization_id) as connection,
    ):
        assert await scalar(connection, count) == 0
        await owner.do("siteCreate", code="NEW", name="New")
        assert await scalar(connection, count) == 1
    await one.close()


async def test_after_a_lost_connection_the_resolvers_answer(
    company_with_data: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application = apart(planned_connections=1)
    assert application.read_engine is not None
    async with client_of(application, company_with_data.owner.token) as client:
        first = await client.answer(SITES)
        async with read_connections_of(application).acquire(
            company_with_data.organization_id
        ) as connection:
            pid = await scalar(connection, "SELECT pg_backend_pid()")
            await stop(engine, pid)
        answers = [await client.answer(SITES) for _ in range(2)]
    assert [answer.content for answer in answers] == [first.content] * 2
    assert application.read_engine.counts == {"planned": 2, "database": 1}


async def test_every_request_is_answered_while_connections_die_under_load(
    company_with_data: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application, pids = apart(planned_connections=2), set[int]()

    async def killing() -> None:
        while len(pids) < 5:
            with suppress(*CONNECTION_ERRORS):
                async with read_connections_of(application).acquire(
                    company_with_data.organization_id
                ) as connection:
                    pids.add(pid := await scalar(connection, "SELECT pg_backend_pid()"))
                await stop(engine, pid)

    async with client_of(application, company_with_data.owner.token) as client:
        expected = (await client.answer(SITES)).content

        async def reading() -> set[bytes]:
            return {(await client.answer(SITES)).content for _ in range(20)}

        contents = await asyncio.gather(killing(), *[reading() for _ in range(6)])
    assert contents[1:] == [{expected}] * 6


async def test_a_cancelled_statement_leaks_no_connection(
    company: Company, one: ReadConnections, lent: set[object]
) -> None:
    for wait in (0.0, 0.001, 0.003, 0.01, 0.03, 0.05):
        task = asyncio.ensure_future(run_statement(one, company.organization_id, SLEEP))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2), one.acquire(company.organization_id) as connection:
            assert await scalar(connection, "SELECT 1") == 1
    await one.close()
    assert not lent


async def test_requests_that_are_cancelled_in_flight_leak_no_connection(
    company_with_data: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    async with client_of(application, company_with_data.owner.token) as client:
        expected = (await client.answer(SITES)).content
        for n in range(20):
            requests = [asyncio.ensure_future(client.answer(SITES)) for _ in range(3)]
            await asyncio.sleep(n / 4_000)
            for request in requests:
                request.cancel()
            await asyncio.gather(*requests, return_exceptions=True)
        async with asyncio.timeout(2):
            assert (await client.answer(SITES)).content == expected


async def test_closing_waits_for_connections_that_are_being_closed(
    company: Company, own_pool: AsyncEngine, lent: set[object]
) -> None:
    for after in range(12):
        connections = ReadConnections(own_pool, Timeouts(), most=1)
        async with connections.acquire(company.organization_id):
            pass
        await asyncio.sleep(IDLE_SECONDS)
        for _ in range(after):
            await asyncio.sleep(0)
        await connections.close()
        assert not lent


async def test_an_idle_connection_that_died_is_discarded(
    company: Company, own_pool: AsyncEngine, lent: set[object]
) -> None:
    connections = ReadConnections(own_pool, Timeouts(idle_ms=50), most=1)
    async with connections.acquire(company.organization_id) as connection:
        assert await scalar(connection, "SELECT 1") == 1
    time.sleep(0.5)  # noqa: ASYNC251 the loop stands still, and PostgreSQL ends the connection
    await asyncio.sleep(2 * IDLE_SECONDS)
    assert not lent
    await connections.close()
