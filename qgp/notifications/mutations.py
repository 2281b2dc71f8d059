"""Mutations of the caller's notifications and preferences."""

import re
from datetime import datetime, time
from typing import Any

import strawberry
from strawberry import UNSET

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, InvalidFormat, require_at_most, written_as
from qgp.kit.gql import Payload, column, input_type, mutation, object_type
from qgp.kit.gql.live import sent
from qgp.notifications import model, policy
from qgp.notifications.commands import marking
from qgp.notifications.commands import preferences as commands
from qgp.notifications.facts import frequencies_of, quiet_hours_of
from qgp.notifications.model import (
    DEFAULTS,
    NotificationChannel,
    NotificationFrequency,
    NotificationKind,
)
from qgp.notifications.types import (
    Notification,
    NotificationPreference,
    QuietHours,
)

MOST = 100
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"


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


@input_type
class NotificationPreferenceInput:
    """Frequency that you choose for a kind of notification and a channel."""

    kind: NotificationKind = strawberry.field(description="Kind of notification.")
    channel: NotificationChannel = strawberry.field(description="Channel.")
    frequency: NotificationFrequency | None = strawberry.field(
        default=UNSET,
        description="Frequency, of IN_APP either OFF or INSTANT; null, or absent, for the default.",
    )


@input_type
class QuietHoursInput:
    """Hours of each day in which you get no mail at once, in the time zone of the organization."""

    start_time: str = strawberry.field(description="Time of day as HH:MM, such as 22:00.")
    end_time: str = strawberry.field(
        description="Time of day as HH:MM, other than `startTime`; on the next day, if it is "
        "earlier."
    )


@input_type
class NotificationPreferencesUpdateInput:
    """Parameters for `notificationPreferencesUpdate`."""

    preferences: list[NotificationPreferenceInput] | None = strawberry.field(
        default=UNSET,
        description=f"Frequencies to change; at most {len(DEFAULTS)}. Others stay as they are.",
    )
    quiet_hours: QuietHoursInput | None = strawberry.field(
        default=UNSET, description="Your quiet hours; null for none. Absent, they stay."
    )


@object_type
class NotificationPreferencesUpdatePayload(Payload):
    """Payload of `notificationPreferencesUpdate`."""

    notification_preferences: list[NotificationPreference] | None = column(
        "All of your preferences; null on refusal.", most=len(DEFAULTS)
    )
    quiet_hours: QuietHours | None = column("Your quiet hours; null without any, and on refusal.")


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


async def _update_preferences(
    context: Context, input: NotificationPreferencesUpdateInput
) -> dict[str, Any]:
    chosen, user_id = sent(input.preferences) or [], context.caller.user_id
    message = f"`preferences` has {len(chosen)} items; {len(DEFAULTS)} are allowed. Send fewer."
    require_at_most(len(DEFAULTS), len(chosen), message, "preferences")
    choices = [commands.Choice(one.kind, one.channel, sent(one.frequency)) for one in chosen]
    async with context.unit_of_work("notificationPreferencesUpdate") as work:
        await commands.choose(work, user_id, choices)
        if input.quiet_hours is None:
            await commands.remove_quiet_hours(work)
        elif input.quiet_hours is not UNSET:
            start = _time(input.quiet_hours.start_time, "startTime")
            end = _time(input.quiet_hours.end_time, "endTime")
            await commands.set_quiet_hours(work, start, end)
        frequencies = await frequencies_of(work, [user_id])
        return {
            "notification_preferences": frequencies.preferences(user_id),
            "quiet_hours": await quiet_hours_of(work, user_id),
        }


def _time(text: str, field: str) -> time:
    """Parse a time of day; raise InvalidFormat where it is none."""
    if re.fullmatch(_TIME, text, re.ASCII) is None:
        message = f"`{field}` is no time of day. Send HH:MM, from 00:00 to 23:59."
        rule = written_as(pattern=_TIME)
        raise InvalidFormat(message, "quietHours", field, constraint=rule)
    return time.fromisoformat(text)


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
notification_preferences_update = mutation(
    _update_preferences,
    input=NotificationPreferencesUpdateInput,
    payload=NotificationPreferencesUpdatePayload,
    description="Changes your preferences of notifications and your quiet hours. A frequency "
    "counts for notifications that are made afterwards; OFF of MAIL also for those whose mail was "
    "not sent yet.",
    permission=policy.OWN_PREFERENCES,
)
