"""Relay connections: a page of a list, its edges and where it stands."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import strawberry

from qgp.kit.gql.fields import computed
from qgp.kit.listing import Order, Page

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows come before it.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row; for `before`."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last row; for `after`.")


@strawberry.type(description="One row of a page with its cursor.")
class Edge(Generic[T]):
    """One row of a page with its cursor."""

    cursor: str = strawberry.field(description="Opaque; continue with it as `after` or `before`.")
    node: T = strawberry.field(description="The record.")


async def _count(root: Any) -> int:
    return int(await root.count())


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page of a list; its objects are `Rows`."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors; at most 100.")
    nodes: list[T] = strawberry.field(description="The rows without cursors; at most 100.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")

    total_count: int = computed(_count, "How many rows the filter leaves, on all pages.")


@dataclass(frozen=True)
class Rows:
    """What a connection field answers with; each part is made when it is asked for."""

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
            Edge(cursor=self.order.sealed(keys), node=row)
            for row, keys in zip(page.rows, page.keys, strict=True)
        ]

    @property
    def page_info(self) -> PageInfo:
        """Where the page stands."""
        keys = self.page.keys
        cursors = [self.order.sealed(each) for each in (*keys[:1], *keys[-1:])]
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )
