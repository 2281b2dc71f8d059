"""Clock of the application: every module reads the time here, so that tests can set it."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("_fixed", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """Return the calendar day in an IANA time zone."""
    return day_of(now(), zone)


def day_of(at: datetime, zone: str) -> date:
    """Return the calendar day of an aware instant in an IANA time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last day where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@contextmanager
def fixed(at: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant, within the block and what it awaits."""
    token = _fixed.set(at)
    try:
        yield
    finally:
        _fixed.reset(token)


def print_instant(at: datetime) -> str:
    """Return an instant in UTC with `Z`, with a fraction only where it is not 0, as PostgreSQL."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if at.microsecond else text) + "Z"
