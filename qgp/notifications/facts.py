"""Conditions on notifications, for fields and commands."""

from typing import Any

import sqlalchemy as sa


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
