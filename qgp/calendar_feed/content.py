"""Content of a calendar feed: entries as an iCalendar object (RFC 5545, RFC 7986)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from qgp.kit.calendar_dates import CalendarDate, CalendarEntry, public_ids
from qgp.texts.catalogue import Texts, texts_for
from qgp.texts.pages import RECORD_PAGE

if TYPE_CHECKING:
    from icalendar import Event

REFRESH = timedelta(hours=1)
_PRODUCT = "-//Quality Governance Platform//Calendar feed//EN"


class Feed(NamedTuple):
    """Entries of a user's feed, in the order of their days.

    Attributes:
        organization: its name.
        locale: BCP 47 tag of its language.
        zone: its IANA time zone.
        app_url: address of the frontend, which entries link to; None if it is not set.
    """

    organization: str
    locale: str
    zone: str
    app_url: str | None
    entries: tuple[CalendarEntry, ...]


def icalendar_of(feed: Feed, dates: Sequence[CalendarDate]) -> bytes:
    """Return a feed as text; the same feed has the same text."""
    from icalendar import Calendar, vDuration  # noqa: PLC0415 - 80 modules that only feeds need

    texts = texts_for(feed.locale)
    name = texts.text("calendar.name", organization=feed.organization)
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
        id, (_, _, name) = public_id(entry), entry.kind.partition(".")
        event = _event(entry, texts, is_busy=entry.kind in busy)
        event.add("uid", f"{id}-{name}")  # whatever the server's name is at the moment
        if feed.app_url is not None:
            event.add("url", f"{feed.app_url}{RECORD_PAGE}/{id}")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _event(entry: CalendarEntry, texts: Texts, *, is_busy: bool) -> "Event":
    """Return an all-day event; its stamp is the record's last change (RFC 5545, 3.8.7.2)."""
    from icalendar import Event  # noqa: PLC0415 - as above

    kind, _, _ = entry.kind.partition(".")
    event = Event()
    event.add("summary", f"{texts.text(f'dates_of.{entry.kind}')}: {entry.reference} {entry.title}")
    event.add("dtstart", entry.first)
    event.add("dtend", entry.last + timedelta(days=1))
    event.add("dtstamp", entry.updated_at)
    event.add("created", entry.created_at)
    event.add("last-modified", entry.updated_at)
    event.add("sequence", entry.version)
    event.add("categories", [texts.text(f"records.{kind}")])
    event.add("transp", "OPAQUE" if is_busy else "TRANSPARENT")
    return event
