"""Permission on one's own calendar feed."""

import sqlalchemy as sa

from qgp.calendars.model import CalendarFeed
from qgp.kit.policy import EVERYONE, Permission, Principal


def _own(caller: Principal) -> sa.ColumnElement[bool]:
    return CalendarFeed.user_id == caller.user_id


OWN = Permission("calendarFeed:own", EVERYONE, rows=dict.fromkeys(EVERYONE, _own))
