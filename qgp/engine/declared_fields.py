"""Types and fields of the GraphQL schema, and the declarations that they were made from."""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type
from strawberry.types.field import StrawberryField

from qgp.engine.plan import Unplannable
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES
from qgp.kit.model import Record


def type_of(schema: GraphQLSchema, model: type[Record]) -> GraphQLObjectType:
    """Return the GraphQL type of a model's rows.

    Raises:
        Unplannable: the model has none.
    """
    definition: Any = TYPES.get(model)
    if definition is None:
        raise Unplannable(f"{model.__name__} is no record")
    type_ = schema.type_map[definition.__strawberry_definition__.name]
    assert isinstance(type_, GraphQLObjectType)
    return type_


def field_type(parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> GraphQLObjectType:
    """Return the object type of a field."""
    type_ = get_named_type(parent.fields[nodes[0].name.value].type)
    assert isinstance(type_, GraphQLObjectType)
    return type_


def field_of(parent: GraphQLObjectType, name: str) -> GraphQLField:
    """Return a field of a type.

    Raises:
        Unplannable: it is a field of introspection.
    """
    field: GraphQLField | None = parent.fields.get(name)
    if field is None:
        raise Unplannable("introspection")
    return field


def definition_of(field: GraphQLField) -> StrawberryField:
    """Return the Strawberry definition of a field.

    Raises:
        Unplannable: it is a field of introspection.
    """
    definition: StrawberryField | None = field.extensions.get("strawberry-definition")
    if definition is None:
        raise Unplannable("introspection")
    return definition


def declaration_of(field: GraphQLField) -> Any:
    """Return the declaration of a field, or None for a resolver without one."""
    return definition_of(field).metadata.get(DECLARED)


def python_name(parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> str:
    """Return the Python name of a selected field, or `__typename`."""
    name = nodes[0].name.value
    return name if name == "__typename" else definition_of(parent.fields[name]).python_name
