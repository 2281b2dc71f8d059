"""Bounds of a filter, checked on the values as they were sent, before any is converted."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from graphql import (
    GraphQLInputObjectType,
    GraphQLNamedType,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_named_type,
    is_input_object_type,
)

from qgp.kit.errors import Invalid
from qgp.kit.gql.filters import MOST_LEAVES, MOST_LEVELS

ABSENT = object()
_Part = tuple[GraphQLInputObjectType, Any, int]


def is_filter(kind: GraphQLNamedType | None) -> TypeGuard[GraphQLInputObjectType]:
    """Whether an input type is the filter of a register, as `filters` declares it."""
    if not is_input_object_type(kind):
        return False
    return hasattr(kind.extensions["strawberry-definition"].origin, "model")


def check_filter(
    kind: GraphQLInputObjectType, value: Any, variables: Mapping[str, Any], *path: str
) -> None:
    """Count levels and conditions of a filter; a group without conditions counts as one.

    Args:
        kind: type of the filter.
        value: JSON, or a literal of a document.
        variables: values that stand for the variables in a literal.
        path: locates the filter.

    Raises:
        Invalid: more than 3 levels or 50 conditions.
    """
    conditions = 0
    parts: list[_Part] = [(kind, one, 1) for one in _items(value, variables)]
    while parts:
        part_kind, part, level = parts.pop()
        if level > MOST_LEVELS:
            raise Invalid(f"A filter nests at most {MOST_LEVELS} levels. Flatten it.", *path)
        entries = [*_entries(part, variables)]
        conditions += _leaves(part_kind, entries) if entries else 1
        parts += _inner(part_kind, entries, level, variables)
        if conditions + len(parts) > MOST_LEAVES:  # each of them holds one at least
            limit = f"A filter holds at most {MOST_LEAVES} conditions, empty groups included."
            raise Invalid(f"{limit} Send fewer.", *path)


def _inner(
    kind: GraphQLInputObjectType,
    entries: list[tuple[str, Any]],
    level: int,
    variables: Mapping[str, Any],
) -> Iterator[_Part]:
    """Yield the groups, filters of related records and operators that stand in a part."""
    for name, value in entries:
        inner = _kind(kind, name)
        if is_input_object_type(inner):
            deeper = level + is_filter(inner)
            yield from ((inner, one, deeper) for one in _items(value, variables))


def _leaves(kind: GraphQLInputObjectType, entries: list[tuple[str, Any]]) -> int:
    return sum(not is_input_object_type(_kind(kind, name)) for name, _ in entries)


def _kind(kind: GraphQLInputObjectType, name: str) -> GraphQLNamedType | None:
    field = kind.fields.get(name)
    return None if field is None else get_named_type(field.type)


def _items(value: Any, variables: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the items of a list, or the value itself, which GraphQL takes for a list of one."""
    value = resolved(value, variables)
    if isinstance(value, ListValueNode):
        yield from (resolved(one, variables) for one in value.values)
    elif isinstance(value, list):
        yield from value
    elif value is not ABSENT:
        yield value


def _entries(value: Any, variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that an object sets; nothing for other values."""
    value = resolved(value, variables)
    if isinstance(value, ObjectValueNode):
        for field in value.fields:
            if (item := resolved(field.value, variables)) is not ABSENT:
                yield field.name.value, item
    elif isinstance(value, dict):
        yield from value.items()


def resolved(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return what stands for a variable, or the value where it is none."""
    if isinstance(value, VariableNode):
        return variables.get(value.name.value, ABSENT)
    return value
