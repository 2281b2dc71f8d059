"""Root field `myWorkChanged`: when what waits for the caller may have changed."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.sql import visitors
from strawberry import UNSET

from qgp.kit.access import Access
from qgp.kit.assignment import USERS
from qgp.kit.context import Context
from qgp.kit.event_cursors import event_cursor
from qgp.kit.gql.fields import Info, computed, object_type
from qgp.kit.gql.live import After, EventBatches, Resume, event_batches, live, sent
from qgp.kit.gql.work_items import READ_OWN, number_waiting
from qgp.kit.outbox import OutboxEvent
from qgp.kit.pending_work import kinds_for
from qgp.kit.policy import Principal
from qgp.kit.work_statements import number_of_items


async def _total(info: Info) -> int:
    return await number_waiting(info.context)


@object_type
class MyWorkChange:
    """Events after which `myWork` may differ: read it anew."""

    cursor: str = strawberry.field(
        description="Opaque cursor of the last of the events, for `after` of `myWorkChanged`."
    )
    total_count: int = computed(_total, "Number of all items of `myWork` now.")


@lru_cache(256)
def _tables(access: Access) -> frozenset[str]:
    """Return the tables that decide what waits for callers of an access."""
    caller = access.caller
    if not (kinds := kinds_for(caller)):
        return frozenset()
    parts = visitors.iterate(number_of_items(kinds, caller, []))
    return frozenset(part.name for part in parts if isinstance(part, sa.TableClause))


class _Changes:
    """Events that may change what waits for one caller.

    The caller's access may change while they are subscribed: by an event about themselves, which is
    shown with the access that follows from it.
    """

    def __init__(self, caller: Principal) -> None:
        self._user_id = caller.user_id
        self._tables = _tables(Access.of(caller))

    def selects(self, event: OutboxEvent) -> bool:
        """Return whether an event is about the caller, or in one of the tables."""
        is_caller = event.entity == USERS and event.entity_id == self._user_id
        return is_caller or event.entity in self._tables

    async def show(self, context: Context, events: Sequence[OutboxEvent]) -> Sequence[MyWorkChange]:
        """Return one change for all of the events."""
        self._tables = _tables(Access.of(context.caller))
        positions = [event.position for event in events if self.selects(event)]
        return [MyWorkChange(cursor=event_cursor(context, last)) for last in positions[-1:]]


async def _my_work_changed(root: Resume, info: Info, after: After = UNSET) -> EventBatches:
    changes = _Changes(info.context.caller)
    return await event_batches(
        info.context, changes.selects, changes.show, after=root or sent(after)
    )


@strawberry.type
class Subscription:
    """Root field that reports changes of pending work."""

    my_work_changed: Any = live(
        _my_work_changed,
        MyWorkChange | None,
        "Events after which `myWork` may differ, of several at once only the last. The passing of "
        "days, which makes work overdue or ends a delegation, is no such event.",
        READ_OWN,
    )
