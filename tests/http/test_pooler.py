"""`/readyz` behind a connection pooler for which DATABASE_PGBOUNCER is not set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
import structlog

from qgp.http import pooler
from qgp.http.health import Readiness
from qgp.pools import create_engine, create_probe_engine
from tests.environment import application_of, settings_for
from tests.pooler import Pooler, pooling

READY = {"status": "ready", "database": "connected"}
REASON = (
    "PgBouncer in transaction mode loses prepared statements; "
    "set DATABASE_PGBOUNCER=true and restart, or pool by session"
)
UNFIT = {"status": "unavailable", "pooler": REASON}


@asynccontextmanager
async def readiness(url: sa.URL) -> AsyncIterator[Readiness]:
    """Readiness of a process with that address."""
    engine = create_probe_engine(settings_for(url))
    ready = Readiness(engine, checks=[pooler.problem], is_draining=lambda: False, patience=30)
    yield ready
    await ready.close()


@pytest.mark.parametrize("size", [1, 2, 10])
async def test_transaction_mode_without_its_setting_is_not_ready_and_says_what_to_set(
    database_url: sa.URL, size: int
) -> None:
    with pooling(Pooler(database_url, size=size)) as url:
        async with readiness(url) as ready:
            with structlog.testing.capture_logs() as logs:
                assert [await ready.check_now() for _ in range(3)] == [UNFIT] * 3
    line = {"event": "not_ready", "log_level": "warning", "reason": f"pooler: {REASON}"}
    assert logs == [line]


@pytest.mark.parametrize(("knows", "answer"), [(False, UNFIT), (True, READY)])
async def test_an_application_looks_for_transaction_mode_unless_its_setting_says_so(
    database_url: sa.URL, knows: bool, answer: dict[str, str]
) -> None:
    with pooling(Pooler(database_url)) as url:
        application = application_of(settings_for(url, database_pgbouncer=knows))
        assert await application.readiness.check_now() == answer
        await application.close()


@pytest.mark.parametrize("busy", [0, 1, 2, 5])
async def test_transaction_mode_is_noticed_whichever_server_connection_comes_next(
    database_url: sa.URL, busy: int
) -> None:
    with pooling(Pooler(database_url, is_round_robin=True)) as url:
        engine = create_engine(settings_for(url, database_pgbouncer=True))
        connections = [engine.connect() for _ in range(busy)]
        for connection in connections:  # each is given a server connection
            await connection.start()
            await connection.execute(sa.text("SELECT 1"))
        await asyncio.gather(*(connection.close() for connection in connections))
        async with readiness(url) as ready:
            assert await ready.check_now() == UNFIT
        await engine.dispose()


async def test_session_mode_is_ready_without_the_setting(database_url: sa.URL) -> None:
    with pooling(Pooler(database_url, is_per_session=True)) as url:
        async with readiness(url) as ready:
            assert [await ready.check_now() for _ in range(3)] == [READY] * 3


async def test_session_mode_that_has_no_second_connection_left_is_ready(
    database_url: sa.URL,
) -> None:
    with pooling(Pooler(database_url, is_per_session=True, size=1)) as url:
        async with readiness(url) as ready:
            assert await ready.check_now() == READY


async def test_a_connection_is_examined_once(database_url: sa.URL) -> None:
    sessions = Pooler(database_url, is_per_session=True)
    with pooling(sessions) as url:
        async with readiness(url) as ready:
            for _ in range(3):
                await ready.check_now()
            assert sessions.opened == 2


async def test_without_a_pooler_no_second_connection_is_opened(database_url: sa.URL) -> None:
    async with readiness(database_url) as ready:
        opened: list[object] = []
        sa.event.listen(ready.engine.sync_engine, "connect", lambda *_: opened.append(_))
        assert await ready.check_now() == READY
        assert len(opened) == 1
