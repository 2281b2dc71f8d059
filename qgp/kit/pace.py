"""Pace of long computations, which let the event loop run in between."""

import asyncio
import time
from dataclasses import dataclass, field

_SECONDS = 0.01


@dataclass
class Pace:
    """Long computation in the event loop: `await pace()` lets other tasks run every 10 ms."""

    _since: float = field(default_factory=time.perf_counter)

    async def __call__(self) -> None:
        """Let other tasks run, if this one has run for 10 ms."""
        if time.perf_counter() - self._since >= _SECONDS:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
