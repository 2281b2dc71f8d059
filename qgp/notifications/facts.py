"""Conditions on notifications and on their events, for fields and commands."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.outbox import OutboxEvent
from qgp.notifications.model import Notification

RECIPIENT = "recipientId"  # in the data of the event of a notification


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
