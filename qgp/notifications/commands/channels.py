"""Channels of new notifications, by the preferences of their recipients."""

from collections.abc import Sequence

from qgp.kit.work import Work
from qgp.mail.mailer import Mailer
from qgp.notifications.facts import frequencies_of
from qgp.notifications.model import Notification, NotificationChannel, NotificationFrequency


async def choose_channels(work: Work, rows: Sequence[Notification]) -> Sequence[Notification]:
    """Set the channels of notifications that are not written yet; leave out those without one."""
    frequencies = await frequencies_of(work, {row.recipient_id for row in rows})
    mailer = work.services.get(Mailer)
    sends_mail = mailer is not None and mailer.transport is not None
    off = NotificationFrequency.OFF
    for row in rows:
        in_app, mail = (
            frequencies.of(row.recipient_id, row.kind, channel)
            for channel in (NotificationChannel.IN_APP, NotificationChannel.MAIL)
        )
        row.is_in_app = in_app is not off
        row.mail_frequency = mail if sends_mail and mail is not off else None
    return [row for row in rows if row.is_in_app or row.mail_frequency is not None]
