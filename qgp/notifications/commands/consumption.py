"""Notifications of events: made for those whom they concern, and cancelled once out of date."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.outbox import EventVerb, OutboxEvent, of_records
from qgp.kit.work import Work
from qgp.notifications.commands.candidates import candidates, subject_of
from qgp.notifications.commands.reasons import ReasonCheck
from qgp.notifications.facts import RECIPIENT
from qgp.notifications.model import Notification, NotificationKind

OLDEST = timedelta(days=7)  # earlier events notify nobody: an import's, or those of a downtime
_USERS = "users"
_ASKS = frozenset({NotificationKind.ASSIGNED, NotificationKind.WAITING})


async def consume(work: Work, events: Sequence[OutboxEvent]) -> None:
    """Cancel the notifications whose reason the events ended, and write those that they cause.

    Each that is written has an internal event, which causes no notification in turn.
    """
    events = of_records(events)
    kept = await _cancel(work, await _concerned(work, events))
    recent = [event for event in events if clock.now() - event.at <= OLDEST]
    if not (rows := await candidates(work, recent)):
        return
    check = ReasonCheck(work, rows)
    ended = await check.run()
    for row in await check.readable():
        if row.id not in ended and not any(_covers(one, row) for one in kept):
            kept.append(row)
            work.session.add(row)
            recipient = {RECIPIENT: str(row.recipient_id)}
            work.emit_internal(Notification, row.id, EventVerb.CREATED, **recipient)


async def _concerned(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    """Return the notifications, not cancelled yet, about what the events changed."""
    subjects = {subject_of(event)[1] for event in events}
    users = {event.entity_id for event in events if event.entity == _USERS}
    statement = sa.select(Notification).where(
        Notification.cancelled_at.is_(None),
        sa.or_(Notification.subject_id.in_(subjects), Notification.recipient_id.in_(users)),
    )
    return await work.rows(statement)


async def _cancel(work: Work, rows: Sequence[Notification]) -> list[Notification]:
    """Cancel the notifications whose reason has ended, and return the others."""
    ended = await ReasonCheck(work, rows).run() if rows else {}
    for row in rows:
        if (cause := ended.get(row.id)) is not None:
            row.cancelled_at, row.cancel_reason = clock.now(), cause
    return [row for row in rows if row.id not in ended]


def _covers(earlier: Notification, later: Notification) -> bool:
    """Whether a notification makes another one about the same record superfluous."""
    if (earlier.recipient_id, earlier.subject_id) != (later.recipient_id, later.subject_id):
        return False
    if earlier.event_id == later.event_id:
        return True
    if later.kind is NotificationKind.WATCHED_CHANGE:
        return earlier.kind is later.kind and earlier.read_at is None
    return later.kind is NotificationKind.WAITING and earlier.kind in _ASKS
