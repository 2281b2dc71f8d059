"""Start-up supervision: waits for the database, watches it, stops work that outlasts a drain."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from qgp.http import server
from qgp.http.draining import Drain
from qgp.http.health import Readiness

STARTING = "The process has not reached its database yet."
STOPPING = "The process is stopping; the operation was rolled back."
READY_SECONDS = 2  # a start waits so long for the database before it listens without it
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0  # seconds between two attempts
_PATIENCE = 5.0  # seconds for one attempt

_log = structlog.get_logger(__name__)

DatabaseCheck = Callable[[], Awaitable[None]]


class StartFailed(Exception):
    """The process cannot serve; the message says why, and what to do."""


async def wait_for_database(check: DatabaseCheck, *, seconds: float) -> None:
    """Check the database repeatedly, with growing pauses, until it answers.

    Args:
        check: connects to the database; may raise StartFailed, which ends the attempts.
        seconds: time to try.

    Raises:
        StartFailed: it has not answered in that time.
    """
    pause, end = _FIRST_PAUSE, time.monotonic() + seconds
    while True:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await check()
        except (SQLAlchemyError, OSError) as error:
            if time.monotonic() + pause > end:
                raise StartFailed(_unreachable(error, seconds)) from None
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _unreachable(error: Exception, seconds: float) -> str:
    """Return the message for the last error, without the address."""
    cause = getattr(error, "orig", None) or error
    return (
        f"The database did not answer within {seconds:g} seconds of the start "
        f"({type(cause).__name__}). Look at DATABASE_URL and at the server; "
        "DATABASE_START_SECONDS sets how long to wait."
    )


@contextlib.asynccontextmanager
async def supervised(
    readiness: Readiness, drain: Drain, *, check: DatabaseCheck, seconds: float
) -> AsyncIterator[None]:
    """Serve within the block, also while the database does not answer.

    Args:
        check: checks the database before the first request; may raise StartFailed.
        seconds: time to reach it before the process ends with exit code 1.
    """
    availability = readiness.availability
    availability.lose(STARTING)
    is_settled = asyncio.Event()
    watching = asyncio.ensure_future(_watch(readiness, check, seconds, is_settled))

    def stop_work() -> None:
        watching.cancel()
        availability.lose(STOPPING)

    with drain.listening(stop_work):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_settled.wait(), READY_SECONDS)
        yield
    watching.cancel()
    await asyncio.wait({watching})


async def _watch(
    readiness: Readiness, check: DatabaseCheck, seconds: float, is_settled: asyncio.Event
) -> None:
    """Wait for the database, then watch its losses and returns.

    Args:
        is_settled: is set once the database has answered, or the start has failed.
    """
    try:
        await wait_for_database(check, seconds=seconds)
    except StartFailed as failure:
        _log.error("start_failed", reason=str(failure))
        server.give_up()
        return
    finally:
        is_settled.set()
    readiness.availability.restore()
    await readiness.watch()
