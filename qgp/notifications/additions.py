"""Fields of the viewer: the number of unread notifications, the preferences and quiet hours."""

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from qgp.kit.access import Access
from qgp.kit.gql import Info, adds_to, computed
from qgp.kit.policy import Principal
from qgp.kit.sql_statement import SqlStatement, compile_statement
from qgp.notifications.facts import (
    Preference,
    counts_as_unread,
    frequencies_of,
    quiet_hours_of,
)
from qgp.notifications.model import DEFAULTS, Notification, QuietHours
from qgp.notifications.policy import READ
from qgp.notifications.refs import NotificationPreferenceRef, QuietHoursRef


# Compiled once for callers of equal access: each page of a frontend asks for it.
@lru_cache(256)
def _count(access: Access) -> SqlStatement:
    is_counted = counts_as_unread(Notification), *READ.visible(access.caller)
    number = sa.select(sa.func.count()).select_from(Notification).where(*is_counted)
    return compile_statement(number)


async def _unread(root: Principal, info: Info) -> int:
    rows = await info.context.compiled(_count(Access.of(root)), {})
    return int(rows[0][0])


async def _preferences(root: Principal, info: Info) -> Sequence[Preference]:
    frequencies = await frequencies_of(info.context, [root.user_id])
    return frequencies.preferences(root.user_id)


async def _quiet_hours(root: Principal, info: Info) -> QuietHours | None:
    return await quiet_hours_of(info.context, root.user_id)


@adds_to("Viewer")
class Reader:
    """The viewer's unread notifications, preferences and quiet hours."""

    unread_notification_count: int = computed(
        _unread, "Number of your notifications that are neither read nor snoozed."
    )
    notification_preferences: list[NotificationPreferenceRef] = computed(
        _preferences,
        "Frequencies of your notifications: every kind with every channel, "
        "`notificationPreferencesUpdate` changes them.",
        most=len(DEFAULTS),
    )
    quiet_hours: QuietHoursRef | None = computed(
        _quiet_hours,
        "Hours in which you get no mail at once, in the time zone of the organization; null "
        "without any.",
    )
