"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.calendars.types import CalendarFeed

CalendarFeedRef = Annotated["CalendarFeed", strawberry.lazy("qgp.calendars.types")]
