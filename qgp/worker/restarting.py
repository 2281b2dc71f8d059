"""Restart of what a process runs without an end, after errors."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from qgp.worker.direct import LOST

_PAUSE = 2.0  # seconds before the next start

_log = structlog.get_logger(__name__)


async def run_again(name: str, run: Callable[[], Awaitable[object]]) -> None:
    """Run something again whenever it has ended, until cancelled.

    Args:
        name: for the log. A lost database is a warning; any other error is a defect.
    """
    while True:
        try:
            await run()
        except LOST as error:
            _log.warning("background_lost_database", work=name, reason=type(error).__name__)
        except Exception:  # noqa: BLE001 - whatever the defect, background work goes on
            _log.exception("background_work_failed", work=name)
        await asyncio.sleep(_PAUSE)
