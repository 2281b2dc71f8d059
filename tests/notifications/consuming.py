"""The consumer of the notifications, as the worker runs it."""

from typing import Any

from qgp.kit.background_jobs import JobContext
from qgp.notifications import jobs
from qgp.worker.events import consuming
from tests.company import Client, Company

LIST = """query ($filter: NotificationFilter) {
    viewer { unreadNotificationCount }
    notifications(filter: $filter) {
        nodes { id kind event field workKind isRead isSnoozed actor { id } record { id } }
    }
}"""


async def notify(company: Company) -> None:
    """Read the events of a company that the consumer has not read yet."""
    application, consumer = company.application, jobs.notifications
    job = consuming({consumer.name: consumer})
    parameters = {"consumer": consumer.name, "organization": str(company.organization_id)}
    await job.run(JobContext(application.database, application.services.by_type), parameters)


async def listed(api: Client, **filter: Any) -> list[dict[str, Any]]:
    """Return the caller's notifications."""
    nodes: list[dict[str, Any]] = (await api.ask(LIST, filter=filter))["notifications"]["nodes"]
    return nodes


async def unread(api: Client) -> int:
    """Return the number of the caller's unread notifications."""
    count: int = (await api.ask(LIST))["viewer"]["unreadNotificationCount"]
    return count
