"""Tables of notifications, of the preferences of their recipients, and of quiet hours."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.indexes import Serves, index, is_set
from qgp.kit.model import ANY_RECORD, Owned, check


class NotificationKind(DescribedEnum):
    """Reason of a notification."""

    ASSIGNED = "ASSIGNED", "A record was assigned to you."
    WAITING = "WAITING", "A record waits for you, see `myWork`: to verify, approve or decide."
    MENTIONED = "MENTIONED", "A comment mentions you."
    WATCHED_CHANGE = "WATCHED_CHANGE", "A record that you watch was changed."
    DUE_SOON = "DUE_SOON", "Work is due soon."
    DUE = "DUE", "Work is due today."
    OVERDUE = "OVERDUE", "Work is overdue."
    ESCALATED = (
        "ESCALATED",
        "Work of another user, or of a role, is overdue and was escalated to you.",
    )


class CancelReason(DescribedEnum):
    """Reason for which a notification is of no use any more."""

    REASSIGNED = "REASSIGNED", "The record was assigned to another user."
    DONE = "DONE", "The work was done, is due on another day, or does not wait for the recipient."
    DELETED = "DELETED", "The record was deleted."
    UNWATCHED = "UNWATCHED", "The recipient does not watch the record any more."
    RECIPIENT_LEFT = "RECIPIENT_LEFT", "The recipient may not sign in any more."


class NotificationChannel(DescribedEnum):
    """Channel by which notifications reach you."""

    IN_APP = "IN_APP", "`notifications`, the unread count, and `notificationAdded`."
    MAIL = "MAIL", "Mail to your e-mail address, where the server sends mail."


class NotificationFrequency(DescribedEnum):
    """Time at which a channel brings you notifications of a kind."""

    OFF = "OFF", "Never."
    INSTANT = "INSTANT", "At once; mail after your quiet hours."
    DAILY = "DAILY", "In the digest, at 7 in the morning."
    WEEKLY = "WEEKLY", "In the digest of Monday, at 7 in the morning."


IN_APP_FREQUENCIES = (NotificationFrequency.OFF, NotificationFrequency.INSTANT)
DIGEST_FREQUENCIES = frozenset({NotificationFrequency.DAILY, NotificationFrequency.WEEKLY})
# Of mail; the kinds that are not named are INSTANT.
_MAIL_DEFAULTS: Mapping[NotificationKind, NotificationFrequency] = {
    NotificationKind.WATCHED_CHANGE: NotificationFrequency.DAILY,
    NotificationKind.DUE_SOON: NotificationFrequency.DAILY,
}
DEFAULTS: Mapping[tuple[NotificationKind, NotificationChannel], NotificationFrequency] = {
    (kind, channel): _MAIL_DEFAULTS.get(kind, NotificationFrequency.INSTANT)
    if channel is NotificationChannel.MAIL
    else NotificationFrequency.INSTANT
    for kind in NotificationKind
    for channel in NotificationChannel
}
DUE_KINDS = frozenset(
    {
        NotificationKind.DUE_SOON,
        NotificationKind.DUE,
        NotificationKind.OVERDUE,
        NotificationKind.ESCALATED,
    }
)
_IS_SHOWN = sa.text("cancelled_at IS NULL")


class Notification(Owned):
    """Message to one user about a record.

    No record: it has no history, and beside the internal event of its creation no events, which
    would cause further notifications.

    Attributes:
        subject_type: prefix of the record that it is about, which is a part of no other.
        entity: table of the record of the event: the subject, or a part of it.
        field: of an assignment, the field that names the recipient; of a reminder, the due date.
        work_kind: kind of work (`kit.pending_work`) that waits for the recipient or their role.
        responsible_id: user whose work it is, where that is not the recipient.
        cancelled_at: instant since which it is not shown any more.
        is_in_app: whether it is listed; one that is not was made for mail alone.
        mail_frequency: of its mail; null if it is not mailed.
        mail_id: of the message that it is for, the same in each attempt to send it; null until a
            job takes it on.
        mailed_at: instant at which the mail server took that message.
    """

    __tablename__ = "notifications"
    prefix: ClassVar[str] = "ntf"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    recipient_id: Mapped[UUID] = mapped_column(info={"ref": "users"})
    kind: Mapped[NotificationKind]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    event_id: Mapped[UUID]
    event_name: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(info={"ref": "users"})
    responsible_id: Mapped[UUID | None] = mapped_column(info={"ref": "users"})
    field: Mapped[str | None]
    work_kind: Mapped[str | None]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    snooze_ends_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None]
    is_in_app: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    mail_frequency: Mapped[NotificationFrequency | None]
    mail_id: Mapped[UUID | None]
    mailed_at: Mapped[datetime | None]
    __table_args__: Any = (
        sa.ForeignKeyConstraint(
            ["organization_id", "recipient_id"], ["users.organization_id", "users.id"]
        ),
        sa.UniqueConstraint(
            *("organization_id", "recipient_id", "event_id", "kind"), name="uq_notifications_event"
        ),
        index(
            "ix_notifications_of_recipient",
            *("recipient_id", "created_at", "id"),
            serves=(
                Serves.SCOPE,
                "notifications of a user, newest first, also the unread to count",
            ),
            postgresql_where=_IS_SHOWN,
        ),
        index(
            "ix_notifications_of_subject",
            "subject_id",
            serves="notifications to cancel after a change of their record",
            postgresql_where=_IS_SHOWN,
        ),
        index(
            "ix_notifications_of_mail",
            *("mail_id", "recipient_id"),
            serves="notifications of a message, and those that no job has taken on",
            postgresql_where=is_set("mail_frequency"),
        ),
    )

    @property
    def public_id(self) -> str:
        """The id as clients see it."""
        return ids.encode(self.prefix, self.id)


ids.register(Notification.prefix, Notification.__name__)


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "user_id"], ["users.organization_id", "users.id"]
    )


class NotificationPreference(Owned):
    """Frequency that a user has chosen for a kind and a channel, where it is not the default.

    No record: a personal setting, without a history.
    """

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[NotificationKind] = mapped_column(primary_key=True)
    channel: Mapped[NotificationChannel] = mapped_column(primary_key=True)
    frequency: Mapped[NotificationFrequency]
    __table_args__: Any = (
        _of_user(),
        check("in_app", "channel <> 'IN_APP' OR frequency IN ('OFF', 'INSTANT')"),
    )


class QuietHours(Owned):
    """Daily hours, in the time zone of the organization, in which a user gets no instant mail.

    No record, as the preferences. Hours that end before they start pass midnight.
    """

    __tablename__ = "quiet_hours"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    start_time: Mapped[time]
    end_time: Mapped[time]
    __table_args__: Any = (_of_user(), check("not_empty", "start_time <> end_time"))
