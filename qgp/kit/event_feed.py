"""Event feed: the events of organizations, read once in this process for all that wait for them.

There is one reader for each organization that somebody follows. A follower has a position, no
queue: it takes the events behind its position, from memory or, where it is far behind, from the
outbox. A slow follower thus holds no memory.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from qgp.kit.audit import AuditHead
from qgp.kit.errors import CursorExpired
from qgp.kit.event_signals import EventSignals
from qgp.kit.outbox import OutboxEvent, read_events
from qgp.kit.session import Database, Scope

_KEPT = 512  # events in memory, of one organization
_PAGE = 200  # events of one statement
_PATIENCE = 5.0  # seconds without a signal after which a reader looks by itself
_log = structlog.get_logger(__name__)


class EventFeed:
    """Readers of the outbox, one for each organization that is followed.

    Args:
        database: opens the transactions.
        signals: wakes the readers.
    """

    def __init__(self, database: Database, signals: EventSignals) -> None:
        self._database, self._signals = database, signals
        self._readers: dict[UUID, _Reader] = {}

    @asynccontextmanager
    async def follow(
        self, organization_id: UUID, after: int | None = None
    ) -> AsyncIterator["Follower"]:
        """Follow the events of an organization within the block.

        Args:
            after: position to start behind; None for the newest event.

        Raises:
            CursorExpired: events behind the position have been removed.
        """
        reader = self._readers.get(organization_id)
        if reader is None:
            reader = _Reader(self._database, self._signals, organization_id)
            self._readers[organization_id] = reader
        reader.followers += 1
        try:
            position = await reader.start(after)
            yield Follower(reader, position if after is None else after)
        finally:
            reader.followers -= 1
            if not reader.followers:
                del self._readers[organization_id]
                reader.stop()


class Follower:
    """Position in the events of an organization, which moves on as they are read.

    Attributes:
        position: of the last event that was returned.
    """

    def __init__(self, reader: "_Reader", position: int) -> None:
        self._reader = reader
        self.position = position

    async def next(self) -> Sequence[OutboxEvent]:
        """Wait for events, and return some of them in order.

        Raises:
            CursorExpired: events behind the position have been removed.
        """
        events = await self._reader.behind(self.position)
        self.position = events[-1].position
        return events


class _Reader:
    """Reader of one organization's events.

    Attributes:
        followers: number of those who read from it.
    """

    def __init__(self, database: Database, signals: EventSignals, organization_id: UUID) -> None:
        self._database, self._signals = database, signals
        self._organization_id, self._scope = organization_id, Scope(organization_id)
        self._newest: list[OutboxEvent] = []  # without a gap, up to the position
        self._position: int | None = None
        self._changed = asyncio.Event()
        self._starting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.followers = 0

    async def start(self, after: int | None) -> int:
        """Begin to read, unless it has begun, and return the position of the newest event.

        Raises:
            CursorExpired: the database has not reached the position that a cursor names.
        """
        async with self._starting:
            if self._position is None:
                self._position = await self._head()
                self._task = asyncio.create_task(self._run(), context=Context())  # of no request
            if after is not None and after > self._position:
                await self._read()
                if after > self._position:
                    raise CursorExpired("after")
            return self._position

    def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()

    async def behind(self, position: int) -> Sequence[OutboxEvent]:
        """Wait until there are events behind a position, and return some of them."""
        assert self._position is not None
        while position >= self._position:
            await self._changed.wait()
        first = self._position - len(self._newest)  # the position before the oldest in memory
        if position >= first:
            return self._newest[position - first :][:_PAGE]
        async with self._database.read(self._scope) as session:
            events = await read_events(session, after=position, limit=_PAGE)
        if not events or events[0].position != position + 1:
            raise CursorExpired("after")
        return events

    async def _run(self) -> None:
        with self._signals.waiting(self._organization_id) as signal:
            while True:
                try:
                    async with self._starting:
                        await self._read()
                except (SQLAlchemyError, OSError) as error:  # the next signal tries again
                    _log.warning("events_not_read", cause=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(signal.wait(), _PATIENCE)
                signal.clear()

    async def _read(self) -> None:
        """Read all new events."""
        assert self._position is not None
        count = _PAGE
        while count == _PAGE:
            async with self._database.read(self._scope) as session:
                events = await read_events(session, after=self._position, limit=_PAGE)
            if (count := len(events)) == 0:
                return
            if events[0].position != self._position + 1:  # removed before they were read
                self._newest.clear()
            self._newest = [*self._newest, *events][-_KEPT:]
            self._position = events[-1].position
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    async def _head(self) -> int:
        statement = sa.select(AuditHead.outbox_position)
        async with self._database.read(self._scope) as session:
            return (await session.scalar(statement)) or 0
