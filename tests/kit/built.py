"""The schema as the tests of its conventions look at it."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from qgp.kit.gql.declarations import DECLARED
from qgp.schema import build

BUILT = build()
GRAPHQL = BUILT.graphql
PUBLIC = {
    *("serverInfo", "login", "tokenRefresh", "invitationAccept"),
    *("passwordResetRequest", "passwordReset"),
}
OWN_TYPES = {
    name: kind
    for name, kind in GRAPHQL.type_map.items()
    if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
}


def roots() -> dict[str, GraphQLField]:
    assert GRAPHQL.query_type
    return {**GRAPHQL.query_type.fields, **mutations()}


def mutations() -> dict[str, GraphQLField]:
    assert GRAPHQL.mutation_type
    fields: dict[str, GraphQLField] = GRAPHQL.mutation_type.fields
    return fields


def declared(field: Any) -> StrawberryField:
    definition: StrawberryField = field.extensions["strawberry-definition"]
    return definition


def fields() -> Iterator[tuple[str, StrawberryField]]:
    for name, kind in OWN_TYPES.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, value in kind.fields.items():
                yield f"{name}.{field}", declared(value)


def elements() -> Iterator[tuple[str, Any]]:
    for name, kind in OWN_TYPES.items():
        yield name, kind
        if isinstance(kind, GraphQLEnumType):
            yield from (
                (f"{name}.{value}", value_or_field) for value, value_or_field in kind.values.items()
            )
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, value_or_field in kind.fields.items():
                yield f"{name}.{field}", value_or_field
                for argument, meaning in getattr(value_or_field, "args", {}).items():
                    yield f"{name}.{field}({argument})", meaning


def command_of(field: GraphQLField) -> Any:
    return declared(field).metadata.get(DECLARED)


def transitions_of(kind: type) -> dict[str, Any]:
    return dict(kind.workflow.transitions) if hasattr(kind, "workflow") else {}
