"""Rate limit: requests of one client within a time, counted in this process."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qgp.kit import clock
from qgp.kit.errors import RateLimited
from qgp.kit.lru_cache import LRUCache

_MOST_KEYS = 10_000


@dataclass
class _Window:
    """Requests of one key since the first of them."""

    begun_at: datetime
    count: int = 0


@dataclass(eq=False)
class RateLimit:
    """At most `most` requests of a key within `period`, from the first of them on.

    Attributes:
        noun: the requests, for messages.
    """

    noun: str
    most: int
    period: timedelta
    _windows: LRUCache[_Window] = field(default_factory=lambda: LRUCache(_MOST_KEYS))

    def require(self, key: Hashable) -> None:
        """Refuse a request beyond the limit, without counting it.

        Raises:
            RateLimited: the limit is reached.
        """
        window = self._current(key)
        if window is None or window.count < self.most:
            return
        seconds = int((window.begun_at + self.period - clock.now()).total_seconds()) + 1
        minutes = int(self.period.total_seconds()) // 60
        message = (
            f"There were too many {self.noun}: {self.most} are allowed in {minutes} minutes. Try "
            f"again in {seconds} seconds."
        )
        raise RateLimited(message, seconds=seconds)

    def count(self, key: Hashable) -> None:
        """Count a request."""
        window = self._current(key) or self._windows.put(key, _Window(clock.now()))
        window.count += 1

    def _current(self, key: Hashable) -> _Window | None:
        window = self._windows.get(key)
        is_current = window is not None and clock.now() < window.begun_at + self.period
        return window if is_current else None
