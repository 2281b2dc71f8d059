"""Mutations of the caller's watches."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import strawberry

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.gql import Payload, input_type, mutation, object_type
from qgp.kit.model import Record
from qgp.kit.subjects import SUBJECTS, Subject
from qgp.kit.work import Work
from qgp.watches import policy, service
from qgp.watches.refs import WatchableRef


@input_type
class RecordWatchInput:
    """Parameters for `recordWatch`."""

    id: strawberry.ID = strawberry.field(description="The record to watch: a `Watchable`.")


@input_type
class RecordUnwatchInput:
    """Parameters for `recordUnwatch`."""

    id: strawberry.ID = strawberry.field(description="The record to watch no longer.")


@object_type
class RecordWatchPayload(Payload):
    """Payload of `recordWatch`."""

    record: WatchableRef | None = strawberry.field(description="The record; null on refusal.")


@object_type
class RecordUnwatchPayload(Payload):
    """Payload of `recordUnwatch`."""

    record: WatchableRef | None = strawberry.field(description="The record; null on refusal.")


Act = Callable[[Work, Subject], Awaitable[Record]]


async def _act(act: Act, name: str, context: Context, input: Any) -> dict[str, Any]:
    subject = Subject(*ids.split(input.id, "id", among=sorted(SUBJECTS)))
    async with context.unit_of_work(name) as work:
        return {"record": await act(work, subject)}


record_watch = mutation(
    partial(_act, service.watch, "recordWatch"),
    input=RecordWatchInput,
    payload=RecordWatchPayload,
    description="Watches a record that you may read: changes by others, of it and of its parts, "
    "notify you (`WATCHED_CHANGE`). One that you watch already stays so.",
    permission=policy.READ,
)
record_unwatch = mutation(
    partial(_act, service.unwatch, "recordUnwatch"),
    input=RecordUnwatchInput,
    payload=RecordUnwatchPayload,
    description="Ends your watch of a record, and with it the notifications of changes; without a "
    "watch it changes nothing.",
    permission=policy.READ,
)
