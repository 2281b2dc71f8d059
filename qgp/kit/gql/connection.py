"""Relay connections: page, edges, cursors and page information."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import strawberry

from qgp.kit.gql.fields import computed
from qgp.kit.listing import Order, Page

T = TypeVar("T")


@strawberry.type(description="Position of a page in its list.")
class PageInfo:
    """Position of a page in its list."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows precede this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row, for `before`; null for an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last row, for `after`; null for an empty page."
    )


@strawberry.type(description="One row of a page with its cursor.")
class Edge(Generic[T]):
    """One row of a page with its cursor."""

    cursor: str = strawberry.field(description="Opaque cursor of the row, for `after` or `before`.")
    node: T = strawberry.field(description="The record.")


async def _count(root: Any) -> int:
    return int(await root.count())


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page of a list; its objects are `Rows`."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors; at most 100.")
    nodes: list[T] = strawberry.field(description="The rows without cursors; at most 100.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")

    total_count: int = computed(_count, "Number of rows that match the filter, on all pages.")


@dataclass(frozen=True)
class Rows:
    """Result of a connection field; its parts are made when a client selects them."""

    page: Page
    order: Order
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> Sequence[Any]:
        """The rows."""
        return self.page.rows

    @cached_property
    def edges(self) -> list[Edge[Any]]:
        """The rows with their cursors."""
        page = self.page
        return [
            Edge(cursor=self.order.cursor(keys), node=row)
            for row, keys in zip(page.rows, page.keys, strict=True)
        ]

    @property
    def page_info(self) -> PageInfo:
        """The position of the page in the list."""
        keys = self.page.keys
        cursors = [self.order.cursor(each) for each in (*keys[:1], *keys[-1:])]
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )
