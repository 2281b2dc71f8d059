"""Closed sets whose values explain themselves."""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A value that can explain itself to the reader of the schema.

    Attributes:
        meaning: one sentence that says when the value holds.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Take the pair of a member's line; looking a value up passes the value alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
