"""Working days counted from today, so that the history always ends yesterday."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
_WEEK = 5
_OPENS, _HOURS = time(8), 9


@dataclass(frozen=True)
class Calendar:
    """Working day 0 is today, or the Friday before; -1 is the one before, 1 the next.

    Scenarios use these numbers alone, so that they are the same on every day.
    """

    today: date

    def day(self, number: float) -> date:
        """Return the date of a working day; a fraction is cut off."""
        weekday = min(self.today.weekday(), _WEEK - 1)
        monday = self.today - timedelta(self.today.weekday())
        weeks, day = divmod(weekday + math.floor(number), _WEEK)
        return monday + timedelta(7 * weeks + day)

    def instant(self, moment: float) -> datetime:
        """Return the instant of a moment: its fraction runs from eight in the morning to five."""
        opened = datetime.combine(self.day(moment), _OPENS, ZoneInfo(ZONE))
        return (opened + timedelta(hours=_HOURS * (moment - math.floor(moment)))).astimezone(UTC)
