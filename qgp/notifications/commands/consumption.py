"""Notifications of events: made for those whom they concern, and cancelled once out of date."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.outbox import EventVerb, OutboxEvent, of_records
from qgp.kit.work import Work
from qgp.notifications.commands.candidates import candidates, subject_of
from qgp.notifications.commands.channels import choose_channels
from qgp.notifications.commands.due import replaced
from qgp.notifications.commands.mailing import enqueue_instant
from qgp.notifications.commands.reasons import ReasonCheck
from qgp.notifications.commands.watched import watched_changes
from qgp.notifications.facts import RECIPIENT
from qgp.notifications.model import CancelReason, Notification, NotificationKind
from qgp.watches.facts import unwatched
from qgp.watches.service import end_unreadable

OLDEST = timedelta(days=7)  # earlier events notify nobody: an import's, or those of a downtime
_USERS, _DELEGATIONS = "users", "delegations"
_WATCHED = NotificationKind.WATCHED_CHANGE
_ASKS = frozenset({NotificationKind.ASSIGNED, NotificationKind.WAITING})


async def consume(work: Work, events: Sequence[OutboxEvent]) -> None:
    """Cancel the notifications whose reason the events ended, and write those that they cause.

    Each that is listed has an internal event, which causes no notification in turn. The watches of
    users who may not read the record any more end.
    """
    kept = await cancel_ended(work, await _concerned(work, events))
    recent = [event for event in of_records(events) if clock.now() - event.at <= OLDEST]
    rows = [*await candidates(work, recent), *await watched_changes(work, recent)]
    if not rows:
        return
    check = ReasonCheck(work, rows)
    await check.run()
    readable = await check.readable()
    await _end_watches(work, rows, readable)
    fresh: list[Notification] = []
    for row in await check.readable_causes(readable):
        is_covered = any(_covers(one, row) for one in [*kept, *fresh])
        if not is_covered and not (row.kind is _WATCHED and _notifies(fresh, row)):
            fresh.append(row)
    for row in replaced(kept, fresh):
        _cancel(row, CancelReason.DONE)
    written = await choose_channels(work, fresh)
    for row in written:
        work.session.add(row)
        if row.is_in_app:
            recipient = {RECIPIENT: str(row.recipient_id)}
            work.emit_internal(Notification, row.id, EventVerb.CREATED, **recipient)
    await enqueue_instant(work, written)


async def _concerned(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    """Return the notifications, not cancelled yet, about what the events changed."""
    ended_watches = {id for event in events if (id := unwatched(event)) is not None}
    events = of_records(events)
    subjects = ended_watches | {subject_of(event)[1] for event in events}
    users = {event.entity_id for event in events if event.entity == _USERS}
    about = [Notification.subject_id.in_(subjects), Notification.recipient_id.in_(users)]
    if any(event.entity == _DELEGATIONS for event in events):
        about.append(Notification.responsible_id.is_not(None))
    statement = sa.select(Notification).where(Notification.cancelled_at.is_(None), sa.or_(*about))
    return await work.rows(statement)


async def cancel_ended(work: Work, rows: Sequence[Notification]) -> list[Notification]:
    """Cancel the notifications whose reason has ended, and return the others."""
    ended = await ReasonCheck(work, rows).run() if rows else {}
    for row in rows:
        if (cause := ended.get(row.id)) is not None:
            _cancel(row, cause)
    return [row for row in rows if row.id not in ended]


def _cancel(row: Notification, cause: CancelReason) -> None:
    row.cancelled_at, row.cancel_reason = clock.now(), cause


async def _end_watches(
    work: Work, rows: Sequence[Notification], readable: Sequence[Notification]
) -> None:
    """End the watches of those who cannot be notified, since they may not read the record."""
    seen = {row.id for row in readable}
    hidden = [row for row in rows if row.kind is _WATCHED and row.id not in seen]
    await end_unreadable(work, {(row.recipient_id, row.subject_id) for row in hidden})


def _covers(earlier: Notification, later: Notification) -> bool:
    """Whether a notification makes another one about the same record superfluous."""
    if (earlier.recipient_id, earlier.subject_id) != (later.recipient_id, later.subject_id):
        return False
    if earlier.event_id == later.event_id:
        return True
    if later.kind is _WATCHED:
        is_new = earlier.read_at is None and earlier.mail_id is None  # a mail tells what was before
        return earlier.kind is later.kind and is_new
    return later.kind is NotificationKind.WAITING and earlier.kind in _ASKS


def _notifies(rows: Sequence[Notification], watched: Notification) -> bool:
    """Whether another one of some notifications reports a watched change to the watcher.

    It is about the same record, or about the new comment that is the change.
    """
    about = {watched.subject_id, watched.entity_id}
    return any(row.recipient_id == watched.recipient_id and row.subject_id in about for row in rows)
