"""Number of unread notifications, as a field of the viewer."""

from functools import lru_cache

import sqlalchemy as sa

from qgp.kit.access import Access
from qgp.kit.gql import Info, adds_to, computed
from qgp.kit.policy import Principal
from qgp.kit.sql_statement import SqlStatement, compile_statement
from qgp.notifications.facts import counts_as_unread
from qgp.notifications.model import Notification
from qgp.notifications.policy import READ


# Compiled once for callers of equal access: each page of a frontend asks for it.
@lru_cache(256)
def _count(access: Access) -> SqlStatement:
    is_counted = counts_as_unread(Notification), *READ.visible(access.caller)
    number = sa.select(sa.func.count()).select_from(Notification).where(*is_counted)
    return compile_statement(number)


async def _unread(root: Principal, info: Info) -> int:
    rows = await info.context.compiled(_count(Access.of(root)), {})
    return int(rows[0][0])


@adds_to("Viewer")
class Reader:
    """The number of the viewer's unread notifications."""

    unread_notification_count: int = computed(
        _unread, "Number of your notifications that are neither read nor snoozed."
    )
