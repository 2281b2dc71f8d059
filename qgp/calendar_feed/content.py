"""Content of a calendar feed: entries as an iCalendar object (RFC 5545, RFC 7986)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, vDuration

from qgp.calendar_feed.texts import CALENDAR_NAME, ENTRIES
from qgp.kit.calendar_dates import CalendarDate, CalendarEntry, public_ids

REFRESH = timedelta(hours=1)
_PRODUCT = "-//Quality Governance Platform//Calendar feed//EN"


class Feed(NamedTuple):
    """Entries of a user's feed, in the order of their days.

    Attributes:
        organization: its name.
        zone: its IANA time zone.
        host: of the server; part of the ids of the entries.
    """

    organization: str
    zone: str
    host: str
    entries: tuple[CalendarEntry, ...]


def icalendar_of(feed: Feed, dates: Sequence[CalendarDate]) -> bytes:
    """Return a feed as text; the same feed has the same text."""
    name = CALENDAR_NAME.format(organization=feed.organization)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", feed.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    public_id, busy = public_ids(dates), {each.kind for each in dates if each.is_busy}
    for entry in feed.entries:
        uid = f"{public_id(entry)}-{entry.kind.partition('.')[2]}@{feed.host}"
        calendar.add_component(_event(entry, uid, is_busy=entry.kind in busy))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: CalendarEntry, uid: str, *, is_busy: bool) -> Event:
    """Return an all-day event; its stamp is the record's last change (RFC 5545, 3.8.7.2)."""
    text = ENTRIES[entry.kind]
    event = Event()
    event.add("uid", uid)
    event.add("summary", f"{text.label}: {entry.reference} {entry.title}")
    event.add("dtstart", entry.first)
    event.add("dtend", entry.last + timedelta(days=1))
    event.add("dtstamp", entry.updated_at)
    event.add("created", entry.created_at)
    event.add("last-modified", entry.updated_at)
    event.add("sequence", entry.version)
    event.add("categories", [text.category])
    event.add("transp", "OPAQUE" if is_busy else "TRANSPARENT")
    return event
