"""Connection fields: filter, order, keyset pages, and a count only where it is selected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Protocol
from uuid import UUID

import sqlalchemy as sa
import strawberry
from sqlalchemy.orm import InstrumentedAttribute
from strawberry import UNSET
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.fields.resolver import StrawberryResolver

from qgp.kit import listing as pages
from qgp.kit.context import Context
from qgp.kit.gql.batches import Children, Counts, OrderKeys
from qgp.kit.gql.connection import Edge, Rows
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import Info, argument
from qgp.kit.gql.filter_purpose import plain_filter
from qgp.kit.gql.filter_sql import conditions
from qgp.kit.gql.filters import lazy_filter
from qgp.kit.gql.ordering import OrderDirection, lazy_order
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.uses import NOTHING, USES, Use, Uses
from qgp.kit.listing import Key, Order
from qgp.kit.loader import Register
from qgp.kit.paging import PAGING, DefaultSize, PageBounds, Paging, page_bounds
from qgp.kit.policy import Permission, Principal
from qgp.kit.visibility import sort_key_of_related

RequestedOrder = Sequence[tuple[str, bool]]
FIRST = DefaultSize(PAGING.default)
First = Annotated[
    int | None,
    argument("Number of rows from the start of the list, 0 to 100; ignored beside `last`."),
]
After = Annotated[str | None, argument("Cursor after which the page starts; with `first`.")]
Last = Annotated[int | None, argument("Number of rows from the end of the list, 0 to 100.")]
Before = Annotated[str | None, argument("Cursor before which the page ends; with `last`.")]


class CursorContext(Protocol):
    """The caller, and the key that signs cursors."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    @property
    def signing_key(self) -> bytes:
        """32 bytes."""


@dataclass(frozen=True, eq=False)
class Listing:
    """A list of records, at the root or below a parent.

    Attributes:
        model: the rows.
        read: the permission that the caller must hold.
        default: the attributes that order it by default; `-` before a name for descending order.
        parent: the column that points at the parent, for a nested list.
        within: returns the conditions that the object above puts on the rows, where there is only
            one such object.
        part: name of a further list of the same rows, whose cursors are of no use elsewhere.
        only: conditions that define which rows are in the list.
    """

    model: type[Any]
    read: Permission
    default: tuple[str, ...]
    parent: InstrumentedAttribute[Any] | None = None
    within: Callable[[Any], Sequence[sa.ColumnElement[bool]]] | None = None
    part: str | None = None
    only: tuple[sa.ColumnElement[bool], ...] = ()

    def limits(self, caller: Principal) -> Sequence[sa.ColumnElement[bool]]:
        """Return the conditions on the rows of this list that the caller may read."""
        return [*self.only, *self.read.visible(caller)]

    def order(self, context: CursorContext, arguments: "ListingArguments") -> Order:
        """Return the requested order, ended by the id; cursors hold for list, filter and order."""
        part = [self.part] if self.part else []
        return Order.of(
            self.keys(arguments.order, context.caller),
            context.signing_key,
            organization=context.caller.organization_id,
            list=[self.model.__table__.name, self.parent and self.parent.key, *part],
            filter=plain_filter(arguments.filter),
            order=arguments.order,
        )

    def keys(self, order: RequestedOrder, caller: Principal) -> Sequence[Key]:
        """Return the keys of an order or, without one, of the default; the id is the last."""
        mapper: Any = sa.inspect(self.model)
        id_name = mapper.get_property_by_column(mapper.primary_key[-1]).key
        names: dict[str, bool] = {}
        default = [(name.removeprefix("-"), name.startswith("-")) for name in self.default]
        for name, down in order or default:
            names.setdefault(name, down)  # a repeated key changes nothing
        keys = [self._key(name, down, caller) for name, down in names.items()]
        if id_name not in names:
            keys.append(self._key(id_name, keys[-1].descending, caller))
        return keys

    def _key(self, name: str, descending: bool, caller: Principal) -> Key:
        """Return the key of an attribute, or of a text of the record that one points at."""
        attribute, _, shown = name.partition(".")
        column = getattr(self.model, attribute)
        if not shown:
            return pages.key_of(column, descending=descending)
        return Key(sort_key_of_related(column, shown, caller), descending, nullable=True)


@dataclass(frozen=True)
class ListingArguments:
    """Arguments of a connection field.

    Attributes:
        bounds: the requested page.
        filter: as the client sent it, or None.
        order: attributes with whether they descend; empty for the default.
    """

    bounds: PageBounds
    filter: Any = None
    order: RequestedOrder = ()

    @classmethod
    def of(
        cls,
        paging: Paging,
        filter: Any = UNSET,
        order_by: Any = UNSET,
        first: Any = UNSET,
        after: Any = UNSET,
        last: Any = UNSET,
        before: Any = UNSET,
    ) -> "ListingArguments":
        """Read the arguments of a resolver.

        Raises:
            Invalid: see `window`.
        """
        bounds = page_bounds(paging, *map(_or_none, (first, after, last, before)))
        order = [
            (o.attributes[o.field], o.direction is OrderDirection.DESC) for o in order_by or []
        ]
        return cls(bounds, filter or None, tuple(order))


_WHOLE = ListingArguments(PageBounds(0))  # the list without filter, in its default order
REGISTERS: dict[type[Any], Register] = {}  # by model, see `qgp.kit.composition`


async def edge_of(context: Context, row: Any) -> Edge[Any]:
    """Return the edge of a record in the list of all records, in the default order."""
    declared = _unlimited(REGISTERS[type(row)])
    order = declared.order(context, _WHOLE)
    loader = partial(OrderKeys, declared, order, declared.read)
    keys = await context.shared(("places", declared), loader, row.id)
    return Edge(cursor=order.cursor(keys), node=row)


@cache
def _unlimited(register: Register) -> Listing:
    """Return the list of all rows of a register, in its order."""
    return Listing(register.model, register.read, register.order)


def listing(
    register: Register,
    description: str,
    use: Use = NOTHING,
    *,
    order: tuple[str, ...] = (),
    parent: InstrumentedAttribute[Any] | None = None,
    within: Callable[[Any], Sequence[sa.ColumnElement[bool]]] | None = None,
    part: str | None = None,
    only: tuple[sa.ColumnElement[bool], ...] = (),
    deprecated: str | None = None,
) -> Any:
    """Declare a connection field: at the root, or nested where `parent` is the foreign key.

    Args:
        register: the rows, their permission and their default order.
        description: of the field.
        use: FILTER where the filter of the parent has conditions on these rows.
        order: the attributes that order this list, where it differs from the register's.
        parent, within, part, only: see `Listing`.
        deprecated: reason of its deprecation: its replacement, and the date of its removal.
    """
    model, read = register.model, register.read
    declared = Listing(model, read, order or register.order, parent, within, part, only)

    async def resolve(root: Any, info: Info, **sent: Any) -> Any:
        arguments = ListingArguments.of(info.context.paging, **sent)
        order = declared.order(info.context, arguments)
        if parent is not None:
            return await _below(info, declared, order, arguments, root.id)
        limits = conditions(arguments.filter, info.context.caller)
        within_root = within(root) if within else ()
        return await _whole(info, declared, order, arguments.bounds, [*within_root, *limits])

    extensions: list[FieldExtension] = [Requires(read)] if parent is None else []
    field: Any = strawberry.field(
        resolve,
        description=description,
        deprecation_reason=deprecated,
        extensions=extensions,
        metadata={DECLARED: declared, USES: Uses(use)},
    )
    field.arguments = _arguments(model.__name__)
    return field


@cache
def _arguments(kind: str) -> list[StrawberryArgument]:
    """Return the arguments that all lists of a type have in common."""
    Filter: Any = lazy_filter(kind)  # noqa: N806 - a type
    OrderBy: Any = lazy_order(kind)  # noqa: N806 - a type

    def declared(
        filter: Annotated[Filter | None, argument("Conditions on the rows.")] = UNSET,
        order_by: Annotated[
            list[OrderBy] | None,
            argument("Order of the rows, most significant key first; ties are ordered by id."),
        ] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> None:
        """Have the signature of a list."""

    return StrawberryResolver(declared).arguments


async def _whole(
    info: Info,
    declared: Listing,
    order: Order,
    bounds: PageBounds,
    filter_conditions: Sequence[sa.ColumnElement[bool]],
) -> Rows:
    context = info.context
    limits = [*filter_conditions, *declared.limits(context.caller)]
    rows = await context.tuples(order.apply(sa.select(declared.model).where(*limits), bounds))

    async def count() -> int:
        counted = sa.select(sa.func.count()).select_from(declared.model).where(*limits)
        return int((await context.rows(counted))[0])

    return Rows(pages.page_of(rows, bounds), order, count)


async def _below(
    info: Info, declared: Listing, order: Order, arguments: ListingArguments, id: UUID
) -> Rows:
    context, bounds = info.context, arguments.bounds
    limits = conditions(arguments.filter, context.caller)
    page = await context.shared(
        ("page", declared, order.purpose, bounds),
        lambda: Children(declared, order, bounds, limits, declared.read),
        id,
    )

    async def count() -> int:
        key = ("count", declared, order.purpose)
        return await context.shared(key, lambda: Counts(declared, limits, declared.read), id)

    return Rows(page, order, count)


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value
