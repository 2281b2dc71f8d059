"""The rows of a page in SQL: which, in which order, where they start, and how many there are."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from qgp.engine.arguments import PageShape
from qgp.engine.plan import Items, Page, attributes
from qgp.engine.scalars import Element
from qgp.kit.gql import filter_sql
from qgp.kit.listing import Key, reordered, windowed
from qgp.kit.loader import of_attributes
from qgp.kit.policy import Principal


class PageQuery:
    """The rows of one page, for one shape of its arguments.

    Args:
        caller: who reads, as parameters.
        key: the parent that the rows point at, a column of `outer`; None for a whole register.

    Attributes:
        order: the keys that the page is ordered by.
    """

    def __init__(
        self,
        page: Page,
        shape: PageShape,
        caller: Principal,
        key: Element | None = None,
        outer: Any = None,
    ) -> None:
        self.model, self._shape, self._place = page.listing.model, shape, page.arguments
        self._outer = outer
        items = [part.object for _, part in page.fields if isinstance(part, Items)]
        self._attributes = attributes(items)
        self.order: Sequence[Key] = page.listing.keys(shape.order, caller)
        parent: Any = page.listing.parent
        among = [] if key is None else [parent == key]
        asked = filter_sql.expressed(shape.filter, caller, self._operand)
        self._limits = [*among, *asked, *page.listing.limits(caller)]

    def selected(self, extra: int = 0) -> sa.Select[Any]:
        """Select the page, and `extra` rows beyond it."""
        size = sa.bindparam(f"s{self._place}", type_=sa.Integer) + extra
        if self._outer is not None:
            return self._window(size).correlate(self._outer)
        # PostgreSQL takes a length that it does not know for a tenth of the table, and reads a
        # joined table as a whole for it: with two million clauses a page took 0.1 s in place of
        # 0.2 ms. So the longest page is cut first, by a number in the text.
        longest = self._window(sa.literal_column(str(self._shape.most + 1)))
        longest_page = longest.subquery("longest")
        ordered = self.ordered(longest_page.c, reverse=True)
        return sa.select(*longest_page.c).order_by(*ordered).limit(size)

    def _window(self, limit: Any) -> sa.Select[Any]:
        return windowed(
            of_attributes(self.model, self._attributes).where(*self._limits),
            self.order,
            backward=self._shape.backward,
            place=self._start,
            limit=limit,
        )

    def counted(self) -> sa.Select[Any]:
        """Select the number of rows on all pages."""
        counted = sa.select(sa.func.count()).select_from(self.model).where(*self._limits)
        return counted if self._outer is None else counted.correlate(self._outer)

    def ordered(self, columns: Any, *, reverse: bool) -> Sequence[Element]:
        """Return the order of the page for what is selected around it.

        Args:
            columns: of the page as it was selected.
            reverse: whether a page from the end stands as it was selected, the last row first.
        """
        return reordered(columns, self.order, reverse=reverse and self._shape.backward)

    @cached_property
    def _start(self) -> list[Any] | None:
        nulls = self._shape.place
        if nulls is None:
            return None
        return [
            None if is_null else sa.bindparam(f"c{self._place}_{n}", type_=key.expression.type)
            for n, (is_null, key) in enumerate(zip(nulls, self.order, strict=True))
        ]

    def _operand(self, n: int, _: Any, kind: sa.types.TypeEngine[Any]) -> Element:
        return sa.bindparam(f"f{self._place}_{n}", type_=kind)
