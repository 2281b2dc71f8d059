"""What orchestrators ask: is the process alive, may it have traffic."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

PATHS = ("/healthz", "/livez", "/readyz")

Check = Callable[[AsyncConnection], Awaitable[Mapping[str, str] | None]]

_READY = {"status": "ready", "database": "connected"}
_DRAINING = {"status": "unavailable", "process": "draining"}
_UNREACHABLE = {"status": "unavailable", "database": "unreachable"}


@dataclass(frozen=True)
class _Verdict:
    answer: dict[str, str]
    at: float


class Readiness:
    """Whether this process may have traffic; asks the database at most once a second.

    Args:
        engine: where to ask.
        migrations: returns the check of the database's migrations that fails, with the reason.
        is_draining: whether the process is about to stop.
        patience: seconds for the database to answer.
        freshness: seconds for which an answer is repeated.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        migrations: Check,
        is_draining: Callable[[], bool],
        patience: float = 1,
        freshness: float = 1,
    ) -> None:
        self._engine = engine
        self._migrations = migrations
        self._is_draining = is_draining
        self._patience = patience
        self._freshness = freshness
        self._last: _Verdict | None = None
        self._asking = asyncio.Lock()

    async def check(self) -> dict[str, str]:
        """Return `status` and the check that decided it."""
        if self._is_draining():
            return _DRAINING
        async with self._asking:
            if self._last is None or time.monotonic() - self._last.at >= self._freshness:
                self._last = _Verdict(await self._look(), time.monotonic())
            return self._last.answer

    async def _look(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(self._patience), self._engine.connect() as connection:
                problem = await self._migrations(connection)
        except (SQLAlchemyError, OSError, TimeoutError):
            return _UNREACHABLE
        return _READY if problem is None else {"status": "unavailable", **problem}


def routes(readiness: Readiness) -> Sequence[BaseRoute]:
    """Return `/healthz`, `/livez` (without any I/O) and `/readyz`."""

    async def alive(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "request_id": request.state.request_id})

    async def ready(_: Request) -> JSONResponse:
        answer = await readiness.check()
        return JSONResponse(answer, 200 if answer is _READY else 503)

    live, also_live, at_work = PATHS
    return [Route(live, alive), Route(also_live, alive), Route(at_work, ready)]
