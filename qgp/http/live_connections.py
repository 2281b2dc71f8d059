"""Live connections: the open WebSockets and event streams of one process, and their limits."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from qgp.http.limits import Limits
from qgp.kit.errors import RateLimited

RETRY_SECONDS = 5


class LiveConnections:
    """Counts the live connections, in total and by user, and ends them before the process stops.

    Args:
        limits: bounds of both numbers.

    Attributes:
        count: open connections of signed-in users.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of_user: Counter[Hashable] = Counter()
        self._stopping = asyncio.Event()
        self.count = 0

    @contextmanager
    def counted(self, user: Hashable) -> Iterator[None]:
        """Count a connection of a user within the block.

        Raises:
            RateLimited: the user, or everybody together, has as many as are allowed.
        """
        of_user = self._limits.live_connections_per_user
        if self._of_user[user] >= of_user:
            raise _too_many(f"You have {of_user} WebSockets and event streams open")
        if self.count >= self._limits.live_connections:
            raise _too_many(f"The server has {self.count:,} WebSockets and event streams open")
        self.count += 1
        self._of_user[user] += 1
        try:
            yield
        finally:
            self.count -= 1
            self._of_user[user] -= 1
            if not self._of_user[user]:
                del self._of_user[user]

    def stop(self) -> None:
        """Ask every event stream to end: the process stops."""
        self._stopping.set()

    async def stopped(self) -> None:
        """Wait until the process is about to stop."""
        await self._stopping.wait()


def _too_many(message: str) -> RateLimited:
    return RateLimited(
        f"{message}; more are not allowed. Close one, or try again in {RETRY_SECONDS} seconds.",
        seconds=RETRY_SECONDS,
    )
