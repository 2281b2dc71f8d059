"""Schedule of daily jobs: once per organization and day of its zone, also after downtime."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from qgp.kit import clock
from qgp.kit.background_jobs import DailyJob, Job, JobContext, JobQueue
from qgp.kit.operating import operating
from qgp.organizations import service as organizations
from qgp.worker.daily_runs import last_days, record_day


def doing(daily: Mapping[str, DailyJob]) -> Job:
    """Return the kind of job that does one daily job of one organization."""

    async def run(context: JobContext, parameters: Mapping[str, Any]) -> None:
        job, day = daily[parameters["job"]], date.fromisoformat(parameters["day"])
        organization_id = UUID(parameters["organization"])
        async with operating(
            context.database, organization_id, job.action, context.services
        ) as work:
            if await record_day(work, job.action.value, day):
                await job.run(work)

    return Job("daily", run)


async def enqueue_due(
    context: JobContext, queue: JobQueue, job: Job, daily: Mapping[str, DailyJob]
) -> None:
    """Add a job for each daily job that an organization's present day lacks."""
    last = await last_days(context.database)
    for organization in await organizations.all_organizations(context.database):
        for name, declared in daily.items():
            due = clock.now() - timedelta(hours=declared.hour)
            day = clock.day_of(due, organization.time_zone)
            if last.get((organization.id, name), date.min) < day:
                parameters = {"job": name, "organization": str(organization.id), "day": str(day)}
                await queue.enqueue(job, parameters, key=f"daily/{name}/{organization.id}")
