"""Database connections that set role, organization and timeouts in the round trip of BEGIN.

SQLAlchemy begins a transaction in a round trip of its own, before the first statement; a statement
for the settings would be a second one, and cost a fifth of a short transaction.
"""

from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """Connection for `asyncpg.connect(connection_class=…)`.

    Attributes:
        setup_sql: SQL to run as the next transaction begins; it is valid for that one alone.
    """

    setup_sql = ""

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
            if self._connection.is_in_transaction():
                await self.rollback()
            raise

    async def commit(self) -> None:
        """Keep the changes."""
        await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        """Discard the changes."""
        await self._connection.execute("ROLLBACK")


def watch(engine: AsyncEngine) -> None:
    """Clear the setup SQL of a transaction that never began when its connection is returned."""
    event.listen(engine.sync_engine, "checkin", _clear)


def _clear(connection: Any, _: object) -> None:
    if connection is not None:  # None where it was lost
        connection.driver_connection.setup_sql = ""
