"""Subscription fields: declared by what selects events, and what shows them to a caller.

async def _watched(root: Resume, info: Info, after: After = UNSET) -> EventBatches:
    return event_batches(info.context, is_watched, show, after=root or sent(after))


watched: Any = live(_watched, Watched, "…", policy.READ)
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry
from strawberry import UNSET

from qgp.kit.context import Context
from qgp.kit.event_cursors import position_of
from qgp.kit.event_feed import EventFeed
from qgp.kit.gql.fields import argument
from qgp.kit.gql.roots import Requires
from qgp.kit.live_events import EventBatch, Payload
from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Permission

T = TypeVar("T")
MOST_AT_ONCE = 20  # events of one batch, whose results are sent together

Resume = str | None  # the root value of a subscription: the cursor that the transport resumes after
EventBatches = AsyncIterator[EventBatch]
Selects = Callable[[OutboxEvent], bool]
Show = Callable[[Context, Sequence[OutboxEvent]], Awaitable[Sequence[Payload]]]
After = Annotated[
    str | None,
    argument(
        "Cursor of the last event that you have received: events after it are sent first, so that "
        "none is missed. Without it, events from now on. CURSOR_EXPIRED once they are removed."
    ),
]


def sent(value: T | None) -> T | None:
    """Return the value of an argument; None where it was not sent."""
    return None if value is UNSET else value


def live(
    subscribe: Callable[..., Awaitable[EventBatches]],
    kind: Any,
    description: str,
    permission: Permission,
) -> Any:
    """Declare a field of the subscription root.

    Args:
        subscribe: the field's arguments are its parameters after `root` and `info`.
        kind: type of the payloads.
        permission: of those who may subscribe.
    """
    return strawberry.subscription(
        subscribe,
        graphql_type=kind,
        description=description,
        extensions=[Requires(permission)],
    )


async def event_batches(
    context: Context, selects: Selects, show: Show, *, after: str | None
) -> EventBatches:
    """Return the events of the caller's organization that a subscription selects, in batches.

    Args:
        context: of the operation that subscribes.
        selects: whether an event concerns the subscription; looks at the event alone.
        show: returns the payloads for those that the caller of another context may see.
        after: cursor to resume after; None for events from now on.

    Raises:
        Invalid: the cursor is malformed.
        CursorMismatch: it belongs to another organization.
        CursorExpired: events behind it have been removed.
    """
    organization_id = context.caller.organization_id
    position = position_of(context, after)
    feed = context.services[EventFeed]
    batches = _batches(feed, organization_id, position, selects, show)
    await anext(batches)  # an empty one: it follows from here on
    return batches


async def _batches(
    feed: EventFeed, organization_id: UUID, position: int | None, selects: Selects, show: Show
) -> EventBatches:
    async with feed.follow(organization_id, position) as follower:
        yield _Batch([], show)
        while True:
            selected = [event for event in await follower.next() if selects(event)]
            for start in range(0, len(selected), MOST_AT_ONCE):
                yield _Batch(selected[start : start + MOST_AT_ONCE], show)


@dataclass(frozen=True)
class _Batch:
    events: Sequence[OutboxEvent]
    show: Show

    async def payloads(self, context: Context) -> Sequence[Payload]:
        """Return the payloads for the events that the caller may see now."""
        return await self.show(context, self.events)
