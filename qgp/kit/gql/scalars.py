"""Custom scalars: DateTime, Date, Decimal and URL, with their parsers and serializers."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType

import ada_url
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

from qgp.kit import clock, decimals
from qgp.kit.decimals import plain
from qgp.kit.errors import InvalidFormat, OutOfRange, TooLong, between, max_length, written_as
from qgp.kit.gql.malformed import reader

URL = NewType("URL", str)
LONGEST_URL = 2000
print_instant = clock.print_instant

_YEARS = range(1900, 2201)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_instant(text: object) -> datetime:
    """Parse an RFC 3339 date and time; the offset is required, the result is in UTC.

    Raises:
        InvalidFormat: the text is no such instant.
        OutOfRange: its year is not between 1900 and 2200.
    """
    refused = InvalidFormat(
        "Expected a date and time with offset, for example 2026-03-01T09:30:00Z.",
        constraint=written_as("date-time"),
    )
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise refused
    day, time, fraction, offset = match.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{time}{fraction or ''}{offset.upper()}")
    except ValueError:
        raise refused from None
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise _year_out_of_range() from None
    if at.year not in _YEARS:
        raise _year_out_of_range()
    return at


def parse_day(text: object) -> date:
    """Parse a calendar day, `YYYY-MM-DD`.

    Raises:
        InvalidFormat: the text is no day.
        OutOfRange: its year is not between 1900 and 2200.
    """
    refused = InvalidFormat(
        "Expected a calendar day, for example 2026-03-01.", constraint=written_as("date")
    )
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise refused
    if int(text[:4]) not in _YEARS:
        raise _year_out_of_range()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refused from None


def _year_out_of_range() -> OutOfRange:
    first, last = _YEARS[0], _YEARS[-1]
    return OutOfRange(
        f"The year must be between {first} and {last}. Choose another date.",
        constraint=between(f"{first}-01-01", f"{last}-12-31"),
    )


def parse_decimal(text: object) -> Decimal:
    """Parse a decimal number: digits and a point in a text, no exponent.

    Raises:
        InvalidFormat: the text is no number, or has too many digits.
    """
    number = decimals.read(text) if isinstance(text, str) else None
    if number is None:
        pattern, words = decimals.WRITTEN
        raise InvalidFormat(f"Expected {words}.", constraint=written_as(pattern=pattern))
    return Decimal(plain(number))


def parse_url(text: object) -> URL:
    """Parse a web address and return its normalized form (WHATWG URL).

    Blanks at its ends are removed, characters percent-encoded, and the host becomes A-labels.

    Raises:
        InvalidFormat: it is no http or https address, or has a user name or password.
        TooLong: it has more than 2000 characters, as written or as encoded.
    """
    if not isinstance(text, str):
        raise _not_an_address("Expected a web address")
    if len(text) > LONGEST_URL:
        raise _too_long(len(text))
    try:
        url = ada_url.URL(text)
    except ValueError:
        raise _not_an_address("This is no complete web address") from None
    if url.protocol not in ("http:", "https:"):
        raise _not_an_address("The address must begin with http:// or https://")
    if url.username or url.password:
        raise _not_an_address("Remove the user name and the password from the address")
    if url.port == "0":
        raise _not_an_address("The port 0 cannot be opened")
    if len(url.href) > LONGEST_URL:
        raise _too_long(len(url.href))
    return URL(url.href)


def _not_an_address(problem: str) -> InvalidFormat:
    example = "for example https://www.iso.org/standard/62085.html"
    return InvalidFormat(f"{problem}, {example}.", constraint=written_as("uri"))


def _too_long(length: int) -> TooLong:
    return TooLong(
        f"An address has at most {LONGEST_URL} characters, percent-encoded; this has {length}. "
        "Use a shorter one.",
        constraint=max_length(LONGEST_URL),
    )


SCALARS: dict[object, ScalarDefinition] = {
    datetime: scalar(
        name="DateTime",
        description="Date and time: RFC 3339 with an offset, returned in UTC. Years 1900 to 2200.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        parse_value=reader(parse_instant),
        serialize=print_instant,
    ),
    date: scalar(
        name="Date",
        description="Calendar day without time and time zone, `YYYY-MM-DD`. Years 1900 to 2200.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        parse_value=reader(parse_day),
        serialize=date.isoformat,
    ),
    Decimal: scalar(
        name="Decimal",
        description="Decimal number as a string, such as `12.5`: up to 12 digits before the point "
        "and 6 after it, no exponent; returned without trailing zeros.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        parse_value=reader(parse_decimal),
        serialize=plain,
    ),
    URL: scalar(
        name="URL",
        description="Web address: http or https, without user name and password. Normalized: "
        "percent-encoded, the host in A-labels; at most 2000 characters in that form.",
        specified_by_url="https://url.spec.whatwg.org/",
        parse_value=reader(parse_url),
        serialize=str,
    ),
}
