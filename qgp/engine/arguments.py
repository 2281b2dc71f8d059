"""Binding of GraphQL arguments: the shape, which decides the SQL text, and its parameters."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import strawberry
from graphql import FieldNode, GraphQLField
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from qgp.kit.gql import filter_sql
from qgp.kit.gql.connection_fields import CursorContext, Listing, ListingArguments
from qgp.kit.gql.declarations import AnyRecord, Lookup
from qgp.kit.listing import Order
from qgp.kit.loader import One
from qgp.kit.paging import Paging


class RequestScope(CursorContext, Protocol):
    """The caller, the key that signs cursors, and the page sizes."""

    @property
    def paging(self) -> Paging:
        """Default and maximum number of rows of a page."""


class BoundArguments(Protocol):
    """The arguments of one field in one request.

    Attributes:
        shape: the part that decides the text of the SQL.
        parameters: the rest, by name of the SQL parameter.
    """

    @property
    def shape(self) -> Hashable: ...  # noqa: D102 - above

    @property
    def parameters(self) -> Mapping[str, Any]: ...  # noqa: D102 - above

    @property
    def batch_key(self) -> Sequence[Hashable]:
        """The part that requests must have in common to be answered by one execution."""


@dataclass(frozen=True)
class PageShape:
    """The arguments of a listing, as far as they decide the text of the SQL.

    Attributes:
        cursor_nulls: which order keys of the cursor are null; None without a cursor.
        max_rows: rows that no page exceeds.
    """

    filter: filter_sql.FilterShape | None
    order: tuple[tuple[str, bool], ...]
    backward: bool
    cursor_nulls: tuple[bool, ...] | None
    max_rows: int


@dataclass(frozen=True)
class PageArguments:
    """The arguments of a listing."""

    shape: PageShape
    parameters: Mapping[str, Any]
    listing: ListingArguments
    order: Order

    @property
    def batch_key(self) -> Sequence[Hashable]:
        """The parameters, and the purpose of cursors, which contains the whole filter."""
        return [*self.parameters.items(), self.order.purpose]


@dataclass(frozen=True)
class LookupArguments:
    """The loader and the key of a record.

    The key is no parameter of its own, so that lookups of several records can be batched.
    """

    shape: One[Any] | None
    key: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def batch_key(self) -> Sequence[Hashable]:
        """Empty."""
        return []


Bind = Callable[[int, dict[str, Any], RequestScope], BoundArguments]


@dataclass(frozen=True, eq=False)
class ArgumentBinder:
    """Binds the arguments of one field of a document.

    Attributes:
        index: of the field among the plan's fields with arguments; part of the names of its
            parameters. A plan belongs to one set of permissions, so the parameters depend only on
            the organization and the values.
        bind_values: turns the keyword arguments of a resolver into `BoundArguments`.
    """

    index: int
    definition: GraphQLField
    node: FieldNode
    schema: strawberry.Schema
    bind_values: Bind

    def bind(self, variables: VariableValues, scope: RequestScope) -> BoundArguments:
        """Bind the arguments of one request.

        Raises:
            DomainError, GraphQLError: an argument is invalid.
        """
        keywords = keyword_arguments(self.definition, self.node, variables, self.schema)
        return self.bind_values(self.index, keywords, scope)


def keyword_arguments(
    definition: GraphQLField, node: FieldNode, variables: VariableValues, schema: strawberry.Schema
) -> dict[str, Any]:
    """Return the keyword arguments that Strawberry calls the resolver of a field with.

    Raises:
        GraphQLError: an argument is invalid.
    """
    coerced = get_argument_values(definition, node, variables)
    declared: StrawberryField = definition.extensions["strawberry-definition"]
    return convert_arguments(
        coerced,
        declared.arguments,
        scalar_registry=schema.schema_converter.scalar_registry,
        config=schema.config,
    )


def page_binding(listing: Listing) -> Callable[[int, dict[str, Any], RequestScope], PageArguments]:
    """Return the function that binds the arguments of a listing."""

    def bind(index: int, keywords: dict[str, Any], scope: RequestScope) -> PageArguments:
        arguments = ListingArguments.of(scope.paging, **keywords)
        bounds, order = arguments.bounds, listing.order(scope, arguments)
        filter = filter_sql.parse_filter(arguments.filter, scope.caller)
        start = order.cursor_keys(bounds)
        nulls = None if start is None else tuple(value is None for value in start)
        max_rows = scope.paging.most
        shape = PageShape(filter.shape, tuple(arguments.order), bounds.backward, nulls, max_rows)
        parameters = {f"s{index}": bounds.size}
        for prefix, values in (("f", filter.operands), ("c", start or ())):
            names = (f"{prefix}{index}_{n}" for n in range(len(values)))
            parameters |= zip(names, map(to_parameter, values), strict=True)
        return PageArguments(shape, parameters, arguments, order)

    return bind


def lookup_binding(
    lookup: Lookup | AnyRecord,
) -> Callable[[int, dict[str, Any], RequestScope], LookupArguments]:
    """Return the function that binds the arguments that identify a record."""

    def bind(_: int, keywords: dict[str, Any], __: RequestScope) -> LookupArguments:
        loader, key = lookup.named(**keywords)
        return LookupArguments(loader, key)

    return bind


def to_parameter(value: Any) -> Any:
    """Return a value as the driver takes it, hashable so that requests can be compared."""
    if isinstance(value, list):
        return tuple(to_parameter(each) for each in value)
    return value.value if isinstance(value, Enum) else value
