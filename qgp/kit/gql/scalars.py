"""Scalars that refuse what would be lost or misread on the way to the database."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType
from urllib.parse import urlsplit

from graphql import GraphQLError
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

from qgp.kit import clock, decimals
from qgp.kit.decimals import plain

URL = NewType("URL", str)
LONGEST_URL = 2000
print_instant = clock.print_instant

_YEARS = range(1900, 2201)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ADDRESS = re.compile(r"(?i:https?)://[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+")


def _refused(kind: str, example: str) -> GraphQLError:
    return _unfit(f"Expected a {kind} between 1900 and 2200, for example {example}.")


def _unfit(message: str) -> GraphQLError:
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


def parse_day(text: object) -> date:
    """Read a calendar day, `YYYY-MM-DD`."""
    refused = _refused("calendar day", "2026-03-01")
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise refused
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refused from None
    if day.year not in _YEARS:
        raise refused
    return day


def parse_decimal(text: object) -> Decimal:
    """Read an exact number: digits and a point in a text, no exponent."""
    number = decimals.read(text) if isinstance(text, str) else None
    if number is None:
        raise _unfit(f"Expected {decimals.WRITTEN[1]}.")
    return Decimal(plain(number))


def parse_url(text: object) -> URL:
    """Read an address that a browser may open: http or https, a host, nobody's password."""
    refused = _unfit(
        f"Expected an http or https address of at most {LONGEST_URL} characters, "
        "for example https://www.iso.org/standard/62085.html."
    )
    if not isinstance(text, str) or len(text) > LONGEST_URL or not _ADDRESS.fullmatch(text):
        raise refused
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        raise refused from None
    if not is_whole:
        raise refused
    return URL(text)


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
    Decimal: scalar(
        name="Decimal",
        description="An exact number as a text, such as `12.5`: up to 12 digits before the point "
        "and 6 after it, no exponent, and no zeros at its end when it is answered.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        parse_value=parse_decimal,
        serialize=plain,
    ),
    URL: scalar(
        name="URL",
        description="A web address: http or https, at most 2000 characters, no password in it.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
        parse_value=parse_url,
        serialize=str,
    ),
}
