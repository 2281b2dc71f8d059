"""Background work of one process: signals of new events, and the worker."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from uuid import UUID

import structlog

from qgp.kit.background_jobs import JobContext, Retention
from qgp.kit.event_signals import EventSignals, positions_of
from qgp.kit.services import ServicesByType
from qgp.kit.session import Database
from qgp.settings import Settings
from qgp.worker import direct
from qgp.worker.declared import Declared
from qgp.worker.metrics import JobMetrics
from qgp.worker.restarting import run_again
from qgp.worker.worker import Worker

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BackgroundWork:
    """What a process does beside its requests.

    Attributes:
        services: of the jobs; `EventSignals` among them.
        declared: kinds of jobs, daily jobs and consumers of events.
    """

    settings: Settings
    database: Database
    services: ServicesByType
    declared: Declared
    metrics: JobMetrics = field(default_factory=JobMetrics)

    async def run(self, *, works: bool) -> None:
        """Exchange signals and execute jobs, until cancelled, also after errors.

        Args:
            works: whether this process executes jobs.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_again("event_positions", self._poll))
            if self._arguments is None:
                _log.warning("no_direct_database_address", remedy="Set DATABASE_DIRECT_URL.")
                return
            relay = partial(self._relay, self._arguments)
            tasks.create_task(run_again("event_signals", relay))
            if works:
                tasks.create_task(run_again("worker", self._worker(self._arguments).run))

    async def _poll(self) -> None:
        await self.signals.poll(self._positions)

    async def _positions(self) -> Mapping[UUID, int]:
        """Return the position of each organization; none while the database is lost."""
        try:
            return await positions_of(self.database)
        except direct.LOST:
            return {}

    @property
    def signals(self) -> EventSignals:
        """Signals of new events."""
        return self.services[EventSignals]

    @cached_property
    def _arguments(self) -> direct.Arguments | None:
        database = self.settings.direct_database
        return None if database is None else direct.arguments(database)

    async def _relay(self, arguments: direct.Arguments) -> None:
        """Exchange signals with other processes until the connection is lost."""
        async with direct.connection(arguments) as connection:
            await self.signals.relay(connection)

    def _worker(self, arguments: direct.Arguments) -> Worker:
        retention = Retention(timedelta(days=self.settings.security_log_days))
        return Worker(
            context=JobContext(self.database, self.services.with_(retention)),
            declared=self.declared,
            signals=self.signals,
            connect=arguments,
            metrics=self.metrics,
            days_kept=self.settings.outbox_days,
        )
