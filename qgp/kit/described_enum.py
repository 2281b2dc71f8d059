"""Closed sets whose values explain themselves."""

from collections.abc import Mapping
from enum import StrEnum
from inspect import cleandoc
from typing import Any, Self

import strawberry


class DescribedEnum(StrEnum):
    """A value that can explain itself to the reader of the schema.

    Each subclass is an enum of the schema, described by its docstring; `name` is what the schema
    calls it, where that is not the class's name.

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

    def __init_subclass__(cls, name: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        text = cleandoc(cls.__doc__ or "").replace("\n", " ")
        published: Any = strawberry.enum(cls, name=name, description=text)
        for value in published.__strawberry_definition__.values:
            value.description = cls(value.value).meaning


def described_enum(name: str, values: Mapping[str, tuple[str, str]], description: str) -> Any:
    """Make a closed set of data: for each member its value and its meaning."""
    make: Any = DescribedEnum
    closed_set = make(name, values)
    closed_set.__strawberry_definition__.description = description
    return closed_set
