"""Closed sets as GraphQL enums, every value explained."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=Enum)


def described(
    kind: type[E], description: str, meanings: Mapping[E, str], name: str | None = None
) -> type[E]:
    """Publish a closed set with a sentence for each of its values."""
    made: Any = strawberry.enum(kind, name=name, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = meanings[kind(value.value)]
    return kind
