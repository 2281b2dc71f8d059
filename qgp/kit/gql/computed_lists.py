"""Connection fields whose rows are no records: a function loads each page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry import UNSET

from qgp.kit.context import Context
from qgp.kit.gql.connection import Rows
from qgp.kit.gql.connection_fields import FIRST, After, Before, First, Last, ListingArguments
from qgp.kit.gql.fields import Info, computed
from qgp.kit.listing import Order, page_of
from qgp.kit.paging import PageBounds


@dataclass(frozen=True)
class ComputedPage:
    """Page of a computed list.

    Attributes:
        selected: tuples of a row and its order keys, with one more where a page follows.
        order: of the list.
        count: number of rows on all pages.
    """

    selected: Sequence[Sequence[Any]]
    order: Order
    count: int


def computed_listing(
    load: Callable[[Any, Context, PageBounds], Awaitable[ComputedPage]], description: str
) -> Any:
    """Declare a connection field whose rows are no records.

    Args:
        load: returns a page for the object that has the field, the operation and the window.
        description: of the field.
    """

    async def resolve(
        root: Any,
        info: Info,
        first: First = FIRST,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Rows:
        sizes = {"first": first, "after": after, "last": last, "before": before}
        bounds = ListingArguments.of(info.context.paging, **sizes).bounds
        page = await load(root, info.context, bounds)

        async def count() -> int:
            return page.count

        return Rows(page_of(page.selected, bounds), page.order, count)

    return computed(resolve, description)
