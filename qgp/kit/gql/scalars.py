"""Scalars that refuse what would be lost or misread on the way to the database."""

import re
from datetime import UTC, date, datetime

from graphql import GraphQLError
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

_YEARS = range(1900, 2201)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)


def _refused(kind: str, example: str) -> GraphQLError:
    message = f"Expected a {kind} between 1900 and 2200, for example {example}."
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def parse_instant(text: object) -> datetime:
    """Read an RFC 3339 instant; the offset is required, the result is in UTC."""
    refused = _refused("date and time with offset", "2026-03-01T09:30:00Z")
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise refused
    day, time, fraction, offset = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{time}{fraction or ''}{offset.upper()}")
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused from None
    if at.year not in _YEARS:
        raise refused
    return at


def print_instant(at: datetime) -> str:
    """Write an instant in UTC with `Z`; microseconds only where there are any."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_day(text: object) -> date:
    """Read a calendar day, `YYYY-MM-DD`."""
    refused = _refused("calendar day", "2026-03-01")
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise refused
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refused from None
    if day.year not in _YEARS:
        raise refused
    return day


SCALARS: dict[object, ScalarDefinition] = {
    datetime: scalar(
        name="DateTime",
        description="An instant: RFC 3339 with an offset, answered in UTC. Years 1900 to 2200.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        parse_value=parse_instant,
        serialize=print_instant,
    ),
    date: scalar(
        name="Date",
        description="A calendar day without time and zone, `YYYY-MM-DD`. Years 1900 to 2200.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        parse_value=parse_day,
        serialize=date.isoformat,
    ),
}
