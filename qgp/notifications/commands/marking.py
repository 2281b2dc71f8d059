"""Commands on one's own notifications: mark them as read, and put one off."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import NotFound, OutOfRange, between
from qgp.kit.work import Work
from qgp.notifications.model import Notification
from qgp.notifications.policy import READ


async def mark_read(work: Work, ids: Collection[UUID] | None) -> int:
    """Mark the caller's notifications as read; return the number of those that were unread.

    Args:
        ids: of the notifications; None for all. What is read stays as it is.

    Raises:
        NotFound: one of the ids is of no notification of the caller.
    """
    seen = READ.visible(work.caller)
    if ids is not None:
        of_caller = sa.select(Notification.id).where(Notification.id.in_(ids), *seen)
        known_ids = {*await work.rows(of_caller)}
        for place, id in enumerate(ids):
            if id not in known_ids:
                message = "No Notification with this id is visible to you."
                raise NotFound(message, "ids", str(place))
    is_sought = [] if ids is None else [Notification.id.in_(ids)]
    statement = sa.select(Notification).where(Notification.read_at.is_(None), *is_sought, *seen)
    rows = await work.rows(statement.with_for_update(of=Notification))
    for row in rows:
        row.read_at = clock.now()
    return len(rows)


async def snooze(work: Work, id: UUID, until: datetime) -> Notification:
    """Put a notification off: until then it counts neither as unread nor in the list by default.

    Raises:
        NotFound: it is no notification of the caller.
        OutOfRange: the instant has passed.
    """
    if until <= (now := clock.now()):
        message = "`until` has passed. Send a later instant."
        raise OutOfRange(message, "until", constraint=between(now, None))
    is_own = Notification.id == id, *READ.visible(work.caller)
    statement = sa.select(Notification).where(*is_own).with_for_update(of=Notification)
    row: Notification | None = await work.session.scalar(statement)
    if row is None:
        raise NotFound("No Notification with this id is visible to you.", "id")
    row.snooze_ends_at, row.read_at = until, None
    return row
