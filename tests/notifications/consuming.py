"""The consumer of the notifications and daily jobs, as the worker runs them."""

from typing import Any

from qgp.kit.background_jobs import DailyJob
from qgp.kit.operating import operating
from qgp.notifications import jobs
from tests.company import Client, Company
from tests.kit.work import consume

LIST = """query ($filter: NotificationFilter) {
    viewer { unreadNotificationCount }
    notifications(filter: $filter) {
        nodes { id kind event field workKind isRead isSnoozed actor { id } record { id } }
    }
}"""


async def notify(company: Company) -> None:
    """Read the events of a company that the consumer has not read yet."""
    await consume(company, jobs.notifications)


async def run_daily(company: Company, job: DailyJob) -> None:
    """Do a daily job of a company."""
    application, id = company.application, company.organization_id
    async with operating(
        application.database, id, job.action, application.services.by_type
    ) as work:
        await job.run(work)


async def listed(api: Client, **filter: Any) -> list[dict[str, Any]]:
    """Return the caller's notifications."""
    nodes: list[dict[str, Any]] = (await api.ask(LIST, filter=filter))["notifications"]["nodes"]
    return nodes


async def unread(api: Client) -> int:
    """Return the number of the caller's unread notifications."""
    count: int = (await api.ask(LIST))["viewer"]["unreadNotificationCount"]
    return count
