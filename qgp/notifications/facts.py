"""Conditions on notifications and on their events, for fields and commands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from qgp.kit.loader import Reads
from qgp.kit.outbox import OutboxEvent
from qgp.notifications.model import (
    DEFAULTS,
    Notification,
    NotificationChannel,
    NotificationFrequency,
    NotificationKind,
    NotificationPreference,
    QuietHours,
)

RECIPIENT = "recipientId"  # in the data of the event of a notification
DIGEST = "DIGEST"  # name of the digests in addresses to unsubscribe, beside those of the kinds


def is_event_for(event: OutboxEvent, user_id: UUID) -> bool:
    """Whether an event is that of a new notification of a user."""
    is_notification = event.entity == Notification.__tablename__
    return is_notification and event.data[RECIPIENT] == str(user_id)


def is_read(row: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a notification was read."""
    condition: sa.ColumnElement[bool] = row.read_at.is_not(None)
    return condition


def is_snoozed(row: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a notification is put off to a later instant."""
    return sa.func.coalesce(row.snooze_ends_at > sa.func.now(), sa.false(), type_=sa.Boolean)


def counts_as_unread(row: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a notification asks for attention now."""
    return sa.and_(row.read_at.is_(None), sa.not_(is_snoozed(row)))


class Preference(NamedTuple):
    """Frequency of a user's notifications of a kind by a channel."""

    kind: NotificationKind
    channel: NotificationChannel
    frequency: NotificationFrequency
    default_frequency: NotificationFrequency

    @property
    def is_default(self) -> bool:
        """Whether the frequency is the default."""
        return self.frequency is self.default_frequency


@dataclass(frozen=True)
class Frequencies:
    """Frequencies of users: those that they have chosen, else the defaults.

    Attributes:
        chosen: by user, kind and channel.
    """

    chosen: Mapping[tuple[UUID, NotificationKind, NotificationChannel], NotificationFrequency]

    def of(
        self, user_id: UUID, kind: NotificationKind, channel: NotificationChannel
    ) -> NotificationFrequency:
        """Return the frequency of a user's notifications of a kind by a channel."""
        return self.chosen.get((user_id, kind, channel), DEFAULTS[kind, channel])

    def preferences(self, user_id: UUID) -> Sequence[Preference]:
        """Return the preferences of a user: every kind with every channel."""
        return [
            Preference(*key, self.of(user_id, *key), default) for key, default in DEFAULTS.items()
        ]


async def frequencies_of(reads: Reads, user_ids: Collection[UUID]) -> Frequencies:
    """Return the frequencies of some users, in one statement."""
    row = NotificationPreference
    columns: tuple[Any, ...] = (row.user_id, row.kind, row.channel, row.frequency)
    statement = sa.select(*columns)
    rows = await reads.tuples(statement.where(row.user_id.in_(user_ids)))
    return Frequencies({(user, kind, channel): chosen for user, kind, channel, chosen in rows})


async def quiet_hours_of(reads: Reads, user_id: UUID) -> QuietHours | None:
    """Return the quiet hours of a user; None without any."""
    rows = await reads.rows(sa.select(QuietHours).where(QuietHours.user_id == user_id))
    return rows[0] if rows else None


def end_of_quiet_hours(hours: QuietHours, at: datetime, zone: str) -> datetime | None:
    """Return the instant, in UTC, at which the quiet hours around an instant end.

    Args:
        hours: on every day.
        at: aware.
        zone: IANA time zone of the hours.

    Returns:
        None where the instant is outside the quiet hours.
    """
    local = at.astimezone(ZoneInfo(zone))
    passes_midnight = hours.end_time < hours.start_time
    has_started = hours.start_time <= local.time()
    has_not_ended = local.time() < hours.end_time
    is_quiet = has_started or has_not_ended if passes_midnight else has_started and has_not_ended
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if passes_midnight and has_started else 0)
    return datetime.combine(day, hours.end_time, local.tzinfo).astimezone(UTC)
