"""Candidates: the notifications that events give cause for, before their reason is checked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.comments.facts import mentions_unfiltered
from qgp.delegations.facts import delegates_of
from qgp.kit import clock, ids
from qgp.kit.model import Record, records
from qgp.kit.names import to_camel
from qgp.kit.outbox import EventVerb, OutboxEvent
from qgp.kit.pending_work import WORK_KINDS, WorkKind
from qgp.kit.work import Work
from qgp.kit.workflow import Stateful
from qgp.notifications.model import DUE_KINDS, Notification, NotificationKind
from qgp.users.facts import users_to_notify_unfiltered

_MENTIONS = "comment_mentions"
_TO_STATE = frozenset({EventVerb.CREATED, EventVerb.TRANSITIONED})
_CHANGES = _TO_STATE | {EventVerb.UPDATED}


def verb_of(event: OutboxEvent) -> str:
    """Return the second part of an event's name."""
    return event.name.partition(".")[2]


def subject_of(event: OutboxEvent) -> tuple[type[Record], UUID]:
    """Return the record that an event is about: the owner, where its record is a part."""
    kind = records()[event.entity]
    if kind.part_of is None or event.part_of_id is None:
        return kind, event.entity_id
    return records()[kind.__table__.c[kind.part_of].info["ref"]], event.part_of_id


def notification(
    event: OutboxEvent, kind: NotificationKind, recipient_id: UUID, **facts: Any
) -> Notification:
    """Return a notification of an event, which is not written yet."""
    subject, subject_id = subject_of(event)
    return Notification(
        id=ids.uuid7(),
        organization_id=event.organization_id,
        recipient_id=recipient_id,
        kind=kind,
        subject_type=subject.prefix,
        subject_id=subject_id,
        entity=event.entity,
        entity_id=event.entity_id,
        event_id=event.id,
        event_name=event.name,
        actor_id=event.actor_id,
        created_at=clock.now(),
        **facts,
    )


async def candidates(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    """Return the notifications that events give cause for, in the order of their kinds.

    Nobody is notified of what they did themselves.
    """
    rows = [*_assigned(events), *await _waiting(work, events), *await _mentioned(work, events)]
    rows += _named(events)
    return [row for row in rows if row.recipient_id != row.actor_id]


def _assigned(events: Sequence[OutboxEvent]) -> Iterator[Notification]:
    for event in events:
        if verb_of(event) == EventVerb.ASSIGNED:
            user_id, field = UUID(event.data["userId"]), event.data["field"]
            yield notification(event, NotificationKind.ASSIGNED, user_id, field=field)


def _named(events: Sequence[OutboxEvent]) -> Iterator[Notification]:
    """Yield the notifications of events about due dates, whose data names the users."""
    kinds = {kind.value.lower(): kind for kind in DUE_KINDS}
    for event in events:
        if (kind := kinds.get(verb_of(event))) is not None:
            due_on = date.fromisoformat(event.data["dueOn"])
            due: dict[str, Any] = {"field": event.data["field"], "due_on": due_on}
            responsible = event.data.get("responsibleIds", {})
            kinds_of_work = event.data.get("workKinds", {})
            for id in event.data.get("userIds", ()):
                due["responsible_id"] = UUID(responsible[id]) if id in responsible else None
                yield notification(event, kind, UUID(id), work_kind=kinds_of_work.get(id), **due)


async def _mentioned(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    created = {
        event.entity_id: event
        for event in events
        if event.entity == _MENTIONS and verb_of(event) == EventVerb.CREATED
    }
    rows = await work.tuples(mentions_unfiltered(created)) if created else ()
    return [notification(created[id], NotificationKind.MENTIONED, user) for id, user in rows]


async def _waiting(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    """Return the notifications of work that may wait now for those whom its kind asks.

    What is assigned to an absent user waits for their delegate too.
    """
    waiting: list[tuple[OutboxEvent, WorkKind, UUID]] = []
    for kind in WORK_KINDS.values():
        last = {event.entity_id: event for event in events if _may_cause(kind, event)}
        for id, users in (await _asked(work, kind, last) if last else {}).items():
            waiting += [(last[id], kind, user) for user in users]
    assignees = {user for _, kind, user in waiting if kind.assignee is not None}
    delegates = await delegates_of(work, assignees)
    rows = []
    for event, kind, user in waiting:
        facts: dict[str, Any] = {"kind": NotificationKind.WAITING, "work_kind": kind.name}
        rows.append(notification(event, recipient_id=user, **facts))
        if kind.assignee is not None:
            facts["responsible_id"] = user
            others = delegates.get(user, ())
            rows += [notification(event, recipient_id=other, **facts) for other in others]
    return rows


def _may_cause(kind: WorkKind, event: OutboxEvent) -> bool:
    """Whether an event is a change after which work of a kind may wait for others than before."""
    if event.entity != kind.model.__tablename__:
        return False
    verb = verb_of(event)
    if kind.assignee is None:
        return verb in _CHANGES
    if verb == EventVerb.ASSIGNED:
        return bool(event.data["field"] == to_camel(kind.assignee.removesuffix("_id")))
    return verb in (_TO_STATE if issubclass(kind.model, Stateful) else _CHANGES)


async def _asked(
    work: Work, kind: WorkKind, record_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[UUID]]:
    """Return the users whom a kind of work may ask, by record."""
    assignee = sa.null() if kind.assignee is None else getattr(kind.model, kind.assignee)
    columns: tuple[Any, ...] = (kind.model.id, assignee)
    may_wait = kind.model.id.in_(record_ids), kind.may_wait()
    assignees = dict(map(tuple, await work.tuples(sa.select(*columns).where(*may_wait))))
    if kind.assignee is not None or not assignees:
        return {id: [user] for id, user in assignees.items() if user is not None}
    users = await users_to_notify_unfiltered(work.session, kind.roles)
    return {id: [*users] for id in assignees if users}
