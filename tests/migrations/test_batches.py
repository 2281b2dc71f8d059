"""Batches of a migration's statements: sent before anything that would notice their absence."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qgp.migrations.batches import BatchingImpl

COUNT = sa.text("SELECT count(*) FROM waiting")


async def operate(url: sa.URL, act: Callable[[Operations, sa.Connection], None]) -> None:
    """Act with alembic's operations and their connection, after the first statement."""

    def run(connection: sa.Connection) -> None:
        context = MigrationContext.configure(connection)
        assert isinstance(context.impl, BatchingImpl)
        with Operations.context(context) as operations:
            operations.execute("CREATE TEMPORARY TABLE waiting (id int)")
            act(operations, connection)

    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def test_a_batch_is_sent_before_a_result_and_before_the_commit(database_url: sa.URL) -> None:
    def act(operations: Operations, connection: sa.Connection) -> None:
        operations.execute("INSERT INTO waiting VALUES (1) -- and no more")
        operations.execute("INSERT INTO waiting VALUES (2)")
        assert connection.scalar(COUNT) == 2
        operations.execute("INSERT INTO waiting VALUES (3)")
        connection.commit()
        assert connection.scalar(COUNT) == 3
        operations.execute("INSERT INTO waiting VALUES (4)")
        operations.execute("COMMIT")
        connection.rollback()
        assert connection.scalar(COUNT) == 4

    await operate(database_url, act)


async def test_what_is_rolled_back_is_not_sent_later(database_url: sa.URL) -> None:
    def act(operations: Operations, connection: sa.Connection) -> None:
        connection.commit()
        operations.execute("INSERT INTO waiting VALUES (1)")
        operations.execute("INSERT INTO waiting VALUES (2)")
        connection.rollback()
        assert connection.scalar(COUNT) == 0

    await operate(database_url, act)


async def test_a_statement_that_fails_is_reported_with_its_batch(database_url: sa.URL) -> None:
    def act(operations: Operations, connection: sa.Connection) -> None:
        operations.execute("INSERT INTO waiting VALUES (1)")
        operations.execute("INSERT INTO waiting VALUES ('one')")
        with pytest.raises(DBAPIError, match=r"type integer[^$]*VALUES \(1\)\n;\n.*'one'"):
            connection.commit()

    await operate(database_url, act)


async def test_a_connection_that_is_lost_is_reported_as_that(database_url: sa.URL) -> None:
    def act(operations: Operations, connection: sa.Connection) -> None:
        operations.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(DBAPIError, match="administrator command"), connection.begin_nested():
            pytest.fail("a savepoint of a connection that is lost")
        assert connection.invalidated

    await operate(database_url, act)
