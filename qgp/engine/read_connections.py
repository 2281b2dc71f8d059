"""Database connections for planned reads, each in a read-only transaction of one organization.

Beginning a transaction takes one round trip and a statement another; the transaction ends after the
response was sent. Requests of one organization that follow each other closely share it: every
statement still sees what was committed before it (READ COMMITTED). PostgreSQL plans are generic:
their parameters are keys and values that hardly change the plan, and planning took longer than
running.
"""

import asyncio
from collections.abc import Coroutine, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qgp.kit.availability import Availability
from qgp.kit.fair_queue import Bounds, FairQueue, Requester
from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.kit.session import Timeouts

TRANSACTION_SECONDS = 0.1  # that requests share one; a migration may wait for its locks
IDLE_SECONDS = 0.02  # that a transaction waits for the next request before it is ended
JOIN_COLLAPSE_LIMIT = (
    4  # joins that are ordered together; a document may follow dozens of relations
)
CONNECTION_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised between the loss of a connection and its closing
    SQLAlchemyError,
)


class ReadConnection:
    """One connection, and the organization whose transaction is open on it.

    Attributes:
        organization_id: the organization of the open transaction; None without a transaction.
        released_at: when it became idle, in seconds of the event loop's clock.
        has_timer: whether a timer will check if it is still idle.
    """

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self._begun_at = 0.0
        self.organization_id: UUID | None = None
        self.released_at = 0.0
        self.has_timer = False

    async def begin(self, organization_id: UUID, settings: str, now: float) -> None:
        """Begin a transaction of the organization, unless a young one is open."""
        is_young = now - self._begun_at < TRANSACTION_SECONDS
        if self.organization_id == organization_id and is_young:
            return
        end = "" if self.organization_id is None else "COMMIT;"
        self.organization_id = None
        await self._driver.execute(f"{end}BEGIN READ ONLY;{settings}'{organization_id}'")
        self.organization_id, self._begun_at = organization_id, now

    async def fetch(self, text: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run one statement."""
        rows: Sequence[Sequence[Any]] = await self._driver.fetch(text, *arguments)
        return rows

    async def discard(self) -> None:
        """Close the connection itself, whose state is unknown after an error."""
        await self._connection.invalidate()
        await self._connection.close()

    async def close(self) -> None:
        """End the transaction and return the connection to the pool."""
        self.organization_id = None
        await self._driver.execute("COMMIT")
        await self._connection.close()


class ReadConnections:
    """The read connections of one process.

    Args:
        engine: a pool of `most` connections, used by nothing else.
        most: number of connections; further callers wait in a fair queue.
        availability: refuses every caller while the database cannot be reached.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        timeouts: Timeouts,
        *,
        most: int,
        availability: Availability | None = None,
    ) -> None:
        self.engine = engine
        self._availability = availability or Availability()
        self._settings = (
            f"SET LOCAL ROLE {RUNTIME_ROLE};"
            f"SET LOCAL statement_timeout={timeouts.statement_ms};"
            f"SET LOCAL lock_timeout={timeouts.lock_ms};"
            f"SET LOCAL idle_in_transaction_session_timeout={timeouts.idle_ms};"
            "SET LOCAL plan_cache_mode=force_generic_plan;"
            f"SET LOCAL join_collapse_limit={JOIN_COLLAPSE_LIMIT};"
            "SET LOCAL app.account_id='';SET LOCAL app.organization_id="
        )
        self.queue = FairQueue(Bounds(total=most, per_principal=max(1, most - 1)))
        self._idle: list[ReadConnection] = []
        self._closing: set[asyncio.Task[None]] = set()

    def acquire(
        self, organization_id: UUID, principal: Hashable = None
    ) -> AbstractAsyncContextManager[ReadConnection]:
        """Lend a connection inside a transaction of the organization.

        After an exception the connection is discarded.

        Args:
            principal: the user who reads; a user never holds all connections.
                None stands for the organization.

        Raises:
            DatabaseLost: the database cannot be reached now.
        """
        return _Loan(self, organization_id, Requester(principal or organization_id))

    async def lend(self, organization_id: UUID, requester: Requester) -> ReadConnection:
        """Lend a connection until `take_back`; see `acquire`."""
        self._availability.require()
        if not self.queue.enter_now(requester):
            await self.queue.enter(requester)
        try:
            connection = await self._take(organization_id)
            try:
                await connection.begin(organization_id, self._settings, _now())
            except BaseException:
                await self._discard(connection)
                raise
        except BaseException:
            self.queue.leave(requester)
            raise
        return connection

    async def take_back(
        self, connection: ReadConnection, requester: Requester, *, is_usable: bool
    ) -> None:
        """Take back a connection; close one that is not usable any more."""
        try:
            if is_usable:
                self._availability.answered()
                self._release(connection)
            else:
                await self._discard(connection)
        finally:
            self.queue.leave(requester)

    async def close(self) -> None:
        """Close every connection; nothing may be acquired afterwards."""
        for connection in list(self._idle):
            await self._close_idle(connection)
        await asyncio.gather(*self._closing)
        await self.engine.dispose()

    async def _take(self, organization_id: UUID) -> ReadConnection:
        """Take an idle connection, preferably one of the organization, or open one."""
        if not self._idle:
            pooled = await self.engine.connect()
            raw = await pooled.get_raw_connection()
            return ReadConnection(pooled, raw.driver_connection)
        same = (each for each in self._idle if each.organization_id == organization_id)
        connection = next(same, self._idle[0])
        self._idle.remove(connection)
        return connection

    async def _discard(self, connection: ReadConnection) -> None:
        await asyncio.shield(self._close_in_task(connection.discard()))

    def _release(self, connection: ReadConnection) -> None:
        connection.released_at = _now()
        self._idle.append(connection)
        if not connection.has_timer:
            self._set_timer(connection)

    def _set_timer(self, connection: ReadConnection) -> None:
        connection.has_timer = True
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._close_if_idle, connection)

    def _close_if_idle(self, connection: ReadConnection) -> None:
        """Close a connection that has been idle for long enough."""
        connection.has_timer = False
        if connection not in self._idle:
            return
        if _now() - connection.released_at < IDLE_SECONDS:
            self._set_timer(connection)
        else:
            self._close_in_task(self._close_idle(connection))

    def _close_in_task(self, closing: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Close in a task that is referenced: the event loop alone would let it be collected."""
        task = asyncio.ensure_future(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _close_idle(self, connection: ReadConnection) -> None:
        async with self.queue.turn(Requester(connection)):
            if connection not in self._idle:
                return
            self._idle.remove(connection)
            try:
                await connection.close()
            except Exception:  # noqa: BLE001 nothing else refers to the connection any more
                await connection.discard()


class _Loan:
    """A connection lent for an `async with` block: a generator in its place took twice as long."""

    def __init__(
        self, connections: ReadConnections, organization_id: UUID, requester: Requester
    ) -> None:
        self._connections, self._organization_id = connections, organization_id
        self._requester = requester

    async def __aenter__(self) -> ReadConnection:
        self._lent = await self._connections.lend(self._organization_id, self._requester)
        return self._lent

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        is_usable = kind is None
        await self._connections.take_back(self._lent, self._requester, is_usable=is_usable)


def _now() -> float:
    return asyncio.get_running_loop().time()
