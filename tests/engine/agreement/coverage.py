"""Coverage of the schema: fields with a value, arguments, operators, values of enums."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from tests.engine.agreement.scope import Entry, Scope
from tests.engine.agreement.tally import Part


def met(data: Any, scope: Scope) -> Iterator[Part]:
    """Yield type and field of whatever came back with a value; an empty list is none."""
    if isinstance(data, list):
        for item in data:
            yield from met(item, scope)
    elif isinstance(data, dict):
        for name, value in data.items():
            entry = scope.get(name)
            if entry is None or value is None or value == []:
                continue
            if owner := _owner(entry, data):
                yield owner, entry.calls[owner][1].partition("(")[0]
            if entry.below is not None:
                yield from met(value, entry.below)


def _owner(entry: Entry, data: dict[str, Any]) -> str | None:
    """Return the type that a value was selected on, or None if it is ambiguous."""
    if len(entry.calls) == 1:
        return next(iter(entry.calls))
    kind = data.get("__typename")
    return kind if kind in entry.calls else None


def parts(schema: GraphQLSchema) -> tuple[set[Part], set[Part]]:
    """Return what there is below Query: output fields, and whatever arguments are made of.

    Of the fields of interfaces each type has its own; of introspection nothing counts.
    """
    query = schema.query_type
    assert query is not None
    outputs, inputs, seen = set[Part](), set[Part](), set[str]()
    waiting: list[GraphQLNamedType] = [query]
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType):
            waiting += schema.get_implementations(kind).objects
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                if isinstance(kind, GraphQLObjectType):
                    outputs.add((kind.name, name))
                    inputs |= {(f"{kind.name}.{name}", argument) for argument in field.args}
                waiting.append(get_named_type(field.type))
                waiting += [get_named_type(argument.type) for argument in field.args.values()]
        if isinstance(kind, GraphQLInputObjectType):
            inputs |= {(kind.name, name) for name in kind.fields}
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return outputs, inputs
