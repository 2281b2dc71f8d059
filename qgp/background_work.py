"""Background work of one process: signals of new events, and the worker."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
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
from qgp.worker.worker import Worker

_PAUSE = 2.0  # seconds between two attempts to connect

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
        """Exchange signals and execute jobs, until cancelled.

        Args:
            works: whether this process executes jobs.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.signals.poll(self._positions))
            if self._arguments is None:
                _log.warning("no_direct_database_address", remedy="Set DATABASE_DIRECT_URL.")
                return
            tasks.create_task(self._relay(self._arguments))
            if works:
                tasks.create_task(self._worker(self._arguments).run())

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
        """Exchange signals with other processes, also after losses of the connection."""
        while True:
            try:
                async with direct.connection(arguments) as connection:
                    await self.signals.relay(connection)
            except direct.LOST as error:
                _log.warning("event_signals_lost_database", reason=type(error).__name__)
            await asyncio.sleep(_PAUSE)

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
