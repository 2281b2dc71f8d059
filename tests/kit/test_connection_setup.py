"""Transactions begin with role, organization and timeouts, in one round trip, or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from qgp.kit import connection_setup, ids
from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.kit.session import Database, Scope, Timeouts
from qgp.pools import create_engine
from qgp.settings import Settings

SETTINGS = (
    "app.organization_id",
    "app.account_id",
    "transaction_read_only",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
)
SHOWN = sa.select(sa.func.current_user(), *[sa.func.current_setting(name) for name in SETTINGS])


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """A pool of one connection, so that whatever is left on it shows."""
    engine = create_engine(settings, size=1)
    yield engine
    await engine.dispose()


@asynccontextmanager
async def heard(pool: AsyncEngine) -> AsyncIterator[list[str]]:
    """Hear what the one connection sends without parameters: beginnings and ends."""
    async with pool.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
    said: list[str] = []
    unheard = connection_setup.Connection.execute

    async def execute(connection: Any, query: str, *rest: Any, **more: Any) -> Any:
        if connection is driver:
            said.append(query)
        return await unheard(connection, query, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection_setup.Connection, "execute", execute)
        yield said


async def shown(session: AsyncSession) -> tuple[str, ...]:
    """Return the runtime role and the settings of the running transaction."""
    return tuple((await session.execute(SHOWN)).one())


async def test_a_connection_that_is_lost_as_a_transaction_begins_raises_the_loss(
    pool: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def execute(connection: Any, *_: object) -> None:
        connection.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed")

    async with pool.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.setup_sql = "SELECT 1"
        monkeypatch.setattr(connection_setup.Connection, "execute", execute)
        with pytest.raises(DBAPIError, match="connection was closed"):
            await connection.execute(sa.select(1))


async def plain(pool: AsyncEngine) -> str:
    """Return the role and the organization on a connection without setup SQL."""
    organization = sa.func.current_setting("app.organization_id", True)
    async with pool.connect() as connection:
        statement = sa.select(sa.func.concat(sa.func.current_user(), organization))
        settings: str = (await connection.execute(statement)).scalar_one()
        return settings


@pytest.mark.parametrize("may_write", [True, False])
async def test_a_transaction_begins_with_its_settings_in_one_round_trip(
    pool: AsyncEngine, may_write: bool
) -> None:
    database, scope = Database(pool, Timeouts(5_000, 2_000, 10_000)), Scope(ids.uuid7())
    opened = database.write(scope) if may_write else database.read(scope)
    async with heard(pool) as said, opened as session:
        settings = await shown(session)
    read_only = "off" if may_write else "on"
    assert settings == (RUNTIME_ROLE, str(scope.organization_id), "", read_only, "5s", "2s", "10s")
    begun, ended = said
    assert begun.startswith("BEGIN;SET LOCAL role=")
    assert ended == ("COMMIT" if may_write else "ROLLBACK")


async def test_a_savepoint_keeps_the_settings_of_its_transaction(pool: AsyncEngine) -> None:
    async with heard(pool) as said, Database(pool).write(Scope(ids.uuid7())) as session:
        before = await shown(session)
        async with session.begin_nested() as savepoint:
            assert await shown(session) == before
            await savepoint.rollback()
        assert await shown(session) == before
    assert [text.partition(";")[0] for text in said] == ["BEGIN", "COMMIT"]


async def test_setup_sql_that_fails_leaves_no_transaction_open(pool: AsyncEngine) -> None:
    with pytest.raises(DBAPIError):
        async with Database(pool, Timeouts(statement_ms=-1)).write(Scope(ids.uuid7())) as session:
            await shown(session)
    async with Database(pool).read(Scope()) as session:
        assert (await shown(session))[0] == RUNTIME_ROLE
    assert RUNTIME_ROLE not in await plain(pool)


async def test_setup_sql_of_a_transaction_that_never_began_is_cleared(pool: AsyncEngine) -> None:
    untouched = await plain(pool)
    scope = Scope(ids.uuid7())
    async with Database(pool).read(scope) as session:
        await session.connection()
    assert await plain(pool) == untouched
    async with Database(pool).write(scope) as session:
        await shown(session)
    assert await plain(pool) == untouched


async def test_a_pool_of_other_connections_is_refused(database_url: sa.URL) -> None:
    ordinary = create_async_engine(database_url)
    with pytest.raises(AttributeError, match="setup_sql"):
        async with Database(ordinary).read(Scope(ids.uuid7())) as session:
            await shown(session)
    await ordinary.dispose()
