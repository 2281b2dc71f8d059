"""Signals that an organization has new events in its outbox, among all processes.

A process that has committed events tells its own waiters at once, and those of other processes by
NOTIFY, for many commits together. Commits without a signal, such as those of a process that ended
before it sent one, are detected by comparing the positions once a second.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.audit import AuditHead
from qgp.kit.session import Database, Scope

CHANNEL = "qgp_events"
_PAUSE = 0.02  # seconds in which commits are gathered
_AT_ONCE = 200  # ids of one message, which holds less than 8,000 bytes
POLL_SECONDS = 1.0


class EventSignals:
    """Waiters of one process for new events."""

    def __init__(self) -> None:
        self._waiters: dict[UUID | None, set[asyncio.Event]] = defaultdict(set)
        self._unsent: set[UUID] = set()
        self._has_unsent = asyncio.Event()
        self._positions: dict[UUID, int] = {}

    @contextmanager
    def waiting(self, organization_id: UUID | None = None) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever the organization may have new events.

        Args:
            organization_id: None for any organization.
        """
        signal = asyncio.Event()
        self._waiters[organization_id].add(signal)
        try:
            yield signal
        finally:
            self._waiters[organization_id].discard(signal)
            if not self._waiters[organization_id]:
                del self._waiters[organization_id]

    def announce(self, organization_id: UUID) -> None:
        """Tell that a transaction with events of the organization was committed."""
        self._wake([organization_id])
        self._unsent.add(organization_id)
        self._has_unsent.set()

    def wake_all(self) -> None:
        """Wake every waiter, since signals may have been missed."""
        for signal in [signal for signals in self._waiters.values() for signal in signals]:
            signal.set()

    async def relay(self, connection: Any) -> None:
        """Exchange signals with other processes over a connection of asyncpg, without an end.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the connection was lost.
        """
        await connection.add_listener(CHANNEL, self._receive)
        self.wake_all()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_unsent.wait(), POLL_SECONDS)
            if not self._unsent:
                await connection.execute("SELECT 1")  # notices a lost connection
                continue
            await asyncio.sleep(_PAUSE)
            batch = [self._unsent.pop() for _ in range(min(len(self._unsent), _AT_ONCE))]
            if not self._unsent:
                self._has_unsent.clear()
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, ",".join(map(str, batch)))

    async def poll(self, positions: Callable[[], Awaitable[Mapping[UUID, int]]]) -> None:
        """Compare the positions with those of a second ago, without an end."""
        while True:
            if self._waiters:
                self._compare(await positions())
            await asyncio.sleep(POLL_SECONDS)

    def _compare(self, positions: Mapping[UUID, int]) -> None:
        before, self._positions = self._positions, dict(positions)
        self._wake(id for id, position in positions.items() if before.get(id) != position)

    def _receive(self, _: object, __: int, ___: str, payload: str) -> None:
        self._wake(map(UUID, payload.split(",")))

    def _wake(self, organizations: Iterable[UUID]) -> None:
        for id in organizations:
            for signal in (*self._waiters.get(id, ()), *self._waiters.get(None, ())):
                signal.set()


async def positions_of(database: Database) -> Mapping[UUID, int]:
    """Return the position of the last event of each organization."""
    statement = sa.select(AuditHead.organization_id, AuditHead.outbox_position)
    async with database.read(Scope()) as session:
        await session.execute(sa.select(sa.func.set_config("app.operator", "on", True)))
        rows = await session.execute(statement)
        return {row.organization_id: row.outbox_position for row in rows}
