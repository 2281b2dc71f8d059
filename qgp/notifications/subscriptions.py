"""Root field of the subscription to the caller's new notifications."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit.context import Context
from qgp.kit.event_cursors import event_cursor
from qgp.kit.gql import Info
from qgp.kit.gql.live import After, EventBatches, Resume, event_batches, live, sent
from qgp.kit.outbox import OutboxEvent
from qgp.notifications import model, policy
from qgp.notifications.facts import is_event_for
from qgp.notifications.types import AddedNotification


async def _notification_added(root: Resume, info: Info, after: After = UNSET) -> EventBatches:
    user_id = info.context.caller.user_id

    def selects(event: OutboxEvent) -> bool:
        return is_event_for(event, user_id)

    return await event_batches(info.context, selects, _show, after=root or sent(after))


async def _show(context: Context, events: Sequence[OutboxEvent]) -> Sequence[AddedNotification]:
    row = model.Notification
    ids = [event.entity_id for event in events]
    readable = sa.select(row).where(row.id.in_(ids), *policy.READ.visible(context.caller))
    rows = {one.id: one for one in await context.rows(readable)}
    return [
        AddedNotification(
            cursor=event_cursor(context, event.position), notification=rows[event.entity_id]
        )
        for event in events
        if event.entity_id in rows
    ]


@strawberry.type
class Subscription:
    """Root subscriptions."""

    notification_added: Any = live(
        _notification_added,
        AddedNotification | None,
        "Your new notifications, in the order in which they were made. One whose reason has gone "
        "away meanwhile is not shown.",
        policy.READ,
    )
