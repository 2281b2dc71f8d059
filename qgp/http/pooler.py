"""Detection of a connection pooler in transaction mode, which loses prepared statements.

PgBouncer gives its clients a cancellation key of its own, so the process id in it differs from
`pg_backend_pid()`. Then a second connection prepares a statement of the same name: a clash
proves that connections are shared in transaction mode without tracking of prepared statements.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

MISSING_SETTING = {
    "pooler": "PgBouncer in transaction mode loses prepared statements; "
    "set DATABASE_PGBOUNCER=true and restart, or pool by session"
}
_IS_UNFIT = "qgp.pooler_is_unfit"
_ROUNDS = 3  # other clients' transactions may come in between
_SECONDS = 0.6  # for a second connection, which a pooler that is used up does not give
_MIXED_UP = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
_INCONCLUSIVE = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


async def problem(connection: AsyncConnection) -> Mapping[str, str] | None:
    """Return the failing check and the setting to change, or None; checked once per connection.

    Args:
        connection: to the database, outside a transaction. Its pool may hold a second one, and
            its statements must not outlive a transaction.
    """
    if _IS_UNFIT not in connection.info:
        try:
            connection.info[_IS_UNFIT] = await _is_unfit(connection)
        except _INCONCLUSIVE:
            return None
    return MISSING_SETTING if connection.info[_IS_UNFIT] else None


async def _is_unfit(connection: AsyncConnection) -> bool:
    first = await _driver(connection)
    pid = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
    await connection.rollback()
    if pid == first.get_server_pid():
        return False
    async with asyncio.timeout(_SECONDS), connection.engine.connect() as other:
        try:
            second = await _driver(other)
            for _ in range(_ROUNDS):
                if await _mixes_up(first, second):
                    return True
            return False
        finally:
            await other.invalidate()


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def _mixes_up(first: Any, second: Any) -> bool:
    """Whether a prepared statement is missing on its connection, or present on another one."""
    name = f"qgp_{uuid4().hex}"
    try:
        statement = await first.prepare("SELECT 1", name=name)
        await statement.fetchval()
        await second.prepare("SELECT 1", name=name)
    except _MIXED_UP:
        return True
    return False
