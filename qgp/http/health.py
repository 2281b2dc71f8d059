"""Health checks for orchestrators: liveness and readiness of the process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from qgp.kit.availability import Availability

LOST = "The database does not answer."
PATHS = ("/healthz", "/livez", "/readyz")

Check = Callable[[AsyncConnection], Awaitable[Mapping[str, str] | None]]

_log = structlog.get_logger(__name__)
_READY = {"status": "ready", "database": "connected"}
_DRAINING = {"status": "unavailable", "process": "draining"}
_UNREACHABLE = {"status": "unavailable", "database": "unreachable"}


@dataclass(frozen=True)
class _Result:
    answer: dict[str, str]
    at: float


@dataclass(frozen=True)
class _RunningCheck:
    task: asyncio.Future[dict[str, str]]
    begun: float


class Readiness:
    """Readiness of the process for traffic; checks the database one check at a time.

    `watch` checks twice a second and updates the availability, so that requests are refused within
    2 seconds after a database dies or hangs (R-54).

    Args:
        engine: connections to the database.
        checks: each returns None, or the failing check with its reason; the first failure decides.
        is_draining: whether the process is about to stop.
        availability: availability that is updated when the database is lost or returns.
        patience: seconds for the database to answer.
        freshness: seconds for which a result is repeated.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        checks: Sequence[Check],
        is_draining: Callable[[], bool],
        availability: Availability | None = None,
        patience: float = 1,
        freshness: float = 1,
    ) -> None:
        self.engine = engine
        self._checks = checks
        self._is_draining = is_draining
        self._patience = patience
        self._freshness = freshness
        self.availability = availability or Availability()
        self._last: _Result | None = None
        self._running: _RunningCheck | None = None

    async def check(self) -> dict[str, str]:
        """Return `status` and the check that decided it."""
        if self._is_draining():
            return _DRAINING
        if self.availability.cause is not None:
            return _UNREACHABLE
        if self._last is None or time.monotonic() - self._last.at >= self._freshness:
            return await self.check_now()
        return self._last.answer

    async def check_now(self) -> dict[str, str]:
        """Check the database now, and wait no longer than the patience.

        A connection to a database that hangs takes as long again to be cancelled; that continues
        in the background.
        """
        running = self._running
        if running is None or running.task.done():
            running = self._running = _RunningCheck(
                asyncio.ensure_future(self._check_database()), time.monotonic()
            )
        rest = running.begun + self._patience - time.monotonic()
        await asyncio.wait({running.task}, timeout=max(rest, 0))
        answer = running.task.result() if running.task.done() else _UNREACHABLE
        if answer is not _READY and (self._last is None or self._last.answer != answer):
            _log.warning("not_ready", reason=_reason(answer))
        self._last = _Result(answer, time.monotonic())
        return answer

    async def watch(self, *, interval: float = 0.5) -> None:
        """Check repeatedly and update the availability.

        A database that answered any statement meanwhile is slow, not lost.
        """
        while True:
            begun = time.monotonic()
            is_silent = await self.check_now() is _UNREACHABLE
            if not is_silent:
                self.availability.restore()
            elif self.availability.answered_at < begun and self.availability.cause is None:
                self.availability.lose(LOST)
            await asyncio.sleep(interval)

    async def close(self) -> None:
        """Cancel a running check, and close the connections."""
        if self._running is not None:
            self._running.task.cancel()
            await asyncio.wait({self._running.task})
        await self.engine.dispose()

    async def _check_database(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(self._patience), self.engine.connect() as connection:
                for check in self._checks:
                    if (problem := await check(connection)) is not None:
                        return {"status": "unavailable", **problem}
        except (SQLAlchemyError, OSError, TimeoutError):
            return _UNREACHABLE
        return _READY


def _reason(answer: Mapping[str, str]) -> str:
    return "; ".join(f"{check}: {state}" for check, state in answer.items() if check != "status")


def routes(readiness: Readiness) -> Sequence[BaseRoute]:
    """Return `/healthz`, `/livez` (without any I/O) and `/readyz`."""

    async def alive(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "request_id": request.state.request_id})

    async def ready(request: Request) -> JSONResponse:
        answer = await readiness.check()
        if answer is not _READY:
            request.state.graphql["reason"] = _reason(answer)
        return JSONResponse(answer, 200 if answer is _READY else 503)

    health, liveness, readiness_path = PATHS
    return [Route(health, alive), Route(liveness, alive), Route(readiness_path, ready)]
