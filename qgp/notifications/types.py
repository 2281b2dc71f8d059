"""GraphQL type of notifications."""

from datetime import date, datetime
from typing import Any

import strawberry

from qgp.kit.gql import (
    FILTER,
    LISTED,
    Node,
    belongs_to,
    column,
    computed,
    expression,
    object_type,
    public_id,
    record,
)
from qgp.kit.gql.fields import Info
from qgp.kit.visibility import NODES
from qgp.notifications import model
from qgp.notifications.facts import is_read, is_snoozed
from qgp.notifications.model import (
    NotificationChannel,
    NotificationFrequency,
    NotificationKind,
)
from qgp.notifications.policy import READ
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


async def _record(root: Any, info: Info) -> Any:
    return await info.context.load(NODES[root.subject_type], root.subject_id)


@record(model.Notification)
class Notification:
    """Message to you about a record that you may read.

    It disappears, read or not, once its reason goes away: the record was assigned to another user,
    the work is done or due on another day, you do not represent its user any more, the comment or
    the record was deleted. A later reminder of a due date replaces the earlier one. A notification
    is kept for 90 days after you have read it, and for 365 days at most.
    """

    id: strawberry.ID = public_id("Public id of the notification.")
    kind: NotificationKind = column("Reason of the notification.", FILTER)
    event: str = computed(
        lambda root: root.event_name,
        "Name of the event that caused it: type of the record and verb, such as finding.assigned.",
    )
    record: Node | None = computed(
        _record, "Record that it is about; null if it is hidden from you now."
    )
    field: str | None = column(
        "Field of the record, or of its part: of an ASSIGNED the one that names you, such as "
        "owner; of a reminder the one with the due date, such as dueOn. Null otherwise."
    )
    work_kind: str | None = column(
        "Kind of work that waits, a value of `WorkKind`: of a WAITING, and of a reminder of work "
        "that waits for everyone of your role. Null otherwise."
    )
    due_on: date | None = column(
        "Due date when it was made; null unless DUE_SOON, DUE, OVERDUE or ESCALATED."
    )
    actor: UserRef | None = belongs_to(
        user_by_id, "User whose change caused it; null for the system.", FILTER
    )
    responsible: UserRef | None = belongs_to(
        user_by_id,
        "User whose work it is, if it is not yours: the absent user whom you represent by a "
        "`Delegation`; of an ESCALATED the user who is late, null for work of a role.",
        FILTER,
    )
    created_at: datetime = column("Instant at which it was made.", LISTED)
    read_at: datetime | None = column("Instant at which you marked it as read; null before.")
    is_read: bool = expression(
        READ,
        is_read,
        "Whether you marked it as read (`notificationsMarkRead`).",
        of_row=lambda row: row.read_at is not None,
    )
    snooze_ends_at: datetime | None = column(
        "Instant until which you put it off (`notificationSnooze`); null if you did not."
    )
    is_snoozed: bool = expression(
        READ, is_snoozed, "Whether it is put off to a later instant; it is not counted until then."
    )


@object_type
class AddedNotification:
    """New notification of yours."""

    cursor: str = strawberry.field(
        description="Opaque cursor of the notification, for `after` of `notificationAdded`."
    )
    notification: Notification = strawberry.field(description="The notification.")


@object_type
class NotificationPreference:
    """Frequency of your notifications of a kind by a channel."""

    kind: NotificationKind = strawberry.field(description="Kind of notification.")
    channel: NotificationChannel = strawberry.field(description="Channel.")
    frequency: NotificationFrequency = strawberry.field(
        description="Frequency that you have chosen, else the default."
    )
    default_frequency: NotificationFrequency = strawberry.field(
        description="Frequency without a choice of yours."
    )
    is_default: bool = strawberry.field(description="Whether the frequency is the default.")


@object_type
class QuietHours:
    """Hours of each day in which you get no mail at once: it is sent when they end.

    Digests are sent in them too.
    """

    start_time: str = computed(
        lambda root: f"{root.start_time:%H:%M}", "Time of day at which they start, as HH:MM."
    )
    end_time: str = computed(
        lambda root: f"{root.end_time:%H:%M}",
        "Time of day at which they end, as HH:MM; on the next day, if it is earlier than "
        "`startTime`.",
    )
