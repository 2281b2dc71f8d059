"""Reminders of due dates: each step of a due date is reported once, also after downtime.

Of the steps that were reached since the last run, each kind of event reports the latest one: after
a week without a worker, a record that is overdue has one reminder, not one for each day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from qgp.kit import clock, sql_dates
from qgp.kit.calendar_dates import CalendarDate
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.reminders.commands.recipients import Recipients
from qgp.reminders.commands.role_work import role_work
from qgp.reminders.facts import ESCALATED, Schedule, reported_dates, schedules_of
from qgp.reminders.model import MOST_DAYS_AFTER, ReminderRule, SentReminder

_BACK = timedelta(days=MOST_DAYS_AFTER + 15)  # before today: due dates that are looked at
_KEPT = timedelta(days=90)
_BATCH = 1_000  # rows of a statement


class Reminder(NamedTuple):
    """Step that a due date has reached."""

    kind: str
    record_id: UUID
    due_on: date
    name: str
    days_after: int


class Due(NamedTuple):
    """Due date of a record, with the users responsible for it, and those late once it is past."""

    kind: str
    record_id: UUID
    due_on: date
    user_ids: Sequence[UUID | None]
    late_ids: Sequence[UUID | None]

    def reached(self, steps: Iterable[tuple[str, int]]) -> Sequence[Reminder]:
        """Return steps as those of this due date."""
        return [Reminder(self.kind, self.record_id, self.due_on, *step) for step in steps]


async def send(work: Work) -> None:
    """Emit the events of the due dates that have reached a step, in a unit of the operator."""
    today = await _today(work)
    dates = {each.kind: each for each in reported_dates(work.services)}
    schedules = schedules_of([*dates.values()], await work.rows(sa.select(ReminderRule)))
    near: dict[tuple[str, UUID], Due] = {}
    reached: list[Reminder] = []
    for due in await _near(work, dates.values(), schedules, today):
        near[due.kind, due.record_id] = due
        days_after = (today - due.due_on).days
        events = [step for step in dates[due.kind].events.items() if step[1] <= days_after]
        reached += due.reached([*schedules[due.kind].steps(days_after), *events])
    old = sa.delete(SentReminder).where(SentReminder.due_on < today - _KEPT)
    await work.session.execute(old)
    await _emit(work, dates, await _record(work, reached), near, today)


async def _emit(
    work: Work,
    dates: Mapping[str, CalendarDate],
    reminders: Sequence[Reminder],
    near: Mapping[tuple[str, UUID], Due],
    today: date,
) -> None:
    users = {id for one in reminders for id in _named(near[one.kind, one.record_id].user_ids)}
    recipients = await Recipients.of(work, users)
    of_roles = await _role_work(work, dates, reminders)
    rows = await _rows(work, dates, reminders)
    for one in reminders:
        due = near[one.kind, one.record_id]
        if one.name == ESCALATED:
            data = _users(recipients.escalated(_named(due.late_ids)), {})
        else:
            kinds = of_roles[one.kind].get(one.record_id, {})
            data = _users(recipients.reminded(_named(due.user_ids)), kinds)
        field = dates[one.kind].first.key
        work.emit(rows[one.record_id], one.name, **_data(one, field, today), **data)


async def skip_passed(work: Work, date: CalendarDate, schedule: Schedule) -> None:
    """Record the steps of a new schedule that have passed as sent, so that none is sent late."""
    today = await _today(work)
    passed: list[Reminder] = []
    for due in await _near(work, [date], {date.kind: schedule}, today):
        passed += due.reached(schedule.steps((today - due.due_on).days - 1))
    await _record(work, passed)


async def _today(work: Work) -> date:
    (today,) = await work.rows(sa.select(sql_dates.today(clock.now())))
    assert isinstance(today, date)
    return today


async def _near(
    work: Work, dates: Iterable[CalendarDate], schedules: Mapping[str, Schedule], today: date
) -> Sequence[Due]:
    """Return the due dates around today that may have reached a step."""
    statements = []
    for each in dates:
        first = min(schedules[each.kind].first, *each.events.values(), 0)
        last = today - timedelta(days=first)
        statements.append(each.select_due(each.first.between(today - _BACK, last)))
    rows = await work.tuples(sa.select(sa.union_all(*statements).subquery()))
    return [Due(*row) for row in rows]


async def _record(work: Work, reached: Sequence[Reminder]) -> Sequence[Reminder]:
    """Record the steps, and return those that were not recorded before."""
    organization = {"organization_id": work.caller.organization_id}
    columns: Any = [getattr(SentReminder, name) for name in Reminder._fields]
    fresh: list[Reminder] = []
    for start in range(0, len(reached), _BATCH):
        batch = reached[start : start + _BATCH]
        values = [{**organization, **reminder._asdict()} for reminder in batch]
        statement = insert(SentReminder).values(values).on_conflict_do_nothing()
        rows = await work.session.execute(statement.returning(*columns))
        fresh += [Reminder(*row) for row in rows]
    return sorted(fresh)


async def _role_work(
    work: Work, dates: Mapping[str, CalendarDate], reminders: Sequence[Reminder]
) -> Mapping[str, Mapping[UUID, Mapping[UUID, str]]]:
    due = defaultdict[str, dict[UUID, date]](dict)
    for reminder in reminders:
        due[reminder.kind][reminder.record_id] = reminder.due_on
    return {kind: await role_work(work, dates[kind].model, due[kind]) for kind in due}


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


def _data(reminder: Reminder, column: str, today: date) -> dict[str, Any]:
    return {
        "field": to_camel(column),
        "dueOn": reminder.due_on.isoformat(),
        "daysUntilDue": (reminder.due_on - today).days,
    }


def _named(ids: Sequence[UUID | None]) -> Sequence[UUID]:
    return [id for id in ids if id is not None]


def _users(recipients: Mapping[UUID, UUID | None], kinds: Mapping[UUID, str]) -> dict[str, Any]:
    """Return the recipients, and those responsible and kinds of work where these are others.

    Args:
        recipients: each with the user responsible; None for work of a role.
        kinds: of work, by user of the role for whom it waits.
    """
    of_role = {str(id): kind for id, kind in kinds.items() if id not in recipients}
    others = {str(to): str(id) for to, id in recipients.items() if id not in (None, to)}
    return {
        "userIds": [*map(str, recipients), *of_role],
        **({"responsibleIds": others} if others else {}),
        **({"workKinds": of_role} if of_role else {}),
    }
