"""GraphQL types of changes of records."""

from datetime import datetime
from typing import Any

import strawberry

from qgp.events.model import OutboxEvent
from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.event_cursors import event_cursor
from qgp.kit.gql import Node, object_type, plain_list
from qgp.kit.gql.connection import PageInfo
from qgp.kit.gql.record_filter import record_filter
from qgp.kit.gql.record_kinds import record_kind
from qgp.kit.model import Record, records

RecordKind: Any = record_kind()
RecordFilter: Any = record_filter()


@object_type
class RecordChange:
    """Change of a record that you may read, or an event about it."""

    cursor: str = strawberry.field(
        description="Opaque cursor of the event, for `after` of `recordChanged` and `changes`."
    )
    event: str = strawberry.field(
        description="Name of the event: type of the record in snake case and verb, such as "
        "finding.transitioned. The verbs of changes are created, updated, transitioned, assigned "
        "and deleted. Any other event adds to a change, and a copy of the records needs none. Of a "
        "due date: due_soon, due, overdue, escalated. Of all records with comments: commented. Of "
        "some records: audit.reported, audit_template.restored, capa.effectiveness_due, "
        "capa.ineffective, evidence_item.stale, finding.recurrence_detected, signature.applied, "
        "signature.superseded, standard.transition_deadline, webhook_endpoint.disabled."
    )
    kind: RecordKind = strawberry.field(description="Type of the record.")
    record_id: strawberry.ID = strawberry.field(description="Id of the record.")
    version: int = strawberry.field(
        description="Version of the record that the change led to, from 1; of an event that is no "
        "change, the version that the record had."
    )
    changed_at: datetime = strawberry.field(description="Instant of the change.")
    part_of_id: strawberry.ID | None = strawberry.field(
        description="Id of the record that this one is a part of; null if it is no part."
    )
    record: Node | None = strawberry.field(
        description="The record as it is now, perhaps in a later version; null once it is deleted."
    )

    @classmethod
    def of(cls, context: Context, event: OutboxEvent, row: Record | None) -> "RecordChange":
        """Return the change of an event, whose record the caller may read."""
        kind = records()[event.entity]
        return cls(
            cursor=event_cursor(context, event.position),
            event=event.name,
            kind=RecordKind(event.entity),
            record_id=strawberry.ID(ids.encode(kind.prefix, event.entity_id)),
            version=event.entity_version,
            changed_at=event.at,
            part_of_id=_part_of(kind, event),
            record=row,  # type: ignore[arg-type]  # objects of record types are rows
        )


def _part_of(kind: type[Record], event: OutboxEvent) -> strawberry.ID | None:
    if kind.part_of is None or event.part_of_id is None:
        return None
    owner = records()[kind.__table__.c[kind.part_of].info["ref"]]
    return strawberry.ID(ids.encode(owner.prefix, event.part_of_id))


@object_type
class RecordChanges:
    """Page of the change feed."""

    nodes: list[RecordChange] = plain_list("Changes in the order of their commits", 100)
    page_info: PageInfo = strawberry.field(
        description="Position of the page. `endCursor` is that of the last event that was looked "
        "at, shown or not, and never null: continue after it."
    )
