"""Batch loaders of connections: pages, counts and order keys for many rows in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from qgp.kit import listing as pages
from qgp.kit.listing import Order, Page
from qgp.kit.loader import Reads
from qgp.kit.paging import PageBounds
from qgp.kit.policy import Permission

if TYPE_CHECKING:
    from qgp.kit.gql.connection_fields import Listing


@dataclass(frozen=True, eq=False)
class Children:
    """Loader of the same window of a list below many parents, in one statement."""

    listing: "Listing"
    order: Order
    bounds: PageBounds
    conditions: Sequence[sa.ColumnElement[bool]]
    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[Page]:
        """Return one page per parent, in the order of the keys."""
        parent = self.listing.parent
        assert parent is not None
        # An array, unlike VALUES, is one parameter: the statement is compiled once.
        ids = sa.bindparam("parents", keys, type_=ARRAY(sa.Uuid), unique=True)
        keyed = sa.func.unnest(ids).table_valued(sa.column("parent_id", sa.Uuid))
        keyed = keyed.render_derived(name="parents")
        rows = sa.select(self.listing.model).where(*self.listing.limits(reads.caller))
        inner = rows.where(parent == keyed.c.parent_id, *self.conditions)
        lateral = self.order.apply(inner, self.bounds).correlate(keyed).lateral("page")
        row = aliased(self.listing.model, lateral)
        keys_of_row = [lateral.c[name] for name in pages.key_names(self.order.keys)]
        selected = sa.select(row, *keys_of_row).select_from(keyed.join(lateral, sa.true()))
        groups: dict[UUID, list[Any]] = defaultdict(list)
        for selected_row in await reads.tuples(
            selected.order_by(*self.order.around(lateral.c, self.bounds))
        ):
            groups[getattr(selected_row[0], parent.key)].append(selected_row)
        return [pages.page_of(groups[key], self.bounds) for key in keys]


@dataclass(frozen=True, eq=False)
class OrderKeys:
    """Loader of the order keys of rows by id, for cursors of rows that no page returned."""

    listing: "Listing"
    order: Order
    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[Sequence[Any]]:
        """Return the order keys of each row, in the order of the keys."""
        model = self.listing.model
        statement: sa.Select[Any] = sa.select(
            model.id, *[key.expression for key in self.order.keys]
        ).where(model.id.in_(keys))
        order_keys = {id: values for id, *values in await reads.tuples(statement)}
        return [order_keys[key] for key in keys]


@dataclass(frozen=True, eq=False)
class Counts:
    """Loader of the number of rows below each of many parents, in one statement."""

    listing: "Listing"
    conditions: Sequence[sa.ColumnElement[bool]]
    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[int]:
        """Return one count per parent, in the order of the keys."""
        parent = self.listing.parent
        assert parent is not None
        seen = self.listing.limits(reads.caller)
        columns: tuple[Any, ...] = (parent, sa.func.count())
        counted = sa.select(*columns).where(parent.in_(keys), *self.conditions, *seen)
        counts = {row[0]: row[1] for row in await reads.tuples(counted.group_by(parent))}
        return [counts.get(key, 0) for key in keys]
