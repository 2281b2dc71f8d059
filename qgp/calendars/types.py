"""GraphQL type of calendar feeds."""

from datetime import datetime

from qgp.calendars import model
from qgp.kit.gql import column, record


@record(model.CalendarFeed)
class CalendarFeed:
    """Private iCalendar feed (RFC 5545) of a user, at an address that a calendar subscribes to.

    Its entries are the audits and due dates that concern the user: planned audits that they lead,
    perform or are an auditee of, and the due dates of open actions, findings, CAPAs, effectiveness
    reviews, concessions, clause assessments, evidence and audit programmes, from 90 days back to
    400 days ahead, as far as the user may read the records when the feed is read.
    """

    created_at: datetime = column(
        "Date and time at which the present address was created. The address itself is shown once, "
        "by `calendarFeedCreate`."
    )
    last_read_at: datetime | None = column(
        "Date and time at which a calendar last read the feed, to the minute; null if none has "
        "read it since the address was created."
    )
