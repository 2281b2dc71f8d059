"""Loader of the caller's calendar feed."""

from typing import Any

from qgp.calendars.model import CalendarFeed
from qgp.calendars.policy import OWN
from qgp.kit.loader import One

calendar_feed_of_user = One[Any](CalendarFeed, OWN, CalendarFeed.user_id)
