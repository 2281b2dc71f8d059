"""Mail of notifications: what is sent at once and in digests, and what is not sent any more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from qgp.actions.model import Action
from qgp.findings.model import Finding
from qgp.kit import clock
from qgp.kit.background_jobs import JobContext, RetryLater
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import Role
from qgp.kit.services import NO_SERVICES
from qgp.kit.session import Scope
from qgp.mail.mailer import Mailer
from qgp.mail.transport import TemporaryFailure
from qgp.notifications import jobs
from qgp.notifications.model import Notification, NotificationKind
from qgp.organizations.model import Organization
from qgp.reminders.jobs import send_reminders
from qgp.texts.catalogue import texts_of
from qgp.users.model import User, UserStatus
from qgp.worker.events import consuming
from tests import factories
from tests.company import Company, Person
from tests.kit.work import work_of
from tests.mails import plain, send_mails
from tests.notifications.consuming import notify, run_daily
from tests.notifications.mailing import (
    mails_to,
    run_job,
    send_digests,
    sent_to,
    waiting_jobs,
)
from tests.notifications.test_preferences import UPDATE, preference

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def assign(company: Company, *owners: Person, **facts: Any) -> list[Action]:
    """Add an action for each owner, and notify them."""
    async with work_of(company) as work:
        rows = [await work.add(factories.action(owner_id=one.user_id, **facts)) for one in owners]
    await notify(company)
    return rows


async def prefer(person: Person, *preferences: dict[str, Any], **quiet: Any) -> None:
    async with person.signed_in() as api:
        chosen = await api.do(UPDATE, preferences=[*preferences], **quiet)
        assert chosen["errors"] == []


async def notifications_of(company: Company) -> list[Notification]:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        rows = await session.scalars(sa.select(Notification).order_by(Notification.id))
        return [*rows]


def unsubscribe_address(message: EmailMessage) -> str:
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(message["List-Unsubscribe"]).strip("<>")


async def test_what_is_assigned_in_one_burst_is_one_message(company: Company) -> None:
    eve, max = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    rows = await assign(company, *[eve] * 60, title="Label gauge")
    (other,) = await assign(company, max, title="Order labels")
    to_eve, to_max = [await mails_to(company, person) for person in (eve, max)]
    assert [one.message["subject"] for one in to_eve] == ["60 records were assigned to you"]
    (message,) = to_max
    assert message.message["subject"] == f"Assigned to you: {other.reference} Order labels"
    text = plain(message.message)
    link = f"http://localhost:3000/records/{other.public_id}"
    assert (
        f"* {other.reference} Order labels\n  Owner assigned this record to you.\n  {link}\n\n"
        f"Open the record:\n{link}\n"
    ) in text
    assert "http://localhost:3000/settings/notifications\n" in text
    assert unsubscribe_address(message.message) in text
    assert f'<a href="{link}"' in message.body("html")
    text = plain(to_eve[0].message)
    assert f"{rows[49].reference} Label gauge" in text
    assert rows[50].reference not in text
    assert "Further notifications that are not listed here: 10.\n" in text
    assert "Open your notifications:\nhttp://localhost:3000/notifications\n" in text
    assert all(row.mailed_at is not None for row in await notifications_of(company))


async def test_a_job_that_is_executed_twice_sends_once_and_the_same_message_after_a_crash(
    company: Company,
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    await assign(company, eve)
    (job,) = await waiting_jobs(company)
    await send_mails(company.application, organization=str(company.organization_id))
    assert await waiting_jobs(company) == [job]  # it was too early: more may follow
    await run_job(company, job)
    await assign(company, eve)  # is for the next message
    await run_job(company, job)
    (first,) = await sent_to(company, eve)
    async with company.application.database.write(Scope(company.organization_id)) as session:
        # As if the process had ended before it recorded what the mail server took.
        lost = Notification.mail_id.is_not(None)
        for row in await session.scalars(sa.select(Notification).where(lost)):
            row.mailed_at = None
    await run_job(company, job)
    again, _ = await sent_to(company, eve)
    assert again.message["message-id"] == first.message["message-id"]
    newest, *earlier = await mails_to(company, eve)
    assert (len(earlier), newest.message["message-id"] == again.message["message-id"]) == (2, False)


class _Refusing:
    """Mail server that accepts nothing for now."""

    async def send(self, message: EmailMessage) -> None:
        raise TemporaryFailure("450")


async def test_a_failed_attempt_is_repeated_with_what_is_then_still_to_be_sent(
    company: Company,
) -> None:
    eve, max = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    await assign(company, eve, max)
    services = company.application.services
    refusing = replace(services, lent=(Mailer(_Refusing()), *services.lent)).by_type
    work = await waiting_jobs(company)
    for job in work:
        with pytest.raises(RetryLater):
            await run_job(company, job, refusing)
    assert [row.mailed_at for row in await notifications_of(company)] == [None, None]
    async with eve.signed_in() as api:
        await api.do("notificationsMarkRead", all=True)
    for job in work:
        await run_job(company, job)
    assert [len(await sent_to(company, one)) for one in (eve, max)] == [0, 1]


async def test_what_is_of_no_use_any_more_is_not_sent(company: Company) -> None:
    people = [await company.hire(Role.EMPLOYEE) for _ in range(7)]
    _moved, _done, read, snoozed, off, left, max = people
    rows = await assign(company, *people)
    async with read.signed_in() as api:
        await api.do("notificationsMarkRead", all=True)
    async with snoozed.signed_in() as api:
        (one,) = (await api.ask("{ notifications { nodes { id } } }"))["notifications"]["nodes"]
        until = (clock.now() + timedelta(hours=1)).isoformat()
        assert not (await api.do("notificationSnooze", id=one["id"], until=until))["errors"]
    await prefer(off, preference("ASSIGNED", "MAIL", "OFF"))
    async with work_of(company) as work:  # whose events no consumer has read yet
        row = await work.get(Action, rows[0].id)
        await work.change(row, {"owner_id": company.owner.user_id})
        await work.move(await work.get(Action, rows[1].id), "actionCancel", reason="x")
        user = await work.get(User, left.user_id)
        user.enter(UserStatus.SUSPENDED)
        await work.change(user, {})
    recipients = [person for person in people if await mails_to(company, person)]
    assert recipients == [max]


async def test_a_record_that_is_hidden_meanwhile_is_not_named(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        findings = [
            await work.add(factories.finding(owner_id=eve.user_id, title=f"Secret {number}"))
            for number in range(2)
        ]
        for finding in findings:
            comment = await work.add(factories.comment(finding, body="Of Mr. Miller's illness"))
            await work.add(factories.comment_mention(comment.id, eve.user_id))
    await notify(company)
    async with work_of(company) as work:
        row = await work.get(Finding, findings[0].id)
        await work.change(row, {"owner_id": company.owner.user_id})
    mentioned, assigned = sorted(
        await mails_to(company, eve), key=lambda one: str(one.message["subject"]), reverse=True
    )
    named = f"{findings[1].reference} Secret 1"
    assert mentioned.message["subject"] == f"You were mentioned: {named}"
    assert assigned.message["subject"] == f"Assigned to you: {named}"
    for one in (mentioned, assigned):
        assert "Secret 0" not in str(one.message)
        assert "Miller" not in str(one.message)


async def test_instant_mail_waits_for_the_end_of_quiet_hours(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    await prefer(eve, quietHours={"startTime": "22:00", "endTime": "06:00"})
    with clock.fixed(MONDAY.replace(hour=23)):
        await assign(company, eve)
        (job,) = await waiting_jobs(company)
        assert await mails_to(company, eve) == []
        assert await waiting_jobs(company) == [job]  # once more, after the end
    with clock.fixed(MONDAY.replace(hour=6) + timedelta(days=1)):
        assert len(await mails_to(company, eve)) == 1


async def test_digests_have_what_is_daily_and_from_monday_on_what_is_weekly(
    company: Company,
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    chosen = {"ASSIGNED": "WEEKLY", "MENTIONED": "DAILY"}
    quiet = {"startTime": "00:00", "endTime": "23:59"}  # a digest is sent all the same
    await prefer(
        eve, *[preference(kind, "MAIL", each) for kind, each in chosen.items()], quietHours=quiet
    )
    with clock.fixed(MONDAY):
        async with work_of(company) as work:
            finding = await work.add(factories.finding(owner_id=eve.user_id))
            comment = await work.add(factories.comment(finding))
            await work.add(factories.comment_mention(comment.id, eve.user_id))
        await notify(company)
        for _ in range(2):
            await send_digests(company)
        (daily,) = await mails_to(company, eve)
    assert daily.message["subject"] == f"You were mentioned: {finding.reference} {finding.title}"
    with clock.fixed(MONDAY + timedelta(days=6)):
        await assign(company, eve)
        await send_digests(company)
        assert len(await mails_to(company, eve)) == 1
    with clock.fixed(MONDAY + timedelta(days=8)):  # on Monday, there was no worker
        await send_digests(company)
        weekly, _ = await mails_to(company, eve)
    assert weekly.message["subject"] == "2 notifications"


async def test_an_address_turns_off_mail_of_its_kind_or_the_digests(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    await assign(company, eve)
    (message,) = await mails_to(company, eve)
    await _unsubscribe(company, message.message)
    await assign(company, eve)
    assert len(await mails_to(company, eve)) == 1
    await prefer(eve, preference("ASSIGNED", "MAIL", "WEEKLY"))
    await assign(company, eve)
    with clock.fixed(clock.now() + timedelta(days=7)):
        await send_digests(company)
        digest, _ = await mails_to(company, eve)
    await _unsubscribe(company, digest.message)
    async with eve.signed_in() as api:
        shown = await api.ask("{ viewer { notificationPreferences { kind channel frequency } } }")
    off = {
        row["kind"]
        for row in shown["viewer"]["notificationPreferences"]
        if (row["channel"], row["frequency"]) == ("MAIL", "OFF")
    }
    assert off == {"ASSIGNED", "WATCHED_CHANGE", "DUE_SOON"}


async def _unsubscribe(company: Company, message: EmailMessage) -> None:
    """Open the address, which asks alone, and turn the messages off twice."""
    address = httpx2.URL(unsubscribe_address(message))
    transport = httpx2.ASGITransport(company.application.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp.test") as browser:
        path = address.raw_path.decode()
        page = await browser.get(path)
        assert (page.status_code, "<button>Unsubscribe</button>" in page.text) == (200, True)
        for _ in range(2):
            done = await browser.post(path, data={"List-Unsubscribe": "One-Click"})
            assert done.status_code == 200


async def test_a_message_is_in_the_language_of_the_organization_and_names_the_due_date(
    company: Company,
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        organization = await work.get(Organization, company.organization_id)
        await work.change(organization, {"locale": "de-AT"})
        action = factories.action(owner_id=eve.user_id, title="Prüfen", due_on=date(2026, 3, 1))
        action = await work.add(action)
        user = await work.get(User, eve.user_id)
        await work.change(user, {"manager_id": company.owner.user_id, "name": "Eva"})
    with clock.fixed(MONDAY + timedelta(days=14)):
        await run_daily(company, send_reminders)
        await notify(company)
        (escalated,) = await mails_to(company, company.owner)
        to_eve = await sent_to(company, eve)
    (overdue,) = [one for one in to_eve if "Überfällig" in one.message["subject"]]
    name, due = f"{action.reference} Prüfen", "Fälligkeit: 1. März 2026. Tage überfällig: 15.\n"
    assert overdue.message["subject"] == f"Überfällig seit 1. März 2026: {name}"
    assert due in plain(overdue.message)
    assert escalated.message["subject"] == f"An Sie eskaliert: {name}"
    sentence = f"Arbeit von Eva ist überfällig und wurde an Sie eskaliert. {due}"
    assert sentence in plain(escalated.message)


async def test_nothing_is_queued_where_mail_is_not_configured(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=eve.user_id))
    job = consuming({jobs.notifications.name: jobs.notifications})
    parameters = {"consumer": "notifications", "organization": str(company.organization_id)}
    await job.run(JobContext(company.application.database, NO_SERVICES), parameters)
    assert [row.mail_frequency for row in await notifications_of(company)] == [None]
    assert await waiting_jobs(company) == []


def test_every_kind_of_notification_and_of_work_has_its_texts() -> None:
    names = {key.partition(".")[0] for key in texts_of("en").entries}
    assert {f"notification_{kind.value.lower()}" for kind in NotificationKind} <= names
    work = {key.partition(".")[2] for key in texts_of("en").entries if key.startswith("work.")}
    assert work == {*WORK_KINDS}
