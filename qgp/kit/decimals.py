"""Exact numbers in their one written form."""

from decimal import Decimal


def plain(number: Decimal) -> str:
    """Write a number without exponent and without zeros at its end: `0.5`, `100`."""
    return format(number.normalize(), "f") if number else "0"


def fits(number: Decimal, *, whole: int, places: int) -> bool:
    """Say whether a number has at most so many digits before and after the point."""
    is_short = number == round(number, places)
    return is_short and abs(number) < 10**whole
