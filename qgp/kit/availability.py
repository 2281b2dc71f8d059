"""Whether the database answers, and what is stopped when it does not.

A request that waits for a hung database would wait until its deadline, and hold a connection. The
first to notice the loss reports it here: waiting requests are stopped, and new ones refused at
once, until the database answers again.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

RETRY_SECONDS = 5


class DatabaseLost(ConnectionError):
    """The database cannot be used now; the text says why, and when to try again."""


class Availability:
    """The state of one database as this process sees it.

    Attributes:
        cause: a sentence that says why the database cannot be used; None while it can.
        answered_at: when it last answered any statement, in seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.cause: str | None = None
        self.answered_at = float("-inf")
        self._connections: WeakSet[Any] = WeakSet()
        self._waiting: set[asyncio.Timeout] = set()

    def watch(self, engine: AsyncEngine) -> None:
        """Know the connections of a pool."""
        event.listen(engine.sync_engine, "connect", self._connected)
        event.listen(engine.sync_engine, "after_cursor_execute", lambda *_: self.answered())

    def answered(self) -> None:
        """Note that a statement has come to its end."""
        self.answered_at = time.monotonic()

    def require(self) -> None:
        """Refuse what needs the database while it is lost.

        Raises:
            DatabaseLost: it is.
        """
        if self.cause is not None:
            raise DatabaseLost(f"{self.cause} Try again in {RETRY_SECONDS} seconds.")

    def lose(self, cause: str) -> None:
        """Close every connection, stop whatever waits, and refuse what comes."""
        self.cause = cause
        for connection in list(self._connections):
            connection.terminate()
        now = asyncio.get_running_loop().time()
        for clock in self._waiting:
            clock.reschedule(now)

    def restore(self) -> None:
        """Let everybody ask again."""
        self.cause = None

    @contextmanager
    def stopping(self, clock: asyncio.Timeout) -> Iterator[None]:
        """Let the loss of the database end the time of a block."""
        self._waiting.add(clock)
        try:
            yield
        finally:
            self._waiting.discard(clock)

    def _connected(self, connection: Any, _: object) -> None:
        self._connections.add(connection.driver_connection)


def renew_closed(engine: AsyncEngine) -> None:
    """Let a pool hand out no connection that the database has closed meanwhile."""
    event.listen(engine.sync_engine, "checkout", _refuse_closed)


def _refuse_closed(connection: Any, _: object, __: object) -> None:
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
