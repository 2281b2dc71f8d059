"""The one clock: everything that asks for the time asks here, so that a test can set it."""

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
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def fixed(at: datetime) -> Iterator[None]:
    """Hold the clock at an aware instant within the block and what it awaits."""
    token = _fixed.set(at)
    try:
        yield
    finally:
        _fixed.reset(token)


def print_instant(at: datetime) -> str:
    """Write an instant in UTC with `Z`; a fraction only where there is any, as PostgreSQL does."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if at.microsecond else text) + "Z"
