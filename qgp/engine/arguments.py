"""From the arguments of a request to what a plan leaves open: shapes for SQL, values to bind."""

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
from qgp.kit.listing import Order, Paging
from qgp.kit.loader import One


class ArgumentScope(CursorContext, Protocol):
    """Who asks, the key that seals cursors, and how long a page may be."""

    @property
    def paging(self) -> Paging:
        """How many rows a page has."""


class BoundArguments(Protocol):
    """Arguments as a request gave them.

    Attributes:
        shape: what of them decides how the SQL reads.
        values: the rest, by parameter.
    """

    @property
    def shape(self) -> Hashable: ...  # noqa: D102 - above

    @property
    def values(self) -> Mapping[str, Any]: ...  # noqa: D102 - above

    @property
    def shared(self) -> Sequence[Hashable]:
        """What requests must have in common to be answered together."""


@dataclass(frozen=True)
class PageShape:
    """What decides how a page is selected.

    Attributes:
        place: which order keys of the cursor are null, or None without a cursor.
        most: rows that no page exceeds.
    """

    filter: filter_sql.Whole | None
    order: tuple[tuple[str, bool], ...]
    backward: bool
    place: tuple[bool, ...] | None
    most: int


@dataclass(frozen=True)
class PageArguments:
    """The arguments of a register."""

    shape: PageShape
    values: Mapping[str, Any]
    asked: ListingArguments
    order: Order

    @property
    def shared(self) -> Sequence[Hashable]:
        """The values; and what cursors are sealed to, which tells more of a filter than they."""
        return [*self.values.items(), self.order.purpose]


@dataclass(frozen=True)
class LookupArguments:
    """The loader and the key that an argument names; the key is no parameter, it can be shared."""

    shape: One[Any] | None
    key: Any
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shared(self) -> Sequence[Hashable]:
        """Nothing."""
        return []


Binding = Callable[[int, dict[str, Any], ArgumentScope], BoundArguments]


@dataclass(frozen=True, eq=False)
class ArgumentBinder:
    """The arguments of one field of a document.

    Attributes:
        place: its place among the arguments of the plan; names its parameters. A plan belongs to
            one set of rights, so what is bound depends on the organization and the values alone.
        bind: turns what a resolver would be given into `Bound`.
    """

    place: int
    definition: GraphQLField
    node: FieldNode
    schema: strawberry.Schema
    bind: Binding

    def of(self, variables: VariableValues, asks: ArgumentScope) -> BoundArguments:
        """Bind the arguments of one request.

        Raises:
            DomainError, GraphQLError: what the reference would answer with.
        """
        return self.bind(self.place, self._given(variables), asks)

    def _given(self, variables: VariableValues) -> dict[str, Any]:
        coerced = get_argument_values(self.definition, self.node, variables)
        declared: StrawberryField = self.definition.extensions["strawberry-definition"]
        return convert_arguments(
            coerced,
            declared.arguments,
            scalar_registry=self.schema.schema_converter.scalar_registry,
            config=self.schema.config,
        )


def page_binding(listing: Listing) -> Callable[[int, dict[str, Any], ArgumentScope], PageArguments]:
    """Bind the arguments of a register."""

    def bind(place: int, given: dict[str, Any], asks: ArgumentScope) -> PageArguments:
        asked = ListingArguments.of(asks.paging, **given)
        order = listing.order(asks, asked)
        filter = filter_sql.read(asked.filter, asks.caller)
        start = order.place(asked.view)
        nulls = None if start is None else tuple(value is None for value in start)
        most = asks.paging.most
        shape = PageShape(filter.shape, tuple(asked.order), asked.view.backward, nulls, most)
        values = {f"s{place}": asked.view.size}
        values |= {f"f{place}_{n}": to_parameter(value) for n, value in enumerate(filter.operands)}
        values |= {f"c{place}_{n}": to_parameter(value) for n, value in enumerate(start or ())}
        return PageArguments(shape, values, asked, order)

    return bind


def lookup_binding(
    declared: Lookup | AnyRecord,
) -> Callable[[int, dict[str, Any], ArgumentScope], LookupArguments]:
    """Bind the argument that names a record."""

    def bind(_: int, given: dict[str, Any], __: ArgumentScope) -> LookupArguments:
        loader, key = declared.named(**given)
        return LookupArguments(loader, key)

    return bind


def to_parameter(value: Any) -> Any:
    """Return a value as the driver takes it, and as a key that requests can share."""
    if isinstance(value, list):
        return tuple(to_parameter(one) for one in value)
    return value.value if isinstance(value, Enum) else value
