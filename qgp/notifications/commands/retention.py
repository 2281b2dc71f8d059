"""Daily clean-up of notifications: ended delegations, and notifications that are old."""

from datetime import timedelta

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.work import Work
from qgp.notifications.commands.consumption import cancel_ended
from qgp.notifications.model import Notification

KEPT_ONCE_READ = timedelta(days=90)  # since it was read, or cancelled
KEPT = timedelta(days=365)  # since it was made, read or not


async def expire(work: Work) -> None:
    """Cancel those of delegates whose delegation has ended, and delete the old ones."""
    of_delegates = Notification.responsible_id.is_not(None), Notification.cancelled_at.is_(None)
    await cancel_ended(work, await work.rows(sa.select(Notification).where(*of_delegates)))
    once_read, oldest = clock.now() - KEPT_ONCE_READ, clock.now() - KEPT
    is_old = sa.or_(
        Notification.read_at < once_read,
        Notification.cancelled_at < once_read,
        Notification.created_at < oldest,
    )
    await work.session.execute(sa.delete(Notification).where(is_old))
