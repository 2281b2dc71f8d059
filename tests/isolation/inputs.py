"""Inputs made from the schema: everywhere that an id or a text can go."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    is_required_input_field,
)
from graphql.type import get_nullable_type

HERE = "<here>"


def places(kind: Any, scalar: str, *, inside: bool = False) -> Iterator[Any]:
    """Yield a value of an input type for each place where a scalar can stand, `HERE` in it.

    Args:
        inside: whether a filter led here. Another filter shows one place then: some root takes
            it whole, and filters lead to each other without an end.
    """
    nullable = get_nullable_type(kind)
    if isinstance(nullable, GraphQLList):
        yield from ([value] for value in places(nullable.of_type, scalar, inside=inside))
    elif isinstance(nullable, GraphQLInputObjectType):
        is_filter = "and" in nullable.fields
        fields = _fields_of_input(nullable, scalar, inside=inside or is_filter)
        yield from islice(fields, 1 if inside and is_filter else None)
    elif nullable.name == scalar:
        yield HERE


def _fields_of_input(kind: GraphQLInputObjectType, scalar: str, *, inside: bool) -> Iterator[Any]:
    """Yield the places of an input, those of the row itself before those of related rows."""
    fields = [(name, field, get_named_type(field.type)) for name, field in kind.fields.items()]
    for name, field, below in sorted(
        fields, key=lambda each: "and" in getattr(each[2], "fields", ())
    ):
        if below is not kind:  # `and`, `or`, `not` lead back here
            yield from ({name: value} for value in places(field.type, scalar, inside=inside))


def path(place: Any) -> tuple[str, ...]:
    """Return the names that lead to `HERE`."""
    if isinstance(place, list):
        return path(place[0])
    if isinstance(place, dict):
        ((name, below),) = place.items()
        return (name, *path(below))
    return ()


def filled(value: Any, what: Any) -> Any:
    """Put something where `HERE` stands."""
    if value == HERE:
        return what
    if isinstance(value, dict):
        return {name: filled(part, what) for name, part in value.items()}
    return [filled(part, what) for part in value] if isinstance(value, list) else value


def with_place(kind: Any, value: Any, place: Any) -> Any:
    """Return what is given with the one place changed, inside rows as well."""
    nullable = get_nullable_type(kind)
    if isinstance(place, list):
        return [with_place(nullable.of_type, (value or [None])[0], place[0])]
    if isinstance(place, dict):
        values = {} if nullable.is_one_of else needed(nullable) | (value or {})
        changed = {
            name: with_place(nullable.fields[name].type, values.get(name), part)
            for name, part in place.items()
        }
        return values | changed
    return place


def needed(kind: GraphQLInputObjectType) -> dict[str, Any]:
    """Return a value for each field that an input cannot do without."""
    needed = {}
    for name, field in kind.fields.items():
        if is_required_input_field(field):
            below = get_nullable_type(field.type)
            needed[name] = next(iter(below.values)) if isinstance(below, GraphQLEnumType) else "1"
    return needed
