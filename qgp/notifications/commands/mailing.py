"""Mail of notifications: jobs that send those of a kind at once, or the digest of a recipient.

A job claims its notifications by the id of its message, so that each is in one message only. Before
each attempt it checks anew which of them are still to be sent. A process that ends between the mail
server and the commit sends the message again, with the same `Message-ID`.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.background_jobs import Job, JobContext, TransactionalQueue
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.work import Work
from qgp.mail.mailer import MAILS_AT_ONCE, Mailer
from qgp.mail.message import Mailbox
from qgp.notifications.commands.contents import Mailing, Recipient, message_to
from qgp.notifications.commands.reasons import ReasonCheck
from qgp.notifications.facts import (
    end_of_quiet_hours,
    frequencies_of,
    is_snoozed,
    quiet_hours_of,
)
from qgp.notifications.model import (
    Notification,
    NotificationChannel,
    NotificationFrequency,
)
from qgp.organizations.facts import sender_unfiltered
from qgp.users.facts import user_unfiltered

GATHERING = timedelta(seconds=30)  # in which further notifications join the same message
DIGEST_TIME = time(7)  # in the time zone of the organization
_INSTANT = NotificationFrequency.INSTANT


async def enqueue_instant(work: Work, rows: Sequence[Notification]) -> None:
    """Add a job for each recipient and kind of new notifications that are mailed at once."""
    instant = (row for row in rows if row.mail_frequency is _INSTANT)
    organization_id = work.caller.organization_id
    for user_id, kind in sorted({(row.recipient_id, row.kind) for row in instant}):
        mailing = Mailing(organization_id, user_id, ids.uuid7(), kind)
        await _enqueue(work, mailing, after=GATHERING)


async def send_digests(work: Work) -> None:
    """Add the job of each recipient's digest, in a unit of work of the operator.

    It has what is DAILY and, from Monday on, what is WEEKLY and was made before. What is snoozed
    waits for a later digest.
    """
    organization_id = work.caller.organization_id
    sender = await sender_unfiltered(work.session, organization_id)
    row = Notification
    is_weekly = row.mail_frequency == NotificationFrequency.WEEKLY
    is_due = sa.or_(
        row.mail_frequency == NotificationFrequency.DAILY,
        sa.and_(is_weekly, row.created_at < _monday(sender.zone)),
    )
    statement = sa.select(row).where(row.mail_id.is_(None), is_due, sa.not_(is_snoozed(row)))
    mailings = dict[UUID, Mailing]()
    for notification in await work.rows(statement.with_for_update()):
        user_id = notification.recipient_id
        mailing = mailings.setdefault(user_id, Mailing(organization_id, user_id, ids.uuid7()))
        notification.mail_id = mailing.message_id
    for mailing in mailings.values():
        await _enqueue(work, mailing)


async def _enqueue(work: Work, mailing: Mailing, *, after: timedelta = timedelta()) -> None:
    queue = work.services[TransactionalQueue]
    await queue.enqueue(work.session, SEND_NOTIFICATIONS, mailing.parameters, after=after)


def _monday(zone: str) -> datetime:
    """Return the latest instant at which weekly digests were due."""
    now = clock.now().astimezone(ZoneInfo(zone))
    day = now.date() - timedelta(days=now.weekday())
    at = datetime.combine(day, DIGEST_TIME, now.tzinfo)
    return at if at <= now else datetime.combine(day - timedelta(days=7), DIGEST_TIME, now.tzinfo)


async def _send(context: JobContext, parameters: Mapping[str, Any]) -> None:
    """Send what is still to be sent, or add the job once more for later."""
    mailing = Mailing.of(parameters)
    async with _operating(context, mailing) as work:
        rows = await _rows_of(work, mailing) or await _unclaimed(work, mailing)
        if not rows or any(row.mailed_at is not None for row in rows):
            return
        if (wait := await _wait(work, mailing, rows)) > timedelta():
            await _enqueue(work, mailing, after=wait)
            return
        for row in rows:
            row.mail_id = mailing.message_id
        recipient, sendable = await _sendable(work, mailing, rows)
    message = None
    if recipient is not None and sendable:
        message = await message_to(context, recipient, sendable, mailing)
    mailer = context.services[Mailer]
    is_sent = message is not None and await mailer.deliver(message, attempt=context.attempt)
    async with _operating(context, mailing) as work:
        await _settle(work, mailing, {row.id for row in sendable} if is_sent else ())


def _operating(context: JobContext, mailing: Mailing) -> AbstractAsyncContextManager[Work]:
    action = OperatorAction.NOTIFY
    return operating(context.database, mailing.organization_id, action, context.services)


async def _rows_of(work: Work, mailing: Mailing) -> Sequence[Notification]:
    """Return the notifications of a message, locked."""
    row = Notification
    is_in_message = row.mail_id == mailing.message_id, row.mail_frequency.is_not(None)
    return await work.rows(sa.select(row).where(*is_in_message).order_by(row.id).with_for_update())


async def _unclaimed(work: Work, mailing: Mailing) -> Sequence[Notification]:
    """Return the notifications of its kind that no message has yet, locked; none for a digest."""
    row = Notification
    is_free = row.mail_id.is_(None), row.recipient_id == mailing.user_id
    is_meant = row.kind == mailing.kind, row.mail_frequency == _INSTANT
    statement = sa.select(row).where(*is_free, *is_meant).order_by(row.id)
    return () if mailing.kind is None else await work.rows(statement.with_for_update())


async def _wait(work: Work, mailing: Mailing, rows: Sequence[Notification]) -> timedelta:
    """Return the time until the quiet hours have ended, and until further ones have joined."""
    if mailing.kind is None:
        return timedelta()
    now, hours = clock.now(), await quiet_hours_of(work, mailing.user_id)
    if hours is not None:
        sender = await sender_unfiltered(work.session, mailing.organization_id)
        end = end_of_quiet_hours(hours, now, sender.zone)
        if end is not None:
            return end - now
    return min(row.created_at for row in rows) + GATHERING - now


async def _sendable(
    work: Work, mailing: Mailing, rows: Sequence[Notification]
) -> tuple[Recipient | None, Sequence[Notification]]:
    """Return the recipient, if they may sign in, and the notifications still to be sent."""
    now, off = clock.now(), NotificationFrequency.OFF
    frequencies = await frequencies_of(work, [mailing.user_id])
    open_rows = [
        row
        for row in rows
        if row.cancelled_at is None
        and row.read_at is None
        and (row.snooze_ends_at is None or row.snooze_ends_at <= now)
        and frequencies.of(row.recipient_id, row.kind, NotificationChannel.MAIL) is not off
    ]
    check = ReasonCheck(work, open_rows)
    await check.run()
    sendable = await check.readable_causes(await check.readable())
    principal = check.recipients.get(mailing.user_id)
    user = await user_unfiltered(work.session, mailing.user_id)
    if principal is None or user is None:
        return None, ()
    sender = await sender_unfiltered(work.session, mailing.organization_id)
    return Recipient(principal, Mailbox(user.name, user.address), sender), sendable


async def _settle(work: Work, mailing: Mailing, sent: Collection[UUID]) -> None:
    """Record what the mail server took."""
    for row in await _rows_of(work, mailing):
        if row.id in sent:
            row.mailed_at = clock.now()


SEND_NOTIFICATIONS = Job("mail.notifications", _send, at_once=MAILS_AT_ONCE)
