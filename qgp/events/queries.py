"""Root field of the change feed, for integrations that synchronize."""

from collections.abc import Sequence
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.events import policy
from qgp.events.model import OutboxEvent
from qgp.events.types import RecordChange, RecordChanges, RecordKind
from qgp.kit.audit import AuditHead
from qgp.kit.context import Context
from qgp.kit.errors import CursorExpired
from qgp.kit.event_cursors import event_cursor, position_of
from qgp.kit.event_visibility import readable_now
from qgp.kit.gql import Info, Requires, argument
from qgp.kit.gql.connection import PageInfo
from qgp.kit.gql.connection_fields import FIRST
from qgp.kit.gql.live import sent
from qgp.kit.paging import page_bounds

_MOST_READ = 1_000  # events of one page, shown or not


async def _changes(
    info: Info,
    after: Annotated[
        str | None,
        argument(
            "Cursor of a page, or of an event of `recordChanged`: changes after it. Without it the "
            "page is empty, and its `endCursor` is that of now. CURSOR_EXPIRED once events after "
            "the cursor are removed."
        ),
    ] = UNSET,
    kinds: Annotated[
        list[RecordKind] | None,
        argument("Changes of records of these types alone. Without it, of all types."),
    ] = UNSET,
    first: Annotated[int | None, argument("Number of changes, 0 to 100.")] = FIRST,
) -> RecordChanges:
    context = info.context
    after, kinds = sent(after), sent(kinds)
    size = page_bounds(context.paging, first, after, None, None).size
    position = position_of(context, after)
    [head] = await context.rows(sa.select(AuditHead.outbox_position)) or [0]
    tables = None if kinds is None else {kind.value for kind in kinds}
    feed = _Feed(context, head if position is None else position, head)
    changes = await feed.read(size, tables)
    cursors = [change.cursor for change in changes[:1]]
    end = event_cursor(context, feed.position)
    page_info = PageInfo(
        has_next_page=feed.position < head,
        has_previous_page=position is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=end,
    )
    return RecordChanges(nodes=changes, page_info=page_info)


class _Feed:
    """Reader of one page.

    Attributes:
        position: of the last event that was read.
    """

    def __init__(self, context: Context, position: int, head: int) -> None:
        self._context, self._head = context, head
        self.position = position
        self._last = min(head, position + _MOST_READ)

    async def read(self, size: int, tables: set[str] | None) -> list[RecordChange]:
        """Return at most `size` changes of records of some tables; None for all.

        Raises:
            CursorExpired: events after the position have been removed, or are not written yet.
        """
        if self.position > self._head:
            raise CursorExpired("after")
        changes: list[RecordChange] = []
        while len(changes) < size and self.position < self._last:
            events = await self._events(max(size - len(changes), 25))
            of_kinds = [event for event in events if tables is None or event.entity in tables]
            shown = await readable_now(self._context, of_kinds)
            kept = shown[: size - len(changes)]
            changes += [RecordChange.of(self._context, event, row) for event, row in kept]
            is_cut = len(kept) < len(shown)
            self.position = kept[-1][0].position if is_cut and kept else events[-1].position
        return changes

    async def _events(self, count: int) -> Sequence[OutboxEvent]:
        position = OutboxEvent.position
        statement = sa.select(OutboxEvent).where(position > self.position, position <= self._last)
        events = await self._context.rows(statement.order_by(position).limit(count))
        if not events or events[0].position != self.position + 1:
            raise CursorExpired("after")
        return events


@strawberry.type
class Query:
    """Root reads."""

    changes: Any = strawberry.field(
        _changes,
        graphql_type=RecordChanges | None,
        description="Changes of the records that you may read, complete and in the order of their "
        "commits, for integrations that synchronize: take the cursor of now, read all records, "
        "then read the changes after the cursor again and again. A change is shown by the rights "
        "of now, with the record of now; a change that hides a record from you is not shown, nor "
        "is a deletion among records of which you may read only some.",
        extensions=[Requires(policy.READ)],
    )
