"""Status history: time, actor and reason of each record's entry into a state.

Cycle times are computed from it. An event is written in the flush that changes the state, so that
neither exists without the other.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, aliased, mapped_column
from sqlalchemy.orm.attributes import instance_dict

from qgp.kit import audit_notes, clock, ids
from qgp.kit.flush import stage_rows
from qgp.kit.indexes import index
from qgp.kit.model import Owned, Record, history_of
from qgp.kit.workflow import Stateful


class StatusEvent(Owned):
    """Entry of a record into a state.

    Attributes:
        entity, entity_id: table and id of the record.
        from_status: the state before; null for the initial state.
        action: the mutation's field name.
    """

    __tablename__ = "status_events"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    action: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    __table_args__ = (
        index(None, "entity", "entity_id", "at", serves="status history of a record"),
    )


def last_entry(
    kind: type[Record], row: Any, id: Any, condition: Callable[[Any], sa.ColumnElement[bool]]
) -> Any:
    """Return SQL for the instant of a record's last entry into a state; null if there is none.

    Args:
        kind: of the record.
        row: the row that names it, in whose organization it is.
        id: the column of `row` with the record's id.
        condition: chooses among the record's events.
    """
    event = aliased(StatusEvent)
    last: Any = sa.select(sa.func.max(event.at)).where(
        event.organization_id == row.organization_id,
        event.entity == kind.__tablename__,
        event.entity_id == id,
        condition(event),
    )
    return last.correlate_except(event).scalar_subquery()


def first_entries(kind: type[Record], status: StrEnum) -> Any:
    """Return a table `id`, `at` of the first entry of each record of a kind into a state."""
    first: tuple[Any, ...] = (StatusEvent.entity_id.label("id"), sa.func.min(StatusEvent.at))
    rows = sa.select(first[0], first[1].label("at")).where(
        StatusEvent.entity == kind.__tablename__, StatusEvent.to_status == status.value
    )
    return rows.group_by(StatusEvent.entity_id).subquery("first_entries")


def taken_by(kind: type[Record], transition: str) -> Any:
    """Return a table `id`, `by_id` of the users who took a transition of records of a kind."""
    rows = sa.select(StatusEvent.entity_id.label("id"), StatusEvent.by_id).where(
        StatusEvent.entity == kind.__tablename__, StatusEvent.action == transition
    )
    return rows.subquery("taken_by")


def note(session: orm.Session, new: Sequence[Record], changed: Sequence[Record]) -> None:
    """Stage an event for each record whose state this flush sets."""
    events = [
        _event(session, row, before=None)
        for row in new
        if isinstance(row, Stateful) and instance_dict(row).get("status") is not None
    ]
    for row in changed:
        if isinstance(row, Stateful):
            status = history_of(row, "status")
            if status.added:
                events.append(_event(session, row, before=next(iter(status.deleted or ()), None)))
    if events:
        stage_rows(session, StatusEvent, events)


def _event(session: orm.Session, row: Any, *, before: Any) -> dict[str, Any]:
    """Return the values of a `StatusEvent`."""
    scope = session.info["scope"]
    return {
        "organization_id": scope.organization_id,
        "id": ids.uuid7(),
        "entity": row.__tablename__,
        "entity_id": row.id,
        "from_status": None if before is None else before.value,
        "to_status": row.status.value,
        "action": scope.action,
        "at": clock.now(),
        "by_id": scope.actor_id,
        "reason": audit_notes.reason_of(session),
    }
