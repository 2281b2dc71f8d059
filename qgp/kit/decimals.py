"""Decimal numbers in their canonical text form."""

import re
from decimal import Decimal

# Regular expression of an input, and its description.
WRITTEN = (
    r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?",
    'a number as a text, for example "12.5": up to 12 digits, 6 after a point',
)


_WRITTEN = re.compile(WRITTEN[0])


def read(text: str) -> Decimal | None:
    """Parse a number of ASCII digits; None where the text has another form."""
    return Decimal(text) if _WRITTEN.fullmatch(text) else None


def plain(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros: `0.5`, `100`."""
    return format(number.normalize(), "f") if number else "0"
