"""Reminders of due dates: each step of a due date is reported once, also after downtime.

Of the steps that were reached since the last run, each kind of event reports the latest one: after
a week without a worker, a record that is overdue has one reminder, not one for each day.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from qgp.delegations.facts import delegates_of
from qgp.kit import clock, sql_dates
from qgp.kit.calendar_dates import CalendarDate, Window
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.reminders.model import SentReminder
from qgp.users.facts import managers_unfiltered

DUE_SOON, DUE, OVERDUE, ESCALATED = "due_soon", "due", "overdue", "escalated"
# Days from the due date to each step, in their order.
STEPS: Mapping[str, Sequence[int]] = {
    DUE_SOON: (-7, -1),
    DUE: (0,),
    OVERDUE: (1, 7),
    ESCALATED: (14,),
}
_BACK, _AHEAD = 60, 7  # days around today with due dates that are looked at
_KEPT = timedelta(days=90)
_BATCH = 1_000  # rows of a statement


@dataclass(frozen=True)
class ReminderDates:
    """Dates of all modules, supplied by the composition of the modules.

    Attributes:
        all: returns them; those with `people` are due dates that users are reminded of.
    """

    all: Callable[[], Sequence[CalendarDate]]


class Reminder(NamedTuple):
    """Step that a due date has reached."""

    kind: str
    record_id: UUID
    due_on: date
    name: str
    days_after: int


async def send(work: Work) -> None:
    """Emit the events of the due dates that have reached a step, in a unit of the operator."""
    today = await _today(work)
    dates = {each.kind: each for each in work.services[ReminderDates].all() if each.people}
    window = Window.around(today, back=_BACK, ahead=_AHEAD)
    statement = sa.union_all(*[each.select_due(window) for each in dates.values()])
    people: dict[tuple[str, UUID], Sequence[UUID]] = {}
    reached = []
    for kind, id, due_on, user_ids in await work.tuples(sa.select(statement.subquery())):
        people[kind, id] = [user_id for user_id in user_ids if user_id is not None]
        reached += [Reminder(kind, id, due_on, *step) for step in steps((today - due_on).days)]
    fresh = await _record(work, reached, today)
    users = await _recipients(work, fresh, people)
    rows = await _rows(work, dates, fresh)
    for reminder in fresh:
        row = rows[reminder.record_id]
        recipients = users[reminder.kind, reminder.record_id, reminder.name]
        field = dates[reminder.kind].first.key
        work.emit(row, reminder.name, **_data(row, reminder, field, recipients, today))


def steps(days_after: int) -> Sequence[tuple[str, int]]:
    """Return the latest step of each kind that has been reached and still applies, by name.

    Args:
        days_after: days from the due date to today, negative before it.
    """
    applies = {DUE_SOON: days_after < 0, DUE: days_after == 0}
    reached = []
    for name, offsets in STEPS.items():
        passed = [offset for offset in offsets if offset <= days_after]
        if passed and applies.get(name, True):
            reached.append((name, max(passed)))
    return reached


async def _today(work: Work) -> date:
    (today,) = await work.rows(sa.select(sql_dates.today(clock.now())))
    assert isinstance(today, date)
    return today


async def _record(work: Work, reached: Sequence[Reminder], today: date) -> Sequence[Reminder]:
    """Record the steps, and return those that were not reported before."""
    old = sa.delete(SentReminder).where(SentReminder.due_on < today - _KEPT)
    await work.session.execute(old)
    organization = {"organization_id": work.caller.organization_id}
    columns: tuple[Any, ...] = (
        *(SentReminder.kind, SentReminder.record_id, SentReminder.due_on),
        *(SentReminder.name, SentReminder.days_after),
    )
    fresh: list[Reminder] = []
    for start in range(0, len(reached), _BATCH):
        batch = reached[start : start + _BATCH]
        values = [{**organization, **reminder._asdict()} for reminder in batch]
        statement = insert(SentReminder).values(values).on_conflict_do_nothing()
        rows = await work.session.execute(statement.returning(*columns))
        fresh += [Reminder(*row) for row in rows]
    return sorted(fresh)


async def _recipients(
    work: Work, reminders: Sequence[Reminder], people: Mapping[tuple[str, UUID], Sequence[UUID]]
) -> Mapping[tuple[str, UUID, str], Collection[UUID]]:
    """Return the users of each reminder with their delegates; of an escalation, their managers.

    Without a manager, an escalation reaches the delegate.
    """
    users = {id for reminder in reminders for id in people[reminder.kind, reminder.record_id]}
    managers = await managers_unfiltered(work, users)
    delegates = await delegates_of(work, users | {*managers.values()})
    recipients = defaultdict[tuple[str, UUID, str], dict[UUID, None]](dict)
    for reminder in reminders:
        key = (reminder.kind, reminder.record_id, reminder.name)
        for id in people[reminder.kind, reminder.record_id]:
            to = managers.get(id) if reminder.name == ESCALATED else id
            if to is not None:
                recipients[key][to] = None
            recipients[key] |= dict.fromkeys(delegates.get(to or id, ()))
    return recipients


async def _rows(
    work: Work, dates: Mapping[str, CalendarDate], reminders: Sequence[Reminder]
) -> Mapping[UUID, Record]:
    ids = defaultdict[type[Any], set[UUID]](set)
    for reminder in reminders:
        ids[dates[reminder.kind].model].add(reminder.record_id)
    rows: dict[UUID, Record] = {}
    for model, ids_of_model in ids.items():
        loaded = await work.rows(sa.select(model).where(model.id.in_(ids_of_model)))
        rows |= {row.id: row for row in loaded}
    return rows


def _data(
    row: Any, reminder: Reminder, column: str, recipients: Collection[UUID], today: date
) -> dict[str, Any]:
    reference = getattr(row, "reference", None)
    return {
        **({"reference": reference} if reference else {}),
        "field": to_camel(column),
        "dueOn": reminder.due_on.isoformat(),
        "daysUntilDue": (reminder.due_on - today).days,
        "userIds": [str(id) for id in recipients],
    }
