"""Pages of a listing, written as GraphQL connections: one node class for each part of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qgp.engine.executor.execution import Execution
from qgp.engine.executor.levels import CountByKey, fetch_by_key
from qgp.engine.executor.templates import NULL, Columns, Template, json_list, to_columns
from qgp.kit.listing import Order
from qgp.kit.paging import PageBounds
from qgp.kit.sql_statement import SqlStatement

_BOOLEAN = {True: b"true", False: b"false"}


@dataclass(frozen=True)
class PageSlice:
    """The rows of one page among those of a statement, which selects in list order.

    Attributes:
        start, end: indexes of the first row and of the one after the last.
        backward: whether the page was selected from its end, the last row first.
    """

    start: int
    end: int
    has_next: bool
    has_previous: bool
    backward: bool

    def cut(self, texts: Sequence[bytes]) -> Sequence[bytes]:
        """Return the page's part of a column, in the order of the page."""
        page = texts[self.start : self.end]
        return page[::-1] if self.backward else page

    @property
    def first(self) -> int | None:
        """Index of the page's first row; None for an empty page."""
        if self.start == self.end:
            return None
        return self.end - 1 if self.backward else self.start

    @property
    def last(self) -> int | None:
        """Index of the page's last row; None for an empty page."""
        if self.start == self.end:
            return None
        return self.start if self.backward else self.end - 1


@dataclass(frozen=True)
class Pages:
    """The pages of a listing for some keys, fetched by one statement.

    Attributes:
        columns: of all rows, those of one page after those of another.
        totals: rows of all pages for each key, as JSON; empty where not selected.
    """

    columns: Columns
    row_count: int
    slices: Sequence[PageSlice]
    order: Order
    totals: Sequence[bytes]

    def cursor(self, row: int | None, columns: Sequence[int]) -> bytes:
        """Return the cursor of a row from the order keys in these columns, or null."""
        if row is None:
            return NULL
        values = [self.columns[index][row] for index in columns]
        return b'"%b"' % self.order.cursor(values).encode()


@dataclass(frozen=True)
class RowsPart:
    """A list of the page's rows: `nodes` or `edges`."""

    template: Template[Columns]

    async def texts(self, execution: Execution, data: Pages) -> Sequence[bytes]:
        """Return the list of each page."""
        if data.row_count and len(self.template.sources) == 1:
            texts = await self.template.sources[0].texts(execution, data.columns)
            return [self.template.json_list(each.cut(texts)) for each in data.slices]
        rows = await self.template.fill(execution, data.columns, data.row_count)
        return [json_list(each.cut(rows)) for each in data.slices]


@dataclass(frozen=True)
class TotalCountPart:
    """`totalCount`."""

    async def texts(self, _: Execution, data: Pages) -> Sequence[bytes]:
        """Return the number of rows on all pages of each key."""
        return data.totals


@dataclass(frozen=True)
class HasNextPagePart:
    """`pageInfo.hasNextPage`."""

    async def texts(self, _: Execution, data: Pages) -> Sequence[bytes]:
        """Return whether rows follow each page."""
        return [_BOOLEAN[each.has_next] for each in data.slices]


@dataclass(frozen=True)
class HasPreviousPagePart:
    """`pageInfo.hasPreviousPage`."""

    async def texts(self, _: Execution, data: Pages) -> Sequence[bytes]:
        """Return whether rows precede each page."""
        return [_BOOLEAN[each.has_previous] for each in data.slices]


@dataclass(frozen=True)
class StartCursorPart:
    """`pageInfo.startCursor` from the order keys in some columns."""

    columns: tuple[int, ...]

    async def texts(self, _: Execution, data: Pages) -> Sequence[bytes]:
        """Return the cursor of each page's first row."""
        return [data.cursor(each.first, self.columns) for each in data.slices]


@dataclass(frozen=True)
class EndCursorPart:
    """`pageInfo.endCursor` from the order keys in some columns."""

    columns: tuple[int, ...]

    async def texts(self, _: Execution, data: Pages) -> Sequence[bytes]:
        """Return the cursor of each page's last row."""
        return [data.cursor(each.last, self.columns) for each in data.slices]


@dataclass(frozen=True)
class PageByKey:
    """A page of a listing for each key, written as a connection.

    Attributes:
        arguments: index of the listing's arguments in the plan.
        has_keys: whether the first column is the number of the key; otherwise there is one key,
            for a listing that is a root field.
        total: counts the rows of all pages for the same keys; None where that is not selected.
        total_column: the column with the total in every row of a root listing; None elsewhere.
        keeps_total: whether that column is null where a kept total is still right.
    """

    statement: SqlStatement
    arguments: int
    has_keys: bool
    template: Template[Pages]
    total: CountByKey | None
    total_column: int | None
    keeps_total: bool

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the connection of each key."""
        arguments = execution.page_arguments(self.arguments)
        distinct, rows = await fetch_by_key(execution, self.statement, keys)
        columns = to_columns(rows)
        numbers = columns[0] if self.has_keys else [1] * len(rows)
        slices = page_slices(numbers, len(distinct), arguments.listing.bounds)
        totals = await self._totals(execution, distinct, columns)
        pages = Pages(columns, len(rows), slices, arguments.order, totals)
        connections = await self.template.fill(execution, pages, len(distinct))
        by_key = dict(zip(distinct, connections, strict=True))
        return [by_key[key] for key in keys]

    async def _totals(
        self, execution: Execution, keys: Sequence[Any], columns: Columns
    ) -> Sequence[bytes]:
        if self.total is None:
            return []
        if self.total_column is not None and columns[0]:
            total = columns[self.total_column][0]
            if self.keeps_total:
                total = execution.total(self.arguments, total)
            return [b"%d" % total]
        return await self.total.load(execution, keys)


def page_slices(numbers: Sequence[int], count: int, bounds: PageBounds) -> Sequence[PageSlice]:
    """Cut rows, which are in the order of their keys' numbers, into the pages of 1 to `count`."""
    lengths, slices, start = Counter(numbers), list[PageSlice](), 0
    for number in range(1, count + 1):
        length = lengths[number]
        has_more, is_continued = length > bounds.size, bounds.cursor is not None
        ends = (is_continued, has_more) if bounds.backward else (has_more, is_continued)
        end = start + min(length, bounds.size)
        slices.append(PageSlice(start, end, *ends, bounds.backward))
        start += length
    return slices
