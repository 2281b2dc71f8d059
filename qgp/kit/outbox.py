"""Outbox: events of an organization, each written in the transaction of what it reports.

Events are written by the statement that appends the audit trail's entries, under the lock of the
chain's head: `position` counts an organization's events from 1 without a gap, in the order of the
commits, so that a reader that has reached a position has read everything before it. An event holds
ids, versions, references and names of fields and states, and no text of a record.

An event may tell of a related record, such as a comment: it is shown to those who may read both.
An event of a row that is no record is internal: a subscription may select it, and nothing else that
leaves the server shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import assignment, ids
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.model import ANY_RECORD, Owned, Record, records
from qgp.kit.names import snake, to_camel

RELATED = "relatedId"  # in the data of an event: the public id of the related record


class EventVerb(DescribedEnum):
    """Second part of an event's name, after the kind of the record: finding.created."""

    CREATED = "created", "The record was created."
    UPDATED = "updated", "Fields of the record were changed."
    TRANSITIONED = "transitioned", "The record entered another state."
    ASSIGNED = "assigned", "A user was named in a field of the record that assigns it."
    DELETED = "deleted", "The record was deleted."


class OutboxEvent(Owned):
    """Event: what has happened to one version of one record.

    Attributes:
        position: place among the organization's events, from 1.
        recorded_at: instant of writing by the database's clock, which chooses the partition.
        id: constant over all deliveries of the event.
        at: instant of the change.
        name: kind of the record and verb: finding.transitioned.
        entity: table of the record.
        part_of_id: the record that this one is a part of, if it is one (`Record.part_of`).
        actor_id: the user who made the change; null for the system.
        action: the mutation's field name.
        data: further facts by name: ids, versions, references, names of fields and states.
    """

    __tablename__ = "outbox_events"
    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    at: Mapped[datetime]
    name: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    entity_version: Mapped[int]
    part_of_id: Mapped[UUID | None] = mapped_column(info={ANY_RECORD: True})
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = ({"postgresql_partition_by": "RANGE (recorded_at)"},)


_DIALECT: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_FACTS = "id at name entity entity_id entity_version part_of_id actor_id action data"
CONTENT: Sequence[str] = _FACTS.split()


async def read_events(
    session: AsyncSession, *, after: int, limit: int = 200
) -> Sequence[OutboxEvent]:
    """Return the events of the session's organization behind a position, in order.

    Args:
        session: of one organization.
        after: position of the last event that was read; 0 for the first one that is kept.
        limit: the largest number of events.
    """
    statement = sa.select(OutboxEvent).where(OutboxEvent.position > after)
    rows = await session.scalars(statement.order_by(OutboxEvent.position).limit(limit))
    return rows.all()


def related_record(event: OutboxEvent) -> tuple[str, UUID] | None:
    """Return prefix and id of the related record of an event, if it has one."""
    public_id = event.data.get(RELATED)
    return ids.split(public_id) if public_id else None


def of_records(events: Sequence[OutboxEvent]) -> Sequence[OutboxEvent]:
    """Return the events about records, without the internal ones."""
    return [event for event in events if event.entity in records()]


def event_kind(kind: type[Owned]) -> str:
    """Return the first part of the names of a record's events: corrective_action."""
    return _snake(kind.__name__)


_snake = cache(snake)


def pending(kind: type[Owned], id: UUID, version: int, name: str, **data: Any) -> dict[str, Any]:
    """Return the content of an event of a row, but for instant, actor and action."""
    return {
        "id": str(ids.uuid7()),
        "name": f"{event_kind(kind)}.{name}",
        "entity": kind.__tablename__,
        "entity_id": str(id),
        "entity_version": version,
        "data": data,
    }


def events_of_change(
    entity: str,
    id: UUID,
    version: int,
    changes: Mapping[str, Any],
    *,
    part_of_id: UUID | None,
    reference: str | None,
) -> Iterator[dict[str, Any]]:
    """Yield the contents of the events of one change, but for instant, actor and action.

    Args:
        entity: table of the record.
        id: of the record.
        version: that the change led to.
        changes: `[before, after]` by column; `deleted` for a deletion.
        part_of_id: see `OutboxEvent`.
        reference: reference number of the record, if it has one.
    """
    kind = records()[entity]
    shared = {"reference": reference} if reference else {}
    owner = {"part_of_id": str(part_of_id)} if part_of_id else {}
    verb, data = _verb(version, changes)
    yield pending(kind, id, version, verb, **shared, **data) | owner
    for column in _assigning_columns(kind):
        _, user_id = changes.get(column, (None, None))
        if user_id is not None:
            named = {"field": to_camel(column.removesuffix("_id")), "userId": user_id}
            yield pending(kind, id, version, EventVerb.ASSIGNED, **shared, **named) | owner


def _verb(version: int, changes: Mapping[str, Any]) -> tuple[EventVerb, Mapping[str, Any]]:
    """Return the verb of a change's own event and its data."""
    if "deleted" in changes:
        return EventVerb.DELETED, {}
    state = changes.get("status")
    states = {"from": state[0], "to": state[1]} if state else {}
    if version == 1:
        return EventVerb.CREATED, {"to": state[1]} if state else {}
    fields = {"fields": sorted(map(_field, changes.keys()))}
    return (EventVerb.TRANSITIONED if state else EventVerb.UPDATED), {**states, **fields}


def _field(column: str) -> str:
    """Return the name of a column's field in the API, an object's id being the object."""
    return to_camel(column.removesuffix("_id"))


@cache
def _assigning_columns(kind: type[Record]) -> Sequence[str]:
    return [*assignment.assignments(kind)]


def record_columns() -> tuple[str, str]:
    """Return the columns of an event's content, and the same with their types, in SQL."""
    table = OutboxEvent.__table__
    types = [f"{name} {table.c[name].type.compile(dialect=_DIALECT)}" for name in CONTENT]
    return ", ".join(CONTENT), ", ".join(types)
