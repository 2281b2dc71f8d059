"""Closed sets as GraphQL enums, every value explained."""

from typing import Any, TypeVar

import strawberry

from qgp.kit.terms import Term

T = TypeVar("T", bound=Term)


def described(kind: type[T], description: str, name: str | None = None) -> type[T]:
    """Publish a closed set; each value is described by its meaning."""
    made: Any = strawberry.enum(kind, name=name, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = kind(value.value).meaning
    return kind
