"""Database connections that set role, organization and timeouts in the round trip of BEGIN.

They also send what waits for the next statement of their transaction.

SQLAlchemy begins a transaction in a round trip of its own, before the first statement; a statement
for the settings would be a second one, and cost a fifth of a short transaction.
"""

from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """Connection for `asyncpg.connect(connection_class=…)`.

    Attributes:
        setup_sql: SQL to run as the next transaction begins; it is valid for that one alone.
        before_statement: called before the next statement; None where nothing waits for it.
    """

    setup_sql = ""
    before_statement: Callable[[], None] | None = None

    def transaction(self, **options: Any) -> Any:
        """Return the transaction that SQLAlchemy begins and ends."""
        if not self.setup_sql:
            return super().transaction(**options)
        setup_sql, self.setup_sql = self.setup_sql, ""
        return SecuredTransaction(self, setup_sql)


class SecuredTransaction:
    """Transaction with setup SQL, with the methods of asyncpg's that SQLAlchemy uses."""

    def __init__(self, connection: Connection, setup_sql: str) -> None:
        self._connection, self._setup_sql = connection, setup_sql

    async def start(self) -> None:
        """Begin and run the setup SQL; where that fails, no transaction is left open."""
        try:
            await self._connection.execute(f"BEGIN;{self._setup_sql}")
        except Exception:
            if not self._connection.is_closed() and self._connection.is_in_transaction():
                await self.rollback()
            raise

    async def commit(self) -> None:
        """Keep the changes."""
        await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        """Discard the changes."""
        await self._connection.execute("ROLLBACK")


def watch(engine: AsyncEngine) -> None:
    """Send what waits before each statement, but not before a rollback.

    A returned connection has neither anything that waits, nor the setup SQL of a transaction that
    never began.
    """
    event.listen(engine.sync_engine, "before_cursor_execute", _send_waiting)
    event.listen(engine.sync_engine, "rollback_savepoint", _forget_waiting)
    event.listen(engine.sync_engine, "checkin", _clear)


def _send_waiting(connection: sa.Connection, *_: object) -> None:
    driver: Any = connection.connection.driver_connection  # None where it was lost
    if driver is not None and driver.before_statement is not None:
        driver.before_statement()


def _forget_waiting(connection: sa.Connection, *_: object) -> None:
    if connection.invalidated:
        return
    driver: Any = connection.connection.driver_connection  # None where it was lost
    if driver is not None:
        driver.before_statement = None


def _clear(connection: Any, _: object) -> None:
    if connection is not None:  # None where it was lost
        connection.driver_connection.setup_sql = ""
        connection.driver_connection.before_statement = None
