"""Enums of the schema, whose values carry their descriptions."""

from collections.abc import Mapping
from enum import StrEnum
from inspect import cleandoc
from typing import Any, Self

import strawberry


class DescribedEnum(StrEnum):
    """Base of enums of the schema, whose members are pairs of value and description.

    Each subclass is described by its docstring; `name` is its name in the schema, where that is not
    the class's name.

    Attributes:
        meaning: description of the value, one sentence.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Create a member from its pair; a look-up by value passes the value alone."""
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
    """Make an enum from data: for each member its value and its description."""
    make: Any = DescribedEnum
    closed_set = make(name, values)
    closed_set.__strawberry_definition__.description = description
    return closed_set
