"""Connections that many requests share: one organization at a time, and never lost."""

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
from tests.engine.read_paths import asking

SITES = "{ sites(first: 5) { totalCount nodes { id parent { id } } } }"
BY_CODE = '{ standard(by: {code: "ISO9001:2015"}) { id clauses(first: 2) { nodes { id } } } }'
SLEEP = "SELECT pg_sleep(30)"


async def told(connection: ReadConnection, sql: str, *arguments: Any) -> Any:
    """Return the one value of a statement on a connection."""
    return (await connection.fetch(sql, arguments))[0][0]


async def selected(connections: ReadConnections, organization_id: UUID, sql: str) -> None:
    """Run a statement on a connection of its own."""
    async with connections.acquire(organization_id) as connection:
        await connection.fetch(sql, [])


async def stop(engine: AsyncEngine, pid: int) -> None:
    """Let PostgreSQL end a connection."""
    async with engine.connect() as connection:
        await connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})


async def in_transaction(engine: AsyncEngine) -> int:
    """Count the connections of this database that wait inside a transaction."""
    waiting = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
    async with engine.connect() as connection:
        return int((await connection.execute(sa.text(waiting))).scalar_one())


def planned(application: Application) -> ReadConnections:
    """Return the connections of an application."""
    assert application.planned is not None
    return application.planned.read_connections


@pytest.fixture
async def own_pool(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """A pool that lends one connection."""
    changes = {"pool_size": 1, "pool_overflow": 0, "planned_reads": False}
    pool = create_engine(settings.model_copy(update=changes))
    yield pool
    await pool.dispose()


@pytest.fixture
def one(own_pool: AsyncEngine) -> ReadConnections:
    """A single connection."""
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
async def test_organizations_that_take_turns_on_a_lane_see_nothing_of_each_other(
    library: Company, rival: Company, apart: Apart, most: int, document: str
) -> None:
    application = apart(planned_connections=most, max_in_flight=300)
    assert application.planned is not None
    async with (
        asking(application, library.owner.token) as here,
        asking(application, rival.owner.token) as there,
    ):
        own = [(await asker.answer(document)).content for asker in (here, there)]
        assert own[0] != own[1]
        before = application.planned.counts.copy()
        answers = await asyncio.gather(
            *[asker.answer(document) for _ in range(100) for asker in (here, there)]
        )
    assert [answer.content for answer in answers] == own * 100
    assert application.planned.counts - before == {"planned": 200}


async def test_a_lane_sees_one_organization_whoever_had_it_before(
    library: Company, rival: Company, one: ReadConnections
) -> None:
    seen = []
    for company in (library, rival) * 3:
        async with one.acquire(company.organization_id) as connection:
            ids = await connection.fetch("SELECT DISTINCT organization_id FROM clauses", [])
            seen.append([row[0] for row in ids])
    here, there = library.organization_id, rival.organization_id
    assert seen == [[here], [there]] * 3
    await one.close()


async def test_inside_a_lane_the_runtime_role_may_only_read(
    company: Company, one: ReadConnections
) -> None:
    async with one.acquire(company.organization_id) as connection:
        assert await told(connection, "SELECT current_user") == "qgp_app"
        assert await told(connection, "SELECT current_setting('transaction_read_only')") == "on"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await selected(one, company.organization_id, "UPDATE users SET name = 'x'")
    await one.close()


async def test_a_lane_keeps_the_timeouts_of_the_settings(
    company: Company, engine: AsyncEngine
) -> None:
    connections = ReadConnections(engine, Timeouts(statement_ms=50, lock_ms=60, idle_ms=70), most=1)
    async with connections.acquire(company.organization_id) as connection:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        found = [await told(connection, "SELECT current_setting($1)", name) for name in names]
    assert found == ["50ms", "60ms", "70ms"]
    with pytest.raises(asyncpg.QueryCanceledError):
        await selected(connections, company.organization_id, "SELECT pg_sleep(1)")
    await connections.close()


async def test_after_an_exception_the_connection_is_given_up_and_the_next_one_works(
    company: Company, one: ReadConnections, lent: set[object]
) -> None:
    pids = []
    for _ in range(3):
        async with one.acquire(company.organization_id) as connection:
            pids.append(await told(connection, "SELECT pg_backend_pid()"))
        with pytest.raises(asyncpg.UndefinedTableError):
            await selected(one, company.organization_id, "SELECT 1 FROM nothing")
    assert len(set(pids)) == 3
    await one.close()
    assert not lent


async def test_nothing_stays_in_a_transaction_soon_after_the_last_request(
    library: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application = apart()
    async with asking(application, library.owner.token) as asker:
        await asyncio.gather(*[asker.answer(SITES) for _ in range(40)])
        async with planned(application).acquire(library.organization_id):
            assert await in_transaction(engine) > 0
        for _ in range(100):  # a busy machine may be late
            if await in_transaction(engine) == 0:
                return
            await asyncio.sleep(IDLE_SECONDS)
    pytest.fail("somebody is still inside a transaction")


async def test_what_goes_back_to_the_pool_knows_nothing_of_the_organization(
    company: Company, one: ReadConnections, own_pool: AsyncEngine
) -> None:
    async with one.acquire(company.organization_id) as connection:
        pid = await told(connection, "SELECT pg_backend_pid()")
    await asyncio.sleep(2 * IDLE_SECONDS + 0.01)
    traces = """SELECT current_user = session_user, current_setting('app.organization_id', true),
        current_setting('plan_cache_mode'), current_setting('transaction_read_only')"""
    async with own_pool.connect() as connection:
        assert (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one() == pid
        found = (await connection.execute(sa.text(traces))).one()
    assert tuple(found) == (True, "", "auto", "off")


async def test_requests_of_one_organization_share_a_transaction_until_it_has_grown_old(
    company: Company, one: ReadConnections
) -> None:
    begun = []
    async with one.acquire(company.organization_id) as connection:
        begun.append(await told(connection, "SELECT now()"))
    async with one.acquire(company.organization_id) as connection:
        begun.append(await told(connection, "SELECT now()"))
        await asyncio.sleep(TRANSACTION_SECONDS)
        begun.append(await told(connection, "SELECT now()"))
    async with one.acquire(company.organization_id) as connection:
        begun.append(await told(connection, "SELECT now()"))
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
        assert await told(connection, count) == 0
        await owner.do("siteCreate", code="NEW", name="New")
        assert await told(connection, count) == 1
    await one.close()


async def test_where_a_connection_died_the_reference_answers(
    library: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application = apart(planned_connections=1)
    assert application.planned is not None
    async with asking(application, library.owner.token) as asker:
        first = await asker.answer(SITES)
        async with planned(application).acquire(library.organization_id) as connection:
            pid = await told(connection, "SELECT pg_backend_pid()")
            await stop(engine, pid)
        answers = [await asker.answer(SITES) for _ in range(2)]
    assert [answer.content for answer in answers] == [first.content] * 2
    assert application.planned.counts == {"planned": 2, "database": 1}


async def test_connections_that_die_under_load_cost_nobody_an_answer(
    library: Company, apart: Apart, engine: AsyncEngine
) -> None:
    application, pids = apart(planned_connections=2), set[int]()

    async def killing() -> None:
        while len(pids) < 5:
            with suppress(*CONNECTION_ERRORS):
                async with planned(application).acquire(library.organization_id) as connection:
                    pids.add(pid := await told(connection, "SELECT pg_backend_pid()"))
                await stop(engine, pid)

    async with asking(application, library.owner.token) as asker:
        own = (await asker.answer(SITES)).content

        async def reading() -> set[bytes]:
            return {(await asker.answer(SITES)).content for _ in range(20)}

        found = await asyncio.gather(killing(), *[reading() for _ in range(6)])
    assert found[1:] == [{own}] * 6


async def test_a_cancelled_statement_loses_no_lane(
    company: Company, one: ReadConnections, lent: set[object]
) -> None:
    for wait in (0.0, 0.001, 0.003, 0.01, 0.03, 0.05):
        task = asyncio.ensure_future(selected(one, company.organization_id, SLEEP))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2), one.acquire(company.organization_id) as connection:
            assert await told(connection, "SELECT 1") == 1
    await one.close()
    assert not lent


async def test_requests_that_are_cancelled_in_flight_lose_no_lane(
    library: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    async with asking(application, library.owner.token) as asker:
        own = (await asker.answer(SITES)).content
        for n in range(20):
            requests = [asyncio.ensure_future(asker.answer(SITES)) for _ in range(3)]
            await asyncio.sleep(n / 4_000)
            for request in requests:
                request.cancel()
            await asyncio.gather(*requests, return_exceptions=True)
        async with asyncio.timeout(2):
            assert (await asker.answer(SITES)).content == own


async def test_closing_waits_for_lanes_that_are_being_closed(
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


async def test_a_lane_that_died_while_nobody_listened_is_given_up(
    company: Company, own_pool: AsyncEngine, lent: set[object]
) -> None:
    connections = ReadConnections(own_pool, Timeouts(idle_ms=50), most=1)
    async with connections.acquire(company.organization_id) as connection:
        assert await told(connection, "SELECT 1") == 1
    time.sleep(0.5)  # noqa: ASYNC251 the loop stands still, and PostgreSQL ends the connection
    await asyncio.sleep(2 * IDLE_SECONDS)
    assert not lent
    await connections.close()
