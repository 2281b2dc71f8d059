"""Queue of jobs on pgqueuer: PostgreSQL tables with leases, retries and notifications."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from pgqueuer import AsyncpgDriver, Queries
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.models import Context
from pgqueuer.models import Job as StoredJob
from pgqueuer.ports import RepositoryPort
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit.background_jobs import Job, JobContext, JobQueue, RetryLater, TransactionalQueue
from qgp.worker.direct import LOST
from qgp.worker.metrics import JobMetrics

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)

_log = structlog.get_logger(__name__)


class PgQueue(JobQueue):
    """Queue in the tables of pgqueuer."""

    def __init__(self, tables: RepositoryPort) -> None:
        self._tables = tables

    async def enqueue(
        self,
        job: Job,
        parameters: Mapping[str, Any],
        *,
        key: str | None = None,
        after: timedelta = timedelta(),
    ) -> None:
        """Add a job, see `JobQueue.enqueue`."""
        await self._tables.enqueue(
            job.name,
            json.dumps(parameters).encode(),
            execute_after=after or None,
            dedupe_key=key,
            on_conflict="skip",
        )


class TransactionalPgQueue(TransactionalQueue):
    """Queue in the tables of pgqueuer, over the connections of transactions."""

    async def enqueue(
        self,
        session: AsyncSession,
        job: Job,
        parameters: Mapping[str, Any],
        *,
        after: timedelta = timedelta(),
    ) -> None:
        """Add a job, see `TransactionalQueue.enqueue`."""
        connection: Any = await (await session.connection()).get_raw_connection()
        tables = Queries(AsyncpgDriver(connection.driver_connection))
        await PgQueue(tables).enqueue(job, parameters, after=after)


@dataclass
class MeasuredExecutor(DatabaseRetryEntrypointExecutor):
    """Executor that repeats a failed job with growing pauses, and measures each execution."""

    metrics: JobMetrics = field(default_factory=JobMetrics)

    async def execute(self, job: StoredJob, context: Context) -> None:
        """Execute a stored job once; the error of one that will be repeated is logged here."""
        with self.metrics.measured(job.entrypoint):
            try:
                await super().execute(job, context)
            except RetryRequested as repeated:
                if not isinstance(repeated.__cause__, RetryLater):
                    _report(job, repeated)
                raise


def _report(job: StoredJob, repeated: RetryRequested) -> None:
    """Log the error of a job: a lost database is a warning; any other error is a defect."""
    error, facts = repeated.__cause__, {"job": job.entrypoint, "attempt": job.attempts + 1}
    if isinstance(error, LOST):
        _log.warning("job_lost_database", reason=type(error).__name__, **facts)
    else:
        _log.error("job_failed", exc_info=error, **facts)


def executor_of(job: Job, metrics: JobMetrics) -> Callable[..., MeasuredExecutor]:
    """Return the factory of the executor of a kind of job."""
    return partial(
        MeasuredExecutor,
        max_attempts=job.attempts,
        initial_delay=_FIRST_PAUSE,
        max_delay=_LONGEST_PAUSE,
        metrics=metrics,
    )


def runner_of(job: Job, context: JobContext) -> Any:
    """Return the coroutine function that executes a stored job of a kind."""

    async def run(stored: StoredJob) -> None:
        try:
            attempt = replace(context, attempt=stored.attempts + 1)
            await job.run(attempt, json.loads(stored.payload or b"{}"))
        except RetryLater as later:
            raise RetryRequested(later.delay, str(later)) from later

    return run
