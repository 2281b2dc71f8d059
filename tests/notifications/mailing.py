"""Mail of notifications, as the worker sends it."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.background_jobs import JobContext
from qgp.kit.services import ServicesByType
from qgp.kit.session import Scope
from qgp.mail.development_mail import DevelopmentMail, KeptMessage
from qgp.mail.mailer import Mailer
from qgp.notifications import jobs
from qgp.notifications.commands.mailing import GATHERING
from tests.company import Company, Person
from tests.mails import send_mails
from tests.notifications.consuming import run_daily


async def mails_to(company: Company, person: Person) -> Sequence[KeptMessage]:
    """Execute the company's jobs that send mail, when they are due; return those to a person."""
    with clock.fixed(clock.now() + GATHERING):
        await send_mails(company.application, organization=str(company.organization_id))
    return await sent_to(company, person)


async def sent_to(company: Company, person: Person) -> Sequence[KeptMessage]:
    """Return the messages that were sent to a person, the newest first."""
    transport = company.application.services.by_type[Mailer].transport
    assert isinstance(transport, DevelopmentMail)
    kept = await transport.messages()
    return [one for one in kept if one.message["to"].addresses[0].addr_spec == person.email]


async def send_digests(company: Company) -> None:
    """Do the daily job of the digests."""
    await run_daily(company, jobs.digests)


async def waiting_jobs(company: Company) -> list[dict[str, Any]]:
    """Return the parameters of the company's jobs that were not executed yet."""
    payload = sa.text("SELECT convert_from(payload, 'UTF8') FROM pgqueuer ORDER BY id")
    async with company.application.database.read(Scope()) as session:
        parameters = [json.loads(text) for text in await session.scalars(payload)]
    id = str(company.organization_id)
    return [each for each in parameters if each.get("organization") == id]


async def run_job(
    company: Company, parameters: dict[str, Any], services: ServicesByType | None = None
) -> None:
    """Execute a job once, as the worker does again where a process has ended in it."""
    services = services or company.application.services.by_type
    with clock.fixed(clock.now() + GATHERING):
        context = JobContext(company.application.database, services)
        await jobs.SEND_NOTIFICATIONS.run(context, parameters)
