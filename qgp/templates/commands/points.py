"""Weights, scores and marks: numbers of up to six digits and three decimals."""

from decimal import Decimal

_BOUND = 10**6


def fits(number: Decimal) -> bool:
    """Whether a number has at most 6 digits before the point and 3 after it."""
    return number == round(number, 3) and abs(number) < _BOUND
