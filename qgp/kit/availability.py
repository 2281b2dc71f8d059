"""Availability of the database: waiting requests are stopped, new ones refused, while it is lost.

A request that waits for a hung database would hold a connection until its deadline. The first one
to notice the loss calls `Availability.lose`; `restore` admits requests again.
"""

import asyncio
import time
from contextlib import AbstractContextManager
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

RETRY_SECONDS = 5


class DatabaseLost(ConnectionError):
    """The database is unavailable; the message states the cause and when to try again."""


class Availability:
    """State of one database as this process sees it.

    Attributes:
        cause: sentence about the cause of the loss; None while the database is available.
        answered_at: time of the last answer to any statement, in seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.cause: str | None = None
        self.answered_at = float("-inf")
        self._connections: WeakSet[Any] = WeakSet()
        self._waiting: set[asyncio.Timeout] = set()

    def watch(self, engine: AsyncEngine) -> None:
        """Register the connections and answers of a pool."""
        event.listen(engine.sync_engine, "connect", self._connected)
        event.listen(engine.sync_engine, "after_cursor_execute", lambda *_: self.answered())

    def answered(self) -> None:
        """Record the time of an answer."""
        self.answered_at = time.monotonic()

    def require(self) -> None:
        """Refuse work while the database is lost.

        Raises:
            DatabaseLost: the database is lost.
        """
        if (loss := self.loss) is not None:
            raise loss

    @property
    def loss(self) -> DatabaseLost | None:
        """The error of work that needs the database now; None while it is available."""
        if self.cause is None:
            return None
        return DatabaseLost(f"{self.cause} Try again in {RETRY_SECONDS} seconds.")

    def lose(self, cause: str) -> None:
        """Close every connection, stop waiting requests, and refuse new ones."""
        self.cause = cause
        for connection in list(self._connections):
            connection.terminate()
        now = asyncio.get_running_loop().time()
        for clock in self._waiting:
            clock.reschedule(now)

    def restore(self) -> None:
        """Admit requests again."""
        self.cause = None

    def stopping(self, clock: asyncio.Timeout) -> AbstractContextManager[None]:
        """End the timeout of a `with` block when the database is lost."""
        return _Waiting(self._waiting, clock)

    def _connected(self, connection: Any, _: object) -> None:
        self._connections.add(connection.driver_connection)


class _Waiting:
    """Block that is among those that wait for the database."""

    __slots__ = ("_clock", "_clocks")

    def __init__(self, clocks: set[asyncio.Timeout], clock: asyncio.Timeout) -> None:
        self._clocks, self._clock = clocks, clock

    def __enter__(self) -> None:
        """Begin the block."""
        self._clocks.add(self._clock)

    def __exit__(self, *_: object) -> None:
        """End the block."""
        self._clocks.discard(self._clock)


def renew_closed(engine: AsyncEngine) -> None:
    """Replace pooled connections that the database has closed, on checkout."""
    event.listen(engine.sync_engine, "checkout", _refuse_closed)


def _refuse_closed(connection: Any, _: object, __: object) -> None:
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
