"""Mutations of the caller's notifications."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, require_at_most
from qgp.kit.gql import Payload, input_type, mutation, object_type
from qgp.kit.gql.live import sent
from qgp.notifications import model, policy
from qgp.notifications.commands import marking
from qgp.notifications.types import Notification

MOST = 100


@input_type
class NotificationsMarkReadInput:
    """Parameters for `notificationsMarkRead`: either `ids` or `all`."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="The notifications; at most 100."
    )
    all: bool | None = strawberry.field(
        default=UNSET, description="Whether all of your notifications are marked."
    )


@object_type
class NotificationsMarkReadPayload(Payload):
    """Payload of `notificationsMarkRead`."""

    marked_count: int | None = strawberry.field(
        description="Number of notifications that were unread before; null on refusal."
    )


@input_type
class NotificationSnoozeInput:
    """Parameters for `notificationSnooze`."""

    id: strawberry.ID = strawberry.field(description="The notification.")
    until: datetime = strawberry.field(description="Instant until which it is put off.")


@object_type
class NotificationSnoozePayload(Payload):
    """Payload of `notificationSnooze`."""

    notification: Notification | None = strawberry.field(
        description="The notification, unread again; null on refusal."
    )


async def _mark_read(context: Context, input: NotificationsMarkReadInput) -> dict[str, Any]:
    public_ids = sent(input.ids)
    if (public_ids is None) != (sent(input.all) is True):
        raise Invalid("Send either `ids`, or `all: true`.", "ids")
    chosen = None
    if public_ids is not None:
        message = f"`ids` has {len(public_ids)} items; {MOST} are allowed. Send fewer."
        require_at_most(MOST, len(public_ids), message, "ids")
        prefix = model.Notification.prefix
        chosen = [ids.decode(prefix, id, "ids", str(n)) for n, id in enumerate(public_ids)]
    async with context.unit_of_work("notificationsMarkRead") as work:
        return {"marked_count": await marking.mark_read(work, chosen)}


async def _snooze(context: Context, input: NotificationSnoozeInput) -> dict[str, Any]:
    id = ids.decode(model.Notification.prefix, input.id, "id")
    async with context.unit_of_work("notificationSnooze") as work:
        return {"notification": await marking.snooze(work, id, input.until)}


notifications_mark_read = mutation(
    _mark_read,
    input=NotificationsMarkReadInput,
    payload=NotificationsMarkReadPayload,
    description="Marks notifications of yours as read. One that is read stays as it is.",
    permission=policy.READ,
)
notification_snooze = mutation(
    _snooze,
    input=NotificationSnoozeInput,
    payload=NotificationSnoozePayload,
    description="Puts a notification of yours off to a later instant: it is unread, and is not "
    "counted until then.",
    permission=policy.READ,
)
