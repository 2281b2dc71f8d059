"""Migration lock: one migration runner at a time in each database."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

KEY = 0x51475031
_RETRY_SECONDS = 0.2
_NOTICE_SECONDS = 5


class MigrationLockError(Exception):
    """The lock is held by another runner, or was lost; the message says what to do."""


@asynccontextmanager
async def exclusive(engine: AsyncEngine, *, patience: float | None = None) -> AsyncIterator[None]:
    """Hold the migration lock of the database for the block.

    The lock belongs to a transaction of a connection of its own: a pooler in transaction mode
    keeps that on one server connection, and the end of the transaction, whatever ends it, gives
    the lock back.

    Args:
        engine: where to connect.
        patience: seconds to wait for another runner; None for as long as it takes.

    Raises:
        MigrationLockError: another runner holds the lock for longer, or the lock was lost.
    """
    async with engine.connect() as connection:
        await _take(connection, patience)
        yield
        try:
            await connection.rollback()
        except DBAPIError:
            raise MigrationLockError(
                "The connection that held the migration lock was lost, so that another runner may "
                "have worked meanwhile. See what is applied (alembic current), then migrate again."
            ) from None


async def _take(connection: AsyncConnection, patience: float | None) -> None:
    begun, notices = time.monotonic(), 0
    while not await _try(connection):
        waited = time.monotonic() - begun
        if patience is not None and waited >= patience:
            raise MigrationLockError(
                f"Another migration runner has held the lock of this database for {waited:.0f} s. "
                "Nothing was migrated. Try again, or raise MIGRATION_WAIT_SECONDS."
            )
        if waited >= notices * _NOTICE_SECONDS:
            notices += 1
            _tell(await _holder(connection), waited)
        await connection.rollback()  # a waiting runner occupies no connection of a pooler
        await asyncio.sleep(_RETRY_SECONDS)


async def _try(connection: AsyncConnection) -> bool:
    """Begin a transaction that may stay idle, and take the lock in it if it is free."""
    await connection.execute(sa.text(_NO_TIMEOUTS))
    taken = await connection.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": KEY})
    return bool(taken)


async def _holder(connection: AsyncConnection) -> int | None:
    pid: int | None = await connection.scalar(sa.text(_HOLDER), {"key": KEY})
    return pid


def _tell(pid: int | None, waited: float) -> None:
    process = "" if pid is None else f" (PostgreSQL process {pid})"
    text = f"Another migration runner works on this database{process}; waiting for {waited:.0f} s."
    sys.stderr.write(f"\n{text}\n")
    sys.stderr.flush()


# `transaction_timeout` exists since PostgreSQL 17.
_NO_TIMEOUTS = """
SELECT set_config(name, '0', true) FROM pg_settings
WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')
"""
_HOLDER = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32) + objid::bigint = CAST(:key AS bigint)
"""
