"""Exact numbers in their one written form."""

from decimal import Decimal


def plain(number: Decimal) -> str:
    """Write a number without exponent and without zeros at its end: `0.5`, `100`."""
    return format(number.normalize(), "f") if number else "0"
