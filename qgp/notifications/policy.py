"""Permission on notifications: one's own, about records that one may read at that moment."""

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, Permission, Principal
from qgp.kit.subjects import is_readable
from qgp.kit.visibility import NODES
from qgp.notifications.model import Notification


def _own(caller: Principal) -> sa.ColumnElement[bool]:
    # A part is shown by the READ of its owner, so that no notification is about a part.
    loaders = [loader for _, loader in sorted(NODES.items()) if loader.model.part_of is None]
    columns = Notification.subject_type, Notification.subject_id
    return sa.and_(
        Notification.recipient_id == caller.user_id,
        Notification.cancelled_at.is_(None),
        Notification.is_in_app,
        is_readable(*columns, loaders, caller),
    )


READ = Permission("notification:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _own))
OWN_PREFERENCES = Permission("notificationPreference:own", EVERYONE)
