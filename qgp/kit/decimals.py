"""Exact numbers in their one written form."""

import re
from decimal import Decimal

# How one is written when it comes in, and the words that tell it.
WRITTEN = (
    r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?",
    'a number as a text, for example "12.5": up to 12 digits, 6 after a point',
)


_WRITTEN = re.compile(WRITTEN[0])


def read(text: str) -> Decimal | None:
    """Read a number in its written form, of ASCII digits; None where it has another."""
    return Decimal(text) if _WRITTEN.fullmatch(text) else None


def plain(number: Decimal) -> str:
    """Write a number without exponent and without zeros at its end: `0.5`, `100`."""
    return format(number.normalize(), "f") if number else "0"


def fits(number: Decimal, *, whole: int, places: int) -> bool:
    """Say whether a number has at most so many digits before and after the point."""
    is_short = number == round(number, places)
    return is_short and abs(number) < 10**whole
