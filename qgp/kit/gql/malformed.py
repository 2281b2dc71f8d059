"""Malformed scalars: carried to a mutation's payload, refused everywhere else.

A scalar's parser does not know the path of its value. Within `collecting` it returns `Malformed`
for a value that it cannot read; the code that converts a command's input adds the path.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLError

from qgp.kit.errors import Invalid
from qgp.kit.names import to_camel

T = TypeVar("T")


@dataclass(frozen=True)
class Malformed:
    """A value that its scalar cannot read.

    Attributes:
        text: the value as it was sent, in Python's notation.
        error: without a path.
    """

    text: str
    error: Invalid


_collected: ContextVar[list[Malformed] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[list[Malformed]]:
    """Collect the `Malformed` values that scalars return in the block; it must not await."""
    collected: list[Malformed] = []
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)


def reader(parse: Callable[[object], T]) -> Callable[[object], T | Malformed]:
    """Return the `parse_value` of a scalar for a parser that raises `Invalid`."""

    def read(value: object) -> T | Malformed:
        try:
            return parse(value)
        except Invalid as error:
            if (collected := _collected.get()) is not None:
                collected.append(malformed := Malformed(repr(value), error))
                return malformed
            raise GraphQLError(error.message, extensions=dict(error.extensions)) from None

    return read


def errors_in(value: Any, *path: str) -> Iterator[Invalid]:
    """Yield an error for each malformed scalar in an input, at any depth.

    Args:
        value: an input object, a list, a variable's value, or a scalar.
        path: of the value in the input.
    """
    if isinstance(value, Malformed):
        yield value.error.at(*path)
    elif isinstance(value, strawberry.Some):
        yield from errors_in(value.value, *path)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from errors_in(item, *path, str(place))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from errors_in(item, *path, name)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from errors_in(getattr(value, part.name), *path, to_camel(part.name))
