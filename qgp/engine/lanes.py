"""Connections for planned reads, each inside a transaction bound to one organization.

Opening the walls takes one round trip, a statement another; closing happens when the answer has
left. While requests of one organization keep coming, they share the open transaction: every
statement still sees what was committed before it (READ COMMITTED). Plans are generic: their
parameters are keys and values that say little, and planning took longer than running.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qgp.kit.availability import Availability
from qgp.kit.fair_queue import Bounds, FairQueue, Requester
from qgp.kit.session import RUNTIME_ROLE, Timeouts

LONGEST = 0.1  # seconds that a transaction is shared; a migration may wait for its locks
LINGER = 0.02  # seconds that it stays open for the next request, before its connection goes back
JOINS = 4  # that are put in order together; to-one joins stand in theirs, and may be dozens
LOST = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # used between the news of its end and the end
    SQLAlchemyError,
)


class Lane:
    """One connection, and the organization whose transaction is open on it.

    Attributes:
        released: when it became idle, on the loop's clock.
        is_watched: whether somebody will look if it still is.
    """

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self._opened = 0.0
        self.organization_id: UUID | None = None
        self.released = 0.0
        self.is_watched = False

    async def enter(self, organization_id: UUID, settings: str, now: float) -> None:
        """Be inside a transaction of the organization."""
        if self.organization_id == organization_id and now - self._opened < LONGEST:
            return
        end = "" if self.organization_id is None else "COMMIT;"
        self.organization_id = None
        await self._driver.execute(f"{end}BEGIN READ ONLY;{settings}")
        self.organization_id, self._opened = organization_id, now

    async def fetch(self, text: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run one statement."""
        rows: Sequence[Sequence[Any]] = await self._driver.fetch(text, *arguments)
        return rows

    async def drop(self) -> None:
        """Give the connection up: nobody knows what it was doing."""
        await self._connection.invalidate()
        await self._connection.close()

    async def close(self) -> None:
        """End the transaction and give the connection back to the pool."""
        self.organization_id = None
        await self._driver.execute("COMMIT")
        await self._connection.close()


class Lanes:
    """The lanes of one process.

    Args:
        engine: a pool of `most` connections, of nobody else.
        most: who comes when all are taken waits for one, in turn with others.
        availability: refuses every lane while the database is lost.
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
        self._limits = (
            f"SET LOCAL ROLE {RUNTIME_ROLE};"
            f"SET LOCAL statement_timeout={timeouts.statement_ms};"
            f"SET LOCAL lock_timeout={timeouts.lock_ms};"
            f"SET LOCAL idle_in_transaction_session_timeout={timeouts.idle_ms};"
            "SET LOCAL plan_cache_mode=force_generic_plan;"
            f"SET LOCAL join_collapse_limit={JOINS};"
            "SET LOCAL app.account_id='';SET LOCAL app.organization_id="
        )
        self.turns = FairQueue(Bounds(total=most, per_principal=max(1, most - 1)))
        self._idle: list[Lane] = []
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lane(self, organization_id: UUID, principal: Hashable = None) -> AsyncIterator[Lane]:
        """Hold a lane inside a transaction of the organization.

        After an exception the lane is given up with its connection.

        Args:
            principal: on whose behalf; whoever has several lanes leaves one to others. None
                stands for the organization.

        Raises:
            DatabaseLost: the database cannot be used now.
        """
        self._availability.require()
        async with self.turns.turn(Requester(principal or organization_id)):
            lane = await self._found(organization_id)
            try:
                await lane.enter(organization_id, f"{self._limits}'{organization_id}'", _now())
                yield lane
                self._availability.answered()
            except BaseException:
                await asyncio.shield(self._kept(lane.drop()))
                raise
            self._released(lane)

    async def close(self) -> None:
        """Close every connection; nobody may ask for a lane any more."""
        for lane in list(self._idle):
            await self._close(lane)
        await asyncio.gather(*self._closing)
        await self.engine.dispose()

    async def _found(self, organization_id: UUID) -> Lane:
        """Take an idle lane, best one inside the organization already, or open one."""
        if not self._idle:
            connection = await self.engine.connect()
            raw = await connection.get_raw_connection()
            return Lane(connection, raw.driver_connection)
        same = (lane for lane in self._idle if lane.organization_id == organization_id)
        lane = next(same, self._idle[0])
        self._idle.remove(lane)
        return lane

    def _released(self, lane: Lane) -> None:
        lane.released = _now()
        self._idle.append(lane)
        if not lane.is_watched:
            self._watch(lane)

    def _watch(self, lane: Lane) -> None:
        lane.is_watched = True
        asyncio.get_running_loop().call_later(LINGER, self._look, lane)

    def _look(self, lane: Lane) -> None:
        """Close a lane once nobody has taken it for a while."""
        lane.is_watched = False
        if lane not in self._idle:
            return
        if _now() - lane.released < LINGER:
            self._watch(lane)
        else:
            self._kept(self._close(lane))

    def _kept(self, closing: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Close in a task that somebody knows of: the loop alone would let it be collected."""
        task = asyncio.ensure_future(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _close(self, lane: Lane) -> None:
        async with self.turns.turn(Requester(lane)):
            if lane not in self._idle:
                return
            self._idle.remove(lane)
            try:
                await lane.close()
            except Exception:  # noqa: BLE001 whatever it is, nobody else knows of the lane any more
                await lane.drop()


def _now() -> float:
    return asyncio.get_running_loop().time()
