"""Reminders: whether the due date still is as it was, and who reminds whom of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from qgp.delegations.facts import delegates_of
from qgp.kit.calendar_dates import CalendarDate
from qgp.kit.model import records
from qgp.kit.work import Work
from qgp.notifications.model import DUE_KINDS, CancelReason, Notification, NotificationKind
from qgp.reminders.facts import due_dates

_ESCALATED = NotificationKind.ESCALATED


async def out_of_date(work: Work, rows: Sequence[Notification]) -> Mapping[UUID, CancelReason]:
    """Return the reminders that do not hold any more, by id, each with the cause.

    The date was moved or does not apply any more, the record was assigned to another user, or the
    recipient does not represent that user any more. One of work of the recipient's role ends with
    the work, and an escalation once the work waits for others.
    """
    ended: dict[UUID, CancelReason] = {}
    dates = {each.coordinate: each for each in due_dates(work.services)} if rows else {}
    absent = {row.responsible_id for row in rows if row.kind is not _ESCALATED} - {None}
    delegates = await delegates_of(work, {id for id in absent if id is not None})
    for coordinate, of_date in _by_coordinate(rows).items():
        date = dates.get(coordinate)
        due = {} if date is None else await _present(work, date, of_date)
        for row in of_date:
            due_on, users, late = due.get(row.entity_id, (None, (), ()))
            if due_on != row.due_on or not _is_still_recipient(row, delegates):
                ended[row.id] = CancelReason.DONE
            elif row.kind is _ESCALATED:
                if row.responsible_id not in (late or (None,)):
                    ended[row.id] = CancelReason.REASSIGNED
            elif row.work_kind is None and (row.responsible_id or row.recipient_id) not in users:
                ended[row.id] = CancelReason.REASSIGNED
    return ended


def replaced(
    earlier: Sequence[Notification], later: Sequence[Notification]
) -> Sequence[Notification]:
    """Return the earlier reminders of due dates that later ones are about."""
    due = {_due_date(row) for row in later if row.kind in DUE_KINDS}
    return [row for row in earlier if row.kind in DUE_KINDS and _due_date(row) in due]


def _by_coordinate(rows: Sequence[Notification]) -> Mapping[str, Sequence[Notification]]:
    groups = defaultdict[str, list[Notification]](list)
    for row in rows:
        groups[f"{records()[row.entity].__name__}.{row.field}"].append(row)
    return groups


async def _present(
    work: Work, date: CalendarDate, rows: Sequence[Notification]
) -> Mapping[UUID, Any]:
    """Return due date, users responsible and users late of the records that have one, by id."""
    among = date.model.id.in_({row.entity_id for row in rows})
    return {id: due for _, id, *due in await work.tuples(date.select_due(among))}


def _is_still_recipient(row: Notification, delegates: Mapping[UUID, Sequence[UUID]]) -> bool:
    """Whether the recipient is to be reminded, for themselves or as the delegate of another."""
    if row.responsible_id is None or row.kind is _ESCALATED:
        return True
    return row.recipient_id in delegates.get(row.responsible_id, ())


def _due_date(row: Notification) -> tuple[Any, ...]:
    is_escalation = row.kind is _ESCALATED
    return row.recipient_id, row.responsible_id, row.entity_id, row.field, is_escalation
