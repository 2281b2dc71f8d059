"""Statements about watches for fields and other modules."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.outbox import EventVerb, OutboxEvent
from qgp.kit.policy import Principal
from qgp.watches.model import Watch

RECORD = "recordId"  # in the data of the internal event of a watch that ended


def is_watched(row: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller watches a record."""
    watched = sa.select(Watch.subject_id).where(Watch.user_id == caller.user_id)
    condition: sa.ColumnElement[bool] = row.id.in_(watched.correlate(None))
    return condition


def watches_unfiltered(subject_ids: Collection[UUID]) -> sa.Select[Any]:
    """Select the watches of some records, of users who may read them or not, oldest first."""
    return sa.select(Watch).where(Watch.subject_id.in_(subject_ids)).order_by(Watch.id)


def unwatched(event: OutboxEvent) -> UUID | None:
    """Return the record of a watch that ended; None for any other event."""
    if event.entity != Watch.__tablename__ or event.name.partition(".")[2] != EventVerb.DELETED:
        return None
    return UUID(event.data[RECORD])
