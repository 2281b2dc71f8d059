"""Background tasks of a process, which outlast the request that starts them."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


@dataclass(eq=False)
class BackgroundTasks:
    """The running background tasks; an injected service."""

    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; an unexpected error goes to the log."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._end)

    async def wait(self) -> None:
        """Wait until every task has ended."""
        while self._running:
            await asyncio.wait({*self._running})

    async def close(self) -> None:
        """Cancel every task and wait until it has ended."""
        for task in self._running:
            task.cancel()
        await self.wait()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background_task_failed", exc_info=error)
