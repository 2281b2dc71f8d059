"""Bounds of a filter (levels, conditions, text length), checked before values are converted."""

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
from qgp.kit.text_normalization import LONGEST, WIDEST, too_long

ABSENT = object()
_Item = tuple[tuple[str, ...], Any]  # its index, if it has one, and the value
_Part = tuple[GraphQLInputObjectType, Any, int, tuple[str, ...]]


def is_filter(kind: GraphQLNamedType | None) -> TypeGuard[GraphQLInputObjectType]:
    """Whether an input type is the filter of a record, or of records by their types."""
    if not is_input_object_type(kind):
        return False
    return hasattr(kind.extensions["strawberry-definition"].origin, "model")


def _levels(kind: GraphQLInputObjectType) -> int:
    """Return the number of levels that an input type adds: 1 for the filter of a record."""
    origin = kind.extensions["strawberry-definition"].origin
    return int(getattr(origin, "model", None) is not None)


def check_filter(
    kind: GraphQLInputObjectType, value: Any, variables: Mapping[str, Any], *path: str
) -> None:
    """Count levels and conditions of a filter; a group without conditions counts as one.

    Args:
        kind: type of the filter.
        value: JSON, or a literal of a document.
        variables: values of the variables in a literal.
        path: locates the filter.

    Raises:
        Invalid: more than 3 levels or 50 conditions, or a text of more than 1,000 characters.
    """
    conditions = 0
    parts: list[_Part] = [(kind, one, _levels(kind), path) for _, one in _items(value, variables)]
    while parts:
        part_kind, part, level, where = parts.pop()
        if level > MOST_LEVELS:
            raise Invalid(
                f"This filter has more than {MOST_LEVELS} levels. Nest it less deeply.", *path
            )
        entries = [*_entries(part, variables)]
        conditions += 0 if entries else 1
        for name, entry in entries:
            inner = _kind(part_kind, name)
            if is_input_object_type(inner):
                deeper = level + _levels(inner)
                for index, one in _items(entry, variables):
                    parts.append((inner, one, deeper, (*where, name, *index)))
            else:
                conditions += 1
                _check_texts(_items(entry, variables), *where, name)
        if conditions + len(parts) > MOST_LEAVES:  # each of them holds one at least
            limit = f"This filter has more than {MOST_LEAVES} conditions, empty groups included."
            raise Invalid(f"{limit} Send fewer.", *path)


def _check_texts(values: Iterator[_Item], *path: str) -> None:
    for _, text in values:
        if isinstance(text, str) and len(text) > WIDEST * LONGEST:
            raise Invalid(too_long(len(text), LONGEST).message, *path)


def _kind(kind: GraphQLInputObjectType, name: str) -> GraphQLNamedType | None:
    field = kind.fields.get(name)
    return None if field is None else get_named_type(field.type)


def _items(value: Any, variables: Mapping[str, Any]) -> Iterator[_Item]:
    """Yield the items of a list with their index, or a single value as a list of one."""
    value = resolved(value, variables)
    if isinstance(value, ListValueNode | list):
        items = value.values if isinstance(value, ListValueNode) else value
        for index, one in enumerate(items):
            yield (str(index),), resolved(one, variables)
    elif value is not ABSENT:
        yield (), value


def _entries(value: Any, variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and value of an object's fields; nothing for other values."""
    value = resolved(value, variables)
    if isinstance(value, ObjectValueNode):
        for field in value.fields:
            if (item := resolved(field.value, variables)) is not ABSENT:
                yield field.name.value, item
    elif isinstance(value, dict):
        yield from value.items()


def resolved(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return the value of a variable; another value as it is."""
    if isinstance(value, VariableNode):
        return variables.get(value.name.value, ABSENT)
    return value
