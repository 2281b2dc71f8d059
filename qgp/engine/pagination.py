"""Keyset pagination in SQL: the rows of one page, their order, and the number of all rows."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from qgp.engine.arguments import PageShape
from qgp.engine.plan import Page, attributes
from qgp.engine.scalars import Element
from qgp.kit.gql import filter_sql
from qgp.kit.listing import Key, paginated, reordered
from qgp.kit.policy import Principal
from qgp.kit.related_rows import select_attributes


class PageQuery:
    """The statements of one page, for one shape of its arguments.

    Args:
        caller: a principal of SQL parameters.
        key: the parent that the rows belong to, a column of `outer`; None for all rows.

    Attributes:
        order: the order keys of the page.
    """

    def __init__(
        self,
        page: Page,
        shape: PageShape,
        caller: Principal,
        key: Element | None = None,
        outer: Any = None,
    ) -> None:
        self.model, self._shape, self._index = page.listing.model, shape, page.arguments
        self._outer = outer
        self._attributes = attributes(page.items)
        self.order: Sequence[Key] = page.listing.keys(shape.order, caller)
        parent: Any = page.listing.parent
        of_parent = [] if key is None else [parent == key]
        filters = filter_sql.shape_conditions(shape.filter, caller, self._operand)
        self._conditions = [*of_parent, *filters, *page.listing.limits(caller)]

    def rows(self, extra: int = 0) -> sa.Select[Any]:
        """Select the page, and `extra` rows beyond it."""
        size = sa.bindparam(f"s{self._index}", type_=sa.Integer) + extra
        if self._outer is not None:
            return self._limited(size).correlate(self._outer)
        # PostgreSQL estimates an unknown limit as a tenth of the table, and then reads a joined
        # table as a whole: with two million clauses a page took 0.1 s in place of 0.2 ms. So the
        # longest possible page is limited first, by a number in the text.
        longest = self._limited(sa.literal_column(str(self._shape.max_rows + 1)))
        longest_page = longest.subquery("longest")
        ordered = self.ordered(longest_page.c, reverse=True)
        return sa.select(*longest_page.c).order_by(*ordered).limit(size)

    def _limited(self, limit: Any) -> sa.Select[Any]:
        return paginated(
            select_attributes(self.model, self._attributes).where(*self._conditions),
            self.order,
            backward=self._shape.backward,
            start=self._cursor,
            limit=limit,
        )

    def total(self) -> sa.Select[Any]:
        """Select the number of rows on all pages."""
        count = sa.select(sa.func.count()).select_from(self.model).where(*self._conditions)
        return count if self._outer is None else count.correlate(self._outer)

    def ordered(self, columns: Any, *, reverse: bool) -> Sequence[Element]:
        """Return the order of the page for a statement around it.

        Args:
            columns: of the page as selected.
            reverse: whether a page selected from its end stays in that order, the last row first.
        """
        return reordered(columns, self.order, reverse=reverse and self._shape.backward)

    @cached_property
    def _cursor(self) -> list[Any] | None:
        """The order keys of the cursor as parameters, None for a null; None without a cursor."""
        nulls = self._shape.cursor_nulls
        if nulls is None:
            return None
        return [
            None if is_null else sa.bindparam(f"c{self._index}_{n}", type_=key.expression.type)
            for n, (is_null, key) in enumerate(zip(nulls, self.order, strict=True))
        ]

    def _operand(self, n: int, _: Any, type_: sa.types.TypeEngine[Any]) -> Element:
        return sa.bindparam(f"f{self._index}_{n}", type_=type_)
