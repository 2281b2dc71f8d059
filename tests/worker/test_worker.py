"""The worker: events reach their consumers once and in order, daily jobs are done once a day."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.background_work import BackgroundWork
from qgp.kit import clock
from qgp.kit.background_jobs import (
    DailyJob,
    EventConsumer,
    Job,
    JobContext,
    JobQueue,
    RetryLater,
    TransactionalQueue,
)
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import OutboxEvent
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.organizations.model import Organization
from qgp.worker import daily
from qgp.worker.declared import Declared
from tests import factories
from tests.company import Company, Hiring
from tests.environment import application_of
from tests.kit.conftest import scratch_application
from tests.kit.work import work_of

Consume = Callable[[Work, Sequence[OutboxEvent]], Awaitable[None]]


@pytest.fixture
async def scratch(server_url: Any) -> AsyncIterator[Application]:
    """The application at a database of this test alone."""
    async with scratch_application(server_url) as application:
        yield application


@asynccontextmanager
async def working(application: Application, declared: Declared) -> AsyncIterator[None]:
    """Run the background work of a process within the block."""
    services = application.services.by_type
    work = BackgroundWork(application.settings, application.database, services, declared)
    async with asyncio.timeout(120):
        task = asyncio.create_task(work.run(works=True))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
    assert task.cancelled(), task.exception()


def consumer(run: Consume) -> Declared:
    return Declared.of([EventConsumer("test", OperatorAction.SYSTEM, run)])


async def test_two_processes_share_the_events_and_each_reaches_its_consumer_in_order(
    scratch: Application,
) -> None:
    read, failures, complete = list[OutboxEvent](), [ValueError("once")], asyncio.Event()

    async def run(work: Work, events: Sequence[OutboxEvent]) -> None:
        if failures:
            raise failures.pop()
        work.after_commit(lambda _: keep(events))

    async def keep(events: Sequence[OutboxEvent]) -> None:
        read.extend(events)
        if [event.name for event in read].count("site.created") == 40:
            complete.set()

    async with (
        _another(scratch) as other,
        working(scratch, consumer(run)),
        working(other, consumer(run)),
    ):
        companies = [await Hiring(scratch).company() for _ in range(2)]
        await asyncio.gather(*[_write(company) for company in companies])
        await complete.wait()
    for company in companies:
        positions = [e.position for e in read if e.organization_id == company.organization_id]
        assert positions == [*range(1, len(positions) + 1)]


@asynccontextmanager
async def _another(application: Application) -> AsyncIterator[Application]:
    """Open the application of another process at the same database."""
    other = application_of(application.settings)
    try:
        yield other
    finally:
        await other.close()


async def _write(company: Company) -> None:
    for _ in range(20):
        async with work_of(company) as work:
            await work.add(factories.site())


async def test_a_job_that_asks_for_it_is_executed_again(scratch: Application) -> None:
    executed, complete = list[tuple[int, Mapping[str, Any]]](), asyncio.Event()

    async def run(context: JobContext, parameters: Mapping[str, Any]) -> None:
        executed.append((context.attempt, parameters))
        if len(executed) < 3:
            raise RetryLater(timedelta(seconds=0.01), "not yet")
        complete.set()

    job, added = Job("test.job", run, attempts=1), asyncio.Event()

    async def note(_: JobContext, __: Mapping[str, Any]) -> None:
        added.set()

    transactional = Job("test.transactional", note)

    async def start(work: Work) -> None:
        for _ in range(2):
            await work.services[JobQueue].enqueue(job, {"id": 1}, key="the same")

    await Hiring(scratch).company()
    declared = Declared.of([job, transactional, DailyJob(OperatorAction.SYSTEM, start)])
    async with working(scratch, declared):
        async with scratch.database.write(Scope()) as session:
            await session.execute(sa.select(1))
            queue = scratch.services.by_type[TransactionalQueue]
            await queue.enqueue(session, transactional, {})
        await added.wait()
        await complete.wait()
        await asyncio.sleep(0.1)
    assert executed == [(1, {"id": 1}), (2, {"id": 1}), (3, {"id": 1})]


async def test_jobs_of_a_limited_kind_delay_no_other_work(scratch: Application) -> None:
    running, quick_done, may_end = list[int](), asyncio.Event(), asyncio.Event()
    ended = asyncio.Semaphore(0)

    async def block(_: JobContext, parameters: Mapping[str, Any]) -> None:
        running.append(parameters["id"])
        await may_end.wait()
        ended.release()

    async def run(_: JobContext, __: Mapping[str, Any]) -> None:
        quick_done.set()

    slow, quick = Job("test.slow", block, at_once=2), Job("test.quick", run)
    queue, count = scratch.services.by_type[TransactionalQueue], 25  # more than a worker executes
    async with scratch.database.write(Scope()) as session:
        await session.execute(sa.select(1))
        for id in range(count):
            await queue.enqueue(session, slow, {"id": id})
        await queue.enqueue(session, quick, {})
    async with working(scratch, Declared.of([slow, quick])):
        await quick_done.wait()
        assert len(running) <= 2
        may_end.set()
        for _ in range(count):
            await ended.acquire()
    assert sorted(running) == [*range(count)]


class _Jobs(JobQueue):
    """Queue that keeps its jobs for the test to execute."""

    def __init__(self) -> None:
        self.waiting: list[Mapping[str, Any]] = []

    async def enqueue(self, job: Job, parameters: Mapping[str, Any], **_: Any) -> None:
        self.waiting.append(parameters)


async def test_a_daily_job_is_done_once_a_day_of_the_organization_also_after_downtime(
    scratch: Application,
) -> None:
    company, done = await Hiring(scratch).company(), list[datetime]()
    async with work_of(company) as work:
        organization = await work.get(Organization, company.organization_id)
        await work.change(organization, {"time_zone": "Pacific/Auckland"})

    async def run(_: Work) -> None:
        done.append(clock.now())

    action = OperatorAction.FINDINGS_EXPIRE
    declared = {action.value: DailyJob(action, run, hour=5)}
    context, queue = JobContext(scratch.database, scratch.services.by_type), _Jobs()
    do = daily.doing(declared)
    night = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # 04:59 on 2 March in Auckland
    for at, days in (
        (night, ["2026-03-01"]),
        (night, []),
        (night + timedelta(minutes=1), ["2026-03-02"]),
        (night + timedelta(days=9), ["2026-03-10"]),
    ):
        with clock.fixed(at):
            await daily.enqueue_due(context, queue, do, declared)
            assert [each["day"] for each in queue.waiting] == days
            for parameters in queue.waiting * 2:
                await do.run(context, parameters)
        queue.waiting.clear()
    assert len(done) == 3


def test_no_two_kinds_of_work_have_one_name() -> None:
    async def run(_: Work, __: Sequence[OutboxEvent]) -> None:
        return None

    first = EventConsumer("test", OperatorAction.SYSTEM, run)
    with pytest.raises(ValueError, match="background work test is declared twice"):
        Declared.of([first, replace(first, action=OperatorAction.FILE_SWEEP)])
