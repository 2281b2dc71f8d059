"""Table of notifications."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.indexes import Serves, index
from qgp.kit.model import ANY_RECORD, Owned


class NotificationKind(DescribedEnum):
    """Reason of a notification."""

    ASSIGNED = "ASSIGNED", "A record was assigned to you."
    WAITING = "WAITING", "A record waits for you, see `myWork`: to verify, approve or decide."
    MENTIONED = "MENTIONED", "A comment mentions you."
    WATCHED_CHANGE = "WATCHED_CHANGE", "A record that you watch was changed."
    DUE_SOON = "DUE_SOON", "Work is due soon."
    DUE = "DUE", "Work is due today."
    OVERDUE = "OVERDUE", "Work is overdue."
    ESCALATED = "ESCALATED", "Work of another user is overdue, and was escalated to you."


class CancelReason(DescribedEnum):
    """Reason for which a notification is of no use any more."""

    REASSIGNED = "REASSIGNED", "The record was assigned to another user."
    DONE = "DONE", "The work was done, or does not wait for the recipient any more."
    DELETED = "DELETED", "The record was deleted."
    UNWATCHED = "UNWATCHED", "The recipient does not watch the record any more."
    RECIPIENT_LEFT = "RECIPIENT_LEFT", "The recipient may not sign in any more."


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
        field: field that names the recipient, of an assignment.
        work_kind: kind of work (`kit.pending_work`) that waits.
        cancelled_at: instant since which it is not shown any more.
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
    field: Mapped[str | None]
    work_kind: Mapped[str | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    snooze_ends_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None]
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
    )

    @property
    def public_id(self) -> str:
        """The id as clients see it."""
        return ids.encode(self.prefix, self.id)


ids.register(Notification.prefix, Notification.__name__)
