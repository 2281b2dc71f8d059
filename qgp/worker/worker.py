"""The worker of one process: its connections, its kinds of jobs, and its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pgqueuer import PgQueuer
from pgqueuer.models import Schedule

from qgp.kit import clock
from qgp.kit.background_jobs import JobContext
from qgp.kit.event_signals import EventSignals
from qgp.kit.outbox_partitions import renew_partitions
from qgp.kit.session import Scope
from qgp.worker import daily, direct, events
from qgp.worker.declared import Declared
from qgp.worker.metrics import JobMetrics
from qgp.worker.queue import PgQueue, executor_of, runner_of

LEASE = timedelta(seconds=10)  # a job whose worker has not reported for so long is executed anew
_LOOK_EVERY = timedelta(seconds=2)  # no notification is sent when a job's pause ends
_EVERY_MINUTE, _EVERY_HOUR = "* * * * *", "0 * * * *"
_SHORTEST_GATHERING, _LONGEST_GATHERING = 0.05, 0.5  # seconds, see `_feed`
_JOBS_AT_ONCE = 40  # of this worker, more than the kinds that wait for other servers may be
_PATIENCE = 5.0  # seconds in which running jobs may end


@dataclass(frozen=True)
class Worker:
    """Executes background work; several share the queue.

    Attributes:
        context: database and services of the jobs.
        declared: the kinds of jobs, daily jobs and consumers of events.
        signals: of new events.
        connect: the arguments to connect to the database with, past a pooler.
        days_kept: days that an event of the outbox is kept.
    """

    context: JobContext
    declared: Declared
    signals: EventSignals
    connect: direct.Arguments
    metrics: JobMetrics
    days_kept: int

    async def run(self) -> None:
        """Work until the connection is lost, or until cancelled."""
        async with direct.pool(self.connect) as pool:
            await self._work(PgQueuer(direct.ListeningDriver(pool)))

    async def _work(self, manager: PgQueuer) -> None:
        queue = PgQueue(manager.qm.queries)
        services = self.context.services.with_(queue)
        context = replace(self.context, services=services)
        consume, do = events.consuming(self.declared.consumers), daily.doing(self.declared.daily)
        for job in (*self.declared.jobs.values(), consume, do):
            factory = executor_of(job, self.metrics)
            register = manager.entrypoint(
                job.name, concurrency_limit=job.at_once, executor_factory=factory
            )
            register(runner_of(job, context))

        async def enqueue_due() -> None:
            await daily.enqueue_due(context, queue, do, self.declared.daily)

        async def enqueue_new() -> bool:
            return await events.enqueue_new(context, queue, consume, self.declared.consumers)

        manager.schedule("daily", _EVERY_MINUTE)(_scheduled(enqueue_due))
        manager.schedule("outbox.partitions", _EVERY_HOUR)(_scheduled(self._renew_partitions))
        await self._renew_partitions()
        await enqueue_due()
        async with _running(manager) as running:
            feeding = asyncio.ensure_future(self._feed(enqueue_new))
            try:
                await asyncio.wait({running, feeding}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                feeding.cancel()
        for task in (running, feeding):
            if task.done() and not task.cancelled():
                task.result()  # raises its error

    async def _feed(self, enqueue_new: Callable[[], Awaitable[bool]]) -> None:
        """Add jobs for new events whenever there are some, until all have been read.

        The first event is read at once; the longer a burst lasts, the longer further events are
        gathered, since each job has its price.
        """
        pause = _SHORTEST_GATHERING
        with self.signals.waiting() as signal:
            while True:
                signal.clear()
                if await enqueue_new():
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_GATHERING)
                    continue
                pause = _SHORTEST_GATHERING
                with suppress(TimeoutError):
                    await asyncio.wait_for(signal.wait(), LEASE.total_seconds())

    async def _renew_partitions(self) -> None:
        async with self.context.database.write(Scope()) as session:
            await renew_partitions(session, clock.today(), days_kept=self.days_kept)


def _scheduled(act: Callable[[], Awaitable[None]]) -> Any:
    async def run(_: Schedule) -> None:
        await act()

    return run


@asynccontextmanager
async def _running(manager: PgQueuer) -> AsyncIterator[asyncio.Future[None]]:
    """Run a manager within the block; at its end, let running jobs end for a while."""
    running = asyncio.ensure_future(
        manager.run(
            heartbeat_timeout=LEASE,
            dequeue_timeout=_LOOK_EVERY,
            max_concurrent_tasks=_JOBS_AT_ONCE,
            shutdown_on_listener_failure=True,
        )
    )
    try:
        yield running
    finally:
        manager.shutdown.set()
        await asyncio.wait({running}, timeout=_PATIENCE)
        running.cancel()
        await asyncio.wait({running})
