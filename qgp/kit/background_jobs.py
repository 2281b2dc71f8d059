"""Background work that modules declare: kinds of jobs, daily jobs and consumers of events.

A module exports them in its `jobs.py`; the worker (`qgp.worker`) executes them. A job may be
executed more than once, so it has to check what it still has to do.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import OutboxEvent
from qgp.kit.services import ServicesByType
from qgp.kit.session import Database
from qgp.kit.work import Work


@dataclass(frozen=True)
class JobContext:
    """Database and services of the process that executes a job.

    Attributes:
        attempt: number of the execution, from 1.
    """

    database: Database
    services: ServicesByType
    attempt: int = 1


@dataclass(frozen=True)
class Job:
    """Kind of background work with parameters.

    Attributes:
        name: unique among all kinds.
        run: does the work; may raise `RetryLater`. Any other error is retried with growing pauses.
        attempts: the largest number of executions, unless `RetryLater` asks for more.
        at_once: the largest number of jobs of the kind that all workers together execute at a
            time, so that a slow server delays no work of other kinds; 0 for any number.
    """

    name: str
    run: Callable[[JobContext, Mapping[str, Any]], Awaitable[None]]
    attempts: int = 8
    at_once: int = 0


@dataclass(frozen=True)
class DailyJob:
    """Work that is done once per organization and day of its time zone, also after downtime.

    Attributes:
        action: its name, also in the audit trail.
        run: does the work in the unit of work of the operator, which also records the day.
        hour: hour of the organization's day from which it is due, 0 to 23.
    """

    action: OperatorAction
    run: Callable[[Work], Awaitable[object]]
    hour: int = 0


@dataclass(frozen=True)
class EventConsumer:
    """Work that each event of an organization causes, in the order of their positions.

    Attributes:
        name: unique among all consumers; its position in each organization is stored by it.
        action: of its changes in the audit trail.
        run: does the work in the unit of work of the operator, which also records the position:
            both are committed or neither is.
    """

    name: str
    action: OperatorAction
    run: Callable[[Work, Sequence[OutboxEvent]], Awaitable[None]]


@dataclass(frozen=True)
class Retention:
    """How long rows are kept that daily jobs delete; a service of the worker."""

    security_log: timedelta


class RetryLater(Exception):
    """Failure of a job that is to be executed again.

    Attributes:
        delay: time to wait before the next execution.
    """

    def __init__(self, delay: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.delay = delay


class JobQueue:
    """Queue of jobs; a service of the worker's units of work and jobs."""

    async def enqueue(
        self,
        job: Job,
        parameters: Mapping[str, Any],
        *,
        key: str | None = None,
        after: timedelta = timedelta(),
    ) -> None:
        """Add a job.

        Args:
            job: its kind.
            parameters: ids and other values of JSON; no secrets.
            key: while a job of the same key waits or is executed, nothing is added.
            after: time to wait before its execution.
        """
        raise NotImplementedError


class TransactionalQueue:
    """Queue of jobs that are added by the transactions which cause them; a service."""

    async def enqueue(
        self,
        session: AsyncSession,
        job: Job,
        parameters: Mapping[str, Any],
        *,
        after: timedelta = timedelta(),
    ) -> None:
        """Add a job, which exists once the transaction of a session is committed.

        Args:
            session: has executed a statement.
            job: see `JobQueue.enqueue`; so are the others.
        """
        raise NotImplementedError
