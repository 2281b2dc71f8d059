"""Connections to the database past SQLAlchemy and past a pooler, which can LISTEN."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from pgqueuer import AsyncpgPoolDriver
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import SQLAlchemyError

from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.settings import Database

Arguments = Mapping[str, Any]
# Errors of a lost or refused database, of the direct connections and of SQLAlchemy's.
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)
_CONNECT_SECONDS = 5
_OF_SQLALCHEMY = {"prepared_statement_cache_size", "prepared_statement_name_func"}


def arguments(database: Database) -> Arguments:
    """Return the arguments of `asyncpg.connect` for an address of the database."""
    untyped: Any = dialect
    _, named = untyped().create_connect_args(database.url)
    together = {"timeout": _CONNECT_SECONDS, **named, **database.connect_args}
    return {name: value for name, value in together.items() if name not in _OF_SQLALCHEMY}


class ListeningDriver(AsyncpgPoolDriver):
    """Driver of pgqueuer that notifies only while it listens.

    The queue begins to probe its listener while that still connects. It would not receive the
    first probe, and would end after 10 seconds as one whose listener has failed.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self._listens = asyncio.Event()

    async def add_listener(self, channel: str, callback: Any) -> None:
        """Listen to a channel."""
        await super().add_listener(channel, callback)
        self._listens.set()

    async def notify(self, channel: str, payload: str) -> None:
        """Notify a channel, once there is a listener."""
        await self._listens.wait()
        await super().notify(channel, payload)


@asynccontextmanager
async def connection(arguments: Arguments) -> AsyncIterator[Any]:
    """Open a connection of the runtime role."""
    opened = await asyncpg.connect(**arguments)
    try:
        await _become_runtime_role(opened)
        yield opened
    finally:
        opened.terminate()


@asynccontextmanager
async def pool(arguments: Arguments) -> AsyncIterator[Any]:
    """Open a pool of connections of the runtime role: one that listens, one or two for queries."""
    opened = await asyncpg.create_pool(
        **arguments, min_size=2, max_size=3, init=_become_runtime_role
    )
    try:
        yield opened
    finally:
        opened.terminate()


async def _become_runtime_role(connection: Any) -> None:
    await connection.execute(f"SET ROLE {RUNTIME_ROLE}")
