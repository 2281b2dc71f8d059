"""Root fields of subscriptions to changes of records."""

from collections.abc import Collection, Sequence, Set
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry
from strawberry import UNSET

from qgp.events import policy
from qgp.events.facts import is_selected, require_patterns
from qgp.events.model import OutboxEvent
from qgp.events.types import RecordChange, RecordFilter, RecordKind
from qgp.kit.context import Context
from qgp.kit.errors import require_at_most
from qgp.kit.event_visibility import VisibleEvents
from qgp.kit.gql import Info, argument
from qgp.kit.gql.live import After, EventBatches, Resume, event_batches, live, sent
from qgp.kit.gql.nodes import ANY
from qgp.kit.gql.record_filter import MatchingChanges

MOST = 100
T = TypeVar("T")


class _Selection:
    """Events that the arguments select."""

    def __init__(
        self,
        ids: Set[UUID | None] | None,
        kinds: Collection[str] | None,
        names: Collection[str] | None,
    ) -> None:
        self._ids, self._kinds, self._names = ids, kinds, names

    def __call__(self, event: OutboxEvent) -> bool:
        """Return whether an event is selected by all arguments that were sent."""
        if self._kinds is not None and event.entity not in self._kinds:
            return False
        if self._names is not None and not is_selected(event.name, self._names):
            return False
        return self._ids is None or not self._ids.isdisjoint({event.entity_id, event.part_of_id})


async def _record_changed(
    root: Resume,
    info: Info,
    ids: Annotated[
        list[strawberry.ID] | None,
        argument(
            "Changes of these records and of their parts; at most 100. Without it, of all records."
        ),
    ] = UNSET,
    kinds: Annotated[
        list[RecordKind] | None,
        argument("Changes of records of these types alone. Without it, of all types."),
    ] = UNSET,
    events: Annotated[
        list[str] | None,
        argument(
            "Events of these names alone, such as finding.transitioned, with * for any record or "
            "any verb: finding.*, *.overdue; at most 100. Without it, of all names."
        ),
    ] = UNSET,
    filter: Annotated[
        RecordFilter | None,
        argument(
            "Changes of records that match the conditions of their type, as they are now, and the "
            "change by which one ceases to match, if it was shown before. Follow the records of a "
            "list by `ids`, without a filter, to see each change of them."
        ),
    ] = UNSET,
    after: After = UNSET,
) -> EventBatches:
    ids, kinds, events = _some("ids", ids), _some("kinds", kinds), _some("events", events)
    require_patterns(events or (), "events")
    selection = _Selection(
        None if ids is None else {ANY.named(id, "ids", str(at))[1] for at, id in enumerate(ids)},
        None if kinds is None else {kind.value for kind in kinds},
        None if events is None else {*events},
    )
    visible, matching = VisibleEvents(), MatchingChanges(sent(filter), info.context.caller)

    async def show(context: Context, selected: Sequence[OutboxEvent]) -> Sequence[RecordChange]:
        seen = await matching.of(context, await visible.of(context, selected))
        return [RecordChange.of(context, event, row) for event, row in seen]

    return await event_batches(info.context, selection, show, after=root or sent(after))


def _some(name: str, values: list[T] | None) -> list[T] | None:
    """Return the values of an argument; None where it was not sent.

    Raises:
        TooLong: they are more than 100.
    """
    if values := sent(values):
        message = f"`{name}` has {len(values)} items; {MOST} are allowed. Send fewer."
        require_at_most(MOST, len(values), message, name)
    return values


@strawberry.type
class Subscription:
    """Root subscriptions."""

    record_changed: Any = live(
        _record_changed,
        RecordChange | None,
        "Changes of records, each shown if you may read the record at that moment, in the order "
        "in which they were committed. A deletion is shown if you may read all records of its "
        "type, or if an earlier change of the record was shown in this subscription.",
        policy.READ,
    )
