"""Database connections whose transactions put up the walls in the round trip that begins them.

SQLAlchemy begins a transaction by a round trip of its own, before the first statement; a statement
for role, organization and timeouts would be a second one, and cost a fifth of a short transaction.
"""

from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """A connection for `asyncpg.connect(connection_class=…)`.

    Attributes:
        walls: SQL to run as the next transaction begins; it holds for that one alone.
    """

    walls = ""

    def transaction(self, **how: Any) -> Any:
        """Return the transaction that SQLAlchemy will begin and end."""
        if not self.walls:
            return super().transaction(**how)
        walls, self.walls = self.walls, ""
        return SecuredConnection(self, walls)


class SecuredConnection:
    """A transaction inside walls: what SQLAlchemy uses of asyncpg's own."""

    def __init__(self, connection: Connection, walls: str) -> None:
        self._connection, self._walls = connection, walls

    async def start(self) -> None:
        """Begin, and be inside the walls; where they do not stand, nothing has begun."""
        try:
            await self._connection.execute(f"BEGIN;{self._walls}")
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
    """Let no walls of a transaction that never began stay behind on a pooled connection."""
    event.listen(engine.sync_engine, "checkin", _forget)


def _forget(connection: Any, _: object) -> None:
    if connection is not None:  # None where it was lost
        connection.driver_connection.walls = ""
